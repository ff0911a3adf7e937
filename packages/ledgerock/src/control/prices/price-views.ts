// Looks at prices: the rates of every layer, one rate by the id a charge carries, the difference of two layers, and which book
// is in force. A rate is found again as long as the store lives, also when its list was replaced or its override removed.

import type { Clock } from '../../kernel/time.ts'
import { findRate } from '../../pricing/find-rate.ts'
import { diffRates, type RateDiff } from '../../pricing/diff-rates.ts'
import { listRates, rateRow, type RateFilter, type RateRow } from '../../pricing/list-rates.ts'
import {
  buildPriceBook,
  layerOf,
  type PriceBook,
  type PriceLayer,
} from '../../pricing/price-book.ts'
import type { PriceDocument, PriceRow, PriceSource } from '../../pricing/price-document.ts'
import type { LayerName } from '../../pricing/rate.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import type { Publication } from './price-layers.ts'
import { overrideOf } from './price-override-rules.ts'
import type { PricePublisher } from './price-publisher.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { CombinedLayer } from '../store/combined-layers.ts'
import type { StoredDocument } from '../store/price-tables.ts'

const PUBLISHERS_MAX = 3

export type RatesPage = { readonly items: readonly RateRow[]; readonly next_cursor: string | null }

export type RatesAt = RateFilter & { readonly atMs: number }

export type BookView = {
  readonly version: string
  readonly layers: readonly {
    readonly layer: LayerName
    readonly version: string
    readonly source: string
    readonly date: string
    readonly rates: number
    readonly active_since: string | null
    readonly by: string | null
    /** What the layer was put together from, in the order it came; none of the snapshot. */
    readonly documents: readonly DocumentView[]
  }[]
  readonly overrides: number
}

export type DocumentView = {
  readonly document_id: string
  /** Of learned rates: the month of the bill. */
  readonly period: string | null
  readonly published_at: string | null
  readonly active_since: string | null
  readonly by: string | null
}

export type PriceViews = {
  /** As of a time. Null for a cursor of another book: the prices changed in between. */
  readonly list: (filter: RatesAt, cursor: string | null, limit: number) => RatesPage | null
  readonly rate: (rateId: string) => Promise<RateRow | null>
  readonly diff: (layer: LayerName, against: LayerName, atMs: number) => readonly RateDiff[]
  readonly book: () => Promise<BookView>
}

export type PriceViewDeps = {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly clock: Clock
}

export function createPriceViews(deps: PriceViewDeps): PriceViews {
  const { publisher } = deps
  return {
    list: (filter, cursor, limit) => page(publisher.current(), filter, cursor, limit),
    rate: (rateId) => findAnywhere(deps, rateId),
    diff: (layer, against, atMs) => diffRates(publisher.current(), { layer, against, atMs }),
    book: () => bookView(deps),
  }
}

function page(
  book: PriceBook,
  filter: RatesAt,
  cursor: string | null,
  limit: number,
): RatesPage | null {
  const [version = book.version, offset = '0'] = cursor?.split('.') ?? []
  if (version !== book.version || !/^\d{1,9}$/.test(offset)) return null
  const start = Number(offset)
  const rows = listRates(book, filter)
  const end = start + limit
  return {
    // They were asked for as of a time, at which they all are.
    items: rows.slice(start, end).map((row) => ({ ...row, in_force: true })),
    next_cursor: end < rows.length ? `${book.version}.${end}` : null,
  }
}

/** In the book in force, then in everything that ever was in one, newest first. */
async function findAnywhere(
  { store, publisher, clock }: PriceViewDeps,
  rateId: string,
): Promise<RateRow | null> {
  const current = publisher.current()
  const found = findIn(current, rateId)
  if (found !== null) return { ...found, in_force: isInForce(found, clock.now()) }
  const overrides = (await store.read.prices.overrides()).map(overrideOf)
  const meant = overrides.filter(({ overrideId }) => rateId.includes(overrideId))
  const removed = meant.length === 0 ? null : findIn(buildPriceBook(current.layers, meant), rateId)
  if (removed !== null) return { ...removed, in_force: false }
  const kept = [...(await store.read.prices.combined()), ...(await store.read.prices.documents())]
  for (const row of kept.toReversed()) {
    const layer = await storedLayer(store, row)
    if (layer === null) continue
    const past = findIn(buildPriceBook([layer, SNAPSHOT_LAYER], meant), rateId)
    if (past !== null) return { ...past, in_force: false }
  }
  return null
}

/** A percentage has no rate of its own; by its id it is shown as the rule it is. */
function findIn(book: PriceBook, rateId: string): RateRow | null {
  const rate = findRate(book, rateId)
  if (rate !== null) return rateRow(book, rate)
  if (!book.overrides.some(({ overrideId }) => overrideId === rateId)) return null
  return listRates(book, { layer: 'override' }).find((row) => row.rate_id === rateId) ?? null
}

/** Of the book in force; what has no end and is in force no more is kept to explain the past. */
function isInForce({ in_force: isOpen, from, to }: RateRow, nowMs: number): boolean {
  const begun = from === null || Date.parse(from) <= nowMs
  return begun && (to === null ? isOpen : nowMs < Date.parse(to))
}

async function storedLayer(store: ControlStore, row: CombinedLayer): Promise<PriceLayer | null> {
  const text = await store.read.prices.content(row.documentId)
  return text === null ? null : layerOf(row.layer, JSON.parse(text) as PriceDocument)
}

async function bookView({ store, publisher }: PriceViewDeps): Promise<BookView> {
  const { version, layers, overrides } = publisher.current()
  const active = (await store.read.prices.documents()).filter(({ state }) => state === 'active')
  return {
    version,
    layers: layers.map((layer) => {
      // The last one that changed the layer stands for it.
      const rows = active.filter((one) => one.layer === layer.name)
      const row = rows.at(-1)
      const sources = Object.values(layer.document.sources)
      return {
        layer: layer.name,
        version: layer.version,
        source: publishersOf(sources),
        date:
          sources
            .map(({ date }) => date)
            .toSorted()
            .at(-1) ?? '',
        rates: countPrices(layer.document),
        active_since: row?.decidedAt ?? null,
        by: row?.decidedBy ?? null,
        documents: rows.map(documentView),
      }
    }),
    overrides: overrides.length,
  }
}

function documentView(row: StoredDocument): DocumentView {
  const { published_at: publishedAt = null } = JSON.parse(row.summary) as Partial<Publication>
  return {
    document_id: row.documentId,
    period: row.period,
    published_at: publishedAt,
    active_since: row.decidedAt,
    by: row.decidedBy,
  }
}

/** The first few stand for all: the snapshot was put together from a dozen. */
function publishersOf(sources: readonly PriceSource[]): string {
  const names = [...new Set(sources.map(({ publisher: name }) => name))]
  const [shown, more] = [names.slice(0, PUBLISHERS_MAX), names.length - PUBLISHERS_MAX]
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

function countPrices({ models, shared_rates: shared }: PriceDocument): number {
  const count = (rows: readonly PriceRow[]): number =>
    rows.reduce((sum, { prices }) => sum + Object.keys(prices).length, 0)
  return models.reduce((sum, { rates }) => sum + count(rates), count(shared))
}
