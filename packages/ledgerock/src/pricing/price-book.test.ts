import { describe, expect, it } from 'vitest'
import { costOfUsage } from './cost-of-usage.ts'
import { bookFaults } from './book-faults.ts'
import { buildPriceBook, layerOf, type PriceLayer } from './price-book.ts'
import type { PriceDocument, PriceRow } from './price-document.ts'
import type { LayerName } from './rate.ts'
import { ratesOfLayer } from './rates-of-layer.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

const MODEL = 'maker.model'
const ROW = { region: '*', scope: 'in-region', tier: 'standard', source: 'TEST' } as const

function layer(
  name: LayerName,
  rates: readonly PriceRow[],
  extra: Partial<PriceDocument> = {},
): PriceLayer {
  const head = { name: 'Model', provider: 'Maker', modality: 'text' }
  return layerOf(name, {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-01-01' } },
    rules: [],
    models: [{ model_id: MODEL, ...head, lifecycle: { status: 'active' }, rates }],
    shared_rates: [],
    inference_profiles: [],
    ...extra,
  })
}

function usdOf(
  layers: readonly PriceLayer[],
  usage: Record<string, number>,
  region = 'us-east-1',
): string {
  const call = { modelId: MODEL, region, scope: 'in-region', tier: 'standard', atMs: 0 } as const
  const cost = costOfUsage(buildPriceBook(layers), { ...call, usage })
  return cost.kind === 'priced' ? (Number(cost.cost) / 1e12).toString() : cost.reason
}

const MILLION = 1_000_000

describe('layers', () => {
  const shipped = layer('snapshot', [
    { ...ROW, prices: { input: '3', output: '15' } },
    { ...ROW, region: 'eu-west-1', prices: { input: '4', output: '20' } },
    { ...ROW, context_above: 10 * MILLION, prices: { input: '30', output: '150' } },
  ])

  it('[P10] the first layer with a rate for the kind wins, even over an own region below', () => {
    const mine = layer('override', [{ ...ROW, prices: { input: '1' } }])
    expect(usdOf([mine, shipped], { input: MILLION })).toBe('1')
    expect(usdOf([mine, shipped], { input: MILLION }, 'eu-west-1')).toBe('1')
    // what the override does not price comes from below
    expect(usdOf([mine, shipped], { input: MILLION, output: MILLION })).toBe('16')
    expect(usdOf([mine, shipped], { input: MILLION, output: MILLION }, 'eu-west-1')).toBe('21')
  })

  it('[P6] a price for short prompts in one layer says nothing about long ones, whichever layer knows the threshold', () => {
    const mine = layer('learned', [{ ...ROW, prices: { input: '1' } }])
    expect(usdOf([mine, shipped], { input: 10 * MILLION })).toBe('10')
    expect(usdOf([mine, shipped], { input: 20 * MILLION })).toBe('600')
    const both = layer('learned', [
      ...mine.document.models.flatMap(({ rates }) => rates),
      { ...ROW, context_above: 10 * MILLION, prices: { input: '2' } },
    ])
    expect(usdOf([both, shipped], { input: 20 * MILLION })).toBe('40')
    // The snapshot sells no cache reads beyond ten million, so that nobody's price for shorter prompts is taken.
    const cached = layer('learned', [{ ...ROW, prices: { cache_read: '0.1' } }])
    expect(usdOf([cached, shipped], { cache_read: 10 * MILLION })).toBe('1')
    expect(usdOf([cached, shipped], { input: MILLION, cache_read: 10 * MILLION })).toBe(
      'unknown_kind',
    )
  })

  it('[P10] an override can price a model, region or tier nobody sells', () => {
    const mine = layer('override', [{ ...ROW, region: 'us-gov-west-1', prices: { input: '5' } }])
    expect(usdOf([shipped], { input: MILLION }, 'us-gov-west-1')).toBe('unknown_region')
    expect(usdOf([mine, shipped], { input: MILLION }, 'us-gov-west-1')).toBe('5')
    expect(usdOf([mine, shipped], { output: MILLION }, 'us-gov-west-1')).toBe('unknown_kind')
  })

  it('[P10] the strongest layer says what a name and a profile stand for', () => {
    const [model] = shipped.document.models
    if (model === undefined) throw new Error('no model')
    const names = (modelId: string): Partial<PriceDocument> => ({
      models: [{ ...model, model_id: modelId, aliases: ['maker.nick'] }],
      inference_profiles: [
        { profile_id: 'us.maker.nick', model_id: modelId, scope: 'geo', source: 'TEST' },
      ],
    })
    const mine = layer('override', [], names('maker.mine'))
    const book = buildPriceBook([mine, layer('snapshot', [], names('maker.theirs'))])
    expect(book.baseIds.get('maker.nick')).toBe('maker.mine')
    expect(book.profiles.get('us.maker.nick')?.modelId).toBe('maker.mine')
    expect([...book.models.keys()].toSorted()).toEqual(['maker.mine', 'maker.theirs'])
  })

  it('[P10] layers out of order are a bug', () => {
    expect(() => buildPriceBook([shipped, layer('override', [])])).toThrow('order of precedence')
    expect(() => buildPriceBook([shipped, shipped])).toThrow('order of precedence')
  })
})

describe('rows', () => {
  it('[P1] a region with a row of its own takes nothing from "*"', () => {
    const rows = [
      { ...ROW, prices: { input: '3', cache_read: '0.3' } },
      { ...ROW, region: 'eu-west-1', prices: { input: '4' } },
    ]
    expect(usdOf([layer('snapshot', rows)], { cache_read: MILLION })).toBe('0.3')
    expect(usdOf([layer('snapshot', rows)], { cache_read: MILLION }, 'eu-west-1')).toBe(
      'unknown_kind',
    )
  })

  it('[P6] the band row prices the whole request: what it does not sell is not sold above', () => {
    const rows = [
      { ...ROW, prices: { input: '1', output: '2', cache_read: '0.1' } },
      { ...ROW, context_above: 100, prices: { input: '10', output: '20' } },
    ]
    const book = [layer('snapshot', rows)]
    // 100 × 1 + 1,000,000 × 2 µ$, then 101 × 10 + 1,000,000 × 20 µ$
    expect(usdOf(book, { input: 100, output: MILLION })).toBe('2.0001')
    expect(usdOf(book, { input: 101, output: MILLION })).toBe('20.00101')
    expect(usdOf(book, { input: 100, cache_read: 1 })).toBe('unknown_kind')
  })

  it('[P2] rows of one key may share its kinds out between them', () => {
    const rows = [
      { ...ROW, prices: { input: '1' } },
      { ...ROW, prices: { output: '2' } },
    ]
    expect(usdOf([layer('snapshot', rows)], { input: MILLION, output: MILLION })).toBe('3')
  })
})

/** The id of the last rate of a book with these rows. */
function lastRateId(rows: readonly PriceRow[]): string | undefined {
  return ratesOfLayer(layer('snapshot', rows)).at(-1)?.rateId
}

function faultsOf(rows: readonly PriceRow[], extra: Partial<PriceDocument> = {}): string {
  return bookFaults(buildPriceBook([layer('price_list', rows, extra)])).join('\n')
}

describe('versions and ids', () => {
  const one = layer('snapshot', [{ ...ROW, prices: { input: '3' } }])

  it('[P9] a book is versioned by its content', () => {
    const same = layer('snapshot', [{ ...ROW, prices: { input: '3' } }])
    const other = layer('snapshot', [{ ...ROW, prices: { input: '3.1' } }])
    expect(buildPriceBook([one]).version).toBe(buildPriceBook([same]).version)
    expect(buildPriceBook([one]).version).not.toBe(buildPriceBook([other]).version)
  })

  it('[P9] a rate id depends on key and price alone: not on its neighbours, source or end', () => {
    const row = { ...ROW, prices: { input: '3' } }
    const id = lastRateId([row])
    expect(id).toMatch(/^r[0-9a-v]{13}$/)
    expect(
      lastRateId([
        { ...ROW, prices: { output: '9' } },
        { ...row, note: 'n', valid_to: '2027-01-01' },
      ]),
    ).toBe(id)
    expect(lastRateId([{ ...row, prices: { input: '3.00' } }])).toBe(id)
    expect(lastRateId([{ ...row, prices: { input: '3.01' } }])).not.toBe(id)
    expect(lastRateId([{ ...row, region: 'eu-west-1' }])).not.toBe(id)
    expect(lastRateId([{ ...row, valid_from: '2026-01-01' }])).not.toBe(id)
  })
})

describe('the shipped snapshot', () => {
  const book = buildPriceBook([SNAPSHOT_LAYER])

  it('[P11] has no fault: prices parse, keys are unique, profiles lead to models', () => {
    expect(bookFaults(book)).toEqual([])
  })

  it('[P9] gives every rate an id of its own', () => {
    const rates = ratesOfLayer(SNAPSHOT_LAYER)
    expect(rates.length).toBeGreaterThan(7000)
    expect(new Set(rates.map(({ rateId }) => rateId)).size).toBe(rates.length)
    for (const { sourceDate } of rates) expect(sourceDate).toMatch(/^20\d\d-\d\d/)
  })

  it('[P11] every profile has a rate of its scope in some region', () => {
    for (const { modelId, scope } of book.profiles.values()) {
      const rows = book.models.get(modelId)?.model.rates ?? []
      expect(rows.map((row) => row.scope)).toContain(scope)
    }
  })

  it('[P11] names its sources with their dates and no machine of ours', () => {
    const { document } = SNAPSHOT_LAYER
    const text = JSON.stringify(document)
    expect(text).not.toMatch(/\/work\/|\/tmp\/|\/home\/|localhost|index id/)
    for (const { date } of Object.values(document.sources)) expect(date).toMatch(/^20\d\d-\d\d/)
  })
})

describe('bookFaults', () => {
  const row = { ...ROW, prices: { input: '3' } }
  it.each<readonly [string, readonly PriceRow[]]>([
    ['a second price', [row, { ...row, prices: { input: '4' } }]],
    [
      'a second price',
      [
        { ...row, valid_to: '2026-02-02' },
        { ...row, valid_from: '2026-02-01' },
      ],
    ],
    ['not a decimal amount', [{ ...row, prices: { input: '1e3' } }]],
    ['not a decimal amount', [{ ...row, prices: { input: '' } }]],
    ['cannot be negative', [{ ...row, prices: { input: '-1' } }]],
    ['more than 12 decimals', [{ ...row, prices: { input: '0.1234567890123' } }]],
    [
      'unknown usage kind',
      [JSON.parse(JSON.stringify({ ...row, prices: { inputs: '1' } })) as PriceRow],
    ],
    ['unknown unit', [JSON.parse(JSON.stringify({ ...row, unit: 'word' })) as PriceRow]],
    ['unknown source', [{ ...row, source: 'HEARSAY' }]],
    ['unknown rule', [{ ...row, derived: { input: 'GUESS' } }]],
    ['validity ends before', [{ ...row, valid_from: '2026-02-01', valid_to: '2026-02-01' }]],
    ['a date that is none', [{ ...row, valid_from: 'soon' }]],
    ['without a price', [{ ...row, prices: {} }]],
  ])('[P11] finds: %s', (fault, rows) => {
    const found = faultsOf(rows)
    expect(found).toContain(fault)
    expect(found).toContain('price_list: maker.model rate ')
  })

  it('[P11] lets validities meet, finds names used twice and profiles to nowhere', () => {
    expect(
      faultsOf([
        { ...row, valid_to: '2026-02-01' },
        { ...row, valid_from: '2026-02-01' },
      ]),
    ).toBe('')
    const profile = {
      profile_id: 'us.maker.x',
      model_id: 'maker.x',
      scope: 'geo',
      source: 'TEST',
    } as const
    expect(faultsOf([row], { inference_profiles: [profile] })).toContain('leads to unknown model')
    const [model] = layer('price_list', [row]).document.models
    if (model === undefined) throw new Error('no model')
    expect(faultsOf([row], { models: [model, { ...model, aliases: [] }] })).toContain('two models')
  })
})
