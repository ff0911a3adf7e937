// What is asked of the ledger and how it answers: plain data in both directions, because the asker sits in another process.
// A question that names something the ledger does not know is answered with a problem that lists the names it does know,
// never with an empty result.

import type { CallRecord, Granularity, ProblemError, SpendAnswer } from '@ledgerock/contract'
import type { Result } from '../kernel/result.ts'

/** One condition: the field has any of the values. Several conditions must all hold. */
export type Condition = {
  /** A declared dimension or one of `CALL_FIELDS`. */
  readonly field: string
  /** Texts, as they stand in an answer: booleans are `true` and `false`, a missing value is `unknown`. */
  readonly values: readonly string[]
}

export type SpendQuestion = {
  readonly by: readonly string[]
  /** ISO 8601 instants; `from` is inside, `to` is outside. */
  readonly from: string
  readonly to: string
  readonly granularity: Granularity
  /** IANA zone in which hours, days, weeks (from Monday) and months begin. */
  readonly tz: string
  readonly where: readonly Condition[]
}

export type CallsQuestion = {
  readonly from: string
  readonly to: string
  readonly where: readonly Condition[]
  /** `next_cursor` of the page before, or null for the newest calls. */
  readonly cursor: string | null
  /** 1 to `CALLS_LIMIT_MAX`. */
  readonly limit: number
}

export const CALLS_LIMIT_MAX = 1_000

/** Newest first. `next_cursor` is null on the last page. */
export type CallsPage = {
  readonly items: readonly CallRecord[]
  readonly next_cursor: string | null
}

/** Asks for what reached the ledger after `cursor`; a null cursor means from now on. */
export type CallsSinceQuestion = {
  readonly cursor: string | null
  readonly where: readonly Condition[]
  readonly limit: number
}

/** Oldest first, in the order of arrival at the ledger. `cursor` is where to go on, also when `items` is empty. */
export type CallsSince = { readonly items: readonly CallRecord[]; readonly cursor: string }

/** One call, every attempt of its logical call (itself included, oldest first), and its earlier versions, newest first. */
export type CallExplained = {
  readonly call: CallRecord
  readonly attempts: readonly CallRecord[]
  readonly versions: readonly CallRecord[]
}

export const QUESTION_PROBLEM_CODES = ['invalid_question', 'too_many_rows'] as const

export type QuestionProblem = {
  readonly code: (typeof QUESTION_PROBLEM_CODES)[number]
  readonly detail: string
  /** Every fault of the question, at its place: `by[1]`, `where[0].field`, `from`. */
  readonly errors: readonly ProblemError[]
}

export type Answer<Value> = Result<Value, QuestionProblem>
export type SpendReply = Answer<SpendAnswer>
