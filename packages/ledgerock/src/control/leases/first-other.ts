// What an instance holds before its first lease. A period that begins while its budget is in force holds nothing, a rolling hour what the
// hour before held, and a counter the ledger did not speak of when it was asked for all counters nothing either. Of anything else only
// the ledger knows.

import type { Budget } from '../../governance/budget/budget.ts'
import type { InstanceName } from '../../governance/budget/lease.ts'
import { isRolling, textOf } from './budget-counter.ts'
import type { SpendWindow } from './budget-spend.ts'
import type { BookReads } from './lease-book.ts'

export type FirstOther = {
  /** Null: the ledger has to be asked. */
  readonly otherOf: (
    budget: Budget,
    name: InstanceName,
    book: Pick<BookReads, 'ofCounter'>,
  ) => bigint | null
  /** Once a second; true: a budget is new, or counted otherwise, since it was last asked. */
  readonly noteBudgets: () => boolean
  /**
   * Budgets that came back or are counted otherwise since: what their counters held besides leases was said of others. To be forgotten
   * before anything is granted.
   */
  readonly stale: () => readonly string[]
  readonly forgotten: (budgets: readonly string[]) => void
  /** The ledger has said what every counter of these holds, and that is written. */
  readonly asked: (windows: readonly SpendWindow[]) => void
  /** What was written may be lost. */
  readonly forget: () => void
}

type Known = {
  /** How it is counted. */
  readonly text: string
  /** Periods that begin from then on hold nothing at first: since then it has been in force as it is, as far as this process has seen. */
  freshFromMs: number
  /** Of periods that begin from then on the ledger was asked. */
  askedFromMs: number
}

export function createFirstOther(
  budgets: () => readonly Budget[],
  nowMs: () => number,
): FirstOther {
  let known = new Map<string, Known>()
  let noted: readonly Budget[] | null = null
  const stale = new Set<string>()
  let isNews = false

  function note(): void {
    const now = budgets()
    if (noted === now) return
    const isFirst = noted === null
    noted = now
    const next = new Map<string, Known>()
    for (const budget of now) {
      const text = textOf(budget)
      const before = known.get(budget.name)
      const fresh = { text, freshFromMs: nowMs(), askedFromMs: Infinity }
      next.set(budget.name, before?.text === text ? before : fresh)
    }
    const changed = [...next].filter(([name, one]) => known.get(name) !== one)
    // At first nobody knows how they were counted before: the store is believed until the ledger has answered.
    if (!isFirst) for (const [name] of changed) stale.add(name)
    isNews ||= changed.length > 0
    known = next
  }

  return {
    otherOf(budget, name, book) {
      const one = known.get(budget.name)
      const isAsked = one?.text === textOf(budget) && one.askedFromMs <= name.fromMs
      if (isRolling(budget)) {
        const earlier = book
          .ofCounter(budget.name, name.counter)
          .map(({ row }) => row)
          .filter(({ fromMs, other }) => fromMs < name.fromMs && other !== null)
          .toSorted((left, right) => right.fromMs - left.fromMs)
        return earlier[0]?.other ?? (isAsked ? 0n : null)
      }
      return isAsked || (one !== undefined && one.freshFromMs <= name.fromMs) ? 0n : null
    },
    noteBudgets() {
      note()
      const wasNews = isNews
      isNews = false
      return wasNews
    },
    stale() {
      if (noted !== null) note()
      return [...stale]
    },
    forgotten(names) {
      for (const name of names) stale.delete(name)
    },
    asked(windows) {
      for (const { budget, instance } of windows) {
        const one = known.get(budget.name)
        if (one?.text !== textOf(budget)) continue
        one.askedFromMs = Math.min(one.askedFromMs, instance.fromMs)
      }
    },
    forget() {
      for (const one of known.values()) {
        one.freshFromMs = Infinity
        one.askedFromMs = Infinity
      }
    },
  }
}
