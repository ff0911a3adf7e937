// What one outcome cost: dollars divided by how many there were. Exact, rounded half-even once at twelve decimals; where there is no
// outcome nothing is divided, and nothing is said.

import { divideRoundHalfEven, formatUsd, parseUsd, type Picodollars } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'

/** All outcomes of one name in a period; amounts are decimals of at most twelve places. */
export type StatedOutcome = {
  readonly name: string
  readonly quantity: string
  /** Null: nobody said what any is worth. */
  readonly value_usd: string | null
}

export type OutcomeLine = StatedOutcome & {
  readonly cost_usd: string
  /** Null: there is none. */
  readonly usd_per_unit: string | null
}

/** A quantity has twelve decimals at most, as dollars have. */
const UNIT = 1_000_000_000_000n

export function usdPerUnit(cost: Picodollars, quantity: string): string | null {
  const units = mustOk(parseUsd(quantity))
  if (units <= 0n) return null
  return formatUsd(divideRoundHalfEven(cost * UNIT, units) as Picodollars)
}

/** Each name by itself: what is spent is spent for all of them. */
export function outcomeLines(
  outcomes: readonly StatedOutcome[],
  cost: Picodollars,
): readonly OutcomeLine[] {
  return outcomes.map(({ name, quantity, value_usd: value }) => ({
    name,
    quantity: plainDecimal(quantity),
    value_usd: value === null ? null : plainDecimal(value),
    cost_usd: formatUsd(cost),
    usd_per_unit: usdPerUnit(cost, quantity),
  }))
}

/** The shortest text of the same amount. */
export function plainDecimal(text: string): string {
  return formatUsd(mustOk(parseUsd(text)))
}
