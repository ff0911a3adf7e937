// What came of the calls: tickets solved, documents written, revenue; counted by whoever knows and kept beside the books, so that what is
// spent can be divided by what it brought. All of it is plain data.

import type { Granularity } from '@ledgerock/contract'
import type { Condition } from './question.ts'

export type Outcome = {
  /** Names it for ever: the same id again is the same outcome. */
  readonly outcome_id: string
  /** What it counts: `tickets_solved`. */
  readonly name: string
  /** ISO. */
  readonly at: string
  /** A decimal of at most twelve places. */
  readonly quantity: string
  /** What it is worth, if somebody says so; a decimal like a quantity. */
  readonly value_usd: string | null
  readonly dimensions: Readonly<Record<string, string>>
}

/** A duplicate was there already, or earlier in the same list, and stays as it was. */
export type OutcomesRecorded = { readonly accepted: number; readonly duplicate: number }

export type OutcomeQuestion = {
  readonly name: string
  readonly by: readonly string[]
  /** ISO; `from` is inside, `to` is outside. */
  readonly from: string
  readonly to: string
  readonly granularity: Granularity
  readonly tz: string
  /** On dimensions; a missing one is `unknown`. */
  readonly where: readonly Condition[]
}

export type OutcomeSum = {
  /** Values of `by`, in its order. */
  readonly keys: readonly string[]
  /** The instant a bucket begins at, ISO; null where there is one bucket. */
  readonly bucket: string | null
  readonly outcomes: number
  readonly quantity: string
  /** Of the outcomes that have a value; null where none has. */
  readonly value_usd: string | null
}

export type OutcomeTotalsQuestion = {
  /** ISO; null: from the first, to the last. */
  readonly from: string | null
  readonly to: string | null
  readonly where: readonly Condition[]
  /** Only what was recorded before, ISO; null: all of it. For what must not change any more. */
  readonly recordedBefore: string | null
}

/** All of one name that fits. */
export type OutcomeTotal = Omit<OutcomeSum, 'keys' | 'bucket'> & {
  readonly name: string
  /** ISO; of the earliest and of the latest. */
  readonly first_at: string
  readonly last_at: string
}

export type OutcomeBooks = {
  /** At most `OUTCOMES_AT_ONCE`; fault `invalid_question` where one cannot stand, and then none is kept. */
  readonly recordOutcomes: (outcomes: readonly Outcome[]) => Promise<OutcomesRecorded>
  /** By bucket, then by keys. Fault `invalid_question` where there would be too many buckets or rows. */
  readonly outcomeSums: (question: OutcomeQuestion) => Promise<readonly OutcomeSum[]>
  /** Those of the ids that are recorded, as they count, in no order; at most `OUTCOMES_AT_ONCE` ids. */
  readonly outcomesKept: (ids: readonly string[]) => Promise<readonly Outcome[]>
  /** One for each name that has any, in the order of names. */
  readonly outcomeTotals: (question: OutcomeTotalsQuestion) => Promise<readonly OutcomeTotal[]>
  /** Every name in use, in order. */
  readonly outcomeNames: () => Promise<readonly string[]>
}

export const OUTCOMES_AT_ONCE = 10_000
