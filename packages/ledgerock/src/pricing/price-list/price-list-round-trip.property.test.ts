// Prices written in AWS's spelling, whichever of its spellings, come back as the same prices: for documents made up at random from
// the models of the snapshot, and for the whole snapshot as it stands on a day.

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { TIERS, type UsageKind } from '@ledgerock/contract'
import { mustOk } from '../../kernel/result.ts'
import { bookFaults } from '../book-faults.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import type { PriceDocument, PriceRow } from '../price-document.ts'
import { instantOf } from '../rate.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { writePriceLists, type KeyedPrice } from '../testing/price-list-files.ts'
import { WRITTEN_REGIONS, type Pick } from '../testing/price-list-words.ts'
import { convertOffers } from './convert-offers.ts'
import { keyOfRow, keyText } from './key-text.ts'
import type { PriceKey } from './read-sku.ts'
import { scalePrice } from './scale-price.ts'

/** A machine under load is slow, not wrong. */
vi.setConfig({ testTimeout: 60_000 })

const book = buildPriceBook([SNAPSHOT_LAYER])
const models = new Map(SNAPSHOT_LAYER.document.models.map((model) => [model.model_id, model]))
const DATES = {
  effectiveDate: '2026-10-09T00:00:00Z',
  publicationDate: '2026-10-09T13:01:14Z',
}

/** Every price of a document, by key; a row of an open or dated start alike. */
function pricesOf(document: PriceDocument): ReadonlyMap<string, string> {
  const all: (readonly [string, readonly PriceRow[]])[] = [
    ...document.models.map((model) => [model.model_id, model.rates] as const),
    ['*', document.shared_rates],
  ]
  const prices = all.flatMap(([modelId, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row.prices).map(([kind, usd]): readonly [string, string] => {
        const key = { ...keyOfRow(modelId, row), kind: kind as UsageKind }
        return [keyText(key), usd ?? '']
      }),
    ),
  )
  return new Map(prices)
}

function pickFrom(numbers: readonly number[]): Pick {
  let next = 0
  return (items) => {
    const number = numbers[next % numbers.length] ?? 0
    next += 1
    return items[number % items.length] as (typeof items)[number]
  }
}

/** The geography's key beside the region's, as AWS sells both under one word. */
function keysSold(key: PriceKey): readonly PriceKey[] {
  const isFixed = key.unit.endsWith('_hour') || key.unit === 'storage_month'
  if (isFixed || key.scope === 'global') return [key]
  const rows = models.get(key.modelId)?.rates ?? []
  const profiles = SNAPSHOT_LAYER.document.inference_profiles
  const hasGeo =
    rows.some((row) => row.scope === 'geo') ||
    profiles.some((each) => each.model_id === key.modelId && each.scope === 'geo')
  const isGeoOnly = hasGeo && !rows.some((row) => row.scope === 'in-region')
  return [
    ...(isGeoOnly ? [] : [{ ...key, scope: 'in-region' as const }]),
    ...(hasGeo ? [{ ...key, scope: 'geo' as const }] : []),
  ]
}

function convert(prices: readonly KeyedPrice[], pick: Pick): PriceDocument {
  const leftOut: KeyedPrice[] = []
  const offers = writePriceLists(prices, models, DATES, pick, (price) => leftOut.push(price))
  expect(leftOut).toEqual([])
  const { document, report } = mustOk(convertOffers(offers, book))
  expect(report.unread).toEqual([])
  expect(report.read).toBe(prices.length)
  expect(report.skus).toBe(prices.length)
  return document
}

const textModels = [...models.values()].filter(({ modality }) => modality === 'text')
const CACHE_KINDS = ['cache_read', 'cache_write_5m', 'cache_write_30m', 'cache_write_1h'] as const

/** Prices per million tokens with up to seven decimals, so that AWS's ten decimals per thousand hold them. */
const price = fc
  .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 9_999_999 }))
  .map(([whole, rest]) => scalePrice(`${whole}.${String(rest).padStart(7, '0')}`, 1n, 1n) as string)

const keyedPrice: fc.Arbitrary<KeyedPrice> = fc
  .record({
    model: fc.constantFrom(...textModels),
    region: fc.constantFrom(...WRITTEN_REGIONS),
    scope: fc.constantFrom('in-region' as const, 'global' as const),
    tier: fc.constantFrom(...TIERS.filter((tier) => tier !== 'reserved')),
    kind: fc.constantFrom('input' as const, 'output' as const, ...CACHE_KINDS),
    long: fc.boolean(),
    price,
  })
  .map(({ model, region, scope, tier, kind, long, price: usd }) => {
    const threshold = model.rates.find((row) => row.context_above !== undefined)?.context_above ?? 0
    const key: PriceKey = {
      modelId: model.model_id,
      region,
      scope,
      tier,
      contextAbove: long ? threshold : 0,
      unit: 'token',
      medium: 'text',
      variant: null,
      kind,
    }
    return { key, price: usd }
  })

describe('price lists', () => {
  it('[PL1] read back whatever was written in any of AWS spellings', () => {
    const listed = fc.uniqueArray(keyedPrice, {
      maxLength: 40,
      minLength: 1,
      selector: ({ key }) => keyText(key),
    })
    fc.assert(
      fc.property(listed, fc.array(fc.nat(1_000), { minLength: 30 }), (prices, numbers) => {
        const document = convert(prices, pickFrom(numbers))
        const expected = prices.flatMap((each) =>
          keysSold(each.key).map((key) => [keyText(key), each.price] as const),
        )
        expect(pricesOf(document)).toEqual(new Map(expected))
      }),
      { numRuns: 60 },
    )
  })

  it('[PL1] make a document without a fault, whatever was written', () => {
    const listed = fc.uniqueArray(keyedPrice, {
      minLength: 20,
      selector: ({ key }) => keyText(key),
    })
    fc.assert(
      fc.property(listed, fc.array(fc.nat(1_000), { minLength: 30 }), (prices, numbers) => {
        const layer = layerOf('price_list', convert(prices, pickFrom(numbers)))
        expect(bookFaults(buildPriceBook([layer, SNAPSHOT_LAYER]))).toEqual([])
      }),
      { numRuns: 5 },
    )
  })

  it('[PL1] read back the whole snapshot as it stands on a day, every model of it', () => {
    const atMs = Date.parse(DATES.effectiveDate)
    const { written, spellable } = listedAt(atMs)
    const leftOut: KeyedPrice[] = []
    for (const numbers of [[0], [1, 2, 3], [7, 5, 3, 2, 11], [4, 9, 1, 6]]) {
      leftOut.length = 0
      const pick = pickFrom(numbers)
      const offers = writePriceLists(written, models, DATES, pick, (each) => leftOut.push(each))
      const { document, report } = mustOk(convertOffers(offers, book))
      expect(report.unread).toEqual([])
      const twins = leftOut
        .filter(({ key }) => key.unit !== 'token')
        .map(({ key }) => ({ key: { ...key, kind: 'output' as const } }))
      const unwritten = new Set([...leftOut, ...twins].map(({ key }) => keyText(key)))
      const expected = [...spellable].filter(([text]) => !unwritten.has(text))
      const found = pricesOf(document)
      expect(expected.filter(([text, usd]) => found.get(text) !== usd)).toEqual([])
      expect(expected.length).toBeGreaterThan(1_500)
      const read = new Set(document.models.map((model) => model.model_id))
      const unread = [...models.keys()].filter((modelId) => !read.has(modelId))
      expect(unread).toEqual(['stability.stable-diffusion-xl-v1'])
    }
    // Steps of an old image model, documents among embedded images, and batches of pieces with a variant: no spelling is known.
    expect(new Set(leftOut.map(({ key }) => `${key.modelId} ${key.kind}`))).toEqual(
      new Set([
        'amazon.nova-2-multimodal-embeddings-v1:0 image_input',
        'stability.stable-diffusion-xl-v1 images',
        '* storage_months',
        '* text_units_content_image',
        '* text_units_checks_content',
        '* text_units_checks_prompt_attack',
        '* text_units_checks_sensitive_information',
      ]),
    )
  })
})

/** What a list of that day would hold, and what it should be read back as. */
function listedAt(atMs: number): {
  readonly written: readonly KeyedPrice[]
  readonly spellable: ReadonlyMap<string, string>
} {
  const written = new Map<string, KeyedPrice>()
  const spellable = new Map<string, string>()
  const take = (modelId: string, rows: readonly PriceRow[]): void => {
    for (const row of rows) {
      const isNow =
        instantOf(row.valid_from, -Infinity) <= atMs && atMs < instantOf(row.valid_to, Infinity)
      const region = row.region === '*' ? 'us-east-2' : row.region
      if (!isNow || row.status === 'historical' || !WRITTEN_REGIONS.includes(region)) continue
      for (const [kind, usd] of Object.entries(row.prices)) {
        const unit = row.unit ?? 'token'
        const isTwin = kind === 'output' && unit !== 'token'
        const key = { ...keyOfRow(modelId, { ...row, region }), kind: kind as UsageKind }
        spellable.set(keyText(key), usd ?? '')
        const regional = { ...key, scope: key.scope === 'geo' ? ('in-region' as const) : key.scope }
        const isReserved = key.kind === 'tpm_hours'
        if (!isTwin)
          written.set(keyText(isReserved ? key : regional), {
            key: isReserved ? key : regional,
            price: usd ?? '',
          })
      }
    }
  }
  for (const model of models.values()) take(model.model_id, model.rates)
  take('*', SNAPSHOT_LAYER.document.shared_rates)
  return { written: [...written.values()], spellable }
}
