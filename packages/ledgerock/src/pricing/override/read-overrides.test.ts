import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { LIST_BOOK, overridesOf } from '../testing/override-terms.ts'
import { readOverrides } from './override.ts'

const SONNET = 'anthropic.claude-sonnet-4-6'
const OFF = { name: 'edp', models: 'anthropic.*', percent: '-10' }
const FIXED = { name: 'deal', models: SONNET, kind: 'input', price: '2.70' }

function faultsOf(...terms: readonly unknown[]): readonly string[] {
  const read = readOverrides(terms, 'file', LIST_BOOK)
  return read.ok ? [] : read.problem.map(({ path, message }) => `${path}: ${message}`)
}

describe('readOverrides', () => {
  it('[P17] reads what a file says and fills in what it leaves open', () => {
    const [percent, fixed] = overridesOf([
      { ...OFF, account_id: '123456789012', regions: 'eu-*', from: '2026-10-01' },
      { ...FIXED, reason: 'contract 7', to: '2027-01-01T00:00:00+01:00' },
    ])
    expect(percent).toEqual({
      overrideId: expect.stringMatching(/^o[0-9a-v]{13}$/) as unknown,
      name: 'edp',
      origin: 'file',
      accountId: '123456789012',
      models: 'anthropic.*',
      regions: 'eu-*',
      scope: null,
      tier: null,
      kind: null,
      effect: { percent: '-10' },
      validFrom: '2026-10-01T00:00:00.000Z',
      validTo: null,
      reason: null,
      setAt: null,
    })
    expect(fixed).toMatchObject({
      models: SONNET,
      regions: '*',
      effect: { price: '2.70', unit: 'token', variant: null, contextAbove: 0 },
      validTo: '2026-12-31T23:00:00.000Z',
      reason: 'contract 7',
    })
  })

  it('[P17] the same terms have the same id for ever, whatever the reason and day; other terms another', () => {
    const idOf = (more: object): string | undefined =>
      overridesOf([{ ...FIXED, ...more }])[0]?.overrideId
    expect(idOf({})).toBe('o9lpbhcm107l76')
    expect(idOf({ reason: 'why not' })).toBe(idOf({}))
    const set = mustOk(readOverrides([FIXED], 'file', LIST_BOOK, '2026-11-02T10:00:00.000Z'))
    expect(set).toMatchObject([{ overrideId: idOf({}), setAt: '2026-11-02T10:00:00.000Z' }])
    expect(faultsOf({ ...FIXED, set_at: '2026-11-02' })).toHaveLength(1)
    const others = [
      { name: 'other' },
      { price: '2.71' },
      { account_id: '123456789012' },
      { regions: 'eu-*' },
      { from: '2026-01-01' },
      { context_above: 5 },
    ].map(idOf)
    expect(new Set([idOf({}), ...others]).size).toBe(others.length + 1)
  })

  it('[P17] another name of a model is its base id; the unit is the one the kind is sold by', () => {
    expect(overridesOf([{ ...FIXED, models: 'anthropic.claude-haiku-4-5' }])[0]?.models).toBe(
      'anthropic.claude-haiku-4-5-20251001-v1:0',
    )
    const canvas = { ...FIXED, models: 'amazon.nova-canvas-v1:0', kind: 'images', price: '0.03' }
    expect(overridesOf([canvas])[0]?.effect).toMatchObject({ unit: 'image' })
  })

  it.each<readonly [string, unknown]>([
    ['[0]: must be an override', 7],
    ['[0].name: is needed', { percent: '-1' }],
    ['[0].colour: is no key', { ...OFF, colour: 'red' }],
    ['[0]: must have either percent or price', { name: 'x' }],
    ['[0]: must have either percent or price', { ...FIXED, percent: '-1' }],
    ['[0].percent: -100.1 % would make the price negative', { ...OFF, percent: '-100.1' }],
    ['[0].percent: must be a text', { ...OFF, percent: -10 }],
    ['[0].percent: must be a text', { ...OFF, percent: '1e3' }],
    ['[0].unit: is for a fixed price', { ...OFF, unit: 'token' }],
    ['[0].kind: is needed', { ...FIXED, kind: undefined }],
    ['[0].kind: unknown kind "inputs"', { ...OFF, kind: 'inputs' }],
    ['[0].price: must be a text', { ...FIXED, price: '-2' }],
    ['[0].price: must be a text', { ...FIXED, price: '2.0000000000001' }],
    ['[0].unit: input is sold there by token, not by image', { ...FIXED, unit: 'image' }],
    ['[0].unit: unknown unit "word"', { ...FIXED, unit: 'word' }],
    ['[0].context_above: must be a whole number', { ...FIXED, context_above: -1 }],
    ['[0].models: "anthropics.*" matches no model', { ...OFF, models: 'anthropics.*' }],
    ['[0].models: is a profile', { ...OFF, models: `us.${SONNET}` }],
    ['[0].models: "anthropic.claude-9" is not sold', { ...OFF, models: 'anthropic.claude-9' }],
    ['[0].account_id: must be a text', { ...OFF, account_id: 123_456_789_012 }],
    ['[0].tier: unknown tier "turbo"', { ...OFF, tier: 'turbo' }],
    ['[0].from: ', { ...OFF, from: '2026-02-30' }],
    ['[0].to: must be after from', { ...OFF, from: '2026-02-02', to: '2026-02-02' }],
  ])('[P17] refuses: %s', (fault, terms) => {
    expect(faultsOf(terms).join('\n')).toContain(fault)
  })

  it('[P17] names every fault at once, each with its place', () => {
    expect(faultsOf({ ...OFF, tier: 'x', scope: 'y' }, { ...FIXED, price: 'z' })).toHaveLength(3)
    expect(readOverrides('no list', 'api', LIST_BOOK).ok).toBe(false)
  })

  it.each<readonly [string, object, boolean]>([
    ['the same models and time', { ...OFF, name: 'b' }, true],
    ['patterns of one length that meet', { ...OFF, name: 'b', models: '*.claude-so*' }, true],
    ['a longer pattern', { ...OFF, name: 'b', models: 'anthropic.claude-*' }, false],
    ['another maker', { ...OFF, name: 'b', models: 'meta.llama*' }, false],
    ['another time', { ...OFF, name: 'b', to: '2026-01-01' }, true],
    ['an account of its own', { ...OFF, name: 'b', account_id: '123456789012' }, false],
    ['a stated kind', { ...OFF, name: 'b', kind: 'output' }, false],
    ['the same name', { ...OFF, models: 'meta.*' }, true],
  ])('[P18] two rules of equal rank: %s', (_, other, isFault) => {
    expect(faultsOf(OFF, other).length > 0).toBe(isFault)
  })

  it('[P18] times that only touch, other variants and other bands are no rivals', () => {
    const until = { ...FIXED, to: '2026-06-01' }
    expect(faultsOf(until, { ...FIXED, name: 'next', from: '2026-06-01' })).toEqual([])
    expect(faultsOf(until, { ...FIXED, name: 'next', from: '2026-05-31' })).toHaveLength(1)
    expect(faultsOf(FIXED, { ...FIXED, name: 'long', context_above: 9 })).toEqual([])
    expect(
      faultsOf(FIXED, { ...FIXED, name: 'percent', price: undefined, percent: '0' }),
    ).toHaveLength(1)
  })
})
