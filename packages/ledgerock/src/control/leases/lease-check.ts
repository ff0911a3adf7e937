// At rest a counter is the sum of the ledger: the proof of that, for `verify`. It is also never less than what the calls of its scope
// cost that began well within its period, whatever they were charged to: so an answer about charges that forgets some is found. Calls that
// are under way are in a counter a second before or after they are in the books, so a difference counts only where it stands still over
// two looks.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { CHARGE_NEAR_MS } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { counterOf } from './budget-counter.ts'
import { questionOf, refreshSpend, windowsOf, type SpendWindow } from './budget-spend.ts'
import { heldBy } from './budget-states.ts'
import type { BookReads } from './lease-book.ts'
import type { BudgetCheck, BudgetFinding, LostAmount } from './leases.ts'
import type { LeaseKeeper } from './lease-keeper.ts'

export type CheckDeps = {
  readonly keeper: LeaseKeeper
  readonly ledger: Pick<Ledger, 'budgetSpend' | 'shipNow'>
  readonly budgets: () => readonly Budget[]
  /** Closes leases whose journals have ended: what their calls were charged is known then. */
  readonly closeEnded: () => Promise<void>
  /** Resolves after so long. */
  readonly pause: (ms: number) => Promise<void>
}

/** Longer than a worker takes to report and the shipper to ship. */
const BETWEEN_LOOKS_MS = 1_500
const LOOKS_MAX = 4
/** No budget is called so: all calls are counted by what they cost. */
const NO_BUDGET = ''
const WITHIN_MS = CHARGE_NEAR_MS + MS_PER_HOUR

export async function checkBudgets(deps: CheckDeps): Promise<BudgetCheck> {
  let before = await look(deps)
  for (let looks = 1; ; looks += 1) {
    const differing = [...before.values()].filter(({ counted, ledger }) => counted !== ledger)
    const lost = lostAmounts(deps.keeper.book())
    if (differing.length === 0) return { checked: before.size, moving: 0, findings: [], lost }
    await deps.pause(BETWEEN_LOOKS_MS)
    const after = await look(deps)
    const standing = differing.filter((one) => {
      const now = after.get(one.instance)
      return now?.counted === one.counted && now.ledger === one.ledger
    })
    if (looks === LOOKS_MAX || standing.length === differing.length) {
      const moving = [...after.values()].filter(
        ({ instance, counted, ledger }) =>
          counted !== ledger && standing.every((one) => one.instance !== instance),
      )
      return { checked: after.size, moving: moving.length, findings: standing, lost }
    }
    before = after
  }
}

/** Of every counter that still counts. */
function lostAmounts(book: BookReads): readonly LostAmount[] {
  return [...book.entries()].flatMap(({ row: { instance, budget, counter }, leases }) => {
    const lost = [...leases.values()].filter(({ state }) => state === 'lost')
    const amount = lost.reduce((sum, lease) => sum + heldBy(lease), 0n)
    return amount === 0n ? [] : [{ instance, budget, counter, amount }]
  })
}

/** Both sides of every counter that is looked at now. */
async function look(deps: CheckDeps): Promise<Map<string, BudgetFinding>> {
  const { keeper, ledger, budgets } = deps
  await ledger.shipNow()
  await keeper.follow()
  await deps.closeEnded()
  await refreshSpend({ keeper, ledger, budgets })
  const book = keeper.book()
  const windows = budgets().flatMap((budget) => windowsOf(budget, keeper.nowMs()))
  if (windows.length === 0) return new Map()
  // Lost leases have calls nobody can find: what the ledger has of them is less than what they count for.
  const lost = new Set<string>()
  for (const { leases } of book.entries()) {
    for (const { state, holder } of leases.values()) if (state === 'lost') lost.add(holder)
  }
  const found = new Map<string, BudgetFinding>()
  const costs = await costsWithin(ledger, windows)
  const rows = await ledger.budgetSpend(questionOf(windows, lost))
  for (const { id, budget, instance } of windows) {
    const sums = new Map(
      rows
        .filter((row) => row.id === id)
        .map((row) => [row.counter, BigInt(row.other) + BigInt(row.chargedElse)]),
    )
    const counters = new Set(sums.keys())
    for (const { row } of book.entries()) {
      // Those of before it was counted by something else count for nothing.
      const isOwn = (row.counter === null) === (budget.per === null)
      if (isOwn && row.budget === budget.name && row.fromMs === instance.fromMs)
        counters.add(row.counter)
    }
    for (const counter of counters) {
      const { spent, held, leases } = counterOf(book, { budget, counter }, instance)
      const unproven = leases.reduce(
        (sum, lease) => sum + (lost.has(lease.holder) ? lease.settled : 0n),
        0n,
      )
      const key = instanceKey(budget.name, instance.fromMs, counter)
      const [charged, cost] = [sums.get(counter) ?? 0n, costs.get(key) ?? 0n]
      const isForgotten = charged === spent - unproven && cost > spent + held
      found.set(key, {
        instance: key,
        budget: budget.name,
        counter,
        counted: spent - unproven,
        ledger: isForgotten ? cost : charged,
      })
    }
  }
  return found
}

/** What calls cost that began so far within a period that they can be charged to no other; by instance. */
async function costsWithin(
  ledger: CheckDeps['ledger'],
  windows: readonly SpendWindow[],
): Promise<ReadonlyMap<string, bigint>> {
  const asked = windows.flatMap((window) => {
    const { sinceMs, toMs } = window.instance
    const [fromMs, endMs] = [sinceMs + WITHIN_MS, toMs === null ? null : toMs - WITHIN_MS]
    return endMs === null || fromMs < endMs ? [{ window, fromMs, endMs }] : []
  })
  const budgets = asked.map(({ window: { id, budget }, fromMs, endMs }) => {
    const { scope, per, unit } = budget
    return { id, budget: NO_BUDGET, scope, per, unit, fromMs, toMs: endMs, periods: [] }
  })
  const costs = new Map<string, bigint>()
  if (budgets.length === 0) return costs
  const byId = new Map(windows.map((window) => [window.id, window]))
  for (const { id, counter, other } of await ledger.budgetSpend({ budgets, liveJournals: [] })) {
    const window = byId.get(id)
    if (window === undefined) continue
    const { budget, instance } = window
    costs.set(instanceKey(budget.name, instance.fromMs, counter), BigInt(other))
  }
  return costs
}
