// What comes after a closing: the month is worked out again, held against what was frozen and what was adjusted since, and the rest is
// posted in the next month that is not closed. What moves too much since somebody last agreed to it waits for a person's word. Whoever
// works it out does so outside the store's transaction and posts only if nobody else did meanwhile, so several nodes post it once.

import { base62 } from '../../governance/credential/base62.ts'
import { formatUsd, sumMoney } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import {
  adjustmentsOf,
  allocationRows,
  isAboveShare,
  movedBy,
  reversalOf,
  type AllocationRow,
} from '../../reconciliation/adjust.ts'
import { billProblem, type BillProblem } from '../month/bill-problem.ts'
import { ID_BYTES, ID_CHARS } from '../rules/pauses.ts'
import { nextOpenPeriod } from '../month/period-calendar.ts'
import { readPeriod } from './period-content.ts'
import type { Adjustment, AdjustmentReason } from './periods.ts'
import type { ReconciliationService } from '../month/reconciliations.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'
import type { PeriodReads, StoredBatch, StoredClosing } from '../store/period-reads.ts'

/** Of the frozen bill: what moves more waits for approval. */
export const APPROVAL_PERCENT = 10

export const SYSTEM = 'system'

export type AdjustmentDeps = {
  readonly store: ControlStore
  readonly reconciliations: Pick<ReconciliationService, 'month' | 'rulesNow'>
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
}

/** One text for what of each payer's bill is in force. */
export function billsKey(versions: readonly Pick<BillVersion, 'bill' | 'version'>[]): string {
  return versions
    .map(({ bill, version }) => JSON.stringify([bill, version]))
    .toSorted()
    .join()
}

/** The closing in force. */
export async function closingOf(
  periods: Pick<PeriodReads, 'closings'>,
  period: string,
): Promise<StoredClosing | null> {
  const closings = await periods.closings(period)
  return closings.find(({ reopenedAt }) => reopenedAt === null) ?? null
}

/** Who had it worked out, and why they did. */
type Word = { readonly by: string; readonly reason: string | null }

/** How often another node may come first. */
const TRIES = 5

/** Null: nothing to say; else why it could not be worked out. */
export async function settle(
  deps: AdjustmentDeps,
  period: string,
  word: Word = { by: SYSTEM, reason: null },
): Promise<BillProblem | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const closing = await closingOf(deps.store.read.periods, period)
    if (closing === null) return null
    const worked = await deps.reconciliations.month(period, 'net')
    if (!worked.ok) return worked.problem
    const { reconciliation, inputs, inputsHash, rulesKey } = worked.value
    const seenBills = billsKey(inputs.versions)
    const seen = { seenBills, seenInputs: inputsHash, seenRules: rulesKey }
    if (isSeen(closing, seen)) return null
    const books = await booksOf(deps.store.read.periods, closing)
    const fresh = allocationRows(reconciliation)
    const rows = adjustmentsOf(fresh, books.frozen, books.posted)
    const moved = movedBy(adjustmentsOf(fresh, books.frozen, books.agreed))
    const isDone = await post(deps, {
      closing: { ...closing, ...seen },
      last: books.last,
      rows,
      moved,
      word,
      because: closing.seenBills === seenBills ? 'correction' : 'late_delivery',
    })
    if (isDone) return null
  }
  return billProblem('period_unready', `${period} is being adjusted by somebody else; try again`)
}

type Seen = Pick<StoredClosing, 'seenBills' | 'seenInputs' | 'seenRules'>

function isSeen(closing: Seen, { seenBills, seenInputs, seenRules }: Seen): boolean {
  const isSame = closing.seenBills === seenBills && closing.seenInputs === seenInputs
  return isSame && closing.seenRules === seenRules
}

type Books = {
  readonly frozen: readonly AllocationRow[]
  readonly posted: readonly AllocationRow[]
  /** Of those: up to the last that a person approved. */
  readonly agreed: readonly AllocationRow[]
  /** Batches there were when this was read. */
  readonly last: string
}

async function booksOf(periods: PeriodReads, closing: StoredClosing): Promise<Books> {
  const { period, number, sha256 } = closing
  const batches = await periods.batchesFor(period)
  const text = (await periods.content(period, number)) ?? ''
  const frozen = allocationRows(await readPeriod(text, sha256))
  const posted = batches.filter(({ state }) => state === 'posted')
  const approved = posted.findLastIndex(({ approvedBy }) => approvedBy !== null)
  return {
    frozen,
    posted: await rowsOf(periods, posted),
    agreed: await rowsOf(periods, posted.slice(0, approved + 1)),
    last: stamp(batches),
  }
}

async function rowsOf(
  periods: Pick<PeriodReads, 'adjustments'>,
  batches: readonly StoredBatch[],
): Promise<readonly AllocationRow[]> {
  const rows: AllocationRow[] = []
  for (const { batchId } of batches) {
    for (const row of await periods.adjustments(batchId)) rows.push(row)
  }
  return rows
}

/** Changes with every batch and with what becomes of one. */
function stamp(batches: readonly StoredBatch[]): string {
  return batches.map(({ batchId, state }) => `${batchId} ${state}`).join()
}

type Found = {
  /** With what was looked at now. */
  readonly closing: StoredClosing
  readonly last: string
  readonly rows: readonly AllocationRow[]
  readonly moved: StoredBatch['moved']
  readonly because: AdjustmentReason
  readonly word: Word
}

/** False: somebody came first. */
function post(deps: AdjustmentDeps, found: Found): Promise<boolean> {
  const { closing, last, rows, moved, because, word } = found
  const { period, number, bill } = closing
  return deps.store.write(async (tables) => {
    const { periods } = tables
    const now = await closingOf(periods, period)
    const batches = await periods.batchesFor(period)
    if (now?.number !== number || stamp(batches) !== last) return false
    await supersede(tables, batches)
    await periods.look(closing)
    if (rows.length === 0) return true
    const waits = isAboveShare(moved, bill, APPROVAL_PERCENT)
    const at = isoTime(deps.clock.now())
    const batch: Omit<StoredBatch, 'place'> = {
      batchId: base62(deps.random(ID_BYTES), ID_CHARS),
      chargePeriod: period,
      number,
      state: waits ? 'waiting' : 'posted',
      reason: because,
      bill,
      usd: sumMoney(rows.map(({ usd }) => usd)),
      moved,
      madeAt: at,
      postedIn: waits ? null : nextOpenPeriod(period, new Set(await periods.closed())),
      postedAt: waits ? null : at,
      approvedBy: null,
    }
    await periods.adjust(batch, rows)
    await note(tables, waits ? 'wait' : 'post', word.by, batch, rows.length, word.reason)
    return true
  })
}

async function supersede(tables: ControlWrites, batches: readonly StoredBatch[]): Promise<void> {
  for (const batch of batches) {
    if (batch.state === 'waiting') await tables.periods.supersede(batch.batchId)
  }
}

/**
 * A reopened period has its newest allocation itself, so what was posted elsewhere for it is taken back there, by rows of their own; what
 * waits is dropped.
 */
export async function takeBack(
  deps: Pick<AdjustmentDeps, 'clock' | 'random'>,
  tables: ControlWrites,
  { period, number, bill }: StoredClosing,
  approvedBy: string,
): Promise<void> {
  const batches = await tables.periods.batchesFor(period)
  await supersede(tables, batches)
  const posted = batches.filter(({ state }) => state === 'posted')
  const rows = reversalOf(await rowsOf(tables.periods, posted))
  if (rows.length === 0) return
  const at = isoTime(deps.clock.now())
  const batch: Omit<StoredBatch, 'place'> = {
    batchId: base62(deps.random(ID_BYTES), ID_CHARS),
    chargePeriod: period,
    number,
    state: 'posted',
    reason: 'reopened',
    bill,
    usd: sumMoney(rows.map(({ usd }) => usd)),
    moved: movedBy(rows),
    madeAt: at,
    postedIn: nextOpenPeriod(period, new Set(await tables.periods.closed())),
    postedAt: at,
    approvedBy,
  }
  await tables.periods.adjust(batch, rows)
  await note(tables, 'post', approvedBy, batch, rows.length, null)
}

/** Posts what waits, as it was worked out. */
export function approveWaiting(
  deps: AdjustmentDeps,
  by: string,
  period: string,
  reason: string | null,
): Promise<Result<null, BillProblem>> {
  return deps.store.write(async (tables) => {
    const { periods } = tables
    const batch = (await periods.batchesFor(period)).find(({ state }) => state === 'waiting')
    if (batch === undefined) {
      const detail = `no adjustments of ${period} wait for approval`
      return err(billProblem('nothing_to_approve', detail))
    }
    const postedIn = nextOpenPeriod(period, new Set(await periods.closed()))
    await periods.post(batch.batchId, postedIn, isoTime(deps.clock.now()), by)
    const count = (await periods.adjustments(batch.batchId)).length
    await note(tables, 'approve', by, { ...batch, postedIn }, count, reason)
    return ok(null)
  })
}

async function note(
  { audit }: ControlWrites,
  verb: 'post' | 'wait' | 'approve',
  actor: string,
  batch: Omit<StoredBatch, 'place'>,
  rows: number,
  reason: string | null,
): Promise<void> {
  const { batchId, chargePeriod, postedIn, usd, moved, bill } = batch
  await audit.append({
    actor,
    action: `period_adjustment.${verb}`,
    subject: chargePeriod,
    before: null,
    after: {
      batch_id: batchId,
      posted_in: postedIn,
      because: batch.reason,
      rows,
      usd: formatUsd(usd),
      moved_usd: formatUsd(moved),
      frozen_bill_usd: formatUsd(bill),
    },
    reason,
  })
}

/** Of one batch that was posted. */
export async function adjustmentsFrom(
  periods: Pick<PeriodReads, 'adjustments'>,
  { batchId, chargePeriod, postedIn, postedAt, reason }: StoredBatch,
): Promise<readonly Adjustment[]> {
  if (postedIn === null || postedAt === null) return []
  const rows = await periods.adjustments(batchId)
  return rows.map(({ row, owner, modelId, basis, pool, usd }) => ({
    adjustmentId: `${batchId}-${row}`,
    chargePeriod,
    postedIn,
    owner,
    modelId,
    basis,
    pool,
    usd,
    reason: reason as AdjustmentReason,
    at: postedAt,
  }))
}

export async function adjustmentsPostedIn(
  periods: Pick<PeriodReads, 'adjustments' | 'batchesIn'>,
  period: string,
): Promise<readonly Adjustment[]> {
  const posted: Adjustment[] = []
  for (const batch of await periods.batchesIn(period)) {
    for (const one of await adjustmentsFrom(periods, batch)) posted.push(one)
  }
  return posted
}
