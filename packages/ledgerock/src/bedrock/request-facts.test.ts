import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { readRequestFacts } from './request-facts.ts'

const CONVERSE = { operation: 'converse' } as const
const INVOKE = { operation: 'invoke' } as const
const read = (route: typeof CONVERSE | typeof INVOKE, body: unknown, headers = {}) =>
  readRequestFacts(
    route,
    headers,
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  )

describe('readRequestFacts', () => {
  it('[B7] reads what a Converse body states and nothing else', () => {
    const facts = mustOk(
      read(CONVERSE, {
        messages: [
          { role: 'user', content: [{ text: 'Say {"maxTokens":9} and "inferenceConfig"' }] },
        ],
        inferenceConfig: { temperature: 0.5, maxTokens: 512 },
        requestMetadata: { team: 'search', 'cost center': '42', odd: 7 },
        serviceTier: { type: 'flex' },
        additionalModelRequestFields: { maxTokens: 1, inferenceConfig: { maxTokens: 2 } },
      }),
    )
    expect(facts).toMatchObject({
      tierAsked: 'flex',
      maxTokens: 512,
      choices: 1,
      requestMetadata: { team: 'search', 'cost center': '42' },
      mediaParts: 0,
    })
    expect(facts.inputEstimate).toBe(Math.ceil(facts.textBytes / 4))
  })

  it.each([
    [{ max_tokens: 7, anthropic_version: 'bedrock-2023-05-31' }, 7],
    [{ inferenceConfig: { maxTokens: 8 } }, 8],
    [{ max_completion_tokens: 9 }, 9],
    [{ textGenerationConfig: { maxTokenCount: 10 } }, 10],
    [{ max_tokens: 7, max_completion_tokens: 9 }, 9],
    [{ max_tokens: '7' }, null],
    [{ max_tokens: 7.5 }, null],
    [{ max_tokens: -1 }, null],
    [{ inputText: 'embed this' }, null],
  ])('[B7] %j may generate %s tokens', (body, expected) => {
    expect(mustOk(read(INVOKE, body)).maxTokens).toBe(expected)
  })

  it('[B9] takes the tier from the body of Converse and from the header of InvokeModel', () => {
    const header = { 'x-amzn-bedrock-service-tier': 'priority' }
    const body = { serviceTier: { type: 'flex' } }
    expect(mustOk(read(CONVERSE, body, header)).tierAsked).toBe('flex')
    expect(mustOk(read(INVOKE, body, header)).tierAsked).toBe('priority')
    expect(mustOk(read(INVOKE, { service_tier: 'flex' })).tierAsked).toBe('flex')
    expect(mustOk(read(CONVERSE, { serviceTier: { type: 'default' } })).tierAsked).toBe('standard')
    expect(mustOk(read(CONVERSE, {})).tierAsked).toBe('standard')
    const fast = { performanceConfig: { latency: 'optimized' } }
    expect(mustOk(read(CONVERSE, fast)).tierAsked).toBe('latency-optimized')
    const fastHeader = { 'x-amzn-bedrock-performanceconfig-latency': 'optimized' }
    expect(mustOk(read(INVOKE, {}, fastHeader)).tierAsked).toBe('latency-optimized')
  })

  it('[B7] leaves base64 out of the text and counts it as media', () => {
    const bytes = Buffer.alloc(30_000, 9).toString('base64')
    const facts = mustOk(
      read(CONVERSE, {
        messages: [{ content: [{ text: 'What is this?' }, { image: { source: { bytes } } }] }],
      }),
    )
    expect(facts.mediaBytes).toBe(bytes.length)
    expect(facts.mediaParts).toBe(1)
    expect(facts.textBytes).toBeLessThan(100)
    expect(facts.inputEstimate).toBe(Math.ceil(facts.textBytes / 4) + 1_600)
  })

  it.each([
    '',
    '{',
    '{"a":1}}',
    '{"a":1} x',
    "{'a':1}",
    '{"a":}',
    '{"requestMetadata":{"a":"\\x"}}',
    '{"in\\xferenceConfig":1}',
  ])('[B5] refuses %j as malformed', (body) => {
    expect(read(CONVERSE, body)).toMatchObject({ ok: false, problem: { code: 'malformed_json' } })
  })

  it('[B5] refuses bytes that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ])
    expect(readRequestFacts(CONVERSE, {}, body)).toMatchObject({
      problem: { code: 'malformed_json' },
    })
  })

  it('[B6] refuses an accounting key that stands twice, and names it', () => {
    const twice = '{"inferenceConfig":{"maxTokens":1,"m\\u0061xTokens":2}}'
    expect(read(CONVERSE, twice)).toMatchObject({ problem: { code: 'duplicate_key' } })
    expect(read(INVOKE, '{"max_tokens":1,"max_tokens":2}')).toMatchObject({
      problem: { message: expect.stringContaining('max_tokens') as string },
    })
    expect(read(CONVERSE, '{"x":1,"x":2}').ok).toBe(true)
  })

  it('[B7] text never has fewer bytes than its characters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const facts = mustOk(read(CONVERSE, { messages: texts }))
        const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
        expect(facts.textBytes).toBeGreaterThanOrEqual(bytes)
      }),
    )
  })
})
