// What is written of billing periods. Nothing that was frozen or posted is changed by any of it.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Transaction } from 'kysely'
import type { Decided } from './access-request-table.ts'
import {
  periodReads,
  type PeriodReads,
  type StoredAdjustment,
  type StoredBatch,
  type StoredClosing,
  type StoredReopening,
} from './period-reads.ts'
import type { ControlDatabase } from './schema.ts'

export type PeriodWrites = PeriodReads & {
  /** `packed`: of `packContent`. */
  readonly close: (
    closing: Omit<StoredClosing, 'reopenedAt' | 'reopenedBy'>,
    packed: string,
  ) => Promise<void>
  readonly look: (
    closing: Pick<StoredClosing, 'period' | 'number' | 'seenBills' | 'seenInputs' | 'seenRules'>,
  ) => Promise<void>
  readonly reopen: (period: string, number: number, at: string, by: string) => Promise<void>
  readonly ask: (reopening: StoredReopening) => Promise<void>
  readonly decide: (requestId: string, decided: Decided) => Promise<void>
  /** Behind all there are. */
  readonly adjust: (
    batch: Omit<StoredBatch, 'place'>,
    rows: readonly Omit<StoredAdjustment, 'batchId' | 'row'>[],
  ) => Promise<void>
  readonly supersede: (batchId: string) => Promise<void>
  readonly post: (batchId: string, postedIn: string, at: string, by: string) => Promise<void>
}

/** Parameters of a statement are limited. */
const ROWS_PER_INSERT = 500
const pack = promisify(gzip)

/** A month's content as it is kept: before the transaction, which holds up everybody else. */
export async function packContent(text: string | Buffer): Promise<string> {
  return (await pack(text)).toString('base64')
}

export function periodWrites(transaction: Transaction<ControlDatabase>): PeriodWrites {
  return {
    ...periodReads(transaction),
    close: (closing, packed) => insertClosing(transaction, closing, packed),
    async look({ period, number, seenBills, seenInputs, seenRules }) {
      await transaction
        .updateTable('period_closings')
        .set({ seen_bills: seenBills, seen_inputs: seenInputs, seen_rules: seenRules })
        .where('period', '=', period)
        .where('number', '=', number)
        .execute()
    },
    async reopen(period, number, at, by) {
      await transaction
        .updateTable('period_closings')
        .set({ reopened_at: at, reopened_by: by })
        .where('period', '=', period)
        .where('number', '=', number)
        .where('reopened_at', 'is', null)
        .execute()
    },
    ask: (reopening) => insertReopening(transaction, reopening),
    async decide(requestId, { state, at, by, reason }) {
      await transaction
        .updateTable('period_reopenings')
        .set({ state, decided_at: at, decided_by: by, decision_reason: reason })
        .where('request_id', '=', requestId)
        .execute()
    },
    adjust: (batch, rows) => insertBatch(transaction, batch, rows),
    async supersede(batchId) {
      await transaction
        .updateTable('period_batches')
        .set({ state: 'superseded' })
        .where('batch_id', '=', batchId)
        .where('state', '=', 'waiting')
        .execute()
    },
    async post(batchId, postedIn, at, by) {
      await transaction
        .updateTable('period_batches')
        .set({ state: 'posted', posted_in: postedIn, posted_at: at, approved_by: by })
        .where('batch_id', '=', batchId)
        .where('state', '=', 'waiting')
        .execute()
    },
  }
}

async function insertClosing(
  transaction: Transaction<ControlDatabase>,
  closing: Parameters<PeriodWrites['close']>[0],
  packed: string,
): Promise<void> {
  const { period, number } = closing
  await transaction
    .insertInto('period_closings')
    .values({
      period,
      number,
      sha256: closing.sha256,
      bill_usd: closing.bill.toString(),
      bills: JSON.stringify(closing.bills),
      closed_at: closing.closedAt,
      closed_by: closing.closedBy,
      seen_bills: closing.seenBills,
      seen_inputs: closing.seenInputs,
      seen_rules: closing.seenRules,
      reopened_at: null,
      reopened_by: null,
    })
    .execute()
  await transaction
    .insertInto('period_contents')
    .values({ period, number, content: packed })
    .execute()
}

async function insertReopening(
  transaction: Transaction<ControlDatabase>,
  reopening: StoredReopening,
): Promise<void> {
  await transaction
    .insertInto('period_reopenings')
    .values({
      request_id: reopening.requestId,
      period: reopening.period,
      number: reopening.number,
      valid_until: reopening.until,
      reason: reopening.reason,
      state: reopening.state,
      asked_at: reopening.askedAt,
      asked_by: reopening.askedBy,
      decided_at: reopening.decidedAt,
      decided_by: reopening.decidedBy,
      decision_reason: reopening.decisionReason,
    })
    .execute()
}

async function insertBatch(
  transaction: Transaction<ControlDatabase>,
  batch: Omit<StoredBatch, 'place'>,
  rows: Parameters<PeriodWrites['adjust']>[1],
): Promise<void> {
  const last = await transaction
    .selectFrom('period_batches')
    .select(({ fn }) => fn.max('place').as('place'))
    .executeTakeFirst()
  const { batchId } = batch
  await transaction
    .insertInto('period_batches')
    .values({
      batch_id: batchId,
      place: (last?.place ?? 0) + 1,
      charge_period: batch.chargePeriod,
      number: batch.number,
      state: batch.state,
      reason: batch.reason,
      bill_usd: batch.bill.toString(),
      usd: batch.usd.toString(),
      moved_usd: batch.moved.toString(),
      made_at: batch.madeAt,
      posted_in: batch.postedIn,
      posted_at: batch.postedAt,
      approved_by: batch.approvedBy,
    })
    .execute()
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const some = rows.slice(from, from + ROWS_PER_INSERT)
    await transaction
      .insertInto('period_adjustments')
      .values(
        some.map(({ owner, modelId, basis, pool, usd }, index) => ({
          batch_id: batchId,
          row_number: from + index + 1,
          owner: JSON.stringify(owner),
          model_id: modelId,
          basis,
          pool,
          usd: usd.toString(),
        })),
      )
      .execute()
  }
}
