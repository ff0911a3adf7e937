// Billing periods: what was frozen each time one closed, requests to reopen one, and adjustments of closed ones. What was frozen or posted
// is only ever added to; that a period was reopened, and what was last looked at, is noted beside it.

export const PERIOD_DDL: readonly string[] = [
  `create table period_closings (
    period text not null, number bigint not null, sha256 text not null, bill_usd text not null,
    bills text not null, closed_at text not null, closed_by text not null,
    seen_bills text not null, seen_inputs text not null, seen_rules text not null,
    reopened_at text, reopened_by text,
    primary key (period, number))`,
  `create unique index period_closings_in_force on period_closings (period)
    where reopened_at is null`,
  `create table period_contents (
    period text not null, number bigint not null, content text not null,
    primary key (period, number))`,
  `create table period_reopenings (
    request_id text primary key, period text not null, number bigint not null,
    valid_until text not null, reason text not null, state text not null, asked_at text not null,
    asked_by text not null, decided_at text, decided_by text, decision_reason text)`,
  `create index period_reopenings_period on period_reopenings (period)`,
  `create table period_batches (
    batch_id text primary key, place bigint not null unique, charge_period text not null,
    number bigint not null, state text not null, reason text not null, bill_usd text not null,
    usd text not null, moved_usd text not null, made_at text not null, posted_in text,
    posted_at text, approved_by text)`,
  `create index period_batches_charge on period_batches (charge_period, place)`,
  `create index period_batches_posted on period_batches (posted_in, place)`,
  `create table period_adjustments (
    batch_id text not null references period_batches (batch_id), row_number bigint not null,
    owner text not null, model_id text not null, basis text not null, pool text not null,
    usd text not null, primary key (batch_id, row_number))`,
]

/** Amounts are digits of picodollars. `bills` is JSON: each payer's version; `seen_…`: what was last held against what was frozen. */
export type PeriodClosingsTable = {
  readonly period: string
  readonly number: number
  readonly sha256: string
  readonly bill_usd: string
  readonly bills: string
  readonly closed_at: string
  readonly closed_by: string
  readonly seen_bills: string
  readonly seen_inputs: string
  readonly seen_rules: string
  readonly reopened_at: string | null
  readonly reopened_by: string | null
}
/** `content` is gzip, base64. */
export type PeriodContentsTable = {
  readonly period: string
  readonly number: number
  readonly content: string
}
export type PeriodReopeningsTable = {
  readonly request_id: string
  readonly period: string
  readonly number: number
  readonly valid_until: string
  readonly reason: string
  readonly state: string
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}
export type PeriodBatchesTable = {
  readonly batch_id: string
  /** In the order in which they were made, whatever clocks say. */
  readonly place: number
  readonly charge_period: string
  readonly number: number
  readonly state: string
  readonly reason: string
  readonly bill_usd: string
  readonly usd: string
  readonly moved_usd: string
  readonly made_at: string
  readonly posted_in: string | null
  readonly posted_at: string | null
  readonly approved_by: string | null
}
/** `owner` is JSON. */
export type PeriodAdjustmentsTable = {
  readonly batch_id: string
  readonly row_number: number
  readonly owner: string
  readonly model_id: string
  readonly basis: string
  readonly pool: string
  readonly usd: string
}

export type PeriodTables = {
  readonly period_closings: PeriodClosingsTable
  readonly period_contents: PeriodContentsTable
  readonly period_reopenings: PeriodReopeningsTable
  readonly period_batches: PeriodBatchesTable
  readonly period_adjustments: PeriodAdjustmentsTable
}
