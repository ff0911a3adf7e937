// From one SKU of the price list to the prices it states in the words of the price book, the reason why it states none, or
// what is wrong with it. A SKU can price several models (versions sold under one name) and two scopes: AWS sells a region and its
// geography under one word.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { PriceBook } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'
import { UNITS_PER_PRICE, type PriceUnit } from '../price-unit.ts'
import { billedQuantityFactor } from '../usage-type/billed-unit.ts'
import { salesOf, type ModelSales } from '../usage-type/book-rows.ts'
import type { ModelNames } from '../usage-type/model-names.ts'
import { readUsageType, type UsageTypeReading } from '../usage-type/usage-type.ts'
import type { Offer, OfferProduct, OfferTerm } from './offer.ts'
import type { UnreadReason } from './price-list-report.ts'
import { scalePrice } from './scale-price.ts'

/** Where a price applies: all of a rate but the price and its time. */
export type PriceKey = {
  /** "*" for what is sold beside any model. */
  readonly modelId: string
  readonly region: string
  readonly scope: Scope | '*'
  readonly tier: Tier | '*'
  readonly contextAbove: number
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  readonly kind: UsageKind
}

export type StatedPrice = { readonly fromMs: number; readonly price: string }

export type ReadSku = {
  readonly keys: readonly PriceKey[]
  readonly prices: readonly StatedPrice[]
}

/** What no list may say of a model that is known: the file is refused. */
export type SkuFault = { readonly fault: string }

export function readSku(
  offer: Offer,
  product: OfferProduct,
  sku: string,
  names: ModelNames,
): ReadSku | SkuFault | UnreadReason {
  if (offer.offerCode === 'AmazonBedrockAgentCore') return 'not_a_call'
  const { attributes } = product
  const terms = Object.values(offer.terms['OnDemand']?.[sku] ?? {})
  const description = firstDescription(terms)
  const reading = readUsageType(
    attributes.usagetype,
    {
      regionCode: attributes['regionCode'],
      productName: attributes['servicename'],
      modelName: attributes['model'] ?? attributes['titanModel'],
      inferenceType: attributes['inferenceType'],
      feature: attributes['feature'],
      serviceTier: attributes['service_tier'],
    },
    names,
  )
  if (!reading.ok) return 'unknown_usage_type'
  const keys = keysOf(reading.value, names.book)
  if (typeof keys === 'string') return keys
  if (terms.length === 0) return hasOtherTerm(offer, sku) ? 'reservation' : 'no_price'
  const prices: StatedPrice[] = []
  for (const term of terms) {
    const price = priceOf(term, reading.value.what.unit, description)
    if (typeof price === 'string' || 'fault' in price) return price
    prices.push(price)
  }
  return { keys, prices }
}

function priceOf(
  term: OfferTerm,
  unit: PriceUnit,
  description: string,
): StatedPrice | SkuFault | UnreadReason {
  const dimensions = Object.values(term.priceDimensions)
  const [dimension] = dimensions
  if (dimension === undefined) return 'no_price'
  const isTiered = (dimension.beginRange ?? '0') !== '0' || /^\d/.test(dimension.endRange ?? '')
  if (dimensions.length > 1 || isTiered) return 'tiered_price'
  const usd = dimension.pricePerUnit['USD']
  if (usd === undefined) return 'no_price'
  const factor = billedQuantityFactor(dimension.unit, dimension.description || description, unit)
  if (factor === null) {
    return {
      fault: `unit ${JSON.stringify(dimension.unit)} is no measure of what is sold by the ${unit}`,
    }
  }
  const price = scalePrice(usd, UNITS_PER_PRICE[unit], factor)
  if (price === null) return 'price_too_fine'
  return { fromMs: Date.parse(term.effectiveDate), price }
}

function firstDescription(terms: readonly OfferTerm[]): string {
  const [term] = terms
  return Object.values(term?.priceDimensions ?? {})[0]?.description ?? ''
}

function hasOtherTerm(offer: Offer, sku: string): boolean {
  return Object.values(offer.terms).some((bySku) => bySku[sku] !== undefined)
}

function keysOf(reading: UsageTypeReading, book: PriceBook): readonly PriceKey[] | UnreadReason {
  const { what, region } = reading
  const { kind } = what
  if (kind === null) return 'not_a_call'
  if (region === null) return 'unknown_region'
  const shared = {
    region,
    unit: what.unit,
    medium: what.medium,
    variant: what.variant,
  }
  if (kind.startsWith('text_units_') || what.variant === 'custom-import') {
    return [{ ...shared, modelId: '*', scope: '*', tier: '*', contextAbove: 0, kind }]
  }
  if (reading.modelIds.length === 0) return 'unknown_model'
  const keys: PriceKey[] = []
  for (const modelId of reading.modelIds) {
    const sales = salesOf(book, modelId)
    const [threshold, ...otherThresholds] = sales.thresholds
    const contextAbove = what.longContext ? threshold : 0
    if (contextAbove === undefined || (what.longContext && otherThresholds.length > 0)) {
      return 'unknown_threshold'
    }
    for (const { scope, tier } of placesOf(reading, sales)) {
      for (const each of kindsSold(kind, what.unit, sales.rows)) {
        keys.push({ ...shared, modelId, scope, tier, contextAbove, kind: each })
      }
    }
  }
  return keys
}

type Place = { readonly scope: Scope | '*'; readonly tier: Tier | '*' }

/** What is paid by the hour or month is for whatever calls use it; tokens are sold in a region and its geography alike. */
function placesOf({ what, scope, tier }: UsageTypeReading, sales: ModelSales): readonly Place[] {
  if (what.unit === 'model_unit_hour' || what.unit === 'storage_month') {
    return [{ scope: '*', tier: '*' }]
  }
  if (scope !== 'in-region') return [{ scope, tier }]
  const { isSoldInRegion, isSoldInGeography } = sales
  return [
    ...(isSoldInGeography && !isSoldInRegion ? [] : [{ scope: 'in-region' as const, tier }]),
    ...(isSoldInGeography ? [{ scope: 'geo' as const, tier }] : []),
  ]
}

/** A thing that is sold by the piece is also what `output` counts, where the model's rows in the book say so. */
function kindsSold(
  kind: UsageKind,
  unit: PriceUnit,
  rows: readonly PriceRow[],
): readonly UsageKind[] {
  if (unit === 'token') return [kind]
  const same = rows.filter((row) => row.unit === unit && row.prices[kind] !== undefined)
  const alsoOutput =
    same.length === 0 ? kind === 'images' : same.some((row) => row.prices.output !== undefined)
  return alsoOutput ? [kind, 'output'] : [kind]
}
