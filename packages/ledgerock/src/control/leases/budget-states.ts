// How every budget stands now, out of the copy of leases and counters: for the API, for alerts and for workers.

import type { Budget } from '../../governance/budget/budget.ts'
import { straightLine } from '../../governance/budget/budget-forecast.ts'
import { effectiveLimit } from '../../governance/budget/budget-limit.ts'
import { instanceAt, type PeriodInstance } from '../../governance/budget/budget-period.ts'
import { chargeOf, instanceKey } from '../../governance/budget/lease.ts'
import { counterOf } from './budget-counter.ts'
import type { BudgetState } from './budget-state.ts'
import type { BookReads } from './lease-book.ts'
import type { StoredInstance, StoredLease } from '../store/lease-tables.ts'

export type StatesDeps = {
  readonly book: BookReads
  readonly budgets: readonly Budget[]
  readonly nowMs: number
  /** Its node was not heard of for a while. */
  readonly isCutOff: (lease: StoredLease) => boolean
}

export function budgetStates(deps: StatesDeps): readonly BudgetState[] {
  const { book, budgets, nowMs } = deps
  const current = new Map(
    budgets.map((budget) => [budget.name, instanceAt(budget.period, budget.timeZone, nowMs)]),
  )
  const counters = new Map<string, string[]>()
  for (const { row } of book.entries()) {
    if (row.counter === null || row.fromMs !== current.get(row.budget)?.fromMs) continue
    const known = counters.get(row.budget)
    if (known === undefined) counters.set(row.budget, [row.counter])
    else known.push(row.counter)
  }
  return budgets.flatMap((budget) => {
    const instance = current.get(budget.name) as PeriodInstance
    if (budget.per === null) return [stateOf(deps, budget, null, instance)]
    return (counters.get(budget.name) ?? [])
      .toSorted()
      .map((counter) => stateOf(deps, budget, counter, instance))
  })
}

function stateOf(
  { book, nowMs, isCutOff }: StatesDeps,
  budget: Budget,
  counter: string | null,
  instance: PeriodInstance,
): BudgetState {
  const key = instanceKey(budget.name, instance.fromMs, counter)
  const { leases, ahead, spent, held } = counterOf(book, { budget, counter }, instance)
  const row = book.entry(key)?.row ?? null
  const carried = row?.carried ?? 0n
  const limit = effectiveLimit(budget, counter, instance, carried, nowMs)
  const line = straightLine({ instance, spent, nowMs })
  const left = limit - spent - held
  const refusedAtMs = refusedUnder(budget, row, limit)
  return {
    budget,
    instance,
    key,
    counter,
    limit,
    spent,
    reserved: held,
    remaining: left > 0n ? left : 0n,
    exposure: [...leases, ...ahead].reduce(
      (sum, lease) => sum + (isCutOff(lease) ? heldBy(lease) : 0n),
      0n,
    ),
    forecast: line.forecast,
    refusedAtMs,
    exhaustedAtMs: refusedAtMs ?? line.exhaustedAtMs(limit),
  }
}

/** With more than there was then, calls go through again. */
function refusedUnder(
  { mode, shadow }: Budget,
  row: StoredInstance | null,
  limit: bigint,
): number | null {
  if (mode !== 'hard' || shadow || row === null || row.refused === null) return null
  return limit > row.refused.limit ? null : row.refused.atMs
}

export function heldBy(lease: StoredLease): bigint {
  return chargeOf(lease) - lease.settled
}
