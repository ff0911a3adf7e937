// Whether a price may stand for all earlier time. A price list states what holds today, with a day it holds from; before that day
// the layers below speak. Only where they know no price, or know this one and no other, is the start left open: that changes no
// history, keeps the rate's id over imports, and lets an import price calls that had no price at all.

import type { PriceBook } from '../price-book.ts'
import { pricedKind } from '../rate-cell.ts'
import { keyOfRow, placeText } from './key-text.ts'
import type { PriceKey } from './read-sku.ts'
import { scalePrice } from './scale-price.ts'

const ASKED_LAYERS = new Set(['price_list', 'snapshot'])

/** The prices of one place in the book, kind by kind, "*" rows standing for every region. */
export class BookHistory {
  readonly #rows = new Map<string, Map<string, Set<string>>>()

  constructor(book: PriceBook) {
    for (const { name, document } of book.layers) {
      if (!ASKED_LAYERS.has(name)) continue
      for (const model of document.models) {
        for (const row of model.rates) this.#add(model.model_id, row)
      }
      for (const row of document.shared_rates) this.#add('*', row)
    }
  }

  /** True where some layer knows another price for this key, at any time. */
  knowsOther(key: PriceKey, price: string): boolean {
    const own = this.#rows.get(placeText(key))
    const general = this.#rows.get(placeText({ ...key, region: '*' }))
    const prices = [own, general].flatMap((kinds) => [...(kinds?.get(key.kind) ?? [])])
    const stated = priceText(key, price)
    return prices.some((known) => known !== stated)
  }

  #add(modelId: string, row: Parameters<typeof keyOfRow>[1]): void {
    if (row.status === 'historical') return
    const key = keyOfRow(modelId, row)
    const text = placeText(key)
    const kinds = this.#rows.get(text) ?? new Map<string, Set<string>>()
    this.#rows.set(text, kinds)
    for (const kind of WRITES) {
      const priced = pricedKind(row, kind)
      if (priced !== null && priced !== kind) put(kinds, kind, key, row.prices[priced])
    }
    for (const [kind, usd] of Object.entries(row.prices)) put(kinds, kind, key, usd)
  }
}

/** Kinds that a row may price under another name. */
const WRITES = ['cache_write', 'cache_write_5m', 'cache_write_30m', 'cache_write_1h'] as const

type Sort = Pick<PriceKey, 'unit' | 'medium'>

function put(
  kinds: Map<string, Set<string>>,
  kind: string,
  sort: Sort,
  usd: string | undefined,
): void {
  if (usd === undefined) return
  kinds.set(kind, (kinds.get(kind) ?? new Set()).add(priceText(sort, usd)))
}

/** In another unit it is another price. */
function priceText({ unit, medium }: Sort, usd: string): string {
  return `${scalePrice(usd, 1n, 1n) ?? usd}|${unit}|${medium}`
}
