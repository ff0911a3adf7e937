// Turns AWS Price List files into one `ledgerock-prices/1` document and a report. A file with a fault is refused as a whole, also
// where only one price of a known model is none or contradicts another; a SKU of something unknown is left out and named. Prices are
// copied, scaled exactly to the book's units, and never inferred from one another.

import type { ProblemError, UsageKind } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { PriceBook } from '../price-book.ts'
import type { PriceDocument, PricedModel, PriceRow, PriceSource } from '../price-document.ts'
import { modelNames } from '../usage-type/model-names.ts'
import { BookHistory } from './book-history.ts'
import { asOffers, offerFaults } from './check-offer.ts'
import { placeText, rowText } from './key-text.ts'
import type { Offer } from './offer.ts'
import { UnreadSkus, type PriceListReport, type UnreadSku } from './price-list-report.ts'
import { priceTimeline, type Dated } from './price-timeline.ts'
import { readSku, type PriceKey, type StatedPrice } from './read-sku.ts'
import { RefusedSkus, type StatedSku } from './refused-skus.ts'

export type ConvertedOffers = { readonly document: PriceDocument; readonly report: PriceListReport }

/** `book` names the models, their scopes and thresholds, and the prices known so far. */
export function convertOffers(
  values: readonly unknown[],
  book: PriceBook,
): Result<ConvertedOffers, readonly ProblemError[]> {
  const faults = offerFaults(values)
  if (faults.length > 0) return err(faults)
  const offers = asOffers(values)
  const unread = new UnreadSkus()
  const refused = new RefusedSkus(offers)
  const collected = collect(offers, book, unread, refused)
  const rows = new RowGroups(book)
  for (const stated of collected.values()) {
    const timeline = priceTimeline(stated)
    if (timeline.ok) rows.add(timeline.value)
    else for (const [one, other] of timeline.problem) refused.addContradiction(one, other)
  }
  const read = new Set([...collected.values()].flatMap((stated) => stated.map(({ of }) => of)))
  refused.addUnused(new Set([...read].map(({ offer }) => offer)))
  if (refused.faults.length > 0) return err(refused.faults)
  const { models, shared, rates } = rows.all()
  const skus = offers.map((offer) => Object.keys(offer.products).length)
  return ok({
    document: {
      schema: 'ledgerock-prices/1',
      sources: Object.fromEntries(offers.map((offer) => [sourceId(offer), sourceOf(offer)])),
      rules: [],
      models,
      shared_rates: shared,
      inference_profiles: [],
    },
    report: {
      offers: offers.map((offer, index) => ({
        offer_code: offer.offerCode,
        version: offer.version,
        published_at: offer.publicationDate,
        skus: skus[index] ?? 0,
      })),
      skus: skus.reduce((sum, count) => sum + count, 0),
      read: read.size,
      rates,
      unread: unread.all(),
    },
  })
}

type Statement = StatedPrice & { readonly key: PriceKey; readonly of: StatedSku }

function collect(
  offers: readonly Offer[],
  book: PriceBook,
  unread: UnreadSkus,
  refused: RefusedSkus,
): ReadonlyMap<string, readonly Statement[]> {
  const names = modelNames(book)
  const collected = new Map<string, Statement[]>()
  for (const offer of offers) {
    for (const sku in offer.products) {
      const product = offer.products[sku]
      if (product === undefined) continue
      const read = readSku(offer, product, sku, names)
      if (typeof read === 'string') {
        unread.add(read, describe(offer, sku))
        continue
      }
      const of = { offer, sku }
      if ('fault' in read) {
        refused.add(of, read.fault)
        continue
      }
      for (const key of read.keys) {
        const text = `${placeText(key)}|${key.kind}`
        const stated = collected.get(text) ?? []
        for (const price of read.prices) stated.push({ ...price, key, of })
        collected.set(text, stated)
      }
    }
  }
  return collected
}

function describe(offer: Offer, sku: string): UnreadSku {
  const terms = Object.values(offer.terms['OnDemand']?.[sku] ?? {})
  const dimension = Object.values(terms[0]?.priceDimensions ?? {})[0]
  return {
    sku,
    usagetype: offer.products[sku]?.attributes.usagetype ?? '',
    description: dimension?.description ?? '',
  }
}

type MutableRow = Omit<PriceRow, 'prices'> & { readonly prices: { [Kind in UsageKind]?: string } }

/** Kinds of the same place, time and source stand in one row, as in every price document. */
class RowGroups {
  readonly #book: PriceBook
  readonly #history: BookHistory
  readonly #models = new Map<string, Map<string, MutableRow>>()
  #rates = 0

  constructor(book: PriceBook) {
    this.#book = book
    this.#history = new BookHistory(book)
  }

  add(timeline: readonly Dated<Statement>[]): void {
    for (const { key, fromMs, toMs, price, of } of timeline) {
      const rows = this.#models.get(key.modelId) ?? new Map<string, MutableRow>()
      this.#models.set(key.modelId, rows)
      const isOpen = timeline.length === 1 && !this.#history.knowsOther(key, price)
      const from = isOpen ? {} : { valid_from: new Date(fromMs).toISOString() }
      const to = toMs === Infinity ? {} : { valid_to: new Date(toMs).toISOString() }
      const text = `${rowText(key)}|${from.valid_from ?? ''}|${to.valid_to ?? ''}|${of.offer.offerCode}`
      const source = sourceId(of.offer)
      const row = rows.get(text) ?? { ...rowOf(key), ...from, ...to, source, prices: {} }
      row.prices[key.kind] = price
      rows.set(text, row)
      this.#rates += 1
    }
  }

  all(): {
    readonly models: readonly PricedModel[]
    readonly shared: readonly PriceRow[]
    readonly rates: number
  } {
    const models = [...this.#models]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([modelId, rows]) => {
        const known = this.#book.models.get(modelId)
        return known === undefined ? [] : [{ ...known.model, rates: sortedRows(rows) }]
      })
    return { models, shared: sortedRows(this.#models.get('*') ?? new Map()), rates: this.#rates }
  }
}

function rowOf(key: PriceKey): Omit<PriceRow, 'prices' | 'source'> {
  return {
    region: key.region,
    scope: key.scope,
    tier: key.tier,
    ...(key.contextAbove > 0 && { context_above: key.contextAbove }),
    ...(key.unit !== 'token' && { unit: key.unit }),
    ...(key.medium !== 'text' && { medium: key.medium }),
    ...(key.variant !== null && { variant: key.variant }),
  }
}

function sortedRows(rows: ReadonlyMap<string, MutableRow>): readonly PriceRow[] {
  return [...rows]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { prices, ...row }]) => ({
      ...row,
      prices: Object.fromEntries(
        Object.entries(prices).toSorted(([left], [right]) => (left < right ? -1 : 1)),
      ),
    }))
}

function sourceId(offer: Offer): string {
  return `AWS-PL-${offer.offerCode}-${offer.publicationDate.slice(0, 10)}`
}

function sourceOf(offer: Offer): PriceSource {
  return {
    publisher: `AWS (Price List, ${offer.offerCode}, version ${offer.version})`,
    carried_by: 'AWS Price List bulk file',
    date: offer.publicationDate.slice(0, 10),
  }
}
