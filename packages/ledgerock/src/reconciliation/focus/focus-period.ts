// Months as instants: a billing period begins with its first moment (inside) and ends with the next one's (outside), UTC.

import { assert } from '../../kernel/assert.ts'

export type Bounds = { readonly fromMs: number; readonly toMs: number }

/** Of `2026-10`. */
export function monthBounds(period: string): Bounds {
  const [, year, month] = /^(\d{4})-(\d\d)$/.exec(period) ?? []
  assert(year !== undefined && month !== undefined, 'a period is a month')
  const index = Number(month)
  return {
    fromMs: Date.UTC(Number(year), index - 1, 1),
    toMs: Date.UTC(Number(year), index, 1),
  }
}
