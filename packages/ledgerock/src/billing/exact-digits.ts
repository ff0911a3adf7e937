// A plain decimal as a whole number and how many of its digits stand behind the point: for comparing products without a fraction.

import { assert } from '../kernel/assert.ts'

/** `digits` / 10^`scale`. */
export type ExactDigits = { readonly digits: bigint; readonly scale: number }

export function exactDigits(decimal: string): ExactDigits {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  assert(whole !== '', 'a plain decimal')
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length }
}
