import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOfUsage } from '../cost-of-usage.ts'
import { buildPriceBook, layerOf, type PriceBook } from '../price-book.ts'
import type { PriceDocument, PriceRow } from '../price-document.ts'
import { arbitraryCall, arbitraryLayers, BAND, BORDERS } from '../testing/arbitrary-book.ts'
import type { RepriceFacts } from '../reprice-facts.ts'
import { repricerOf } from './repricer.ts'

const MODEL = 'maker.images'

function bookOf(rows: readonly PriceRow[], modelId = MODEL): PriceBook {
  const document: PriceDocument = {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-01-01' } },
    rules: [],
    models: [
      {
        model_id: modelId,
        name: modelId,
        provider: 'Maker',
        modality: 'image',
        lifecycle: { status: 'active' },
        rates: rows,
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
  return buildPriceBook([layerOf('snapshot', document)])
}

const row = (usd: string, variant?: string): PriceRow => ({
  region: '*',
  scope: 'in-region',
  tier: 'standard',
  unit: 'image',
  prices: { images: usd },
  source: 'TEST',
  ...(variant === undefined ? {} : { variant }),
})

const facts: RepriceFacts = {
  modelRequested: MODEL,
  modelId: MODEL,
  inferenceProfile: null,
  scope: 'in-region',
  region: 'us-east-1',
  tier: 'standard',
  accountId: null,
  atMs: Date.parse('2026-03-01'),
  usage: { images: 3 },
  unpricedReason: null,
  rates: [],
  bookVersion: 'an older one',
}

function charged(book: PriceBook, variant: string | null): RepriceFacts {
  const { modelId, scope, region, tier, atMs, usage } = facts
  if (modelId === null || scope === null) throw new Error('the facts name a model')
  const cost = costOfUsage(book, { modelId, scope, region, tier, atMs, usage, variant })
  return {
    ...facts,
    bookVersion: book.version,
    rates: cost.charges.map(({ kind, rateId, rate }) => ({ kind, rateId, rateUsd: rate })),
  }
}

describe('pricing a call anew', () => {
  it('asks for the variant that the present rate is for', () => {
    const old = bookOf([row('0.04', 'standard'), row('0.08', 'premium')])
    const book = bookOf([row('0.05', 'standard'), row('0.09', 'premium')])
    const former = charged(old, 'premium')
    const rates = old.layers.flatMap(() => former.rates)
    const answer = repricerOf(book, (rateId) =>
      rates.some((rate) => rate.rateId === rateId) ? { variant: 'premium' } : null,
    ).reprice(former)
    expect(answer).toMatchObject({ kind: 'repriced', rates: [{ rateUsd: '0.09' }] })
  })

  it('leaves a call alone whose variant the books do not tell, unless one price is for all', () => {
    const former = charged(bookOf([row('0.04', 'standard'), row('0.08', 'premium')]), 'premium')
    const several = bookOf([row('0.05', 'standard'), row('0.09', 'premium')])
    expect(repricerOf(several).reprice(former)).toEqual({
      kind: 'kept',
      reason: 'variant_not_recorded',
    })
    const one = bookOf([row('0.06')])
    expect(repricerOf(one).reprice(former)).toMatchObject({ rates: [{ rateUsd: '0.06' }] })
  })

  it('never guesses a variant for a call that had no price', () => {
    const unpriced = { ...facts, unpricedReason: 'unknown_kind' } as const
    expect(repricerOf(bookOf([row('0.05', 'premium')])).reprice(unpriced)).toEqual({
      kind: 'kept',
      reason: 'same',
    })
  })

  it('resolves a model that is known now, and keeps who is known already', () => {
    const late = { ...facts, modelId: null, scope: null, unpricedReason: 'unknown_model' } as const
    expect(repricerOf(bookOf([row('0.05')])).reprice(late)).toMatchObject({
      kind: 'repriced',
      modelId: MODEL,
      scope: 'in-region',
      unpricedReason: null,
    })
    expect(repricerOf(bookOf([row('0.05')], 'maker.other')).reprice(late)).toEqual({
      kind: 'kept',
      reason: 'same',
    })
  })

  it('does not take a call of unknown tier for one of the tier that was asked for', () => {
    const unknown = { ...facts, unpricedReason: 'unknown_tier' } as const
    expect(repricerOf(bookOf([row('0.05')])).reprice(unknown).kind).toBe('kept')
  })

  it('changes nothing by the same book, and nothing where nothing was used', () => {
    const book = bookOf([row('0.05')])
    expect(repricerOf(book).reprice({ ...facts, bookVersion: book.version }).kind).toBe('kept')
    expect(repricerOf(book).reprice({ ...facts, usage: {} }).kind).toBe('kept')
  })

  it('has the same answer for all calls between the same borders, which every change lies on', () => {
    fc.assert(
      fc.property(arbitraryLayers, arbitraryCall, arbitraryCall, (layers, call, other) => {
        const book = buildPriceBook(layers)
        const repricer = repricerOf(book)
        const [fromMs, toMs] = [Date.parse('2026-01-01'), Date.parse('2026-06-01')]
        const period = (ms: number): number =>
          repricer.timeBorders(fromMs, toMs).filter((border) => ms >= border).length
        const of = (asked: typeof call) => ({ ...call, atMs: asked.atMs, usage: call.usage })
        fc.pre(period(call.atMs) === period(other.atMs))
        const [one, two] = [of(call), of(other)].map((asked) => costOfUsage(book, asked))
        expect(two).toEqual(one)
      }),
    )
  })

  it('names the bands and days of the book as borders', () => {
    const banded = { ...row('0.05'), context_above: BAND, valid_from: BORDERS[0] }
    const repricer = repricerOf(bookOf([row('0.04'), banded]))
    expect(repricer.contextBorders).toEqual([BAND])
    expect(repricer.timeBorders(Date.parse('2026-01-01'), Date.parse('2026-05-01'))).toEqual([
      Date.parse(BORDERS[0]),
    ])
  })
})
