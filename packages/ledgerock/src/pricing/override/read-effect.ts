// What an override does to a price: a percentage on the list price, or a price of its own in the unit the kind is sold by.

import type { UsageKind } from '@ledgerock/contract'
import { compileGlob } from '../../kernel/glob.ts'
import { exactRate } from '../exact-rate.ts'
import type { PriceBook } from '../price-book.ts'
import { PRICE_UNITS, UNITS_PER_PRICE, type PriceUnit } from '../price-unit.ts'
import { pricedKind } from '../rate-cell.ts'
import { factorOf } from './override-rate.ts'
import type { FixedEffect, PercentEffect } from './price-override.ts'
import { modelOfKind } from './rank-overrides.ts'
import type { TermsReader } from './terms-reader.ts'

const CONTEXT_TOKENS_MAX = 100_000_000
const OF_A_PRICE = ['unit', 'variant', 'context_above'] as const

export function readEffect(
  reader: TermsReader,
  book: PriceBook,
  models: string,
  kind: UsageKind | null,
): PercentEffect | FixedEffect | null {
  const isPercent = reader.has('percent')
  if (isPercent === reader.has('price')) {
    reader.fault('', 'must have either percent or price')
    return null
  }
  return isPercent ? readPercent(reader) : readPrice(reader, book, models, kind)
}

function readPercent(reader: TermsReader): PercentEffect | null {
  for (const key of OF_A_PRICE) {
    if (reader.has(key)) reader.fault(key, 'is for a fixed price, not for a percentage')
  }
  const percent = reader.text('percent', /^[+-]?\d{1,4}(\.\d{1,9})?$/)
  if (percent === null) return null
  if (factorOf(percent).numerator >= 0n) return { percent }
  reader.fault('percent', `${percent} % would make the price negative`)
  return null
}

function readPrice(
  reader: TermsReader,
  book: PriceBook,
  models: string,
  kind: UsageKind | null,
): FixedEffect | null {
  if (!reader.has('kind')) reader.fault('kind', 'is needed: a fixed price is one of one kind')
  const stated = reader.oneOf('unit', PRICE_UNITS)
  const variant = reader.text('variant', /^[^\0]{1,128}$/)
  const contextAbove = reader.count('context_above', CONTEXT_TOKENS_MAX) ?? 0
  const price = reader.text('price', /^\d{1,9}(\.\d{1,12})?$/)
  if (price === null || kind === null) return null
  const sold = unitsSold(book, models, kind)
  const unit = stated ?? (sold.size === 1 ? ([...sold][0] ?? 'token') : 'token')
  if (sold.size > 0 && !sold.has(unit)) {
    reader.fault('unit', `${kind} is sold there by ${[...sold].join(', ')}, not by ${unit}`)
  }
  const rate = exactRate(price, UNITS_PER_PRICE[unit])
  if (rate.ok) return { price, unit, variant, contextAbove }
  reader.fault('price', rate.problem)
  return null
}

/** The units the models that are meant sell the kind by; empty where none of them sells it. */
function unitsSold(book: PriceBook, models: string, kind: UsageKind): ReadonlySet<PriceUnit> {
  const matches = compileGlob(models)
  const units = new Set<PriceUnit>()
  for (const { modelId, layers } of book.models.values()) {
    if (!matches(modelOfKind(modelId, kind))) continue
    for (const { row } of layers.flat()) {
      if (pricedKind(row, kind) !== null) units.add(row.unit ?? 'token')
    }
  }
  return units
}
