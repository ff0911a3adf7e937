// What budgets that are tried had spent before the first call: their period may have begun earlier. The ledger sums it up; the calls
// themselves are not read.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import type { EarlierSpend } from '../../governance/trial/past-budgets.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { BudgetWindow } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'

/** No budget is called so: nothing was charged to it, and all calls are counted by what they cost. */
const NO_BUDGET = ''
/** A rolling period is asked for in so many parts at most, each of whole hours. */
const PARTS_MAX = 48

type Part = {
  readonly fromMs: number
  readonly toMs: number
  /** When it is taken to be spent. */
  readonly atMs: number
}

export async function earlierSpend(
  ledger: Pick<Ledger, 'budgetSpend'>,
  budgets: readonly Budget[],
  fromMs: number,
): Promise<readonly EarlierSpend[]> {
  const asked = budgets.flatMap((budget) =>
    partsOf(budget, fromMs).map((part) => ({ budget, part })),
  )
  if (asked.length === 0) return []
  const windows = asked.map(({ budget, part }, index): BudgetWindow => {
    const { scope, per, unit } = budget
    const { fromMs: since, toMs } = part
    const stretch = { fromMs: since, toMs, periods: [] }
    return { id: String(index), budget: NO_BUDGET, scope, per, unit, ...stretch }
  })
  const rows = await ledger.budgetSpend({ budgets: windows, liveJournals: [] })
  return rows.flatMap(({ id, counter, other }) => {
    const found = asked[Number(id)]
    if (found === undefined) return []
    const { budget, part } = found
    return [{ budget: budget.name, counter, atMs: part.atMs, amount: BigInt(other) }]
  })
}

function partsOf({ period, timeZone }: Budget, fromMs: number): readonly Part[] {
  const { sinceMs } = instanceAt(period, timeZone, fromMs)
  if (sinceMs >= fromMs) return []
  if (period.kind !== 'rolling') return [{ fromMs: sinceMs, toMs: fromMs, atMs: sinceMs }]
  const hours = Math.ceil((fromMs - sinceMs) / MS_PER_HOUR)
  const partMs = Math.ceil(hours / PARTS_MAX) * MS_PER_HOUR
  const parts: Part[] = []
  for (let at = sinceMs; at < fromMs; at += partMs) {
    const toMs = Math.min(at + partMs, fromMs)
    // All of a part leaves the period with its last hour: rather too late than too early.
    parts.push({ fromMs: at, toMs, atMs: toMs - 1 })
  }
  return parts
}
