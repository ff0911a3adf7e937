// Where a budget's spending leads if it goes on as it has since the period began: a straight line, which anybody can check with a
// pencil. It says nothing while the period is too young for one hour's work to mean anything.

import { divideRoundHalfEven } from '../../kernel/money.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { PeriodInstance } from './budget-period.ts'

export type BudgetSpending = {
  readonly instance: PeriodInstance
  /** In the budget's unit. */
  readonly spent: bigint
  readonly nowMs: number
}

export type StraightLine = {
  /** At the end of the period; null: too early to say, or the period has no end of its own (`total`, rolling). */
  readonly forecast: bigint | null
  /** When the line will reach the limit; null: it is reached already, not in this period, or nobody can say. */
  readonly exhaustedAtMs: (limit: bigint) => number | null
}

/** Of the period; and an hour, or of a short period a quarter. */
const EARLY_PART = 50

export function straightLine({ instance, spent, nowMs }: BudgetSpending): StraightLine {
  const { fromMs, toMs, sinceMs } = instance
  const unknown = { forecast: null, exhaustedAtMs: () => null }
  if (toMs === null || sinceMs !== fromMs) return unknown
  const wholeMs = toMs - fromMs
  const elapsedMs = Math.min(nowMs, toMs) - fromMs
  if (elapsedMs < Math.max(wholeMs / EARLY_PART, Math.min(MS_PER_HOUR, wholeMs / 4))) return unknown
  const elapsed = BigInt(Math.floor(elapsedMs))
  // Corrections may leave less than nothing; nobody goes on earning by calling models.
  const forecast = spent <= 0n ? spent : divideRoundHalfEven(spent * BigInt(wholeMs), elapsed)
  return {
    forecast,
    exhaustedAtMs(limit) {
      if (spent >= limit || spent <= 0n) return null
      const atMs = fromMs + Number((elapsed * limit) / spent)
      return atMs < toMs ? atMs : null
    },
  }
}
