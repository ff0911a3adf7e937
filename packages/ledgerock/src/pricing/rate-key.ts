// The question a price answers: of which kind, where, how, above which size of prompt, in which variant. Two prices of one key and
// time are rivals, whatever unit or medium they are stated in: a call says how much of a kind it used, and not in which unit.

import type { UsageKind } from '@ledgerock/contract'
import type { PriceRow } from './price-document.ts'
import { variantKey } from './variant-key.ts'

export type RowKey = Pick<
  PriceRow,
  'region' | 'scope' | 'tier' | 'context_above' | 'variant' | 'status'
>

export function rateKey(row: RowKey, kind: UsageKind): string {
  return JSON.stringify([
    row.region,
    row.scope,
    row.tier,
    row.context_above ?? 0,
    variantKey(row.variant ?? ''),
    row.status ?? '',
    kind,
  ])
}
