// How many prices a change of a layer adds, changes and takes away, as of an instant. A rate that is new to the layer but takes
// the place of one in a layer below changes that price; only where nothing had one is it added.

import { isCommercialRegion } from '../../pricing/commercial-region.ts'
import { listRates, type RateRow } from '../../pricing/list-rates.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
import { LAYER_NAMES, type LayerName } from '../../pricing/rate.ts'
import { variantKey } from '../../pricing/variant-key.ts'

export type ChangedRates = {
  readonly added: number
  readonly changed: number
  readonly removed: number
}

export function changedRates(
  before: PriceBook,
  after: PriceBook,
  layer: LayerName,
  atMs: number,
): ChangedRates {
  const [old, fresh] = [pricesFrom(before, layer, atMs), pricesFrom(after, layer, atMs)]
  const concerned = new Map([...old.own, ...fresh.own])
  const count = { added: 0, changed: 0, removed: 0 }
  for (const row of concerned.values()) {
    const [was, is] = [priceIn(old, row), priceIn(fresh, row)]
    if (was === is) continue
    if (was === null) count.added += 1
    else if (is === null) count.removed += 1
    else count.changed += 1
  }
  return count
}

type Prices = {
  /** The rates of the layer itself, by key. */
  readonly own: readonly (readonly [string, RateRow])[]
  /** Of the layer and then of each below it: rate by key. */
  readonly layers: readonly ReadonlyMap<string, RateRow>[]
}

function pricesFrom(book: PriceBook, layer: LayerName, atMs: number): Prices {
  const names = LAYER_NAMES.slice(LAYER_NAMES.indexOf(layer))
  const layers = names.map(
    (name) =>
      new Map(listRates(book, { layer: name, atMs }).map((row) => [keyOf(row, row.region), row])),
  )
  return { own: [...(layers[0] ?? [])], layers }
}

/** What the first layer that has it asks for it: a row of its region, or of every commercial one. */
function priceIn({ layers }: Prices, row: RateRow): string | null {
  const [own, everywhere] = [keyOf(row, row.region), keyOf(row, '*')]
  for (const rates of layers) {
    const found =
      rates.get(own) ?? (isCommercialRegion(row.region) ? rates.get(everywhere) : undefined)
    if (found !== undefined) return found.rate_usd
  }
  return null
}

function keyOf(row: RateRow, region: string): string {
  return JSON.stringify([
    row.model_id,
    region,
    row.scope,
    row.tier,
    row.kind,
    row.unit,
    row.medium,
    variantKey(row.variant ?? ''),
    row.context_above,
  ])
}
