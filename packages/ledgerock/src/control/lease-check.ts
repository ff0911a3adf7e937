// At rest a counter is the sum of the ledger: the proof of that, for `verify`. Calls that are under way are in a counter a second before
// or after they are in the books, so a difference counts only where it stands still over two looks.

import type { Budget } from '../governance/budget.ts'
import { instanceKey } from '../governance/lease.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { counterOf } from './budget-counter.ts'
import { questionOf, refreshSpend, windowsOf } from './budget-spend.ts'
import type { BudgetCheck, BudgetFinding } from './leases.ts'
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

export async function checkBudgets(deps: CheckDeps): Promise<BudgetCheck> {
  let before = await look(deps)
  for (let looks = 1; ; looks += 1) {
    const differing = [...before.values()].filter(({ counted, ledger }) => counted !== ledger)
    if (differing.length === 0) return { checked: before.size, moving: 0, findings: [] }
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
      return { checked: after.size, moving: moving.length, findings: standing }
    }
    before = after
  }
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
  const rows = await ledger.budgetSpend(questionOf(windows, lost))
  for (const { id, budget, instance } of windows) {
    const sums = new Map(
      rows
        .filter((row) => row.id === id)
        .map((row) => [row.counter, BigInt(row.other) + BigInt(row.chargedElse)]),
    )
    const counters = new Set(sums.keys())
    for (const { row } of book.entries()) {
      if (row.budget === budget.name && row.fromMs === instance.fromMs) counters.add(row.counter)
    }
    for (const counter of counters) {
      const { spent, leases } = counterOf(book, { budget, counter }, instance)
      const unproven = leases.reduce(
        (sum, lease) => sum + (lost.has(lease.holder) ? lease.settled : 0n),
        0n,
      )
      const key = instanceKey(budget.name, instance.fromMs, counter)
      found.set(key, {
        instance: key,
        budget: budget.name,
        counter,
        counted: spent - unproven,
        ledger: sums.get(counter) ?? 0n,
      })
    }
  }
  return found
}
