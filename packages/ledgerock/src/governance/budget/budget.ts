// A budget as the policy carries it: whose calls, how much, in which period, and what happens at the end of it. Plain data; amounts
// are digits because a policy is JSON. `hard` budgets hold through leases (`lease.ts`); the others are only counted.

import type { BudgetPeriod } from './budget-period.ts'
import type { RuleScope } from '../rule-scope.ts'

export const BUDGET_UNITS = ['usd', 'tokens'] as const
/** A limit of dollars is counted in picodollars, one of tokens in tokens: both are whole numbers. */
export type BudgetUnit = (typeof BUDGET_UNITS)[number]

/** `notify` tells people, `soft` also the caller, `hard` refuses. */
export const BUDGET_MODES = ['notify', 'soft', 'hard'] as const
export type BudgetMode = (typeof BUDGET_MODES)[number]

/** What a call that states no maximum of output is held to. */
export const MISSING_MAX_TOKENS = ['model_max', 'refuse', 'clamp'] as const
export type MissingMaxTokens = (typeof MISSING_MAX_TOKENS)[number]

/** Words that stand where a budget's name does in paths of the API. */
export const RESERVED_BUDGET_NAMES = ['leases', 'nodes', 'raises'] as const

/** More, once, until a day; of one counter where the budget has one for each value. */
export type BudgetRaise = {
  readonly requestId: string
  /** In the budget's unit, digits. */
  readonly amount: string
  /** The value of the dimension `per` names; null: of every counter. */
  readonly counter: string | null
  /** Instants, milliseconds since the epoch; the end is exclusive. */
  readonly fromMs: number
  readonly toMs: number
  /** What is left of it at the end of a period goes on into the next, while it lasts. */
  readonly carryOver: boolean
}

export type Budget = {
  readonly name: string
  readonly scope: RuleScope
  /** A dimension whose every value has the limit to itself; null: one counter for the whole scope. */
  readonly per: string | null
  readonly period: BudgetPeriod
  /** IANA name. */
  readonly timeZone: string
  readonly unit: BudgetUnit
  /** In the unit, digits. */
  readonly limit: string
  readonly mode: BudgetMode
  /** Only reports what it would have done: counted as `soft`, told to no caller. */
  readonly shadow: boolean
  readonly missingMaxTokens: MissingMaxTokens
  /** Picodollars, digits: what a call whose price is not known reserves, and is charged. */
  readonly unpricedReserve: string
  /** Percent of the limit, ascending. */
  readonly alertAt: readonly number[]
  /** Percent of the limit that the straight-line projection of the period reaches; null: not watched. */
  readonly alertForecastAt: number | null
  /** What is left at the end of a period is added to the next one's limit. */
  readonly carryOver: boolean
  /** Approved raises in force or to come. */
  readonly raises: readonly BudgetRaise[]
}
