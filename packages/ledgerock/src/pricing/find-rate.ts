// A rate by the id a charge carries, to say where it is from. The index of a layer is built when somebody asks first.

import type { PriceBook, PriceLayer } from './price-book.ts'
import {
  fixedRate,
  isFixed,
  isPercent,
  partsOfRateId,
  percentRate,
} from './override/override-rate.ts'
import type { Rate } from './rate.ts'
import { ratesOfLayer } from './rates-of-layer.ts'

const indexes = new WeakMap<PriceLayer, ReadonlyMap<string, Rate>>()

/** Null: no rate of this book has the id. */
export function findRate(book: PriceBook, rateId: string): Rate | null {
  const parts = partsOfRateId(rateId)
  if (parts !== null) {
    const base = findInLayers(book, parts.baseId)
    const override = book.overrides.find(({ overrideId }) => overrideId === parts.overrideId)
    if (base === null || override === undefined || !isPercent(override)) return null
    return percentRate(base, override)
  }
  const override = book.overrides.find(({ overrideId }) => overrideId === rateId)
  if (override !== undefined) return isFixed(override) ? fixedRate(override) : null
  return findInLayers(book, rateId)
}

function findInLayers(book: PriceBook, rateId: string): Rate | null {
  for (const layer of book.layers) {
    const rate = indexOf(layer).get(rateId)
    if (rate !== undefined) return rate
  }
  return null
}

function indexOf(layer: PriceLayer): ReadonlyMap<string, Rate> {
  const before = indexes.get(layer)
  if (before !== undefined) return before
  const index = new Map(ratesOfLayer(layer).map((rate) => [rate.rateId, rate]))
  indexes.set(layer, index)
  return index
}
