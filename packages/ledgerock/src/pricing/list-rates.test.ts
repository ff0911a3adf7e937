import { describe, expect, it } from 'vitest'
import { diffRates, type RateDiff } from './diff-rates.ts'
import { findRate } from './find-rate.ts'
import { listRates, rateRow, type RateRow } from './list-rates.ts'
import { buildPriceBook, layerOf, type PriceLayer } from './price-book.ts'
import type { PriceRow } from './price-document.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { LIST_BOOK, overridesOf } from './testing/override-terms.ts'

const SONNET = 'anthropic.claude-sonnet-4-6'
const NOW_MS = Date.parse('2026-11-20')
const ROW = { region: '*', scope: 'in-region', tier: 'standard', source: 'TEST' } as const

function priceList(rates: readonly PriceRow[], modelId = SONNET): PriceLayer {
  const head = { name: 'M', provider: 'P', modality: 'text', lifecycle: { status: 'active' } }
  return layerOf('price_list', {
    schema: 'ledgerock-prices/1',
    sources: { TEST: { publisher: 'AWS', carried_by: 'list', date: '2026-11-01' } },
    rules: [],
    models: [{ model_id: modelId, ...head, rates }],
    shared_rates: [],
    inference_profiles: [],
  })
}

const short = (row: RateRow): string =>
  `${row.layer} ${row.region} ${row.kind} ${row.price_usd ?? `${row.percent}%`} ${row.in_force}`

describe('listRates', () => {
  const list = priceList([
    { ...ROW, prices: { input: '3.1' }, valid_to: '2026-11-01' },
    { ...ROW, prices: { input: '3.2' }, valid_from: '2026-11-01' },
    { ...ROW, prices: { input: '9' }, status: 'historical' },
  ])
  const overrides = overridesOf([
    { name: 'edp', models: 'anthropic.*', percent: '-10', account_id: '123456789012' },
    { name: 'deal', models: SONNET, kind: 'input', price: '2', to: '2026-10-01' },
    { name: 'other', models: 'meta.*', percent: '-1' },
  ])
  const book = buildPriceBook([list, SNAPSHOT_LAYER], overrides)
  const filter = { model: SONNET, kind: 'input', scope: 'in-region', tier: 'standard' } as const

  it('[P20] shows what is in force at a time, from every layer, in one order', () => {
    const rows = listRates(book, { ...filter, region: 'us-east-1', atMs: NOW_MS })
    expect(rows.map(short)).toEqual([
      'override * * -10% true',
      'price_list * input 3.2 true',
      'snapshot * input 3.3 true',
    ])
    const before = listRates(book, { ...filter, atMs: Date.parse('2026-09-30'), layer: 'override' })
    expect(before.map(short)).toEqual(['override * * -10% true', 'override * input 2 true'])
  })

  it('[P20] without a time shows everything; what has ended or is historical is not in force', () => {
    const rows = listRates(book, { ...filter, layer: 'price_list' })
    expect(rows.map(short).toSorted()).toEqual([
      'price_list * input 3.1 false',
      'price_list * input 3.2 true',
      'price_list * input 9 false',
    ])
  })

  it('[P20] a row is plain JSON with its id, price, source and date', () => {
    const [row] = listRates(book, { ...filter, layer: 'price_list', atMs: NOW_MS })
    expect(row).toEqual({
      rate_id: expect.stringMatching(/^r[0-9a-v]{13}$/) as unknown,
      layer: 'price_list',
      model_id: SONNET,
      region: '*',
      scope: 'in-region',
      tier: 'standard',
      kind: 'input',
      unit: 'token',
      medium: 'text',
      variant: null,
      context_above: 0,
      price_usd: '3.2',
      per: 1_000_000,
      rate_usd: '0.0000032',
      percent: null,
      account_id: null,
      from: '2026-11-01T00:00:00.000Z',
      to: null,
      source: 'TEST',
      source_date: '2026-11-01',
      derived_by: null,
      base_source: null,
      base_source_date: null,
      in_force: true,
    })
    const percent = listRates(book, { layer: 'override' }).find(({ percent: is }) => is === '-10')
    expect(percent).toMatchObject({ account_id: '123456789012', price_usd: null, kind: '*' })
  })

  it('[P20] every row of the snapshot is found by its id, and is the row that is found', () => {
    const rows = listRates(LIST_BOOK, {})
    expect(rows.length).toBeGreaterThan(7_000)
    for (const row of rows) {
      const rate = findRate(LIST_BOOK, row.rate_id)
      expect(rate === null ? null : rateRow(LIST_BOOK, rate)).toEqual(row)
    }
  })

  it('[P20] takes another name, a profile or a pattern for a model; guardrails are one', () => {
    const count = (model: string): number => listRates(LIST_BOOK, { model }).length
    expect(count(`us.${SONNET}`)).toBe(count(SONNET))
    expect(count('anthropic.*')).toBeGreaterThan(count(SONNET))
    expect(count('guardrail')).toBe(5)
    expect(count('maker.none')).toBe(0)
    const gov = listRates(LIST_BOOK, { region: 'us-gov-west-1' })
    expect(gov.map(({ region }) => region)).not.toContain('*')
  })
})

describe('diffRates', () => {
  const diff = (rates: readonly PriceRow[]): readonly string[] =>
    diffRates(buildPriceBook([priceList(rates), SNAPSHOT_LAYER]), {
      layer: 'price_list',
      against: 'snapshot',
      atMs: NOW_MS,
    })
      .filter(isOfSonnet)
      .map(told)
  const isOfSonnet = ({ model_id, scope, tier, kind, region }: RateDiff): boolean =>
    model_id === SONNET &&
    scope === 'in-region' &&
    tier === 'standard' &&
    !region.startsWith('us-gov') &&
    kind === 'input'
  const told = (row: RateDiff): string =>
    `${row.region} ${row.change} ${row.price_usd} ${row.against_usd} ${row.ratio}`

  it('[P20] rates at another price, and those only one has', () => {
    expect(diff([{ ...ROW, prices: { input: '3.3' } }])).toEqual([])
    // 3.63 / 3.30 = 1.1
    expect(diff([{ ...ROW, prices: { input: '3.63' } }])).toEqual(['* changed 3.63 3.3 1.1'])
    expect(diff([{ ...ROW, prices: { output: '1' } }])).toEqual(['* missing null 3.3 null'])
    expect(
      diff([
        { ...ROW, prices: { input: '3.3' }, variant: 'x' },
        { ...ROW, prices: { input: '3.3' } },
      ]),
    ).toEqual(['* added 3.3 null null'])
  })

  it('[P20] holds every region against the regions the other names', () => {
    const own = [
      { ...ROW, region: 'us-east-1', prices: { input: '3.3' } },
      { ...ROW, region: 'eu-west-1', prices: { input: '1.1' } },
    ]
    // 1.1 / 3.3 = 0.333333…
    expect(diff(own)).toEqual(['eu-west-1 changed 1.1 3.3 0.333333'])
  })

  it('[P20] shows what overrides of the organisation make of a list', () => {
    const overrides = overridesOf([
      { name: 'half', models: SONNET, percent: '-50' },
      { name: 'own', models: SONNET, percent: '-60', account_id: '123456789012' },
    ])
    const book = buildPriceBook([SNAPSHOT_LAYER], overrides)
    const rows = diffRates(book, { layer: 'override', against: 'snapshot', atMs: NOW_MS })
    expect(rows.filter(isOfSonnet).map(told)).toEqual(['* changed 1.65 3.3 0.5'])
    expect(rows.filter(isOfSonnet)[0]?.source).toBe('override half')
  })
})
