// An amount of a budget, in whichever unit the API gives it, for people.

import type { Row } from '../answer-format.ts'
import { grouped, visible } from '../table.ts'

/** Of `<name>_usd` and `<name>_tokens`; null where neither is told. */
export function amountText(row: Row, name: string): string | null {
  const [usd, tokens] = [row[`${name}_usd`], row[`${name}_tokens`]]
  if (typeof usd === 'string') return `${visible(usd)} USD`
  return typeof tokens === 'number' ? `${grouped(tokens)} tokens` : null
}
