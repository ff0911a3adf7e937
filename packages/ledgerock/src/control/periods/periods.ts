// Billing periods: a month is open while it runs, closing once it is over and until somebody closes it, or it closes by itself. Closing
// freezes whose each dollar is; what comes later is posted as adjustments in the next month that is not closed, and the frozen content
// never changes. Reopening needs two people.
//
//   open ──month over──▶ closing ──close, or grace and a final bill──▶ closed ──reopen asked, approved by another──▶ closing

import type { Picodollars } from '../../kernel/money.ts'
import type { Result } from '../../kernel/result.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import type { AdjustedBasis } from '../../reconciliation/adjust.ts'
import type { PoolResult, RoundedShare } from '../../reconciliation/give.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import type { PoolRule, Split } from '../../reconciliation/pool.ts'
import type { BillFacts } from '../../reconciliation/report.ts'
import type { BillProblem } from '../month/bill-problem.ts'
import type { BillRate } from '../month/month.ts'
import type { Asker } from '../rules/pauses.ts'
import type { AdjustmentList, PeriodView, ReopeningView } from './period-view.ts'
import type { UserScope } from '../people/scope.ts'

/** What a closing froze; the same for good. */
export type FrozenPeriod = {
  readonly period: string
  /** From 1; a period that was reopened has several, and the last is in force. */
  readonly number: number
  /** Of the content as it is kept. */
  readonly sha256: string
  readonly cost: 'net'
  readonly bill: Picodollars
  readonly shares: readonly RoundedShare[]
  readonly pools: readonly PoolResult[]
  /** By which shared costs were divided; shares carry their own weights: tokens and what the ledger metered. */
  readonly poolRules: readonly PoolRule[]
  readonly defaultSplit: Split
  /** Of the bill, in force at the closing. */
  readonly versions: readonly BillVersion[]
  readonly invoices: BillFacts['invoices']
  readonly leftAside: BillFacts['left_aside']
  /** At which bills in other currencies were read. */
  readonly exchange: readonly BillRate[]
  /** Of everything that went in. */
  readonly inputsHash: string
  /** Rows of the bill. */
  readonly rows: number
  readonly metered: Picodollars
  readonly billTokens: bigint
  /** Of those: found in the ledger. */
  readonly meteredTokens: bigint
  /** Posted in this period before it closed, for earlier ones. */
  readonly adjustments: readonly Adjustment[]
  readonly closedAt: string
  readonly closedBy: string
  /** The version of the price book. */
  readonly pricesAsOf: string
}

export const ADJUSTMENT_REASONS = ['late_delivery', 'correction', 'reopened'] as const
/** `late_delivery`: the bill changed; `correction`: owners, pools or the ledger did; `reopened`: taken back, the period has it itself. */
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number]

export type Adjustment = {
  readonly adjustmentId: string
  /** Where the charge belongs. */
  readonly chargePeriod: string
  /** Where it is charged. */
  readonly postedIn: string
  readonly owner: Owner
  /** Empty: of no model. */
  readonly modelId: string
  readonly basis: AdjustedBasis
  /** The pool of what is shared or kept apart, else empty. */
  readonly pool: string
  readonly usd: Picodollars
  readonly reason: AdjustmentReason
  readonly at: string
}

export type PeriodService = {
  /** Every month that has a bill or was closed, and the one that runs, newest first. */
  readonly list: () => Promise<readonly PeriodView[]>
  readonly get: (period: string) => Promise<Result<PeriodView, BillProblem>>
  readonly close: (
    asker: Asker,
    period: string,
    reason: string | null,
  ) => Promise<Result<PeriodView, BillProblem>>
  /** Asks for it; another admin decides. */
  readonly reopen: (
    asker: Asker,
    period: string,
    reason: string,
  ) => Promise<Result<ReopeningView, BillProblem>>
  readonly approveReopen: (
    asker: Asker,
    period: string,
    reason: string | null,
  ) => Promise<Result<PeriodView, BillProblem>>
  /** By whoever asked: takes the request back. */
  readonly denyReopen: (
    asker: Asker,
    period: string,
    reason: string | null,
  ) => Promise<Result<ReopeningView, BillProblem>>
  /** Posted in the period, posted elsewhere for it, and what waits for approval; only those of owners within `own`. */
  readonly adjustments: (
    period: string,
    own: UserScope | null,
  ) => Promise<Result<AdjustmentList, BillProblem>>
  /** Works out anew whose a closed month's dollars are, without waiting for the clock; what differs is posted, or waits. */
  readonly adjust: (
    asker: Asker,
    period: string,
    reason: string | null,
  ) => Promise<Result<AdjustmentList, BillProblem>>
  /** Posts what waits for approval because it moves too much. */
  readonly approveAdjustments: (
    asker: Asker,
    period: string,
    reason: string | null,
  ) => Promise<Result<AdjustmentList, BillProblem>>
  readonly closedPeriods: () => Promise<readonly string[]>
  /** The closing in force, or the one of this number; null: the period is not closed, or never was. */
  readonly frozen: (period: string, number?: number) => Promise<FrozenPeriod | null>
  /** The very text whose hash is `sha256`, one JSON value a line. */
  readonly frozenText: (period: string, number: number) => Promise<string | null>
  /** Posted in this period, for whatever earlier ones. */
  readonly adjustmentsIn: (period: string) => Promise<readonly Adjustment[]>
  /** A bill was delivered; open months are skipped. */
  readonly onImport: (periods: readonly string[]) => Promise<void>
  /** What time does: closes what is due, and adjusts for corrected owners and pools, and for deliveries nobody told of. */
  readonly tick: () => Promise<void>
}
