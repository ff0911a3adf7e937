// How many rates of a layer a change adds, prices anew and takes away, as of an instant.

import { listRates, type RateRow } from '../pricing/list-rates.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { LayerName } from '../pricing/rate.ts'

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
  const old = pricesByKey(before, layer, atMs)
  const fresh = pricesByKey(after, layer, atMs)
  const kept = [...fresh].filter(([key]) => old.has(key))
  return {
    added: fresh.size - kept.length,
    changed: kept.filter(([key, price]) => old.get(key) !== price).length,
    removed: old.size - kept.length,
  }
}

function pricesByKey(
  book: PriceBook,
  layer: LayerName,
  atMs: number,
): ReadonlyMap<string, string | null> {
  return new Map(listRates(book, { layer, atMs }).map((row) => [keyOf(row), row.rate_usd]))
}

function keyOf(row: RateRow): string {
  return JSON.stringify([
    row.model_id,
    row.region,
    row.scope,
    row.tier,
    row.kind,
    row.unit,
    row.medium,
    row.variant,
    row.context_above,
  ])
}
