// What an instance holds before its first lease. A period that begins while its budget is in force holds nothing, and a rolling hour what
// the hour before held; of anything else only the ledger knows.

import type { Budget } from '../governance/budget.ts'
import type { InstanceName } from '../governance/lease.ts'
import { isRolling } from './budget-counter.ts'
import type { BookReads } from './lease-book.ts'

export type FirstOther = {
  /** Null: the ledger has to be asked. */
  readonly otherOf: (
    budget: Budget,
    name: InstanceName,
    book: Pick<BookReads, 'ofCounter'>,
  ) => bigint | null
  /** Once a second; true: a budget is new, or has another scope. */
  readonly noteBudgets: () => boolean
}

export function createFirstOther(
  budgets: () => readonly Budget[],
  nowMs: () => number,
): FirstOther {
  /** Since when each has been in force as it is, as far as this process has seen. */
  let since = new Map<string, { readonly text: string; readonly atMs: number }>()
  let noted: readonly Budget[] | null = null

  return {
    otherOf(budget, name, book) {
      if (isRolling(budget)) {
        const earlier = book
          .ofCounter(budget.name, name.counter)
          .map(({ row }) => row)
          .filter(({ fromMs, other }) => fromMs < name.fromMs && other !== null)
          .toSorted((left, right) => right.fromMs - left.fromMs)
        return earlier[0]?.other ?? null
      }
      const known = since.get(budget.name)
      return known !== undefined && known.atMs <= name.fromMs ? 0n : null
    },
    noteBudgets() {
      const now = budgets()
      if (noted === now) return false
      noted = now
      const next = new Map<string, { readonly text: string; readonly atMs: number }>()
      for (const { name, scope, per, unit, period, timeZone } of now) {
        const text = JSON.stringify([scope, per, unit, period, timeZone])
        const known = since.get(name)
        next.set(name, known?.text === text ? known : { text, atMs: nowMs() })
      }
      const isNew = [...next].some(([name, one]) => since.get(name) !== one)
      since = next
      return isNew
    },
  }
}
