import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUsageMeter } from './create-usage-meter.ts'
import { parseModelId } from './model-id.ts'
import type { Operation } from './route.ts'
import { encodeEvent, encodeException, encodeNative } from './testing/encode-frame.ts'
import type { UsageReading } from './usage-meter.ts'

const EVENT_STREAM = { 'content-type': 'application/vnd.amazon.eventstream' }
const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const NOVA = 'amazon.nova-lite-v1:0'
const GPT = 'openai.gpt-oss-120b-1:0'
const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
const INPUT_ESTIMATE = 77

function meter(operation: Operation, model: string, headers: Record<string, string>, status = 200) {
  const facts = { inputEstimate: INPUT_ESTIMATE }
  return createUsageMeter({ operation }, parseModelId(model), facts, status, headers)
}

function streamed(operation: Operation, model: string, frames: readonly Buffer[]): UsageReading {
  const watching = meter(operation, model, EVENT_STREAM)
  for (const frame of frames) watching.write(frame)
  watching.end()
  return watching.read()
}

function unary(operation: Operation, model: string, body: unknown, headers = {}): UsageReading {
  const watching = meter(operation, model, { 'content-type': 'application/json', ...headers })
  watching.write(Buffer.from(JSON.stringify(body)))
  watching.end()
  return watching.read()
}

const CONVERSE_USAGE = {
  inputTokens: 10,
  outputTokens: 20,
  totalTokens: 1_130,
  cacheReadInputTokens: 100,
  cacheWriteInputTokens: 1_000,
  cacheDetails: [
    { ttl: '1h', inputTokens: 400 },
    { ttl: '5m', inputTokens: 600 },
  ],
}
const CONVERSE_COUNTS = {
  input: 10,
  output: 20,
  cache_read: 100,
  cache_write_5m: 600,
  cache_write_1h: 400,
}
const CONVERSE_STREAM = [
  encodeEvent('messageStart', { role: 'assistant' }),
  encodeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hello' }, p: 'abcdef' }),
  encodeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: ' there' }, p: 'abc' }),
  encodeEvent('contentBlockStop', { contentBlockIndex: 0 }),
  encodeEvent('messageStop', { stopReason: 'end_turn' }),
  encodeEvent('metadata', {
    usage: CONVERSE_USAGE,
    metrics: { latencyMs: 9 },
    serviceTier: { type: 'flex' },
  }),
]

const CLAUDE_START = {
  type: 'message_start',
  message: {
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_5m_input_tokens: 600, ephemeral_1h_input_tokens: 400 },
    },
  },
}
const claudeText = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
})
const claudeDelta = (output: number, reason: string | null) => ({
  type: 'message_delta',
  delta: { stop_reason: reason },
  usage: { output_tokens: output },
})
const CLAUDE_STOP = {
  type: 'message_stop',
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: 10,
    outputTokenCount: 20,
    cacheReadInputTokenCount: 100,
    cacheWriteInputTokenCount: 1_000,
  },
}
const CLAUDE_STREAM = [
  CLAUDE_START,
  claudeText('Hello'),
  claudeDelta(15, null),
  claudeText(' there'),
  claudeDelta(20, 'end_turn'),
  CLAUDE_STOP,
].map(encodeNative)

const NOVA_USAGE = {
  inputTokens: 10,
  outputTokens: 20,
  cacheReadInputTokenCount: 100,
  cacheWriteInputTokenCount: 30,
}
const NOVA_COUNTS = { input: 10, output: 20, cache_read: 100, cache_write_5m: 30 }
const NOVA_STREAM = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { delta: { text: 'Hello' }, contentBlockIndex: 0 } },
  { messageStop: { stopReason: 'end_turn' } },
  {
    metadata: { usage: NOVA_USAGE, metrics: {} },
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 20 },
  },
].map(encodeNative)

const GPT_USAGE = {
  prompt_tokens: 110,
  completion_tokens: 20,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 100 },
}
const GPT_COUNTS = { input: 10, output: 20, cache_read: 100 }
const GPT_STREAM = [
  { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: null }], usage: null },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  {
    choices: [],
    usage: GPT_USAGE,
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 110, outputTokenCount: 20 },
  },
].map(encodeNative)

const STREAMS = [
  ['ConverseStream', 'converse-stream', CLAUDE, CONVERSE_STREAM, CONVERSE_COUNTS],
  ['Anthropic', 'invoke-with-response-stream', CLAUDE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Anthropic by profile', 'invoke-with-response-stream', PROFILE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Nova', 'invoke-with-response-stream', NOVA, NOVA_STREAM, NOVA_COUNTS],
  ['OpenAI', 'invoke-with-response-stream', GPT, GPT_STREAM, GPT_COUNTS],
] as const

describe('streamed usage', () => {
  it.each(STREAMS)(
    '[B13] %s, cut at every byte, reads the same',
    (_, operation, model, frames, usage) => {
      const bytes = Buffer.concat(frames)
      const whole = streamed(operation, model, [bytes])
      expect(whole).toMatchObject({
        usage,
        usageSource: 'response',
        final: true,
        exception: null,
        problems: [],
      })
      for (let at = 1; at < bytes.length; at += 1) {
        expect(streamed(operation, model, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(
          whole,
        )
      }
      expect(
        streamed(
          operation,
          model,
          Array.from(bytes, (byte) => Buffer.from([byte])),
        ),
      ).toEqual(whole)
    },
  )

  it.each(STREAMS)(
    '[B14] %s tells the chunk that completes the usage, and no other',
    (_, operation, model, frames) => {
      const bytes = Buffer.concat(frames)
      const last = frames.at(-1) as Buffer
      for (const size of [1, 7, 100, bytes.length]) {
        const watching = meter(operation, model, EVENT_STREAM)
        const told: number[] = []
        for (let at = 0; at < bytes.length; at += size) {
          if (watching.write(bytes.subarray(at, at + size)))
            told.push(Math.min(at + size, bytes.length))
        }
        expect(told).toHaveLength(1)
        expect(told[0]).toBeGreaterThan(bytes.length - last.length)
        expect(watching.read().final).toBe(true)
      }
    },
  )

  it.each(STREAMS)(
    '[B15] %s without its last frame is estimated or known, never zero',
    (_, operation, model, frames) => {
      const reading = streamed(operation, model, frames.slice(0, -1))
      expect(reading.usage.input).toBeGreaterThan(0)
      expect(reading.usage.output).toBeGreaterThan(0)
      if (reading.usageSource === 'response')
        expect(model === CLAUDE || model === PROFILE).toBe(true)
    },
  )

  it('[B13] echoes tier and reason', () => {
    const reading = streamed('converse-stream', CLAUDE, CONVERSE_STREAM)
    expect(reading).toMatchObject({
      tierResolved: 'flex',
      stopReason: 'end_turn',
      outputSeenBytes: 11,
    })
    expect(JSON.parse(reading.rawUsage ?? '')).toEqual(CONVERSE_USAGE)
  })

  it('[B15] a cut ConverseStream has the request and the text seen to go by', () => {
    const reading = streamed('converse-stream', CLAUDE, CONVERSE_STREAM.slice(0, 3))
    expect(reading).toMatchObject({
      usage: { input: INPUT_ESTIMATE, output: 3 },
      usageSource: 'estimated',
      final: false,
      problems: ['usage_missing'],
    })
  })

  it('[B15] a cut Claude stream keeps the true input of message_start', () => {
    const frames = [CLAUDE_START, claudeText('Hello there, world')].map(encodeNative)
    const reading = streamed('invoke-with-response-stream', CLAUDE, frames)
    expect(reading).toMatchObject({
      usage: { ...CONVERSE_COUNTS, output: 5 },
      usageSource: 'estimated',
      final: false,
    })
  })

  it('[B15] an output count given on the way is a floor for the estimate', () => {
    const frames = [CLAUDE_START, claudeText('Hi'), claudeDelta(15, null)].map(encodeNative)
    const reading = streamed('invoke-with-response-stream', CLAUDE, frames)
    expect(reading).toMatchObject({ usage: { output: 15 }, usageSource: 'estimated' })
  })

  it('[B16] the last cumulative output count wins; none is added up', () => {
    const deltas = [3, 9, 14].map((output) => claudeDelta(output, null))
    const frames = [CLAUDE_START, ...deltas, claudeDelta(20, 'end_turn')].map(encodeNative)
    const reading = streamed('invoke-with-response-stream', CLAUDE, frames)
    expect(reading).toMatchObject({ usage: { output: 20 }, usageSource: 'response', final: true })
  })

  it('[B17] AWS metrics fill what native events leave open', () => {
    const frames = [claudeText('Hello'), CLAUDE_STOP].map(encodeNative)
    expect(streamed('invoke-with-response-stream', CLAUDE, frames)).toMatchObject({
      usage: { input: 10, output: 20, cache_read: 100, cache_write_5m: 1_000 },
      usageSource: 'response',
    })
    const llama = [
      { generation: 'Hello', stop_reason: null },
      {
        generation: '',
        stop_reason: 'stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 2 },
      },
    ].map(encodeNative)
    expect(streamed('invoke-with-response-stream', 'meta.llama3', llama)).toMatchObject({
      usage: { input: 4, output: 2 },
      usageSource: 'response',
      outputSeenBytes: 5,
    })
  })

  it('[B18] an exception ends the usage and is told by its type alone', () => {
    const watching = meter('converse-stream', CLAUDE, EVENT_STREAM)
    expect(watching.write(Buffer.concat(CONVERSE_STREAM.slice(0, 2)))).toBe(false)
    expect(watching.write(encodeException('modelStreamErrorException', 'your prompt was: x'))).toBe(
      true,
    )
    watching.end()
    const reading = watching.read()
    expect(reading).toMatchObject({
      exception: { type: 'modelStreamErrorException' },
      usage: { input: INPUT_ESTIMATE, output: 2 },
      usageSource: 'estimated',
    })
    expect(JSON.stringify(reading)).not.toContain('prompt')
  })

  it('[B18] an exception before the first word costs nothing', () => {
    const frames = [encodeException('throttlingException', 'slow down')]
    expect(streamed('converse-stream', CLAUDE, frames).usage).toEqual({ input: 0, output: 0 })
  })

  it('[B11] a damaged stream is estimated, and says why', () => {
    const bytes = Buffer.concat(CONVERSE_STREAM)
    const at = bytes.length - 2
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    const reading = streamed('converse-stream', CLAUDE, [bytes])
    expect(reading).toMatchObject({
      usageSource: 'estimated',
      usage: { input: INPUT_ESTIMATE, output: 3 },
    })
    expect(reading.problems).toEqual(['stream_bad_message_crc', 'usage_missing'])
  })

  it('[B13] never throws and never reads a negative count, whatever the events hold', () => {
    const operations = fc.constantFrom<Operation>('converse-stream', 'invoke-with-response-stream')
    const keys = fc.constantFrom(
      'usage',
      'message',
      'input_tokens',
      'inputTokens',
      'prompt_tokens',
      'output_tokens',
      'cache_creation',
      'cacheDetails',
      'amazon-bedrock-invocationMetrics',
      'inputTokenCount',
      'prompt_tokens_details',
      'cached_tokens',
      'metadata',
    )
    const payload = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.double(),
        fc.integer(),
        fc.constant('x'),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
    })).object
    fc.assert(
      fc.property(operations, fc.array(payload, { maxLength: 5 }), (operation, payloads) => {
        const frames = payloads.flatMap((event) => [
          encodeNative(event),
          encodeEvent('metadata', event),
        ])
        const { usage } = streamed(operation, PROFILE, frames)
        for (const count of Object.values(usage)) {
          expect(Number.isInteger(count)).toBe(true)
          expect(count).toBeGreaterThanOrEqual(0)
          expect(count).toBeLessThanOrEqual(1e9)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('unary usage', () => {
  it.each([
    [
      'Converse',
      'converse',
      CLAUDE,
      { output: {}, stopReason: 'end_turn', usage: CONVERSE_USAGE },
      CONVERSE_COUNTS,
    ],
    [
      'Anthropic',
      'invoke',
      CLAUDE,
      {
        content: [],
        stop_reason: 'end_turn',
        usage: { ...CLAUDE_START.message.usage, output_tokens: 20 },
      },
      CONVERSE_COUNTS,
    ],
    [
      'Nova',
      'invoke',
      NOVA,
      { output: {}, stopReason: 'end_turn', usage: NOVA_USAGE },
      NOVA_COUNTS,
    ],
    [
      'OpenAI',
      'invoke',
      GPT,
      { choices: [{ finish_reason: 'stop' }], usage: GPT_USAGE },
      GPT_COUNTS,
    ],
    [
      'Titan embeddings',
      'invoke',
      'amazon.titan-embed-text-v2:0',
      { embedding: [0.1], inputTextTokenCount: 5 },
      { input: 5 },
    ],
  ] as const)('[B13] %s', (_, operation, model, body, usage) => {
    const reading = unary(operation, model, body)
    expect(reading).toMatchObject({ usageSource: 'response', final: true, problems: [] })
    expect(reading.usage).toEqual(usage)
  })

  it('[B13] a body in any chunks reads the same, and tells its last one', () => {
    const body = Buffer.from(
      JSON.stringify({
        output: { x: 'y'.repeat(50) },
        usage: CONVERSE_USAGE,
        stopReason: 'end_turn',
      }),
    )
    for (let size = 1; size < body.length; size += 1) {
      const watching = meter('converse', CLAUDE, {})
      let told = 0
      for (let at = 0; at < body.length; at += size) {
        if (watching.write(body.subarray(at, at + size))) told += 1
      }
      watching.end()
      expect(told).toBe(1)
      expect(watching.read()).toMatchObject({ usage: CONVERSE_COUNTS, usageSource: 'response' })
    }
  })

  it('[B19] cached tokens leave the input where they stood inside it, and only there', () => {
    const responses = {
      usage: {
        input_tokens: 110,
        output_tokens: 20,
        input_tokens_details: { cached_tokens: 60, cache_write_tokens: 40 },
      },
    }
    expect(unary('invoke', PROFILE, responses).usage).toEqual({
      input: 10,
      output: 20,
      cache_read: 60,
      cache_write_30m: 40,
    })
    const absurd = {
      usage: {
        prompt_tokens: 5,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 9 },
      },
    }
    const reading = unary('invoke', GPT, absurd)
    expect(reading.usage).toEqual({ input: 0, output: 1, cache_read: 9 })
    expect(reading.problems).toEqual(['cached_tokens_exceed_input'])
  })

  it.each([
    [{ cacheWriteInputTokens: 100 }, CLAUDE, { cache_write_5m: 100 }],
    [{ cacheWriteInputTokens: 100 }, GPT, { cache_write_30m: 100 }],
    [{ cacheWriteInputTokens: 100, cacheDetails: [] }, CLAUDE, { cache_write_5m: 100 }],
    [
      { cacheWriteInputTokens: 100, cacheDetails: [{ ttl: '1h', inputTokens: 30 }] },
      CLAUDE,
      { cache_write_5m: 70, cache_write_1h: 30 },
    ],
    [{ cacheDetails: [{ ttl: '1h', inputTokens: 30 }] }, CLAUDE, { cache_write_1h: 30 }],
  ])('[B19] %j of %s is split by lifetime', (cache, model, expected) => {
    const usage = { inputTokens: 1, outputTokens: 2, ...cache }
    expect(unary('converse', model, { usage }).usage).toEqual({ input: 1, output: 2, ...expected })
  })

  it.each([-1, 1.5, 2e9, '7', true])(
    '[B19] refuses %j as a count, says so, and estimates',
    (bad) => {
      const reading = unary('converse', CLAUDE, { usage: { inputTokens: bad, outputTokens: 3 } })
      expect(reading.usage).toEqual({ input: INPUT_ESTIMATE, output: 3 })
      expect(reading.usageSource).toBe('estimated')
      expect(reading.problems).toContain('refused_number:inputTokens')
    },
  )

  const HEADERS = {
    'x-amzn-bedrock-input-token-count': '9',
    'x-amzn-bedrock-output-token-count': '17',
    'x-amzn-bedrock-cache-read-input-token-count': '3',
    'x-amzn-bedrock-service-tier': 'priority',
  }
  it('[B17] an unknown maker is metered by the headers', () => {
    expect(unary('invoke', 'meta.llama3', { generation: 'Hi' }, HEADERS)).toMatchObject({
      usage: { input: 9, output: 17, cache_read: 3 },
      usageSource: 'response',
      tierResolved: 'priority',
    })
    const body = { usage: { ...GPT_USAGE } }
    expect(unary('invoke', PROFILE, body, HEADERS).usage).toEqual(GPT_COUNTS)
  })

  it('[B17] an answer that says nothing is missing, not free', () => {
    const reading = unary('invoke', 'stability.image-1', { images: ['aGVsbG8='] })
    expect(reading).toMatchObject({ usage: {}, missing: true, usageSource: 'estimated' })
  })

  it('[B15] a cut body is estimated from what came of it', () => {
    const watching = meter('converse', CLAUDE, {})
    watching.write(
      Buffer.from('{"output":{"message":{"content":[{"text":"Hello there"},{"text":"cut he'),
    )
    watching.end()
    expect(watching.read()).toMatchObject({
      usage: { input: INPUT_ESTIMATE, output: 3 },
      usageSource: 'estimated',
      final: false,
      problems: ['body_malformed', 'usage_missing'],
    })
  })

  it('[B18] an error answer used nothing', () => {
    const watching = meter('converse', CLAUDE, {}, 429)
    watching.write(Buffer.from('{"message":"slow","usage":{"inputTokens":9}}'))
    watching.end()
    expect(watching.read()).toMatchObject({ usage: {}, usageSource: 'response', missing: false })
  })

  it('[B9] an unknown tier is not taken for standard', () => {
    const body = { usage: CONVERSE_USAGE, serviceTier: { type: 'platinum' } }
    const reading = unary('converse', CLAUDE, body)
    expect(reading.tierResolved).toBe(null)
    expect(reading.problems).toEqual(['unknown_tier'])
  })
})
