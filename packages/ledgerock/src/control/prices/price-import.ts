// An AWS Price List (or a document of one's own) becomes part of the price_list layer, in its place among those that came before:
// by the day it was published, not by the day it came in. It is taken whole or refused with every fault.

import type { ProblemError } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { bookFaults, documentFaults } from '../../pricing/book-faults.ts'
import { buildPriceBook, type PriceBook, type PriceLayer } from '../../pricing/price-book.ts'
import type { PriceDocument } from '../../pricing/price-document.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { changedRates, type ChangedRates } from './changed-rates.ts'
import { newDocument, refused, type NewDocumentDeps } from './new-price-document.ts'
import { combineLayer, publicationOf } from './price-layers.ts'
import { misfits } from './price-override-rules.ts'
import { overridesMisfit, type PriceProblem } from './price-problem.ts'
import type { PricePublisher, PublishedPrices } from './price-publisher.ts'
import type { PriceTools } from './price-tools.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { NewDocument, StoredDocument } from '../store/price-tables.ts'

const SCHEMA = 'ledgerock-prices/1'

export type ImportedPrices = PublishedPrices & {
  /** Null where nothing was kept: a dry run, or nothing new. */
  readonly document_id: string | null
  /** What was read of AWS's files and what was not; null for a document. */
  readonly report: object | null
  readonly changed: ChangedRates
  /** Calls of this month that have no price yet; null where the ledger does not answer. */
  readonly unpriced_calls: number | null
}

export type PriceImportDeps = NewDocumentDeps & {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly tools: PriceTools
  readonly unpricedCalls: () => Promise<number | null>
}

export async function importPrices(
  deps: PriceImportDeps,
  actor: string,
  body: unknown,
  dryRun: boolean,
): Promise<Result<ImportedPrices, PriceProblem>> {
  const { store, publisher, clock } = deps
  const read = readImport(deps.tools, body, await publisher.base())
  if (!read.ok) return err(refused(read.problem))
  const { document, report } = read.value
  const documents = await store.read.prices.documents()
  const active = activeLists(documents)
  const summary = { report, ...publicationOf(document, report) }
  const made = newDocument(deps, actor, 'price_list', null, document, summary)
  const row = { ...made, createdAt: afterAll(documents, made.createdAt) }
  const { prices } = store.read
  const { layer: before } = await combineLayer(prices, 'price_list', active)
  const { layer } = await combineLayer(prices, 'price_list', active, { row, document })
  const faults = listFaults(layer)
  if (faults.length > 0) return err(refused(faults))
  const current = publisher.current()
  const next = withList(current, layer)
  const bare = buildPriceBook(next.layers)
  const odds = misfits(deps.tools, publisher.declared(), await store.read.prices.overrides(), bare)
  if (odds.length > 0) return err(overridesMisfit(odds))
  const changed = changedRates(current, next, 'price_list', clock.now())
  const outcome = { report, changed, unpriced_calls: await deps.unpricedCalls() }
  if (dryRun) {
    const nobody = { acked: [], missing: [], book_version: next.version }
    return ok({ document_id: null, ...outcome, ...nobody })
  }
  if (before?.version === layer?.version) {
    return ok({ document_id: null, ...outcome, ...(await publisher.publish()) })
  }
  const isKept = await keepList(store, actor, row, active, changed)
  // Somebody else's list came in between and must not be lost: ours is looked at beside it.
  if (!isKept) return importPrices(deps, actor, body, dryRun)
  return ok({ document_id: row.documentId, ...outcome, ...(await publisher.publish()) })
}

/** False: the lists in force are others by now. */
function keepList(
  store: ControlStore,
  actor: string,
  kept: NewDocument,
  beside: readonly StoredDocument[],
  changed: ChangedRates,
): Promise<boolean> {
  return store.write(async ({ prices, audit }) => {
    const active = activeLists(await prices.documents())
    if (idsOf(active) !== idsOf(beside)) return false
    await prices.insertDocument(kept, 'active')
    await audit.append({
      actor,
      action: 'price_document.import',
      subject: kept.documentId,
      before: null,
      after: { sha256: kept.sha256, ...changed },
    })
    return true
  })
}

function activeLists(documents: readonly StoredDocument[]): readonly StoredDocument[] {
  return documents.filter(({ layer, state }) => layer === 'price_list' && state === 'active')
}

function idsOf(documents: readonly StoredDocument[]): string {
  return documents.map(({ documentId }) => documentId).join(' ')
}

/** Later than any before, so that two of one millisecond (or of two clocks) keep the order they came in. */
function afterAll(documents: readonly StoredDocument[], at: string): string {
  const last = documents.reduce((latest, row) => Math.max(latest, Date.parse(row.createdAt)), 0)
  return isoTime(Math.max(Date.parse(at), last + 1))
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

/** The document has no fault of its own any more: what is left it has only beside those imported before. */
function listFaults(layer: PriceLayer | null): readonly ProblemError[] {
  if (layer === null) return []
  return bookFaults(buildPriceBook([layer, SNAPSHOT_LAYER])).map((message) => ({
    path: 'document',
    message: `together with what was imported before: ${message}`,
  }))
}

/** The book in force, with another price list in it. */
function withList(book: PriceBook, list: PriceLayer | null): PriceBook {
  const learned = book.layers.filter(({ name }) => name === 'learned')
  const lists = list === null ? [] : [list]
  return buildPriceBook([...learned, ...lists, SNAPSHOT_LAYER], book.overrides)
}
