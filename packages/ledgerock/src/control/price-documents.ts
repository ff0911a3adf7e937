// Prices that arrive as documents: an AWS Price List (or a document of one's own) becomes the price_list layer at once, learned
// rates become a layer when somebody accepts them. A document is taken whole or refused with every fault; whatever happens,
// the book in force stays until the new one is complete.

import { createHash } from 'node:crypto'
import type { ProblemError } from '@ledgerock/contract'
import type { BillRow } from '../billing/bill-row.ts'
import { base62 } from '../governance/base62.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { isoTime, type Clock } from '../kernel/time.ts'
import { bookFaults, documentFaults } from '../pricing/book-faults.ts'
import { buildPriceBook, layerOf, type PriceBook } from '../pricing/price-book.ts'
import type { PriceDocument } from '../pricing/price-document.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { changedRates, type ChangedRates } from './changed-rates.ts'
import { mergePrices } from './merge-prices.ts'
import { priceProblem, type PriceProblem } from './price-problem.ts'
import type { PricePublisher, PublishedPrices } from './price-publisher.ts'
import type { LearnedRates, PriceTools } from './price-tools.ts'
import type { ControlStore } from './store/control-store.ts'
import type { DocumentLayer, NewDocument, StoredDocument } from './store/price-tables.ts'

const SCHEMA = 'ledgerock-prices/1'
const ID_CHARS = 11
const ID_BYTES = 8

export type ImportedPrices = PublishedPrices & {
  /** Null where nothing was kept: a dry run, or nothing new. */
  readonly document_id: string | null
  /** What was read of AWS's files and what was not; null for a document. */
  readonly report: object | null
  readonly changed: ChangedRates
  /** Calls of this month that have no price yet; null where the ledger does not answer. */
  readonly unpriced_calls: number | null
}

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
}

export type PriceDocumentDeps = {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly tools: PriceTools
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly unpricedCalls: () => Promise<number | null>
}

export function createPriceDocuments(deps: PriceDocumentDeps): PriceDocumentService {
  return {
    importPrices: (actor, body, dryRun) => importPrices(deps, actor, body, dryRun),
    learn: (actor, period, rows) => learn(deps, actor, period, rows),
    learned: () => learned(deps),
    proposal: (period) => proposal(deps, period),
    accept: (actor, period, reason) => accept(deps, actor, period, reason),
  }
}

async function importPrices(
  deps: PriceDocumentDeps,
  actor: string,
  body: unknown,
  dryRun: boolean,
): ReturnType<PriceDocumentService['importPrices']> {
  const { publisher, clock } = deps
  const read = readImport(deps.tools, body, await publisher.base())
  if (!read.ok) return err(refused(read.problem))
  const { document, report } = read.value
  const before = publisher.current()
  const { merged, basedOn } = await mergedList(deps.store, document)
  const faults = listFaults(merged)
  if (faults.length > 0) return err(refused(faults))
  const nowMs = clock.now()
  const next = withList(before, merged)
  const changed = changedRates(before, next, 'price_list', nowMs)
  const unpriced = await deps.unpricedCalls()
  const outcome = { report, changed, unpriced_calls: unpriced }
  if (dryRun) {
    const nobody = { acked: [], missing: [], book_version: next.version }
    return ok({ document_id: null, ...outcome, ...nobody })
  }
  const kept = newDocument(deps, actor, 'price_list', null, merged, { report, changed })
  const done = await keepList(deps.store, actor, kept, basedOn, changed)
  // Somebody else's list came in between and must not be lost: ours goes on top of it.
  if (done === 'overtaken') return importPrices(deps, actor, body, dryRun)
  const documentId = done === 'known' ? null : kept.documentId
  return ok({ document_id: documentId, ...outcome, ...(await publisher.publish()) })
}

function keepList(
  store: ControlStore,
  actor: string,
  kept: NewDocument,
  basedOn: string | null,
  changed: ChangedRates,
): Promise<'kept' | 'known' | 'overtaken'> {
  return store.write(async ({ prices, audit }) => {
    const active = activeList(await prices.documents())
    if ((active?.documentId ?? null) !== basedOn) return 'overtaken'
    if (active?.sha256 === kept.sha256) return 'known'
    if (active !== null) {
      await prices.decideDocument(active.documentId, 'superseded', kept.createdAt, actor)
    }
    await prices.insertDocument(kept, 'active')
    await audit.append({
      actor,
      action: 'price_document.import',
      subject: kept.documentId,
      before: basedOn === null ? null : { document_id: basedOn },
      after: { sha256: kept.sha256, ...changed },
    })
    return 'kept'
  })
}

/** There is at most one. */
function activeList(documents: readonly StoredDocument[]): StoredDocument | null {
  const isActive = ({ layer, state }: StoredDocument): boolean =>
    layer === 'price_list' && state === 'active'
  return documents.find(isActive) ?? null
}

type ReadImport = { readonly document: PriceDocument; readonly report: object | null }

/** One of AWS's files, several in a list, or a document. */
function readImport(
  tools: PriceTools,
  body: unknown,
  base: PriceBook,
): Result<ReadImport, readonly ProblemError[]> {
  if (typeof body === 'object' && body !== null && 'schema' in body) {
    if (body.schema !== SCHEMA) {
      return err([{ path: 'schema', message: `must be ${SCHEMA}` }])
    }
    const faults = documentFaults(body)
    if (faults.length > 0) return err(faults.map((message) => ({ path: 'document', message })))
    return ok({ document: body as unknown as PriceDocument, report: null })
  }
  if (typeof body !== 'object' || body === null) {
    const message = `must be a file of the AWS Price List, a list of them, or a ${SCHEMA} document`
    return err([{ path: '', message }])
  }
  const converted = tools.convertOffers(Array.isArray(body) ? (body as unknown[]) : [body], base)
  if (!converted.ok) return converted
  // Our own reading of AWS's words is looked at like anybody's.
  const faults = documentFaults(converted.value.document)
  return faults.length > 0 ? err(faults.map((message) => ({ path: 'offers', message }))) : converted
}

async function mergedList(
  store: ControlStore,
  document: PriceDocument,
): Promise<{ readonly merged: PriceDocument; readonly basedOn: string | null }> {
  const active = activeList(await store.read.prices.documents())
  const text = active === null ? null : await store.read.prices.content(active.documentId)
  // Also alone it is written the way it will be found again: the same document twice is nothing new.
  const before = text === null ? document : (JSON.parse(text) as PriceDocument)
  return { merged: mergePrices(before, document), basedOn: active?.documentId ?? null }
}

function listFaults(merged: PriceDocument): readonly ProblemError[] {
  const book = buildPriceBook([layerOf('price_list', merged), SNAPSHOT_LAYER])
  return bookFaults(book).map((message) => ({ path: 'document', message }))
}

/** The book in force, with another price list in it. */
function withList(book: PriceBook, merged: PriceDocument): PriceBook {
  const list = layerOf('price_list', merged)
  const learnedLayers = book.layers.filter(({ name }) => name === 'learned')
  return buildPriceBook([...learnedLayers, list, SNAPSHOT_LAYER], book.overrides)
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
  const documentId = await store.write(async ({ prices, audit }) => {
    const own = (await prices.documents()).filter(
      (row) => row.layer === 'learned' && row.period === period,
    )
    const proposed = own.find(({ state }) => state === 'proposed')
    if (proposed === undefined) return null
    const replaced = own.find(({ state }) => state === 'active')
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
    return proposed.documentId
  })
  if (documentId === null) {
    const detail = `no rates of ${period} wait to be accepted; learn them first`
    return err(priceProblem('proposal_unknown', detail))
  }
  const published = await publisher.publish()
  const changed = changedRates(before, publisher.current(), 'learned', clock.now())
  return ok({ period, document_id: documentId, changed, ...published })
}

function newDocument(
  { clock, random }: PriceDocumentDeps,
  actor: string,
  layer: DocumentLayer,
  period: string | null,
  document: PriceDocument,
  summary: object,
): NewDocument {
  const content = JSON.stringify(document)
  return {
    documentId: `d${base62(random(ID_BYTES), ID_CHARS)}`,
    layer,
    period,
    sha256: createHash('sha256').update(content).digest('hex'),
    summary: JSON.stringify(summary),
    content,
    createdAt: isoTime(clock.now()),
    createdBy: actor,
  }
}

function countPrices(document: PriceDocument): number {
  const rows = [...document.models.flatMap(({ rates }) => rates), ...document.shared_rates]
  return rows.reduce((sum, { prices }) => sum + Object.keys(prices).length, 0)
}

function refused(errors: readonly ProblemError[]): PriceProblem {
  return priceProblem('invalid_request', 'nothing was taken; the prices in force stay', errors)
}
