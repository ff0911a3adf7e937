// Price books out of thin air, small and dense: one model, two regions and tiers, a context band, prices that change, rows that
// sell only some kinds, and as many layers as a book can have. No two rows of a layer answer the same question at the same time.

import fc from 'fast-check'
import type { UsageKind } from '@ledgerock/contract'
import { layerOf, type PriceLayer } from '../price-book.ts'
import type { PriceDocument, PriceRow } from '../price-document.ts'
import type { PricedCall } from '../cost-of-usage.ts'
import type { LayerName } from '../rate.ts'

export const MODEL = 'maker.model'
export const BAND = 1_000
export const KINDS = ['input', 'output', 'cache_read', 'cache_write_5m'] as const
const REGIONS = ['*', 'eu-west-1'] as const
const TIERS = ['standard', 'flex'] as const
const LAYERS = ['learned', 'price_list', 'snapshot'] as const satisfies readonly LayerName[]
/** Where intervals begin and end. */
export const BORDERS = ['2026-02-01', '2026-03-01', '2026-04-01'] as const

/** Up to twelve decimals for a million tokens: most are finer than a picodollar a token, so amounts get rounded. */
const price = fc
  .tuple(fc.nat(99), fc.nat(999_999_999_999))
  .map(([whole, decimals]) => `${whole}.${String(decimals).padStart(12, '0')}`)

const sells = fc
  .subarray([...KINDS])
  .chain((kinds) =>
    fc
      .tuple(...kinds.map(() => price))
      .map((prices): Partial<Record<UsageKind, string>> =>
        Object.fromEntries(kinds.map((kind, index) => [kind, prices[index]])),
      ),
  )

/** The rows of one place and band, one per interval between some of the borders; some intervals are left out. */
function rowsOf(
  region: string,
  tier: (typeof TIERS)[number],
  band: number,
): fc.Arbitrary<PriceRow[]> {
  return fc.subarray([...BORDERS]).chain((borders) => {
    const ends = [undefined, ...borders, undefined]
    const intervals = ends.slice(1).map((to, index) => ({ from: ends[index], to }))
    return fc.tuple(...intervals.map(() => fc.option(sells, { freq: 3 }))).map((all) =>
      all.flatMap((prices, index): PriceRow[] => {
        const { from, to } = intervals[index] ?? {}
        if (prices === null || Object.keys(prices).length === 0) return []
        return [
          {
            region,
            scope: 'in-region',
            tier,
            prices,
            source: 'TEST',
            ...(band > 0 && { context_above: band }),
            ...(from !== undefined && { valid_from: from }),
            ...(to !== undefined && { valid_to: to }),
          },
        ]
      }),
    )
  })
}

const rows = fc
  .tuple(
    ...REGIONS.flatMap((region) =>
      TIERS.flatMap((tier) => [0, BAND].map((band) => rowsOf(region, tier, band))),
    ),
  )
  .map((some) => some.flat())

export function documentOf(rates: readonly PriceRow[]): PriceDocument {
  return {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-01-01' } },
    rules: [],
    models: [
      {
        model_id: MODEL,
        name: 'Model',
        provider: 'Maker',
        modality: 'text',
        lifecycle: { status: 'active' },
        rates,
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
}

/** One to three layers, strongest first. */
export const arbitraryLayers: fc.Arbitrary<readonly PriceLayer[]> = fc
  .subarray([...LAYERS], { minLength: 1 })
  .chain((names) =>
    fc.tuple(...names.map((name) => rows.map((some) => layerOf(name, documentOf(some))))),
  )

const instant = fc.oneof(
  fc.constantFrom(...BORDERS).map((day) => Date.parse(day)),
  fc.constantFrom(...BORDERS).map((day) => Date.parse(day) - 1),
  fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-05-01') }),
)
const count = fc.oneof(fc.nat(400), fc.nat(2_000), fc.constantFrom(BAND, BAND + 1, 2 ** 40))

export const arbitraryCall: fc.Arbitrary<PricedCall> = fc.record({
  modelId: fc.constant(MODEL),
  region: fc.constantFrom('eu-west-1', 'us-east-1', 'us-gov-west-1'),
  scope: fc.constant('in-region'),
  tier: fc.constantFrom(...TIERS),
  atMs: instant,
  usage: fc.dictionary(fc.constantFrom(...KINDS), count, { noNullPrototype: true }),
})
