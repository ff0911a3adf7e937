// Periods, requests to reopen them and adjustments as people see them.

import { isoTime } from '../../kernel/time.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import { stateOf as requestState, type RequestState } from '../rules/decide-request.ts'
import { monthRange, stateAt, type PeriodState } from '../month/period-calendar.ts'
import type { ClosedBill, StoredClosing, StoredReopening } from '../store/period-reads.ts'

export type ReopeningView = {
  readonly request_id: string
  readonly period: string
  readonly reason: string
  readonly state: RequestState
  readonly until: string
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

export type ClosingView = {
  readonly number: number
  readonly sha256: string
  readonly bill_version: number
  readonly closed_at: string
  readonly closed_by: string
  readonly reopened_at: string | null
  readonly reopened_by: string | null
}

export type PeriodView = {
  readonly period: string
  readonly state: PeriodState
  /** Closed: of the bill that was frozen. Null: there is none. */
  readonly bill_version: number | null
  /** Of each payer's bill. */
  readonly bills: readonly { readonly bill: string; readonly version: number }[]
  /** When it closes by itself at the earliest. */
  readonly closes_after: string
  readonly closed_at: string | null
  readonly closed_by: string | null
  /** Every closing there was, oldest first. */
  readonly closings: readonly ClosingView[]
  /** The newest request, however it was decided. */
  readonly reopening: ReopeningView | null
  /** Adjustments of this period that wait for approval. */
  readonly waiting: boolean
}

export type AdjustmentView = {
  readonly adjustment_id: string
  readonly charge_period: string
  readonly posted_in: string
  readonly owner: Readonly<Record<string, string>>
  readonly model_id: string
  readonly basis: string
  readonly pool: string
  readonly usd: string
  readonly reason: string
  readonly at: string
}

/** Worked out, but more than may be posted without a person's word. */
export type WaitingAdjustments = {
  readonly charge_period: string
  readonly bill_usd: string
  /** What changes its place since somebody last agreed to the allocation. */
  readonly moved_usd: string
  readonly usd: string
  readonly at: string
  readonly rows: readonly Omit<AdjustmentView, 'adjustment_id' | 'posted_in'>[]
}

export type AdjustmentList = {
  readonly period: string
  /** Posted in this period for earlier ones, and in later ones for this. */
  readonly items: readonly AdjustmentView[]
  readonly total_usd: string
  readonly waiting: WaitingAdjustments | null
}

export function periodView(known: {
  readonly period: string
  readonly closings: readonly StoredClosing[]
  readonly reopening: StoredReopening | null
  readonly bills: readonly Pick<BillVersion, 'bill' | 'version'>[]
  readonly isWaiting: boolean
  readonly graceMs: number
  readonly nowMs: number
}): PeriodView {
  const { period, closings, reopening, isWaiting, graceMs, nowMs } = known
  const closed = closings.find(({ reopenedAt }) => reopenedAt === null) ?? null
  const bills = (closed?.bills ?? known.bills).map(({ bill, version }) => ({ bill, version }))
  return {
    period,
    state: stateAt(period, closed !== null, nowMs),
    bill_version: newestOf(bills),
    bills,
    closes_after: isoTime(monthRange(period).toMs + graceMs),
    closed_at: closed?.closedAt ?? null,
    closed_by: closed?.closedBy ?? null,
    closings: closings.map(closingView),
    reopening: reopening === null ? null : reopeningView(reopening, nowMs),
    waiting: isWaiting,
  }
}

function newestOf(bills: readonly ClosedBill[]): number | null {
  return bills.length === 0 ? null : Math.max(...bills.map(({ version }) => version))
}

function closingView(closing: StoredClosing): ClosingView {
  return {
    number: closing.number,
    sha256: closing.sha256,
    bill_version: newestOf(closing.bills) ?? 0,
    closed_at: closing.closedAt,
    closed_by: closing.closedBy,
    reopened_at: closing.reopenedAt,
    reopened_by: closing.reopenedBy,
  }
}

export function reopeningView(request: StoredReopening, nowMs: number): ReopeningView {
  return {
    request_id: request.requestId,
    period: request.period,
    reason: request.reason,
    state: requestState(request, nowMs),
    until: request.until,
    asked_at: request.askedAt,
    asked_by: request.askedBy,
    decided_at: request.decidedAt,
    decided_by: request.decidedBy,
    decision_reason: request.decisionReason,
  }
}
