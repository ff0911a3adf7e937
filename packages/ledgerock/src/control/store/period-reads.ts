// What is read of billing periods: closings and what they froze, requests to reopen, adjustments.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Kysely } from 'kysely'
import type { Picodollars } from '../../kernel/money.ts'
import type { AdjustedBasis } from '../../reconciliation/adjust.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import type { Decision } from './access-request-table.ts'
import type {
  PeriodAdjustmentsTable,
  PeriodBatchesTable,
  PeriodClosingsTable,
  PeriodReopeningsTable,
} from './period-tables.ts'
import type { ControlDatabase } from './schema.ts'

export type ClosedBill = { readonly bill: string; readonly version: number }

export type StoredClosing = {
  readonly period: string
  readonly number: number
  readonly sha256: string
  readonly bill: Picodollars
  readonly bills: readonly ClosedBill[]
  readonly closedAt: string
  readonly closedBy: string
  readonly seenBills: string
  readonly seenInputs: string
  readonly seenRules: string
  readonly reopenedAt: string | null
  readonly reopenedBy: string | null
}

export type StoredReopening = {
  readonly requestId: string
  readonly period: string
  readonly number: number
  readonly until: string
  readonly reason: string
  readonly state: Decision
  readonly askedAt: string
  readonly askedBy: string
  readonly decidedAt: string | null
  readonly decidedBy: string | null
  readonly decisionReason: string | null
}

export const BATCH_STATES = ['waiting', 'posted', 'superseded'] as const

export type StoredBatch = {
  readonly batchId: string
  readonly place: number
  readonly chargePeriod: string
  /** Of the closing it was held against. */
  readonly number: number
  readonly state: (typeof BATCH_STATES)[number]
  readonly reason: string
  /** What was frozen, of the whole bill. */
  readonly bill: Picodollars
  readonly usd: Picodollars
  readonly moved: Picodollars
  readonly madeAt: string
  readonly postedIn: string | null
  readonly postedAt: string | null
  readonly approvedBy: string | null
}

export type StoredAdjustment = {
  readonly batchId: string
  readonly row: number
  readonly owner: Owner
  readonly modelId: string
  readonly basis: AdjustedBasis
  readonly pool: string
  readonly usd: Picodollars
}

export type PeriodReads = {
  /** Of one period or of all, oldest first. */
  readonly closings: (period?: string) => Promise<readonly StoredClosing[]>
  /** Periods that are closed, in order. */
  readonly closed: () => Promise<readonly string[]>
  /** The text that was frozen. */
  readonly content: (period: string, number: number) => Promise<string | null>
  /** Newest first. */
  readonly reopenings: (period?: string) => Promise<readonly StoredReopening[]>
  /** Made for this period, in order; superseded ones too. */
  readonly batchesFor: (chargePeriod: string) => Promise<readonly StoredBatch[]>
  /** Posted in this period, in order. */
  readonly batchesIn: (postedIn: string) => Promise<readonly StoredBatch[]>
  /** Charge periods of which something waits. */
  readonly waiting: () => Promise<readonly string[]>
  readonly adjustments: (batchId: string) => Promise<readonly StoredAdjustment[]>
}

const unpack = promisify(gunzip)

export function periodReads(database: Kysely<ControlDatabase>): PeriodReads {
  return {
    async closings(period) {
      const all = database.selectFrom('period_closings').selectAll()
      const some = period === undefined ? all : all.where('period', '=', period)
      const rows = await some.orderBy('period').orderBy('number').execute()
      return rows.map(storedClosing)
    },
    async closed() {
      const rows = await database
        .selectFrom('period_closings')
        .select('period')
        .where('reopened_at', 'is', null)
        .orderBy('period')
        .execute()
      return rows.map(({ period }) => period)
    },
    content: (period, number) => contentOf(database, period, number),
    async reopenings(period) {
      const all = database.selectFrom('period_reopenings').selectAll()
      const some = period === undefined ? all : all.where('period', '=', period)
      const rows = await some.orderBy('asked_at', 'desc').orderBy('request_id').execute()
      return rows.map(storedReopening)
    },
    async batchesFor(chargePeriod) {
      const rows = await database
        .selectFrom('period_batches')
        .selectAll()
        .where('charge_period', '=', chargePeriod)
        .orderBy('place')
        .execute()
      return rows.map(storedBatch)
    },
    async batchesIn(postedIn) {
      const rows = await database
        .selectFrom('period_batches')
        .selectAll()
        .where('posted_in', '=', postedIn)
        .orderBy('place')
        .execute()
      return rows.map(storedBatch)
    },
    async waiting() {
      const rows = await database
        .selectFrom('period_batches')
        .select('charge_period')
        .where('state', '=', 'waiting')
        .orderBy('charge_period')
        .execute()
      return rows.map(({ charge_period: period }) => period)
    },
    async adjustments(batchId) {
      const rows = await database
        .selectFrom('period_adjustments')
        .selectAll()
        .where('batch_id', '=', batchId)
        .orderBy('row_number')
        .execute()
      return rows.map(storedAdjustment)
    },
  }
}

async function contentOf(
  database: Kysely<ControlDatabase>,
  period: string,
  number: number,
): Promise<string | null> {
  const row = await database
    .selectFrom('period_contents')
    .select('content')
    .where('period', '=', period)
    .where('number', '=', number)
    .executeTakeFirst()
  if (row === undefined) return null
  return (await unpack(Buffer.from(row.content, 'base64'))).toString('utf8')
}

const money = (digits: string): Picodollars => BigInt(digits) as Picodollars

function storedClosing(row: PeriodClosingsTable): StoredClosing {
  return {
    period: row.period,
    number: row.number,
    sha256: row.sha256,
    bill: money(row.bill_usd),
    bills: JSON.parse(row.bills) as readonly ClosedBill[],
    closedAt: row.closed_at,
    closedBy: row.closed_by,
    seenBills: row.seen_bills,
    seenInputs: row.seen_inputs,
    seenRules: row.seen_rules,
    reopenedAt: row.reopened_at,
    reopenedBy: row.reopened_by,
  }
}

function storedReopening(row: PeriodReopeningsTable): StoredReopening {
  return {
    requestId: row.request_id,
    period: row.period,
    number: row.number,
    until: row.valid_until,
    reason: row.reason,
    state: row.state as Decision,
    askedAt: row.asked_at,
    askedBy: row.asked_by,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
  }
}

function storedBatch(row: PeriodBatchesTable): StoredBatch {
  return {
    batchId: row.batch_id,
    place: row.place,
    chargePeriod: row.charge_period,
    number: row.number,
    state: row.state as StoredBatch['state'],
    reason: row.reason,
    bill: money(row.bill_usd),
    usd: money(row.usd),
    moved: money(row.moved_usd),
    madeAt: row.made_at,
    postedIn: row.posted_in,
    postedAt: row.posted_at,
    approvedBy: row.approved_by,
  }
}

function storedAdjustment(row: PeriodAdjustmentsTable): StoredAdjustment {
  return {
    batchId: row.batch_id,
    row: row.row_number,
    owner: JSON.parse(row.owner) as Owner,
    modelId: row.model_id,
    basis: row.basis as AdjustedBasis,
    pool: row.pool,
    usd: money(row.usd),
  }
}
