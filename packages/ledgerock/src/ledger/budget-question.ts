// What those who keep budgets ask of the books: how much was spent in a budget's scope and charged to it, and whether a journal has
// ended, with what its calls were charged. Plain data both ways; amounts are digits, picodollars or tokens by the budget's unit.

import { MS_PER_HOUR } from '../kernel/time.ts'

export const BUDGET_CHARGE_UNITS = ['usd', 'tokens'] as const
export type BudgetChargeUnit = (typeof BUDGET_CHARGE_UNITS)[number]

/** So far from its period a charged call may have begun: it waited, or was tried again. */
export const CHARGE_NEAR_MS = MS_PER_HOUR

/** `toMs` exclusive; null: never. */
export type BudgetStretch = { readonly fromMs: number; readonly toMs: number | null }

/** One budget in one stretch of time: a period of it, or several whole ones that follow each other. */
export type BudgetWindow = {
  /** The asker's own name for it; comes back in the answer. */
  readonly id: string
  /** The budget's name, as calls charged to it carry it. */
  readonly budget: string
  /**
   * Field → its values, one of which is enough. A field is a dimension, `key_name`, or `model` (the base id or the id asked for);
   * `*` stands for anything in the values of the last two.
   */
  readonly scope: Readonly<Record<string, readonly string[]>>
  /** The dimension the budget counts by; null: one counter. */
  readonly per: string | null
  readonly unit: BudgetChargeUnit
  readonly fromMs: number
  /** Exclusive; null: no end. */
  readonly toMs: number | null
  /**
   * The budget's periods, as it is now, in the stretch and within `CHARGE_NEAR_MS` of it; `hours`: every hour is one. A charge counts
   * for the period it names if that is one of them, the call began near it, and the charge's counter is the call's own value of `per`.
   * One that was made while the budget was counted otherwise counts in the scope, at the call's own instant.
   */
  readonly periods: readonly BudgetStretch[] | 'hours'
}

export type BudgetSpendQuestion = {
  readonly budgets: readonly BudgetWindow[]
  /** Journals whose charges to the counters asked about the asker counts by himself. */
  readonly liveJournals: readonly string[]
}

/** One row for each counter with anything in it. */
export type BudgetSpend = {
  readonly id: string
  readonly counter: string | null
  /**
   * Calls that began in the stretch and were not charged to the budget as it is now, and by how much corrections moved charges; may be
   * negative.
   */
  readonly other: string
  /** Charges, as they were when the calls were settled, to periods that begin in the stretch, of all journals but the live ones. */
  readonly chargedElse: string
}

/**
 * `running`: it may still have calls that the books have not. `ended`: the books have all of them. `unsure`: they have all that could be
 * read, but lines may be missing (power loss, damage, a call set aside). `unknown`: never seen here.
 */
export const JOURNAL_END_STATES = ['running', 'ended', 'unsure', 'unknown'] as const
export type JournalEndState = (typeof JOURNAL_END_STATES)[number]

/** What the calls of a journal were charged to one counter of a budget, as it was when they were settled. */
export type JournalCharge = {
  readonly budget: string
  /** Of the charged period. */
  readonly fromMs: number
  readonly counter: string | null
  readonly unit: BudgetChargeUnit
  readonly amount: string
}

export type JournalEnd = {
  readonly journalId: string
  readonly state: JournalEndState
  /** With those of the calls that were cut off; none while `running` or where it is `unknown`. */
  readonly charges: readonly JournalCharge[]
}
