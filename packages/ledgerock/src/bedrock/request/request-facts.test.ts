import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { applyEdits } from '../edit/body-edit.ts'
import { modelEdits } from '../edit/model-edit.ts'
import { maxTokensOf } from './request-facts.ts'
import { readRequestFacts } from './read-request-facts.ts'
import { metadataEdits } from '../edit/request-metadata.ts'
import { OPERATIONS, type Operation } from '../route.ts'
import { streamUsageEdits } from '../edit/stream-usage-edit.ts'

const CONVERSE = { operation: 'converse' } as const
const INVOKE = { operation: 'invoke' } as const
const CHAT = { operation: 'chat-completions' } as const
const read = (route: { readonly operation: Operation }, body: unknown, headers = {}) =>
  readRequestFacts(
    route,
    headers,
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  )

/** Where the body, and not the path, names the model; and under which key. */
const NAMES_MODEL: readonly (readonly [Operation, string])[] = [
  ['chat-completions', 'model'],
  ['responses', 'model'],
  ['messages', 'model'],
  ['count-message-tokens', 'model'],
  ['compact-response', 'model'],
  ['embeddings', 'model'],
  ['fine-tuning', 'model'],
  ['start-async-invoke', 'modelId'],
]
const FORWARDED: readonly Operation[] = [
  'invoke-with-bidirectional-stream',
  'count-tokens',
  'get-async-invoke',
  'list-async-invokes',
  'get-response',
  'delete-response',
  'cancel-response',
  'list-models',
  'get-model',
  'files',
  'fine-tuning-jobs',
]

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
    [{ inferenceConfig: { max_new_tokens: 11 } }, 11],
    [{ prompt: 'x', max_gen_len: 12 }, 12],
    [{ prompt: 'x', max_tokens_to_sample: 13 }, 13],
    [{ prompt: 'x', maxTokens: 14, numResults: 2 }, 14],
    [{ inputPrompt: 'x', maxOutputTokens: 15 }, 15],
  ])('[B7] %j may generate %s tokens', (body, expected) => {
    expect(mustOk(read(INVOKE, body)).maxTokens).toBe(expected)
  })

  it.each([
    ['anthropic.claude-sonnet-4-6', { max_tokens: 7 }, 7],
    ['anthropic.claude-sonnet-4-6', { max_tokens_to_sample: 7 }, null],
    ['anthropic.claude-v2:1', { max_tokens_to_sample: 7 }, 7],
    ['amazon.nova-pro-v1:0', { inferenceConfig: { max_new_tokens: 7 }, max_tokens: 3 }, 7],
    ['amazon.nova-pro-v1:0', { max_tokens: 3 }, null],
    ['qwen.qwen3-32b-v1:0', { maxTokens: 3 }, null],
    ['qwen.qwen3-32b-v1:0', { max_tokens: 7, maxTokens: 9 }, 7],
    ['openai.gpt-oss-20b-1:0', { max_gen_len: 3 }, null],
    ['openai.gpt-oss-20b-1:0', { max_tokens: 3, max_completion_tokens: 7 }, 7],
    ['meta.llama3-1-8b-instruct-v1:0', { max_gen_len: 7, max_tokens: 9 }, 7],
    ['ai21.jamba-1-5-large-v1:0', { maxTokens: 3 }, null],
    ['ai21.j2-mid-v1', { maxTokens: 7 }, 7],
    // Whose words nobody knows, that one's own maximum applies.
    ['acme.thinker-v1', { max_tokens: 3 }, null],
  ])('[B44] %s obeys of %j a maximum of %s', (model, body, expected) => {
    const facts = mustOk(read(INVOKE, body))
    expect(maxTokensOf(facts, model)).toBe(expected)
    const converse = mustOk(read(CONVERSE, { inferenceConfig: { maxTokens: 5 } }))
    expect(maxTokensOf(converse, model)).toBe(5)
  })

  it.each([
    ['chat-completions', { max_tokens: 7 }, 7],
    ['chat-completions', { max_tokens: 7, max_completion_tokens: 9 }, 9],
    ['chat-completions', { max_tokens: null }, null],
    ['responses', { max_output_tokens: 8 }, 8],
    ['compact-response', {}, null],
    ['messages', { max_tokens: 10 }, 10],
    // Another operation's word limits nothing.
    ['chat-completions', { max_output_tokens: 8 }, null],
    ['chat-completions', { max_tokens: 7, max_output_tokens: 9 }, 7],
    ['responses', { max_tokens: 7, max_completion_tokens: 9 }, null],
    ['messages', { max_completion_tokens: 9 }, null],
    ['compact-response', { max_output_tokens: 8 }, null],
    ['embeddings', { input: ['a'] }, null],
  ] as const)('[B7] %s with %j may generate %s tokens', (operation, body, expected) => {
    expect(mustOk(read({ operation }, { model: 'm', ...body })).maxTokens).toBe(expected)
  })

  it.each([
    [INVOKE, { n: 4 }, 4],
    [INVOKE, { num_generations: 3 }, 3],
    [INVOKE, { numResults: 2 }, 2],
    [INVOKE, { n: 0 }, 1],
    [CHAT, { model: 'm', n: 5 }, 5],
    [CHAT, { model: 'm', n: 1_000 }, 128],
    [CHAT, { model: 'm', n: '5' }, 1],
    [CONVERSE, { n: 5 }, 1],
  ])('[B7] of %j, %j asks for %d answers', (route, body, expected) => {
    expect(mustOk(read(route, body)).choices).toBe(expected)
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
    const chat = { model: 'm', service_tier: 'priority' }
    expect(mustOk(read(CHAT, chat)).tierAsked).toBe('priority')
    expect(mustOk(read({ operation: 'responses' }, chat)).tierAsked).toBe('priority')
    expect(mustOk(read(CHAT, { model: 'm', service_tier: 'auto' })).tierAsked).toBe('standard')
    expect(mustOk(read({ operation: 'messages' }, { model: 'm' }, header)).tierAsked).toBe(
      'priority',
    )
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

  it.each(NAMES_MODEL)(
    '[B31] reads the model of %s and refuses a body without one',
    (operation, key) => {
      const route = { operation }
      const id = 'us.anthropic.claude-v1:0'
      const facts = mustOk(read(route, { first: { [key]: 'no' }, [key]: id, messages: 'hello' }))
      expect(facts.model).toBe(id)
      expect(facts.inputEstimate).toBeGreaterThan(0)
      expect(facts.requestMetadata).toBe(null)
      for (const model of [undefined, null, '', 7, {}, 'a b', 'é', 'a\nb', 'm'.repeat(2_049)]) {
        expect(read(route, { [key]: model })).toMatchObject({
          ok: false,
          problem: { code: 'model', message: expect.stringContaining(key) as string },
        })
      }
      for (const body of ['[]', '"m"', '7']) {
        expect(read(route, body)).toMatchObject({ problem: { code: 'model' } })
      }
      expect(read(route, '{"')).toMatchObject({ problem: { code: 'malformed_json' } })
      expect(read(route, `{"${key}":"m","${key}":"n"}`)).toMatchObject({
        problem: { code: 'duplicate_key' },
      })
    },
  )

  it('[B31] a path’s model is not looked for in the body', () => {
    expect(mustOk(read(INVOKE, { model: 'other' })).model).toBe(null)
    expect(mustOk(read(CONVERSE, { model: 'other' })).model).toBe(null)
  })

  it.each(FORWARDED)('[B32] a body of %s is not read', (operation) => {
    const bytes = Buffer.from([0xff, 0x7b, 0x22])
    expect(mustOk(readRequestFacts({ operation }, {}, bytes))).toMatchObject({
      bodyBytes: 3,
      textBytes: 0,
      inputEstimate: 0,
      model: null,
      places: { model: null, metadata: null, streamUsage: null },
    })
    expect(readRequestFacts({ operation }, {}, Buffer.alloc(0)).ok).toBe(true)
  })

  it('[B32] every other body has to be JSON', () => {
    for (const operation of OPERATIONS) {
      const isRead = !FORWARDED.includes(operation)
      for (const body of ['{"model":', '']) {
        expect([operation, read({ operation }, body).ok]).toEqual([operation, !isRead])
      }
    }
  })

  it.each([
    ['converse', {}, false],
    ['converse-stream', {}, true],
    ['invoke', { stream: true }, false],
    ['invoke-with-response-stream', {}, true],
    ['chat-completions', { stream: true }, true],
    ['chat-completions', { stream: false }, false],
    ['chat-completions', { stream: 'true' }, false],
    ['responses', { stream: true }, true],
    ['messages', { stream: true }, true],
    ['messages', {}, false],
    ['embeddings', { stream: true }, false],
  ] as const)('[B30] %s with %j streams: %s', (operation, body, stream) => {
    expect(mustOk(read({ operation }, { model: 'm', ...body })).stream).toBe(stream)
  })

  it('[B7] counts what a guardrail has to look at', () => {
    const text = 'Is this allowed? '.repeat(100)
    const body = { source: 'INPUT', content: [{ text: { text, qualifiers: ['query'] } }] }
    const { textBytes } = mustOk(read({ operation: 'apply-guardrail' }, body))
    expect(textBytes).toBeGreaterThanOrEqual(text.length)
    expect(textBytes).toBeLessThan(text.length + 100)
  })

  it('[B7] keeps nothing of a body once it is read', () => {
    const metadata = { requestMetadata: { team: 'search' } }
    expect(mustOk(read(CONVERSE, metadata)).requestMetadata).toEqual({ team: 'search' })
    expect(mustOk(read(CONVERSE, {})).requestMetadata).toBe(null)
    expect(read(CONVERSE, '{"requestMetadata":{"a":"b"},').ok).toBe(false)
    expect(mustOk(read(CONVERSE, {})).requestMetadata).toBe(null)
  })

  it('[B5] takes any bytes of any operation without throwing', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...'{}[]:,"0 '.split(''),
        '"model":"m"',
        '"requestMetadata":',
        '"stream":true',
        '"stream_options":',
        'null',
        '"documents":[1,{}]',
      ),
      fc.string({ maxLength: 3 }),
    )
    const operation = fc.constantFrom(...OPERATIONS)
    fc.assert(
      fc.property(operation, fc.array(piece, { maxLength: 12 }), (called, pieces) => {
        const body = Buffer.from(`{${pieces.join('')}}`)
        const facts = readRequestFacts({ operation: called }, {}, body)
        if (!facts.ok) return
        const { edits } = metadataEdits(facts.value, [['k', 'v']])
        const all = [...edits, ...streamUsageEdits(facts.value), ...modelEdits(facts.value, 'x')]
        if (all.length > 0) JSON.parse(applyEdits(body, all).toString())
      }),
      { numRuns: 3_000 },
    )
  })
})
