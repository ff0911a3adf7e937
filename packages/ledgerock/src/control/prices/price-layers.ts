// A layer of prices as its documents make it together: those of the price list in the order they were published, whenever they
// came in, so that an older list only fills what newer ones leave; learned months in the order of the months. What was put
// together once is kept: it is the start of the next time, and it explains rates that no document has alone.

import { createHash } from 'node:crypto'
import { layerOf } from '../../pricing/price-book.ts'
import type { PriceLayer } from '../../pricing/price-book.ts'
import type { PriceDocument, PricedModel, PriceRow } from '../../pricing/price-document.ts'
import { mergePrices } from './merge-prices.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { DocumentLayer } from '../store/combined-layers.ts'
import type { PriceReads, StoredDocument } from '../store/price-tables.ts'

/** What an import notes about its document: the days its sources are of, and when the latest was published. */
export type Publication = {
  readonly dates: readonly string[]
  /** With the time of day where it is known: two lists of one day. */
  readonly published_at: string
}

export type PlacedDocument = Pick<StoredDocument, 'documentId' | 'period' | 'summary' | 'createdAt'>

/** What a document says by sources of one day; a null date: all of it. */
type Part = {
  readonly documentId: string
  readonly date: string | null
}

/** A document that is not in the store yet, beside those that are. */
export type Incoming = { readonly row: PlacedDocument; readonly document: PriceDocument }

export type LayerMaker = {
  /** Null where there is nothing in it. */
  readonly layer: PriceLayer | null
  /** Keeps what was put together of several. */
  readonly remember: (store: ControlStore, at: string) => Promise<void>
}

export function publicationOf(document: PriceDocument, report: object | null): Publication {
  const dates = [...new Set(Object.values(document.sources).map(({ date }) => date))].toSorted()
  const offers = report !== null && 'offers' in report ? report.offers : []
  const times = (Array.isArray(offers) ? (offers as readonly unknown[]) : []).flatMap((offer) =>
    typeof offer === 'object' &&
    offer !== null &&
    'published_at' in offer &&
    typeof offer.published_at === 'string'
      ? [offer.published_at]
      : [],
  )
  return { dates, published_at: times.toSorted().at(-1) ?? dates.at(-1) ?? '' }
}

export async function combineLayer(
  prices: PriceReads,
  name: DocumentLayer,
  rows: readonly PlacedDocument[],
  incoming: Incoming | null = null,
): Promise<LayerMaker> {
  const all = incoming === null ? rows : [...rows, incoming.row]
  const parts = name === 'learned' ? monthsInOrder(all) : listsInOrder(all)
  const begun = await longestStart(prices, name, parts)
  const read = createReader(prices, incoming)
  let merged = begun.document
  for (const part of parts.slice(begun.length)) {
    const document = await read(part.documentId)
    if (document === null) continue
    const said = partOf(document, part.date)
    // Also the first is written the way it will be found again among others: the same prices are the same layer.
    merged = mergePrices(merged ?? said, said)
  }
  if (merged === null) return { layer: null, remember: async () => {} }
  const layer = layerOf(name, merged)
  const isKept = parts.length < 2 || begun.length === parts.length
  return { layer, remember: isKept ? async () => {} : rememberer(layer, name, parts) }
}

function rememberer(
  { document, version }: PriceLayer,
  layer: DocumentLayer,
  parts: readonly Part[],
): LayerMaker['remember'] {
  return async (store, createdAt) => {
    const content = JSON.stringify(document)
    await store.write(({ prices }) =>
      prices.insertCombined({
        documentId: `c${version}`,
        layer,
        summary: JSON.stringify({ parts }),
        sha256: createHash('sha256').update(content).digest('hex'),
        content,
        createdAt,
        createdBy: 'ledgerock',
      }),
    )
  }
}

function monthsInOrder(rows: readonly PlacedDocument[]): readonly Part[] {
  return rows
    .toSorted((left, right) => compare(left.period ?? '', right.period ?? ''))
    .map(({ documentId }) => ({ documentId, date: null }))
}

function listsInOrder(rows: readonly PlacedDocument[]): readonly Part[] {
  return rows
    .flatMap((row) => {
      const { dates = [], published_at: published = '' } = JSON.parse(
        row.summary,
      ) as Partial<Publication>
      const days = dates.length > 1 ? dates : [null]
      return days.map((date) => ({ row, date, day: date ?? dates[0] ?? '', published }))
    })
    .toSorted(
      (left, right) =>
        compare(left.day, right.day) ||
        compare(left.published, right.published) ||
        compare(left.row.createdAt, right.row.createdAt) ||
        compare(left.row.documentId, right.row.documentId),
    )
    .map(({ row: { documentId }, date }) => ({ documentId, date }))
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** The kept layer that has the most of the first parts in it. */
async function longestStart(
  prices: PriceReads,
  name: DocumentLayer,
  parts: readonly Part[],
): Promise<{ readonly document: PriceDocument | null; readonly length: number }> {
  let best: { readonly documentId: string; readonly length: number } | null = null
  for (const { documentId, layer, summary } of await prices.combined()) {
    if (layer !== name) continue
    const kept = (JSON.parse(summary) as { readonly parts: readonly Part[] }).parts
    const isStart = kept.every((part, index) => samePart(part, parts[index]))
    if (isStart && kept.length > (best?.length ?? 0)) best = { documentId, length: kept.length }
  }
  const text = best === null ? null : await prices.content(best.documentId)
  if (best === null || text === null) return { document: null, length: 0 }
  return { document: JSON.parse(text) as PriceDocument, length: best.length }
}

function samePart(left: Part, right: Part | undefined): boolean {
  return left.documentId === right?.documentId && left.date === right.date
}

/** One document at a time is in memory: its parts often follow each other. */
function createReader(
  prices: PriceReads,
  incoming: Incoming | null,
): (documentId: string) => Promise<PriceDocument | null> {
  let last: { readonly documentId: string; readonly document: PriceDocument } | null = null
  return async (documentId) => {
    if (documentId === incoming?.row.documentId) return incoming.document
    if (last?.documentId === documentId) return last.document
    const text = await prices.content(documentId)
    if (text === null) return null
    const document = JSON.parse(text) as PriceDocument
    last = { documentId, document }
    return document
  }
}

function partOf(document: PriceDocument, date: string | null): PriceDocument {
  if (date === null) return document
  const sources = Object.entries(document.sources).filter(([, source]) => source.date === date)
  const ids = new Set(sources.map(([id]) => id))
  const ofDate = (rows: readonly PriceRow[]): readonly PriceRow[] =>
    rows.filter(({ source }) => ids.has(source))
  const models = document.models.flatMap((model): readonly PricedModel[] => {
    const rates = ofDate(model.rates)
    // A model that is only described comes with every part.
    return rates.length > 0 || model.rates.length === 0 ? [{ ...model, rates }] : []
  })
  return {
    ...document,
    sources: Object.fromEntries(sources),
    models,
    shared_rates: ofDate(document.shared_rates),
    inference_profiles: document.inference_profiles.filter(({ source }) => ids.has(source)),
  }
}
