import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../kernel/glob.ts'
import { divideRoundHalfEven, formatUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { openBookFile, sealBookFile } from '../book-file.ts'
import { costOfUsage, type Cost, type PricedCall } from '../cost-of-usage.ts'
import { findRate } from '../find-rate.ts'
import { listRates, rateRow } from '../list-rates.ts'
import { resolveModel } from '../model-catalog.ts'
import { buildPriceBook, layerOf, type PriceBook } from '../price-book.ts'
import type { Rate } from '../rate.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { LIST_BOOK, overridesOf } from '../testing/override-terms.ts'
import { readOverrides, type PriceOverride } from './override.ts'

const SONNET = 'anthropic.claude-sonnet-4-6'
const ACCOUNT = '123456789012'
const MILLION = 1_000_000

function bookWith(...terms: readonly object[]): PriceBook {
  return buildPriceBook([SNAPSHOT_LAYER], overridesOf(terms))
}

/** Sonnet 4.6 in us-east-1 lists 3.30 / 16.50, read 0.33, write 4.125 and 6.60. */
function costIn(book: PriceBook, call: Partial<PricedCall> = {}): Cost {
  return costOfUsage(book, {
    modelId: SONNET,
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    atMs: Date.parse('2026-11-20'),
    usage: { input: MILLION },
    ...call,
  })
}

function usd(book: PriceBook, call: Partial<PricedCall> = {}): string {
  const cost = costIn(book, call)
  return cost.kind === 'priced' ? formatUsd(cost.cost) : cost.reason
}

describe('what an override does to a price', () => {
  it('[P19] a percentage of the list price, exact, with both names in the rate id', () => {
    // 3.30 × 0.875 = 2.8875; 16.50 × 0.875 = 14.4375
    const book = bookWith({ name: 'edp', percent: '-12.5' })
    expect(usd(book)).toBe('2.8875')
    expect(usd(book, { usage: { output: MILLION } })).toBe('14.4375')
    const [charge] = costIn(book).charges
    const [base] = costIn(LIST_BOOK).charges
    expect(charge?.rateId).toBe(`${base?.rateId}~${book.overrides[0]?.overrideId}`)
    expect(charge?.from).toMatchObject({
      layer: 'override',
      source: 'override edp',
      derivedBy: 'edp',
      sourceDate: base?.from.sourceDate,
    })
    expect(findRate(book, charge?.rateId ?? '')).toEqual(charge?.from)
  })

  it('[P19] a fixed price, for an account only, in its time only', () => {
    const terms = { name: 'deal', models: SONNET, kind: 'input', price: '2', from: '2026-10-01' }
    const book = bookWith({ ...terms, account_id: ACCOUNT })
    expect(usd(book)).toBe('3.3')
    expect(usd(book, { accountId: '999999999999' })).toBe('3.3')
    expect(usd(book, { accountId: ACCOUNT })).toBe('2')
    expect(usd(book, { accountId: ACCOUNT, usage: { output: MILLION } })).toBe('16.5')
    const before = Date.parse('2026-10-01') - 1
    expect(usd(book, { accountId: ACCOUNT, atMs: before })).toBe('3.3')
    expect(usd(book, { accountId: ACCOUNT, atMs: before + 1 })).toBe('2')
    const [charge] = costIn(book, { accountId: ACCOUNT }).charges
    expect(charge?.rateId).toBe(book.overrides[0]?.overrideId)
    expect(findRate(book, charge?.rateId ?? '')).toEqual(charge?.from)
    expect(findRate(book, 'o0')).toBeNull()
    expect(findRate(book, 'r0~o0')).toBeNull()
  })

  it('[P23] says when it was set, and what list under it a percentage is of', () => {
    const set = (terms: object, setAt?: string): PriceBook =>
      buildPriceBook([SNAPSHOT_LAYER], mustOk(readOverrides([terms], 'api', LIST_BOOK, setAt)))
    const originIn = (book: PriceBook): Rate | undefined => costIn(book).charges[0]?.from
    const list = originIn(LIST_BOOK)
    expect(list?.base).toBeNull()
    const edp = { name: 'edp', percent: '-12.5', from: '2026-10-01' }
    const base = { rateId: list?.rateId, source: list?.source, sourceDate: list?.sourceDate }
    const known = set(edp, '2026-11-02T10:00:00.000Z')
    expect(originIn(known)).toMatchObject({ sourceDate: '2026-11-02', base })
    expect(originIn(set(edp))).toMatchObject({ sourceDate: '2026-10-01', base })
    expect(originIn(set({ ...edp, from: null }))).toMatchObject({
      sourceDate: list?.sourceDate,
      base,
    })
    const deal = { name: 'deal', models: SONNET, kind: 'input', price: '2' }
    const fixed = set(deal, '2026-11-02T10:00:00.000Z')
    expect(originIn(fixed)).toMatchObject({ sourceDate: '2026-11-02', base: null })
    for (const book of [known, fixed]) {
      const opened = mustOk(openBookFile(sealBookFile({ layers: [], overrides: book.overrides })))
      expect(originIn(opened)).toEqual(originIn(book))
      const [row] = listRates(book, { layer: 'override' })
      expect(row).toMatchObject({ source_date: '2026-11-02', base_source: null })
    }
    const rate = findRate(known, originIn(known)?.rateId ?? '')
    expect(rate === null ? null : rateRow(known, rate)).toMatchObject({
      source: 'override edp',
      source_date: '2026-11-02',
      base_source: list?.source,
      base_source_date: list?.sourceDate,
    })
  })

  it('[P18] account before organisation, model before pattern, longer before shorter', () => {
    const book = bookWith(
      { name: 'all', percent: '-1' },
      { name: 'maker', models: 'anthropic.*', percent: '-2' },
      { name: 'family', models: 'anthropic.claude-*', percent: '-3' },
      { name: 'model', models: SONNET, percent: '-4' },
      { name: 'region', models: SONNET, regions: 'eu-west-1', percent: '-5' },
      { name: 'kind', models: SONNET, kind: 'output', percent: '-6' },
      { name: 'tier', models: SONNET, tier: 'batch', percent: '-7' },
      { name: 'account', account_id: ACCOUNT, percent: '-8' },
    )
    const nameOf = (call: Partial<PricedCall>): string | null | undefined =>
      costIn(book, call).charges[0]?.from.derivedBy
    expect(nameOf({})).toBe('model')
    expect(nameOf({ region: 'eu-west-1' })).toBe('region')
    expect(nameOf({ usage: { output: 1 } })).toBe('kind')
    expect(nameOf({ tier: 'batch' })).toBe('tier')
    expect(nameOf({ accountId: ACCOUNT })).toBe('account')
    expect(nameOf({ modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0' })).toBe('family')
    expect(nameOf({ modelId: 'amazon.nova-lite-v1:0' })).toBe('all')
  })

  it('[P19] a discount is on the list, never on what a bill taught', () => {
    const learned = layerOf('learned', {
      ...SNAPSHOT_LAYER.document,
      models: SNAPSHOT_LAYER.document.models
        .filter(({ model_id }) => model_id === SONNET)
        .map((model) => ({
          ...model,
          rates: [
            {
              region: 'us-east-1',
              scope: 'in-region',
              tier: 'standard',
              prices: { input: '1' },
              source: 'AWS-PL-2026-10',
            },
          ],
        })),
      shared_rates: [],
      inference_profiles: [],
    })
    const half = overridesOf([{ name: 'half', percent: '-50' }])
    expect(usd(buildPriceBook([learned, SNAPSHOT_LAYER]))).toBe('1')
    expect(usd(buildPriceBook([learned, SNAPSHOT_LAYER], half))).toBe('1.65')
  })

  it('[P19] prices what nobody sells: a model, a tier, a region', () => {
    const NEW = 'anthropic.claude-9'
    const book = bookWith(
      { name: 'new', models: NEW, kind: 'input', price: '7' },
      { name: 'tier', models: SONNET, tier: 'flex', kind: 'input', price: '1' },
    )
    expect(resolveModel(book, `us.${NEW}`)).toMatchObject({ kind: 'resolved', modelId: NEW })
    expect(usd(book, { modelId: NEW, region: 'us-gov-west-1' })).toBe('7')
    expect(usd(book, { modelId: NEW, usage: { output: 1 } })).toBe('unknown_kind')
    expect(usd(book, { tier: 'flex' })).toBe('1')
    expect(usd(LIST_BOOK, { tier: 'flex' })).toBe('unknown_tier')
    // a tier nobody knows is no override's either
    expect(usd(book, { modelId: NEW, tier: null })).toBe('unknown_region')
  })

  it('[P19] an override of cache_write is one of every lifetime', () => {
    const book = bookWith({ name: 'w', models: SONNET, kind: 'cache_write', percent: '-50' })
    expect(usd(book, { usage: { cache_write_5m: MILLION } })).toBe('2.0625')
    expect(usd(book, { usage: { cache_write_1h: MILLION } })).toBe('3.3')
    expect(usd(book, { usage: { cache_read: MILLION } })).toBe('0.33')
  })

  it('[P19] guardrail units are the guardrail’s, whichever model was called', () => {
    const claude = bookWith({ name: 'c', models: 'anthropic.*', percent: '-50' })
    const guard = bookWith({ name: 'g', models: 'guardrail', percent: '-50' })
    const usage = { text_units_content: 1000 }
    expect([claude, guard].map((book) => usd(book, { usage }))).toEqual(['0.15', '0.075'])
    expect(usd(guard, { modelId: 'guardrail', usage })).toBe('0.075')
    expect(usd(guard)).toBe('3.3')
  })

  it('[P19] a fixed price of a variant or of long prompts is for those only', () => {
    const CANVAS = 'amazon.nova-canvas-v1:0'
    const variant = 'up to 1024x1024, premium'
    const terms = { name: 'big', models: CANVAS, kind: 'images', price: '0.01', variant }
    const book = bookWith(terms, {
      name: 'long',
      models: SONNET,
      kind: 'input',
      price: '9',
      context_above: 1000,
    })
    const images = { modelId: CANVAS, usage: { images: 1 } }
    expect(usd(book, { ...images, variant })).toBe('0.01')
    expect(usd(book, { ...images, variant: 'up to 1024x1024, standard' })).toBe('0.04')
    expect(usd(book, { usage: { input: 1000 } })).toBe('0.0033')
    expect(usd(book, { usage: { input: 1001 } })).toBe('0.009009')
  })
})

const MODELS = [
  SONNET,
  'anthropic.claude-haiku-4-5-20251001-v1:0',
  'amazon.nova-lite-v1:0',
] as const

const calls: fc.Arbitrary<PricedCall> = fc.record({
  modelId: fc.constantFrom(...MODELS),
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'eu-west-1'),
  scope: fc.constantFrom('in-region', 'geo'),
  tier: fc.constantFrom('standard', 'batch'),
  atMs: fc.constantFrom(Date.parse('2026-05-01'), Date.parse('2026-11-20')),
  usage: fc.record({ input: fc.nat(10_000_000), output: fc.nat(1_000_000) }),
  accountId: fc.constantFrom(null, ACCOUNT, '210987654321'),
})

const effect = fc.oneof(
  fc.record({ percent: fc.integer({ min: -10_000, max: 5_000 }).map((n) => (n / 100).toFixed(2)) }),
  fc.record({
    price: fc.nat(99_999).map((n) => `${Math.floor(n / 100)}.${n % 100}`),
    kind: fc.constantFrom('input', 'output'),
  }),
)

const someTerms = fc
  .array(
    fc
      .record({
        account_id: fc.constantFrom(null, null, ACCOUNT),
        models: fc.constantFrom('*', 'anthropic.*', 'anthropic.claude-*', ...MODELS),
        regions: fc.constantFrom('*', 'eu-*', 'eu-west-1'),
        kind: fc.constantFrom(null, 'input', 'output'),
        tier: fc.constantFrom(null, 'batch'),
        from: fc.constantFrom(null, '2026-06-01'),
      })
      .chain((head) => effect.map((rest) => ({ ...head, ...rest }))),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) => list.map((terms, index) => ({ ...terms, name: `o${index}` })))

/** Which override decides, by the words of the rule and none of the code. */
function expectedOverride(
  overrides: readonly PriceOverride[],
  call: PricedCall,
  kind: string,
): PriceOverride | undefined {
  const stars = (text: string): number =>
    (text.includes('*') ? 0 : 1000) + text.replaceAll('*', '').length
  const meant = overrides.filter(
    (one) =>
      (one.accountId === null || one.accountId === call.accountId) &&
      compileGlob(one.models)(call.modelId) &&
      compileGlob(one.regions)(call.region) &&
      (one.kind === null || one.kind === kind) &&
      (one.tier === null || one.tier === call.tier) &&
      (one.validFrom === null || Date.parse(one.validFrom) <= call.atMs),
  )
  const weight = (one: PriceOverride): number =>
    (one.accountId === null ? 0 : 1e12) +
    stars(one.models) * 1e7 +
    stars(one.regions) * 100 +
    (one.kind === null ? 0 : 10) +
    (one.tier === null ? 0 : 1)
  return meant.toSorted((left, right) => weight(right) - weight(left))[0]
}

function expectedAmount(
  override: PriceOverride | undefined,
  list: { readonly picodollars: bigint; readonly units: bigint },
  quantity: number,
): bigint {
  if (override === undefined) {
    return divideRoundHalfEven(list.picodollars * BigInt(quantity), list.units)
  }
  const terms = override.effect
  if ('price' in terms) {
    const [whole = '0', cents = ''] = terms.price.split('.')
    const pico = BigInt(whole) * 10n ** 12n + BigInt(cents.padEnd(12, '0'))
    return divideRoundHalfEven(pico * BigInt(quantity), 1_000_000n)
  }
  const hundredths = 10_000n + BigInt(terms.percent.replace('.', ''))
  return divideRoundHalfEven(list.picodollars * BigInt(quantity) * hundredths, list.units * 10_000n)
}

describe('overrides that were accepted', () => {
  it('[P18] decide as the rule says, to the picodollar, in whatever order they stand', () => {
    let decided = 0
    fc.assert(
      fc.property(someTerms, fc.array(calls, { minLength: 1, maxLength: 6 }), (terms, some) => {
        const read = readOverrides(terms, 'api', LIST_BOOK)
        fc.pre(read.ok)
        if (!read.ok) return
        const book = buildPriceBook([SNAPSHOT_LAYER], read.value)
        const turned = buildPriceBook([SNAPSHOT_LAYER], read.value.toReversed())
        expect(turned.version).toBe(book.version)
        for (const call of some) {
          const list = costOfUsage(LIST_BOOK, call)
          const cost = costOfUsage(book, call)
          expect(costOfUsage(turned, call)).toEqual(cost)
          if (list.kind !== 'priced') continue
          expect(cost.kind).toBe('priced')
          for (const [index, { kind, quantity, from }] of list.charges.entries()) {
            const override = expectedOverride(read.value, call, kind)
            if (override !== undefined) decided += 1
            expect(cost.charges[index]?.amount).toBe(expectedAmount(override, from.price, quantity))
            const { rateId = '', from: rate } = cost.charges[index] ?? {}
            expect(findRate(book, rateId)).toEqual(rate)
          }
        }
      }),
      { numRuns: 300 },
    )
    expect(decided).toBeGreaterThan(300)
  })
})
