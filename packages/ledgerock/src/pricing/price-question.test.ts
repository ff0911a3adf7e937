import { describe, expect, it } from 'vitest'
import { parseInstant } from './parse-instant.ts'
import { parsePriceUsage } from './parse-price-usage.ts'
import { buildPriceBook } from './price-book.ts'
import { answerPriceQuestion, type PriceAnswer, type PriceQuestion } from './price-question.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { overridesOf } from './testing/override-terms.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const defaults = { region: 'us-east-1', nowMs: Date.parse('2026-11-20T12:00:00Z') }
const MODEL = 'anthropic.claude-sonnet-4-6'

function ask(question: Partial<PriceQuestion>): PriceAnswer | readonly string[] {
  const asked = answerPriceQuestion(
    book,
    { model: MODEL, usage: 'input=1000', ...question },
    defaults,
  )
  return asked.ok ? asked.value : asked.problem.map(({ path, message }) => `${path}: ${message}`)
}

describe('answerPriceQuestion', () => {
  it('[P9] answers with the body of the API', () => {
    const answer = ask({ model: `us.${MODEL}`, usage: 'output=200,input=1000', tier: 'default' })
    // 1,000 × 3.3 + 200 × 16.5 = 3,300 + 3,300 µ$
    const listed = {
      layer: 'snapshot',
      source: 'AWS-PL-2026-10',
      source_date: '2026-10-08',
      derived_by: null,
      base_source: null,
      base_source_date: null,
    }
    expect(answer).toEqual({
      cost_usd: '0.0066',
      unpriced_reason: null,
      charges: [
        {
          kind: 'input',
          quantity: 1000,
          rate_usd: '0.0000033',
          amount_usd: '0.0033',
          rate_id: expect.stringMatching(/^r[0-9a-v]{13}$/) as unknown,
          ...listed,
        },
        {
          kind: 'output',
          quantity: 200,
          rate_usd: '0.0000165',
          amount_usd: '0.0033',
          rate_id: expect.stringMatching(/^r[0-9a-v]{13}$/) as unknown,
          ...listed,
        },
      ],
      unpriced_kinds: [],
      model_requested: `us.${MODEL}`,
      model_id: MODEL,
      inference_profile: `us.${MODEL}`,
      region: 'us-east-1',
      scope: 'geo',
      tier: 'standard',
      account: null,
      at: '2026-11-20T12:00:00.000Z',
      price_book_version: book.version,
      suggestions: [],
      variants: [],
    })
  })

  it('[P19] takes the account, whose own prices count', () => {
    const account = '123456789012'
    const terms = { name: 'deal', account_id: account, models: MODEL, percent: '-50' }
    const own = buildPriceBook([SNAPSHOT_LAYER], overridesOf([terms]))
    const asked = (question: Partial<PriceQuestion>): PriceAnswer | null => {
      const answer = answerPriceQuestion(
        own,
        { model: MODEL, usage: 'input=1000', ...question },
        defaults,
      )
      return answer.ok ? answer.value : null
    }
    expect(asked({})).toMatchObject({ cost_usd: '0.0033', charges: [{ layer: 'snapshot' }] })
    // 1,000 × 3.3 µ$ × 50 % = 0.00165
    expect(asked({ account })).toMatchObject({
      cost_usd: '0.00165',
      account,
      charges: [
        {
          layer: 'override',
          source: 'override deal',
          derived_by: 'deal',
          base_source: 'AWS-PL-2026-10',
          base_source_date: '2026-10-08',
        },
      ],
    })
    expect(ask({ account: '12' })).toEqual(['account: "12" is no account id of twelve digits'])
  })

  it('[P9] takes region, scope, tier, variant and time from the question', () => {
    expect(ask({ scope: 'global' })).toMatchObject({ cost_usd: '0.003', scope: 'global' })
    expect(ask({ region: 'us-gov-west-1' })).toMatchObject({ region: 'us-gov-west-1' })
    expect(ask({ tier: 'batch' })).toMatchObject({ cost_usd: '0.00165', tier: 'batch' })
    const luna = { model: 'us.openai.gpt-5.6-luna', at: '2026-07-29' }
    expect(ask(luna)).toMatchObject({ cost_usd: '0.0011', at: '2026-07-29T00:00:00.000Z' })
    expect(ask({ ...luna, at: '-7d' })).toMatchObject({ cost_usd: '0.00022' })
    const canvas = { model: 'amazon.nova-canvas-v1:0', usage: 'output=1' }
    expect(ask({ ...canvas, variant: 'up to 1024x1024, premium' })).toMatchObject({
      cost_usd: '0.06',
    })
  })

  it('[P4] says why there is no cost, with what would help', () => {
    const unknown = ask({ model: 'anthropic.claude-sonnet-4-7' })
    expect(unknown).toMatchObject({ cost_usd: null, unpriced_reason: 'unknown_model', charges: [] })
    expect((unknown as PriceAnswer).suggestions).toContain(MODEL)
    const canvas = ask({ model: 'amazon.nova-canvas-v1:0', usage: 'output=1' })
    expect(canvas).toMatchObject({ unpriced_reason: 'unknown_kind', unpriced_kinds: ['output'] })
    expect((canvas as PriceAnswer).variants).toHaveLength(4)
    const profile = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1'
    const unresolved = { unpriced_reason: 'unresolved_profile', model_id: null, scope: null }
    expect(ask({ model: profile })).toMatchObject(unresolved)
    expect(ask({ region: 'cn-north-1' })).toMatchObject({ unpriced_reason: 'unknown_region' })
    expect(ask({ tier: 'reserved' })).toMatchObject({ unpriced_reason: 'unknown_tier' })
  })

  it('[P14] lists every fault of a question at once', () => {
    const faults = ask({
      model: '',
      usage: 'input=-1,cake=2',
      region: 'Frankfurt',
      tier: 'cheap',
      scope: 'moon',
      at: 'yesterday',
    })
    expect(faults).toEqual([
      'model: a model id is needed',
      'region: "Frankfurt" is no region\'s name',
      expect.stringContaining(
        'tier: unknown tier "cheap"; it is one of standard, priority',
      ) as string,
      'scope: unknown scope "moon"; it is one of in-region, geo, global',
      expect.stringContaining('at: "yesterday" is not a date') as string,
      'usage: input=-1: a count cannot be negative',
      expect.stringContaining(
        'usage: unknown usage kind "cake"; the kinds are input, output',
      ) as string,
    ])
  })

  it('[P14] refuses what contradicts itself', () => {
    expect(ask({ model: `us.${MODEL}`, scope: 'global' })).toEqual([
      `scope: us.${MODEL} runs with scope geo, not global`,
    ])
    expect(ask({ variant: 'premium' })).toEqual([
      `variant: unknown variant "premium"; ${MODEL} has no variants`,
    ])
    expect(ask({ model: 'luma.ray-v2:0', usage: 'output=1', variant: '4k' })).toEqual([
      'variant: unknown variant "4k"; luma.ray-v2:0 is sold as 540p, 24 fps; 720p, 24 fps',
    ])
  })
})

describe('parsePriceUsage', () => {
  it('[P14] reads counts of any kind', () => {
    const read = parsePriceUsage(' input=1000, output=0,text_units_content=3 ')
    expect(read).toEqual({ ok: true, value: { input: 1000, output: 0, text_units_content: 3 } })
  })

  it.each([
    ['', '"" is not kind=N'],
    ['input', '"input" is not kind=N'],
    ['=5', '"=5" is not kind=N'],
    ['input=', 'a count is a whole number'],
    ['input=1.5', 'a count is a whole number'],
    ['input=1e3', 'a count is a whole number'],
    ['input=ten', 'a count is a whole number'],
    ['input=-1', 'a count cannot be negative'],
    ['input=9007199254740993', 'too large'],
    ['input=1,input=2', 'input is given twice'],
    ['tokens=1', 'unknown usage kind "tokens"'],
    ['constructor=1', 'unknown usage kind "constructor"'],
    ['input=1,', '"" is not kind=N'],
  ])('[P14] refuses %j', (text, fault) => {
    const read = parsePriceUsage(text)
    expect(read.ok ? '' : read.problem.join('\n')).toContain(fault)
  })
})

describe('parseInstant', () => {
  it.each([
    ['2026-10-01', '2026-10-01T00:00:00.000Z'],
    ['2026-10-01T12:30:00Z', '2026-10-01T12:30:00.000Z'],
    ['2026-10-01T12:30:00.5+02:00', '2026-10-01T10:30:00.500Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['-7d', '2026-11-13T12:00:00.000Z'],
    ['-2h', '2026-11-20T10:00:00.000Z'],
  ])('[P14] reads %s', (text, iso) => {
    const read = parseInstant(text, defaults.nowMs)
    expect(read).toEqual({ ok: true, value: Date.parse(iso) })
  })

  it.each([
    '2026-02-30',
    '2026-13-01',
    '2026-10-01T12:30:00',
    '1.10.2026',
    '',
    'now',
    '-7',
    '7d',
    '2026-10-01T25:00Z',
  ])('[P14] refuses %j', (text) => {
    expect(parseInstant(text, defaults.nowMs).ok).toBe(false)
  })
})
