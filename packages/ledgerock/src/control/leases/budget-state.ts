// How a budget stands, as everyone who shows it or watches it is told: the API, alerts, workers.

import type { Budget } from '../../governance/budget/budget.ts'
import type { PeriodInstance } from '../../governance/budget/budget-period.ts'

/** Of one counter in one period; amounts in the budget's unit. */
export type BudgetState = {
  readonly budget: Budget
  readonly instance: PeriodInstance
  /** See `instanceKey`. */
  readonly key: string
  /** The value of the dimension `per` names; null: the budget has one counter. */
  readonly counter: string | null
  /** With raises in force and what was carried over. */
  readonly limit: bigint
  /** Settled by anyone, true-ups and other sources included. */
  readonly spent: bigint
  /** Held by calls in flight and idle in leases, lost ones included. */
  readonly reserved: bigint
  /** `limit - spent - reserved`, never below zero. */
  readonly remaining: bigint
  /** What nodes cut off from the store may still spend; part of `reserved`. */
  readonly exposure: bigint
  /** Since when calls are refused in this period, under no smaller limit than this; null: none was. Only where the budget is hard. */
  readonly refusedAtMs: number | null
  /** `refusedAtMs`; else when a straight line through what was spent so far reaches the limit; null: not in this period. */
  readonly exhaustedAtMs: number | null
  /** Where that line ends with the period; null: too early to say, or the period has no end. */
  readonly forecast: bigint | null
}

/** As of the last second. A counter without any use is not in it, but a budget without counters always is. */
export type BudgetStates = { readonly all: () => readonly BudgetState[] }
