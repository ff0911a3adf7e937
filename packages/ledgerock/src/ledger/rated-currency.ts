// Bills in other currencies than dollars: which may be entered, because the configuration says what they are worth in dollars. The books
// keep what AWS wrote; whoever reads it makes dollars of it.

/** A currency that has a rate, and when: from (inside) and to (outside), by the start of the billing period; null: always. */
export type RatedCurrency = {
  /** ISO 4217. */
  readonly currency: string
  readonly fromMs: number | null
  readonly toMs: number | null
}

export const DOLLARS = 'USD'

/** The first that holds for a billing period that begins then. */
export function ratedAt<Rated extends RatedCurrency>(
  rated: readonly Rated[],
  currency: string,
  startMs: number,
): Rated | null {
  const found = rated.find(
    ({ currency: of, fromMs, toMs }) =>
      of === currency && startMs >= (fromMs ?? -Infinity) && startMs < (toMs ?? Infinity),
  )
  return found ?? null
}

/** Why a bill cannot be read in dollars, and what to write so that it can: `2026-10` is its period. */
export function rateMissing(currency: string, period: string): string {
  return (
    `the bill of ${period} is in ${currency}, and the configuration has no rate for it; write under billing: ` +
    `exchange: [ { currency: ${currency}, rate: '<USD for 1 ${currency}>', from: ${period}-01 } ]`
  )
}
