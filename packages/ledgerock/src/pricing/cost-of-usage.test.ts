import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { USAGE_KINDS, type Scope, type Tier, type UsageKind } from '@ledgerock/contract'
import { sumMoney } from '../kernel/money.ts'
import { chargeLine } from './charge-line.ts'
import { costOfUsage, type Cost, type PricedCall } from './cost-of-usage.ts'
import { buildPriceBook, layerOf } from './price-book.ts'
import type { PriceDocument, PriceRow } from './price-document.ts'
import { findRate } from './find-rate.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import type { Usage } from './usage.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const NOW = Date.parse('2026-11-20')

const models = [...book.models.values()]
const flatModels = models.filter(({ model }) =>
  model.rates.every((row) => row.context_above === undefined),
)

/** A call aimed at a row, using what the row sells. */
function callsTo(some: typeof models): fc.Arbitrary<PricedCall> {
  const aims = some.flatMap(({ modelId, model }) => model.rates.map((row) => ({ modelId, row })))
  return fc.constantFrom(...aims).chain(({ modelId, row }) =>
    fc
      .dictionary(fc.constantFrom(...Object.keys(row.prices)), fc.nat(400_000))
      .map((usage): PricedCall => ({
        modelId,
        region: row.region === '*' ? 'us-east-1' : row.region,
        scope: row.scope as Scope,
        tier: row.tier as Tier,
        atMs: NOW,
        variant: row.variant ?? null,
        usage,
      })),
  )
}

function dollars(cost: Cost): bigint {
  if (cost.kind === 'unpriced') throw new Error(`unpriced: ${cost.reason}`)
  return cost.cost
}

describe('costOfUsage', () => {
  it('[P3] is never negative, and is the sum of its charge lines', () => {
    fc.assert(
      fc.property(callsTo(models), (call) => {
        const cost = costOfUsage(book, call)
        fc.pre(cost.kind === 'priced')
        expect(cost.cost).toBeGreaterThanOrEqual(0n)
        expect(cost.cost).toBe(sumMoney(cost.charges.map(({ amount }) => amount)))
        const used = Object.values(call.usage).filter((count) => count !== 0)
        expect(cost.charges).toHaveLength(used.length)
      }),
    )
  })

  it('[P5] grows with every counter, also over a context threshold', () => {
    fc.assert(
      fc.property(callsTo(models), fc.nat(400_000), fc.nat(), (call, more, pick) => {
        const before = costOfUsage(book, call)
        const kinds = Object.keys(call.usage)
        fc.pre(before.kind === 'priced' && kinds.length > 0)
        const kind = kinds[pick % kinds.length] as UsageKind
        const usage: Usage = { ...call.usage, [kind]: (call.usage[kind] ?? 0) + more }
        expect(dollars(costOfUsage(book, { ...call, usage }))).toBeGreaterThanOrEqual(before.cost)
      }),
    )
  })

  it('[P5] is additive in every counter where there is no context band', () => {
    fc.assert(
      fc.property(callsTo(flatModels), fc.nat(1000), (call, factor) => {
        const once = costOfUsage(book, call)
        fc.pre(once.kind === 'priced')
        const each = Object.entries(call.usage).map(([kind, count]) =>
          dollars(costOfUsage(book, { ...call, usage: { [kind]: count } })),
        )
        expect(each.reduce((sum, part) => sum + part, 0n)).toBe(once.cost)
        const usage = Object.fromEntries(
          Object.entries(call.usage).map(([kind, count]) => [kind, (count ?? 0) * factor]),
        )
        expect(dollars(costOfUsage(book, { ...call, usage }))).toBe(once.cost * BigInt(factor))
      }),
    )
  })

  it('[P5] does not depend on the order of the kinds, and lists charges in one order', () => {
    fc.assert(
      fc.property(callsTo(models), (call) => {
        const reversed = Object.fromEntries(Object.entries(call.usage).toReversed())
        const cost = costOfUsage(book, call)
        expect(costOfUsage(book, { ...call, usage: reversed })).toEqual(cost)
        const ranks = cost.charges.map(({ kind }) => USAGE_KINDS.findIndex((k) => k === kind))
        expect(ranks).toEqual(ranks.toSorted((left, right) => left - right))
      }),
    )
  })

  it('[P4] a kind without a rate makes the call unpriced, whatever else it used', () => {
    const kinds = [...USAGE_KINDS, 'text_units_automated_reasoning'] as const
    fc.assert(
      fc.property(
        callsTo(models),
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 1000 }),
        (call, kind, count) => {
          const alone = costOfUsage(book, { ...call, usage: { [kind]: count } })
          fc.pre(alone.kind === 'unpriced')
          const usage: Usage = { ...call.usage, [kind]: count }
          const cost = costOfUsage(book, { ...call, usage })
          expect(cost.kind).toBe('unpriced')
          expect(cost.kind === 'unpriced' && cost.missing).toContain(kind)
          expect(cost.charges.map((charge) => charge.kind)).not.toContain(kind)
        },
      ),
    )
  })

  it('[P4] names what could be priced, and a kind that was not used needs no rate', () => {
    const call: PricedCall = {
      modelId: 'anthropic.claude-sonnet-4-6',
      region: 'us-east-1',
      scope: 'geo',
      tier: 'standard',
      atMs: NOW,
      usage: { tpm_hours: 2, input: 1000, audio_input: 1 },
    }
    const cost = costOfUsage(book, call)
    expect(cost).toMatchObject({ kind: 'unpriced', reason: 'unknown_kind' })
    expect(cost.kind === 'unpriced' && cost.missing).toEqual(['audio_input', 'tpm_hours'])
    // 1,000 × 3.3 µ$
    expect(cost.charges.map(({ amount }) => amount)).toEqual([3_300_000_000n])
    const unused = costOfUsage(book, { ...call, usage: { input: 0, audio_input: 0 } })
    expect(unused).toMatchObject({ kind: 'priced', cost: 0n, charges: [] })
  })

  it('[P9] a charge line carries rate, amount and an id that finds the rate again', () => {
    const cost = costOfUsage(book, {
      modelId: 'anthropic.claude-sonnet-4-6',
      region: 'eu-west-1',
      scope: 'geo',
      tier: 'standard',
      atMs: NOW,
      usage: { cache_write_1h: 3 },
    })
    const [charge] = cost.charges
    if (charge === undefined) throw new Error('no charge')
    expect(chargeLine(charge)).toEqual({
      kind: 'cache_write_1h',
      quantity: 3,
      rate_usd: '0.0000066',
      amount_usd: '0.0000198',
      rate_id: charge.rateId,
    })
    expect(findRate(book, charge.rateId)).toEqual(charge.from)
    expect(findRate(book, 'r0')).toBeNull()
    expect(cost.bookVersion).toBe(book.version)
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('a count of %d is a bug of the caller', (input) => {
    const call = { modelId: 'amazon.nova-pro-v1:0', region: 'us-east-1', atMs: NOW } as const
    const usage = { input }
    const price = (): Cost => costOfUsage(book, { ...call, scope: 'geo', tier: 'standard', usage })
    expect(price).toThrow('whole numbers')
  })
})

const ROW = {
  region: 'eu-west-1',
  scope: 'in-region',
  tier: 'standard',
  source: 'TEST',
} as const

const DATED_ROWS: readonly PriceRow[] = [
  {
    ...ROW,
    prices: { input: '1', output: '2' },
    valid_from: '2026-02-01',
    valid_to: '2026-03-01',
  },
  { ...ROW, prices: { input: '3' }, valid_from: '2026-03-01' },
  { ...ROW, prices: { cache_read: '4' }, status: 'historical' },
]

describe('reasons, in order of precedence', () => {
  const document: PriceDocument = {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-01-01' } },
    rules: [],
    models: [
      {
        model_id: 'maker.model',
        name: 'Model',
        provider: 'Maker',
        modality: 'text',
        lifecycle: { status: 'active' },
        rates: DATED_ROWS,
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
  const small = buildPriceBook([layerOf('snapshot', document)])

  it.each([
    ['maker.other', 'mars-1', 'flex', { requests: 1 }, '2026-04-01', 'unknown_model'],
    ['maker.model', 'us-east-1', 'flex', { requests: 1 }, '2026-04-01', 'unknown_region'],
    ['maker.model', 'eu-west-1', 'flex', { requests: 1 }, '2026-04-01', 'unknown_tier'],
    [
      'maker.model',
      'eu-west-1',
      'standard',
      { requests: 1, output: 1 },
      '2026-04-01',
      'unknown_kind',
    ],
    [
      'maker.model',
      'eu-west-1',
      'standard',
      { input: 1, output: 1 },
      '2026-04-01',
      'historical_only',
    ],
    ['maker.model', 'eu-west-1', 'standard', { cache_read: 1 }, '2026-04-01', 'historical_only'],
    ['maker.model', 'eu-west-1', 'standard', { input: 1 }, '2026-01-31', 'historical_only'],
  ] as const)('[P4] %s %s %s %j at %s: %s', (modelId, region, tier, usage, at, reason) => {
    const atMs = Date.parse(at)
    const cost = costOfUsage(small, { modelId, region, scope: 'in-region', tier, atMs, usage })
    expect(cost).toMatchObject({ kind: 'unpriced', reason })
  })

  const million = { modelId: 'maker.model', region: 'eu-west-1', usage: { input: 1_000_000 } }
  const millionAt = (iso: string): Cost =>
    costOfUsage(small, {
      ...million,
      scope: 'in-region',
      tier: 'standard',
      atMs: Date.parse(iso),
    })

  it('[P7] a validity begins with its first instant and ends before its last', () => {
    expect(dollars(millionAt('2026-02-01T00:00:00Z'))).toBe(10n ** 12n)
    expect(dollars(millionAt('2026-02-28T23:59:59.999Z'))).toBe(10n ** 12n)
    expect(dollars(millionAt('2026-03-01T00:00:00Z'))).toBe(3n * 10n ** 12n)
  })
})
