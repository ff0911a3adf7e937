// What the ledger needs of a store: signed entries go in exactly once, sums and calls come out. One implementation
// (`clickhouse/open-ledger-store.ts`) serves the embedded engine and a server alike.

import type { CallRecord } from '@ledgerock/contract'
import type { BillBooks } from './bill.ts'
import type { BudgetSpend, BudgetSpendQuestion, JournalCharge } from './budget-question.ts'
import type { LedgerEntry } from './entry.ts'
import type { Finding } from './finding.ts'
import type { MeteredBooks } from './metered-use.ts'
import type { OutcomeBooks } from './outcome.ts'
import type { Condition } from './question.ts'
import type { RerateStore } from './rerate-plan.ts'
import type { SpendPlan, SpendParts } from './spend-plan.ts'

export type LedgerStoreTarget =
  | { readonly kind: 'embedded'; readonly path: string; readonly database?: string }
  | {
      readonly kind: 'server'
      readonly url: string
      readonly user?: string
      readonly password?: string
      readonly database?: string
      readonly replicated?: boolean
    }

export type LedgerRetention = {
  readonly callsDays: number | null
  readonly rawUsageDays: number | null
}

/** One insert: all of it becomes visible at once, or nothing does. All entries began in one month (UTC). */
export type EntryBatch = {
  readonly entries: readonly LedgerEntry[]
  /** The same batch always has the same token. */
  readonly token: string
  /** It may be in the store already, wholly or in part: check after inserting, and mend. */
  readonly again: boolean
}

/** A call's place in the order of listing: newest first, then by id. */
export type CallPlace = { readonly startedMs: number; readonly callId: string }

/** A call's place in the order of arrival at the store. */
export type ArrivalPlace = { readonly ingestedMs: number; readonly callId: string }

export type CallsFilter = {
  readonly fromMs: number
  readonly toMs: number
  readonly where: readonly Condition[]
  readonly before: CallPlace | null
  readonly limit: number
}

export type Arrivals = {
  readonly items: readonly CallRecord[]
  readonly place: ArrivalPlace
}

export type LedgerStore = MeteredBooks &
  OutcomeBooks & {
    readonly kind: 'embedded' | 'server'
    readonly schemaVersion: number
    readonly insertBatch: (batch: EntryBatch) => Promise<void>
    /** Highest sequence number per journal; a journal without a row is missing. */
    readonly lastSeqs: (journalIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
    /** Which of a journal's lines from `first` to `last` have a row. */
    readonly seqsOf: (
      journalId: string,
      first: number,
      last: number,
    ) => Promise<ReadonlySet<number>>
    readonly spend: (plan: SpendPlan) => Promise<SpendParts>
    readonly calls: (filter: CallsFilter) => Promise<readonly CallRecord[]>
    /** Every version of a call, newest first. */
    readonly versions: (callId: string) => Promise<readonly CallRecord[]>
    /** Calls in force with this logical id, oldest first, at most `limit`. */
    readonly attempts: (logicalId: string, limit: number) => Promise<readonly CallRecord[]>
    readonly arrivals: (
      after: ArrivalPlace | null,
      where: readonly Condition[],
      limit: number,
    ) => Promise<Arrivals>
    /** `invalid_question` where a window names what is no dimension. */
    readonly budgetSpend: (question: BudgetSpendQuestion) => Promise<readonly BudgetSpend[]>
    /** By journal, what its calls were charged when they were settled. */
    readonly journalCharges: (
      journalIds: readonly string[],
    ) => Promise<ReadonlyMap<string, readonly JournalCharge[]>>
    readonly countCalls: () => Promise<number>
    /** Rollups against calls, duplicates, charges, settings; from `sinceMs` on. */
    readonly findings: (sinceMs: number) => Promise<readonly Finding[]>
    /** Rebuilds every rollup month that differs; answers what it mended. */
    readonly repairRollups: (sinceMs: number) => Promise<readonly Finding[]>
    readonly rerating: RerateStore
    readonly bill: BillBooks
    readonly isReachable: () => Promise<boolean>
    readonly close: () => Promise<void>
  }
