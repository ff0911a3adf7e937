import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBookFile, sealBookFile } from './book-file.ts'
import { documentFaults } from './book-faults.ts'
import { costOfUsage } from './cost-of-usage.ts'
import { buildPriceBook, layerOf } from './price-book.ts'
import type { PriceDocument, PriceRow } from './price-document.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { overridesOf } from './testing/override-terms.ts'

const DOCUMENT: PriceDocument = {
  schema: 'ledgerock-prices/1',
  sources: { TEST: { publisher: 'test', carried_by: 'test', date: '2026-11-01' } },
  rules: [],
  models: [
    {
      model_id: 'maker.ünïcode',
      name: 'M',
      provider: 'P',
      modality: 'text',
      lifecycle: { status: 'active' },
      rates: [
        {
          region: '*',
          scope: 'in-region',
          tier: 'standard',
          prices: { input: '1' },
          source: 'TEST',
        },
      ],
    },
  ],
  shared_rates: [],
  inference_profiles: [],
}
const list = layerOf('price_list', DOCUMENT)
const overrides = overridesOf([{ name: 'edp', models: 'anthropic.*', percent: '-10' }])

describe('the book as a file', () => {
  const sealed = sealBookFile({ layers: [list], overrides })

  it('[P21] opens as the same book, with the snapshot below', () => {
    const opened = openBookFile(sealed)
    const book = buildPriceBook([list, SNAPSHOT_LAYER], overrides)
    expect(opened.ok && opened.value.version).toBe(book.version)
    if (!opened.ok) return
    expect(opened.value.layers.map(({ name }) => name)).toEqual(['price_list', 'snapshot'])
    const call = {
      modelId: 'anthropic.claude-sonnet-4-6',
      region: 'us-east-1',
      scope: 'geo',
      tier: 'standard',
      atMs: 0,
      usage: { input: 7, output: 9 },
    } as const
    expect(costOfUsage(opened.value, call)).toEqual(costOfUsage(book, call))
    const empty = openBookFile(sealBookFile({ layers: [], overrides: [] }))
    expect(empty.ok && empty.value.version).toBe(buildPriceBook([SNAPSHOT_LAYER]).version)
  })

  it('[P21] is refused when it was cut, changed or is of another format', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 3), fc.integer({ min: 1, max: 90 }), (at, step) => {
        expect(openBookFile(sealed.slice(0, at)).ok).toBe(false)
        const other = String.fromCharCode(((sealed.charCodeAt(at) + step) % 95) + 32)
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
        if (changed !== sealed) expect(openBookFile(changed).ok).toBe(false)
      }),
    )
    const later = openBookFile(sealed.replace('ledgerock-book/1', 'ledgerock-book/2'))
    expect(later).toEqual({
      ok: false,
      problem: 'its format is ledgerock-book/2, not ledgerock-book/1',
    })
    expect(openBookFile('').ok).toBe(false)
    const wrong = sealBookFile({ layers: [list, SNAPSHOT_LAYER], overrides: [] })
    expect(openBookFile(wrong)).toEqual({
      ok: false,
      problem: 'its layers are not those of a price book',
    })
  })
})

describe('documentFaults', () => {
  const [model] = DOCUMENT.models
  const row = model?.rates[0]
  const withRows = (...rates: readonly (PriceRow | object)[]): unknown => ({
    ...DOCUMENT,
    models: [{ ...model, rates }],
  })

  it('[P11] lets a sound document pass, the snapshot too', () => {
    expect(documentFaults(DOCUMENT)).toEqual([])
    expect(documentFaults(SNAPSHOT_LAYER.document)).toEqual([])
  })

  it.each<readonly [string, unknown]>([
    ['the document must be an object', null],
    ['the document must be an object', [DOCUMENT]],
    ['schema must be one of ledgerock-prices/1', { ...DOCUMENT, schema: 'ledgerock-prices/2' }],
    ['models must be a list', { ...DOCUMENT, models: undefined }],
    ['models[0].rates[0].region must be a text', withRows({ ...row, region: 7 })],
    ['models[0].rates[0].tier must be one of', withRows({ ...row, tier: 'turbo' })],
    ['models[0].rates[0].prices.input must be a text', withRows({ ...row, prices: { input: 3 } })],
    ['models[0].rates[0].vairant is no known field', withRows({ ...row, vairant: 'x' })],
    ['models[0].rates[0].context_above must be', withRows({ ...row, context_above: '5' })],
    [
      'sources.TEST.date must be a text',
      { ...DOCUMENT, sources: { TEST: { publisher: 'p', carried_by: 'c' } } },
    ],
    ['inference_profiles[0] must be an object', { ...DOCUMENT, inference_profiles: ['x'] }],
    ['maker.ünïcode rate 0: unknown unit "word"', withRows({ ...row, unit: 'word' })],
    ['cannot be negative', withRows({ ...row, prices: { input: '-1' } })],
    ['unknown source toString', withRows({ ...row, source: 'toString' })],
  ])('[P11] finds: %s', (fault, document) => {
    expect(documentFaults(document).join('\n')).toContain(fault)
  })

  it('[P11] finds a hole between two prices of one thing, and only there', () => {
    const until = { ...row, valid_to: '2026-03-01' }
    expect(documentFaults(withRows(until, { ...row, valid_from: '2026-03-02' }))).toEqual([
      expect.stringContaining('from 2026-03-01 to 2026-03-02'),
    ])
    expect(documentFaults(withRows(until, { ...row, valid_from: '2026-03-01' }))).toEqual([])
    // in another unit it is the same question, and its price goes on
    const image = { ...row, medium: 'image', unit: 'image', valid_from: '2026-03-01' }
    expect(documentFaults(withRows(until, image))).toEqual([])
    const ended = { ...image, valid_to: '2026-04-01' }
    const again = { ...row, valid_from: '2026-04-01' }
    expect(documentFaults(withRows(until, ended, again))).toEqual([])
    expect(documentFaults(withRows(until, { ...image, valid_from: '2026-03-02' }))).toHaveLength(1)
    expect(documentFaults(withRows({ ...row, valid_from: '2026-03-02' }))).toEqual([])
  })

  it('[P11] names the faults of shape and of meaning together, and all of one row', () => {
    const bad = {
      ...row,
      unit: 'word',
      scope: 'everywhere',
      prices: { inputs: '1', output: '-1', cache_read: 7 },
      source: 'HEARSAY',
      derived: { output: 'GUESS' },
      valid_from: 'soon',
      vairant: 'x',
    }
    const other = { ...row, note: 5, prices: { input: '4' } }
    const found = documentFaults({
      ...DOCUMENT,
      models: [{ ...model, rates: [row, bad, other] }, 'x', { ...model, rates: 'none' }],
      inference_profiles: [
        { profile_id: 'us.x', model_id: 'maker.x', scope: 'geo', source: 'TEST' },
      ],
    })
    const id = model?.model_id ?? ''
    expect(found.map((fault) => fault.replace(/ for \[.*\]/, ''))).toEqual([
      expect.stringContaining('models[0].rates[1].scope must be one of'),
      'models[0].rates[1].prices.cache_read must be a text',
      'models[0].rates[1].vairant is no known field',
      'models[0].rates[2].note must be a text',
      'models[1] must be an object',
      'models[2].rates must be a list',
      `${id} rate 1: unknown unit "word"`,
      `${id} rate 1: unknown usage kind "inputs"`,
      expect.stringContaining(`${id} rate 1: output: `),
      `${id} rate 1: unknown source HEARSAY`,
      `${id} rate 1: unknown rule GUESS`,
      `${id} rate 1: a date that is none`,
      `${id} rate 2: a second price at the same time`,
      `two models are called ${id}`,
      'us.x leads to unknown model maker.x',
    ])
  })

  it('[P11] never throws, whatever is handed in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(DOCUMENT)), (value, key) => {
        expect(Array.isArray(documentFaults(value))).toBe(true)
        expect(Array.isArray(documentFaults({ ...DOCUMENT, [key]: value }))).toBe(true)
        expect(Array.isArray(documentFaults(withRows({ ...row, prices: value as object })))).toBe(
          true,
        )
      }),
    )
  })
})
