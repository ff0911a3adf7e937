// Calls the shipped book can price, aimed at its rows one by one, at any time and on both sides of every threshold and every date.

import fc from 'fast-check'
import type { PricedCall } from '../cost-of-usage.ts'
import { buildPriceBook } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'

export const shipped = buildPriceBook([SNAPSHOT_LAYER])

const YEARS = { min: Date.parse('2025-06-01'), max: Date.parse('2027-01-01') }
const models = SNAPSHOT_LAYER.document.models
const dated = models.filter(({ rates }) => rates.some((row) => row.valid_from !== undefined))
const BORDERS = dated.flatMap(({ rates }) =>
  rates.flatMap(({ valid_from: from, valid_to: to }) =>
    [from, to].flatMap((iso) => (iso === undefined ? [] : [Date.parse(iso), Date.parse(iso) - 1])),
  ),
)
export const anyTime = fc.oneof(fc.integer(YEARS), fc.constantFrom(...BORDERS))

/** A row to aim at; those of models whose prices changed come up as often as all others. */
export type Aim = { readonly modelId: string; readonly row: PriceRow }
const aims = (some: typeof models): readonly Aim[] =>
  some.flatMap(({ model_id: modelId, rates }) => rates.map((row) => ({ modelId, row })))
export const aimed = fc.oneof(fc.constantFrom(...aims(models)), fc.constantFrom(...aims(dated)))

export const counts = fc.array(fc.oneof(fc.nat(2_000), fc.nat(300_000)), {
  minLength: 1,
  maxLength: 6,
})

export function callTo({ modelId, row }: Aim, some: readonly number[], atMs: number): PricedCall {
  const kinds = Object.keys(row.prices)
  return {
    modelId,
    region: row.region === '*' ? 'us-east-1' : row.region,
    scope: row.scope === '*' ? 'in-region' : row.scope,
    tier: row.tier === '*' ? 'standard' : row.tier,
    atMs,
    variant: row.variant ?? null,
    usage: Object.fromEntries(kinds.map((kind, index) => [kind, some[index % some.length] ?? 0])),
  }
}

export const shippedCall: fc.Arbitrary<PricedCall> = fc
  .tuple(aimed, counts, anyTime)
  .map(([aim, some, atMs]) => callTo(aim, some, atMs))
