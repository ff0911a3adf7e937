// Prices that arrive as documents: an AWS Price List (or a document of one's own) becomes the price_list layer at once, learned
// rates become a layer when somebody accepts them. A document is taken whole or refused with every fault; whatever happens,
// the book in force stays until the new one is complete.

import type { BillRow } from '../../billing/bill-row.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { documentFaults } from '../../pricing/book-faults.ts'
import type { PriceDocument } from '../../pricing/price-document.ts'
import { changedRates, type ChangedRates } from './changed-rates.ts'
import { newDocument, refused, type NewDocumentDeps } from './new-price-document.ts'
import { checkFit } from './price-fit.ts'
import { importPrices, type ImportedPrices, type PriceImportDeps } from './price-import.ts'
import { overridesMisfit, priceProblem, type PriceProblem } from './price-problem.ts'
import type { PublishedPrices } from './price-publisher.ts'
import type { LearnedRates } from './price-tools.ts'
import { withdrawDocument, withdrawMonth, type WithdrawnPrices } from './price-withdrawal.ts'
import type { StoredDocument } from '../store/price-tables.ts'

export type LearnedView = {
  readonly period: string | null
  readonly state: StoredDocument['state']
  readonly document_id: string
  /** How many rates were found, from how many lines and dollars of the bill. */
  readonly rates: number
  readonly lines: number
  readonly usd: string
  readonly created_at: string
  readonly created_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
}

export type PriceDocumentService = {
  readonly importPrices: (
    actor: string,
    body: unknown,
    dryRun: boolean,
  ) => Promise<Result<ImportedPrices, PriceProblem>>
  readonly learn: (
    actor: string,
    period: string,
    rows: readonly BillRow[],
  ) => Promise<Result<object & { readonly document_id: string | null }, PriceProblem>>
  /** Everything that was ever proposed, oldest first. */
  readonly learned: () => Promise<readonly LearnedView[]>
  /** The newest proposal of a month with its support, accepted or not. */
  readonly proposal: (period: string) => Promise<object | null>
  readonly accept: (
    actor: string,
    period: string,
    reason: string | null,
  ) => Promise<
    Result<
      {
        readonly period: string
        readonly document_id: string
        readonly changed: ChangedRates
      } & PublishedPrices,
      PriceProblem
    >
  >
  /** Takes a document of any layer out of force; what it priced stays explained. */
  readonly withdraw: (
    actor: string,
    documentId: string,
    reason: string | null,
  ) => Promise<Result<WithdrawnPrices, PriceProblem>>
  /** The learned rates of a month: those in force, else the proposal. */
  readonly withdrawLearned: (
    actor: string,
    period: string,
    reason: string | null,
  ) => Promise<Result<WithdrawnPrices, PriceProblem>>
}

export type PriceDocumentDeps = PriceImportDeps & NewDocumentDeps

export function createPriceDocuments(deps: PriceDocumentDeps): PriceDocumentService {
  return {
    importPrices: (actor, body, dryRun) => importPrices(deps, actor, body, dryRun),
    learn: (actor, period, rows) => learn(deps, actor, period, rows),
    learned: () => learned(deps),
    proposal: (period) => proposal(deps, period),
    accept: (actor, period, reason) => accept(deps, actor, period, reason),
    withdraw: (actor, documentId, reason) => withdrawDocument(deps, actor, documentId, reason),
    withdrawLearned: (actor, period, reason) => withdrawMonth(deps, actor, period, reason),
  }
}

async function learn(
  deps: PriceDocumentDeps,
  actor: string,
  period: string,
  rows: readonly BillRow[],
): ReturnType<PriceDocumentService['learn']> {
  const base = await deps.publisher.base()
  const { proposal: found, document } = deps.tools.learnRates(rows, base, period)
  if (countPrices(document) === 0) return ok({ ...found, document_id: null })
  const faults = documentFaults(document)
  if (faults.length > 0) {
    return err(refused(faults.map((message) => ({ path: 'rows', message }))))
  }
  const kept = newDocument(deps, actor, 'learned', period, document, found)
  await deps.store.write(async ({ prices, audit }) => {
    for (const old of await prices.documents()) {
      if (old.layer !== 'learned' || old.period !== period || old.state !== 'proposed') continue
      await prices.decideDocument(old.documentId, 'superseded', kept.createdAt, actor)
    }
    await prices.insertDocument(kept, 'proposed')
    const after = { document_id: kept.documentId, sha256: kept.sha256 }
    await audit.append({
      actor,
      action: 'price_document.propose',
      subject: period,
      before: null,
      after,
    })
  })
  return ok({ ...found, document_id: kept.documentId })
}

async function learned({ store }: PriceDocumentDeps): Promise<readonly LearnedView[]> {
  const documents = await store.read.prices.documents()
  return documents
    .filter(({ layer }) => layer === 'learned')
    .map((row) => ({
      period: row.period,
      state: row.state,
      document_id: row.documentId,
      ...supportOf(row),
      created_at: row.createdAt,
      created_by: row.createdBy,
      decided_at: row.decidedAt,
      decided_by: row.decidedBy,
    }))
}

function supportOf({ summary }: StoredDocument): Pick<LearnedView, 'rates' | 'lines' | 'usd'> {
  const { rates, total } = JSON.parse(summary) as LearnedRates['proposal']
  return { rates: rates.length, lines: total.lines, usd: total.usd }
}

async function proposal({ store }: PriceDocumentDeps, period: string): Promise<object | null> {
  const row = (await store.read.prices.documents()).findLast(
    (one) => one.layer === 'learned' && one.period === period,
  )
  if (row === undefined) return null
  return { ...(JSON.parse(row.summary) as object), document_id: row.documentId, state: row.state }
}

async function accept(
  deps: PriceDocumentDeps,
  actor: string,
  period: string,
  reason: string | null,
): ReturnType<PriceDocumentService['accept']> {
  const { store, publisher, clock } = deps
  const before = publisher.current()
  const at = isoTime(clock.now())
  const kept = await store.write<Result<string, PriceProblem>>(async ({ prices, audit }) => {
    const all = await prices.documents()
    const own = all.filter((row) => row.layer === 'learned' && row.period === period)
    const proposed = own.find(({ state }) => state === 'proposed')
    if (proposed === undefined) {
      const detail = `no rates of ${period} wait to be accepted; learn them first`
      return err(priceProblem('proposal_unknown', detail))
    }
    const replaced = own.find(({ state }) => state === 'active')
    const others = all.filter((row) => row.state === 'active' && row !== replaced)
    const misfit = await checkFit(deps, prices, [...others, proposed], overridesMisfit())
    if (misfit !== null) return err(misfit)
    if (replaced !== undefined) {
      await prices.decideDocument(replaced.documentId, 'superseded', at, actor)
    }
    await prices.decideDocument(proposed.documentId, 'active', at, actor)
    await audit.append({
      actor,
      action: 'price_document.accept',
      subject: period,
      before: replaced === undefined ? null : { document_id: replaced.documentId },
      after: { document_id: proposed.documentId },
      reason,
    })
    return ok(proposed.documentId)
  })
  if (!kept.ok) return kept
  const published = await publisher.publish()
  const changed = changedRates(before, publisher.current(), 'learned', clock.now())
  return ok({ period, document_id: kept.value, changed, ...published })
}

function countPrices(document: PriceDocument): number {
  const rows = [...document.models.flatMap(({ rates }) => rates), ...document.shared_rates]
  return rows.reduce((sum, { prices }) => sum + Object.keys(prices).length, 0)
}
