import { describe, expect, it } from 'vitest'
import {
  convertCatalog,
  type Catalog,
  type CatalogModel,
  type CatalogRate,
} from './convert-catalog.ts'
import type { PriceRow } from '../price-document.ts'
import type { CatalogPriceChange } from './price-changes.ts'

const RATE: CatalogRate = {
  region: '*',
  scope: 'geo',
  tier: 'standard',
  min_context_tokens: 0,
  unit: 'token',
  source: 'LIST',
  source_date: '2026-10-08',
}
const ROW = { region: '*', scope: 'geo', tier: 'standard', source: 'LIST' }

function rowsOf(
  modelId: string,
  rates: readonly CatalogRate[],
  changes: readonly CatalogPriceChange[] = [],
): readonly PriceRow[] {
  const head = { name: 'M', provider: 'P', modality: 'text', lifecycle: { status: 'active' } }
  const model: CatalogModel = { model_id: modelId, ...head, rates }
  return convertCatalog(catalogOf([model], changes)).models[0]?.rates ?? []
}

function catalogOf(
  models: readonly CatalogModel[],
  changes: readonly CatalogPriceChange[],
): Catalog {
  return {
    generated_on: '2026-11-20',
    currency: 'USD',
    sources: {
      LIST: { publisher: 'AWS', carried_by: 'public file, index id 12', date: '2026-10-08' },
    },
    rules: [],
    models,
    inference_profiles: [],
    other_charges: [
      {
        kind: 'guardrail',
        item: 'word filter',
        region: '*',
        unit: '1000 text units',
        price: '0',
        source: 'LIST',
        source_date: '2026-10',
      },
      {
        kind: 'fine-tuning',
        item: 'x',
        region: '*',
        unit: 'task',
        price: '1',
        source: 'LIST',
        source_date: '2026-10',
      },
    ],
    price_changes: changes,
  }
}

function pricesOf(rates: readonly CatalogRate[]): readonly unknown[] {
  return rowsOf('maker.m', rates).map(({ prices }) => prices)
}

describe('convertCatalog', () => {
  it('names kinds, drops defaults, keeps what was derived', () => {
    expect(
      rowsOf('maker.m', [
        { ...RATE, media: 'text', input: '1', output: '2', derived: true, rule: 'R' },
      ]),
    ).toEqual([{ ...ROW, prices: { input: '1', output: '2' }, derived: { '*': 'R' } }])
    const speech = { ...RATE, media: 'speech', input: '3', output: '4', min_context_tokens: 9 }
    expect(rowsOf('maker.m', [speech])).toEqual([
      {
        ...ROW,
        context_above: 9,
        medium: 'speech',
        prices: { audio_input: '3', audio_output: '4' },
      },
    ])
  })

  it('[P2] units get kinds of their own; `output` counts them without output tokens', () => {
    const image: CatalogRate = { ...RATE, unit: 'image', media: 'image', output: '0.04' }
    const second: CatalogRate = { ...RATE, unit: 'second', media: 'video', input: '0.1' }
    const request: CatalogRate = { ...RATE, unit: 'request', input: '0.2' }
    expect(pricesOf([image])).toEqual([{ output: '0.04', images: '0.04' }])
    expect(pricesOf([request])).toEqual([{ requests: '0.2', output: '0.2' }])
    expect(pricesOf([second, { ...second, media: 'audio' }])).toEqual([
      { video_seconds: '0.1' },
      { audio_input: '0.1' },
    ])
    expect(pricesOf([request, { ...RATE, output: '5' }])).toEqual([
      { requests: '0.2' },
      { output: '5' },
    ])
  })

  it('[P8] a charge known to be nothing is an explicit zero, by a named rule', () => {
    const cached: CatalogRate = { ...RATE, input: '1', cache_read: '0.25' }
    const zero = { prices: { input: '1', cache_read: '0.25', cache_write: '0' } }
    expect(rowsOf('amazon.nova-x', [cached])).toEqual([
      { ...ROW, ...zero, derived: { cache_write: 'CACHE-READ-NOVA' } },
    ])
    expect(rowsOf('openai.gpt-5.4', [cached])).toEqual([
      { ...ROW, ...zero, derived: { cache_write: 'OPENAI-NO-WRITE-FEE' } },
    ])
    expect(rowsOf('maker.m', [cached])).toEqual([
      { ...ROW, prices: { input: '1', cache_read: '0.25' } },
    ])
  })

  it('guardrail text units become rates beside every model; sources lose pointers', () => {
    const { shared_rates, sources, other_charges } = convertCatalog(catalogOf([], []))
    expect(shared_rates).toMatchObject([{ unit: 'text_unit', prices: { text_units_word: '0' } }])
    expect(other_charges).toEqual([
      expect.objectContaining({ item: 'x', reason: expect.stringContaining('training') as string }),
    ])
    expect(sources['LIST']?.carried_by).toBe('public file')
  })
})

describe('price changes', () => {
  const change: CatalogPriceChange = {
    model_id: 'openai.m',
    date: '2026-07-30',
    scope: 'geo / in-region',
    before: { input: '1.1', output: '6.6' },
    after: { input: '0.22', output: '1.32' },
    source: 'NEWS',
  }
  const now: CatalogRate = { ...RATE, input: '0.22', output: '1.32' }

  it('[P7] split a row in two at the day', () => {
    expect(rowsOf('openai.m', [now], [change])).toEqual([
      { ...ROW, prices: { input: '1.1', output: '6.6' }, source: 'NEWS', valid_to: '2026-07-30' },
      { ...ROW, prices: { input: '0.22', output: '1.32' }, valid_from: '2026-07-30' },
    ])
  })

  it('[P7] leave other models, tiers, scopes and prices alone', () => {
    expect(rowsOf('openai.other', [now], [change])).toHaveLength(1)
    expect(rowsOf('openai.m', [{ ...now, tier: 'flex' }], [change])).toHaveLength(1)
    expect(rowsOf('openai.m', [{ ...now, input: '0.3' }], [change])).toHaveLength(1)
  })

  it('[P7] reach the long-context and global rows by rule, and say so', () => {
    const long: CatalogRate = { ...now, min_context_tokens: 272_000, input: '0.44', output: '1.98' }
    const global: CatalogRate = { ...now, scope: 'global', input: '0.2', output: '1.2' }
    expect(rowsOf('openai.m', [long, global], [change])).toMatchObject([
      { prices: { input: '2.2', output: '9.9' }, derived: { '*': 'OPENAI-LONG' } },
      { valid_from: '2026-07-30' },
      { prices: { input: '1', output: '6' }, derived: { '*': 'GLOBAL-FROM-GEO' } },
      { valid_from: '2026-07-30' },
    ])
  })

  it('[P7] where only two days are known, the old price stands until the last', () => {
    const between = { ...change, date: 'between 2026-08-21 and 2026-10-08' }
    expect(rowsOf('openai.m', [now], [between])).toMatchObject([
      {
        valid_to: '2026-10-08',
        note: expect.stringContaining('counted from 2026-10-08') as string,
      },
      { valid_from: '2026-10-08' },
    ])
  })

  it('[P7] a band that began on a day does not exist before it', () => {
    const begins = {
      ...change,
      date: '2026-08-03',
      scope: 'all',
      text: 'Context threshold at 272000 input tokens begins to apply.',
    }
    const { before: _, after: __, ...band } = begins
    const long: CatalogRate = { ...now, min_context_tokens: 272_000, input: '0.44', output: '1.98' }
    expect(rowsOf('openai.m', [long], [change, band])).toMatchObject([
      { context_above: 272_000, prices: { input: '0.44' }, valid_from: '2026-08-03' },
    ])
  })
})
