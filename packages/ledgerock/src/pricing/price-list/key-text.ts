// Writes where a price applies as one text, so that prices of the same thing meet, in a new list and in an older one.

import type { PriceRow } from '../price-document.ts'
import { variantKey } from '../rate-cell.ts'
import type { PriceKey } from './read-sku.ts'

export function keyText(key: PriceKey): string {
  return `${rowText(key)}|${key.kind}`
}

/** All but the kind: the prices of one row have it in common. */
export function rowText(key: Omit<PriceKey, 'kind'>): string {
  return `${placeText(key)}|${key.unit}|${key.medium}`
}

/** Without unit and medium: a price in another unit is another price for the same thing (see `rateKey`). */
export function placeText(key: Omit<PriceKey, 'kind'>): string {
  const variant = key.variant === null ? '' : variantKey(key.variant)
  return `${key.modelId}|${key.region}|${key.scope}|${key.tier}|${key.contextAbove}|${variant}`
}

export function keyOfRow(modelId: string, row: PriceRow): Omit<PriceKey, 'kind'> {
  return {
    modelId,
    region: row.region,
    scope: row.scope,
    tier: row.tier,
    contextAbove: row.context_above ?? 0,
    unit: row.unit ?? 'token',
    medium: row.medium ?? 'text',
    variant: row.variant ?? null,
  }
}
