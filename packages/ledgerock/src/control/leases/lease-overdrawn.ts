// Counters that hold more than they may: a limit was lowered, a raise has ended, or a correction came. What is granted stays granted; what
// of it lies idle is given back, or it would be spent although the limit has long been passed.

import type { Budget } from '../../governance/budget/budget.ts'
import { effectiveLimit } from '../../governance/budget/budget-limit.ts'
import { counterOf, instanceNamed } from './budget-counter.ts'
import type { BookReads } from './lease-book.ts'
import type { StoredLease } from '../store/lease-tables.ts'

/** Leases that may have something idle, of counters beyond their limits. */
export function overdrawn(
  book: BookReads,
  budgetNamed: (name: string) => Budget | null,
  nowMs: number,
): readonly StoredLease[] {
  const found: StoredLease[] = []
  for (const { row, leases } of book.entries()) {
    const idle = [...leases.values()].filter(mayBeIdle)
    if (idle.length === 0) continue
    const budget = budgetNamed(row.budget)
    const instance = budget === null ? null : instanceNamed(budget, row)
    if (budget === null || instance === null) continue
    const { spent, held } = counterOf(book, { budget, counter: row.counter }, instance)
    const limit = effectiveLimit(budget, row.counter, instance, row.carried, nowMs)
    if (spent + held > limit) found.push(...idle)
  }
  return found
}

function mayBeIdle({ state, bare, granted, returned, settled, reserved }: StoredLease): boolean {
  return state === 'open' && (!bare || granted - returned > settled + reserved)
}
