// What the price list says where a bill taught something: the price beside a learned one, and how the model is sold there, without
// which a learned rate could be taken for one it is not. Learned rates and overrides are no list.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { isCommercialRegion } from '../commercial-region.ts'
import { GUARDRAIL_MODEL } from '../guardrail-models.ts'
import { buildPriceBook, cellOf, type PriceBook } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'
import type { PriceUnit } from '../price-unit.ts'
import type { Rate } from '../rate.ts'
import { pricedKind, selectRate, variantKey } from '../rate-cell.ts'

export type PricedPlace = {
  /** Null for what is sold beside any model. */
  readonly modelId: string | null
  readonly region: string
  readonly scope: Scope
  readonly tier: Tier
}

export type PricedThing = {
  readonly kind: UsageKind
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  readonly contextAbove: number
}

/** The layers that state list prices, as a book of their own. */
export function listBook(book: PriceBook): PriceBook {
  return buildPriceBook(
    book.layers.filter(({ name }) => name === 'price_list' || name === 'snapshot'),
  )
}

export function listedRate(
  list: PriceBook,
  place: PricedPlace,
  thing: PricedThing,
  atMs: number,
): Rate | null {
  const model = list.models.get(place.modelId ?? GUARDRAIL_MODEL)
  if (model === undefined) return null
  const found = selectRate(cellOf(model, place.region, place.scope, place.tier), thing.kind, {
    atMs,
    contextTokens: thing.contextAbove + 1,
    variant: thing.variant === null ? null : variantKey(thing.variant),
  })
  return typeof found === 'string' || !isSameThing(found, thing) ? null : found
}

function isSameThing(rate: Rate, thing: PricedThing): boolean {
  return (
    rate.unit === thing.unit &&
    rate.medium === thing.medium &&
    variantKey(rate.variant ?? '') === variantKey(thing.variant ?? '') &&
    rate.contextAbove === thing.contextAbove
  )
}

/** The rows of the list that sell a kind in this place; every kind where none is named. */
export function soldRows(
  list: PriceBook,
  place: PricedPlace,
  kind: UsageKind | null,
): readonly PriceRow[] {
  const isCommercial = isCommercialRegion(place.region)
  return list.layers.flatMap(({ document }) => {
    const model = document.models.find(({ model_id }) => model_id === place.modelId)
    return [...(model?.rates ?? []), ...document.shared_rates].filter(
      (row) =>
        (row.region === place.region || (row.region === '*' && isCommercial)) &&
        (row.scope === place.scope || row.scope === '*') &&
        (row.tier === place.tier || row.tier === '*') &&
        (kind === null || pricedKind(row, kind) !== null),
    )
  })
}

/** Above how many prompt tokens the model is sold at another price here; null where the list knows no such, or several. */
export function longContextThreshold(
  list: PriceBook,
  place: PricedPlace,
  scopes: readonly Scope[],
): number | null {
  const rows = scopes.flatMap((scope) => soldRows(list, { ...place, scope }, null))
  const thresholds = new Set(rows.map((row) => row.context_above ?? 0))
  thresholds.delete(0)
  return thresholds.size === 1 ? ([...thresholds][0] ?? null) : null
}

/** The scopes a billed word stands for, of those the model is sold in here; all of them where the list does not know it. */
export function scopesOf(list: PriceBook, place: PricedPlace): readonly Scope[] {
  if (place.scope !== 'in-region') return [place.scope]
  const scopes = ['in-region', 'geo'] as const
  const sold = scopes.filter((scope) =>
    soldRows(list, { ...place, scope }, null).some((row) => row.tier !== '*'),
  )
  return sold.length === 0 ? scopes : sold
}
