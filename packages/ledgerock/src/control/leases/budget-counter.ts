// The counter of one budget instance: what was spent, and what leases hold beyond that. A rolling budget's counter goes over all hours
// in its window; what no lease stands for lies in the row of the hour it is asked for, for the whole window. Leases of hours to come
// are held against it too: they are granted ahead, and what is granted now counts for those hours as well.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt, type PeriodInstance } from '../../governance/budget/budget-period.ts'
import { chargeOf, instanceKey, type InstanceName } from '../../governance/budget/lease.ts'
import type { BookEntry, BookReads } from './lease-book.ts'
import type { StoredInstance, StoredLease } from '../store/lease-tables.ts'

export type BudgetCounter = {
  /** Null: the ledger was not asked yet. */
  readonly other: bigint | null
  /** Of the whole window. */
  readonly leases: readonly StoredLease[]
  /** Of hours after it. */
  readonly ahead: readonly StoredLease[]
  /** `other`, as far as it is known, and what was settled. */
  readonly spent: bigint
  /** What counts against the limit besides. */
  readonly held: bigint
}

export function counterOf(
  reads: Pick<BookReads, 'entry' | 'ofCounter'>,
  { budget, counter }: { readonly budget: Budget; readonly counter: string | null },
  instance: PeriodInstance,
): BudgetCounter {
  const own = reads.entry(instanceKey(budget.name, instance.fromMs, counter))
  const entries = isRolling(budget) ? inWindow(reads, budget.name, counter, instance) : [own]
  const leases: StoredLease[] = []
  let settled = 0n
  let charged = 0n
  for (const entry of entries) {
    if (entry === null) continue
    for (const lease of entry.leases.values()) {
      leases.push(lease)
      settled += lease.settled
      charged += chargeOf(lease)
    }
  }
  const other = own?.row.other ?? null
  const ahead = isRolling(budget) ? aheadOf(reads, budget.name, counter, instance) : []
  const heldAhead = ahead.reduce((sum, lease) => sum + chargeOf(lease), 0n)
  const held = charged - settled + heldAhead
  return { other, leases, ahead, spent: (other ?? 0n) + settled, held }
}

/** Rows of the counter whose periods count for `instance`. */
export function inWindow(
  reads: Pick<BookReads, 'ofCounter'>,
  budget: string,
  counter: string | null,
  { sinceMs, fromMs }: PeriodInstance,
): readonly BookEntry[] {
  return reads
    .ofCounter(budget, counter)
    .filter(({ row }) => row.fromMs >= sinceMs && row.fromMs <= fromMs)
}

function aheadOf(
  reads: Pick<BookReads, 'ofCounter'>,
  budget: string,
  counter: string | null,
  { fromMs }: PeriodInstance,
): readonly StoredLease[] {
  return reads
    .ofCounter(budget, counter)
    .filter(({ row }) => row.fromMs > fromMs)
    .flatMap(({ leases }) => [...leases.values()])
}

export function isRolling({ period }: Budget): boolean {
  return period.kind === 'rolling'
}

/** Null: the budget has no such instance, or the name's parts do not fit. */
export function instanceNamed(budget: Budget, name: InstanceName): PeriodInstance | null {
  const { period, timeZone, per } = budget
  const instance = instanceAt(period, timeZone, name.fromMs)
  const fits =
    instance.fromMs === name.fromMs &&
    (per === null) === (name.counter === null) &&
    instanceKey(name.budget, name.fromMs, name.counter) === name.instance
  return fits ? instance : null
}

/** A row before anything is known of it. */
export function newInstance(
  { instance, budget, counter, fromMs }: InstanceName,
  toMs: number | null,
  other: bigint | null,
): StoredInstance {
  const none = { carried: 0n, recalls: 0, folded: 0, refused: null }
  return { instance, budget, counter, fromMs, toMs, other, ...none }
}

/** How it is counted: what the ledger said of a budget with another text says nothing of it. */
export function textOf({ scope, per, unit, period, timeZone }: Budget): string {
  return JSON.stringify([scope, per, unit, period, timeZone])
}
