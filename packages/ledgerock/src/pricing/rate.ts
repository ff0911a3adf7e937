// One price with everything that decides where it applies, as a row of a layer states it. `rateId` names a rate for ever: the
// same key at the same price has the same id in every load, and a rate whose end date becomes known keeps its id.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { mustOk } from '../kernel/result.ts'
import { exactRate, type ExactRate } from './exact-rate.ts'
import type { PriceRow } from './price-document.ts'
import { UNITS_PER_PRICE, type PriceUnit } from './price-unit.ts'
import { shortHash } from './short-hash.ts'

/** Layers of a price book, first match wins. */
export const LAYER_NAMES = ['override', 'learned', 'price_list', 'snapshot'] as const
export type LayerName = (typeof LAYER_NAMES)[number]

/** The rate of the list that a percentage was taken of: where the figure under it is from. */
export type RateBase = {
  readonly rateId: string
  readonly source: string
  readonly sourceDate: string
}

export type Rate = {
  readonly rateId: string
  readonly layer: LayerName
  /** "*" for what is sold beside any model; a pattern where an override fixes the price of several. */
  readonly modelId: string
  /** "*", or the pattern of an override, where it is the price of several. */
  readonly region: string
  readonly scope: Scope | '*'
  readonly tier: Tier | '*'
  readonly kind: UsageKind
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  /** The rate applies to requests of more prompt tokens than this. */
  readonly contextAbove: number
  /** From inclusive, to exclusive; infinite where the source names no day. */
  readonly validFromMs: number
  readonly validToMs: number
  readonly price: ExactRate
  readonly source: string
  readonly sourceDate: string
  /** The rule the price follows from, or null where the source states the figure itself. */
  readonly derivedBy: string | null
  /** Null for a price that stands on its own. */
  readonly base: RateBase | null
  readonly historical: boolean
  readonly note: string | null
}

export type RateOrigin = {
  readonly layer: LayerName
  readonly modelId: string
  readonly sourceDate: string
}

export function rateOf(origin: RateOrigin, row: PriceRow, kind: UsageKind): Rate {
  const unit = row.unit ?? 'token'
  const price = mustOk(exactRate(row.prices[kind] ?? '', UNITS_PER_PRICE[unit]))
  const key = {
    layer: origin.layer,
    modelId: origin.modelId,
    region: row.region,
    scope: row.scope,
    tier: row.tier,
    kind,
    unit,
    medium: row.medium ?? 'text',
    variant: row.variant ?? null,
    contextAbove: row.context_above ?? 0,
  }
  const validFromMs = instantOf(row.valid_from, -Infinity)
  const identity = [...Object.values(key), row.valid_from ?? null, price.usdPerUnit]
  return {
    rateId: shortHash('r', JSON.stringify(identity)),
    ...key,
    validFromMs,
    validToMs: instantOf(row.valid_to, Infinity),
    price,
    source: row.source,
    sourceDate: origin.sourceDate,
    derivedBy: row.derived?.[kind] ?? row.derived?.['*'] ?? null,
    base: null,
    historical: row.status === 'historical',
    note: row.note ?? null,
  }
}

export function instantOf(iso: string | undefined, absent: number): number {
  return iso === undefined ? absent : Date.parse(iso)
}
