// The dated rules a month is shared out by, as one key: the owners, pools and rates of exchange that concern it, and no others. Where it
// is another than it was, somebody corrected them. What has no date (the default split, the precedence) means the months to come, and is
// not in it.

import { createHash } from 'node:crypto'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { DeclaredPool } from '../../reconciliation/declared-pool.ts'
import type { ExchangeRule } from './exchange.ts'
import { monthRange, periodAt } from './period-calendar.ts'
import { canonicalJson } from '../store/canonical-json.ts'

export type DatedRules = {
  /** In the order in which they are asked. */
  readonly owners: readonly OwnerRule[]
  readonly pools: readonly DeclaredPool[]
  readonly exchange: readonly ExchangeRule[]
}

export function rulesKey({ owners, pools, exchange }: DatedRules, period: string): string {
  const { fromMs: startMs, toMs: endMs } = monthRange(period)
  // A bill has late hours of the month before, and tags that lag behind the time line.
  const earliestMs = monthRange(periodAt(startMs - 1)).fromMs
  const within = (fromMs: number | null, toMs: number | null) => {
    const from = Math.max(earliestMs, fromMs ?? -Infinity)
    const to = Math.min(endMs, toMs ?? Infinity)
    return from < to ? [{ from, to }] : []
  }
  const said = {
    owners: owners.flatMap(({ match, set, from, to }) =>
      within(instantOf(from), instantOf(to)).map((span) => ({ match, set, span })),
    ),
    pools: pools.flatMap(({ fromMs, toMs, ...pool }) =>
      within(fromMs, toMs).map((span) => ({ ...pool, span })),
    ),
    rates: exchange
      .filter(
        ({ fromMs, toMs }) => startMs >= (fromMs ?? -Infinity) && startMs < (toMs ?? Infinity),
      )
      .map(({ currency, rate }) => ({ currency, rate })),
  }
  return createHash('sha256').update(canonicalJson(said)).digest('hex')
}

function instantOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
