import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPERATIONS, type Operation } from '../operation.ts'
import {
  CLAUDE_START,
  CONVERSE_COUNTS,
  CONVERSE_USAGE,
  GPT_COUNTS,
  GPT_USAGE,
  NOVA_COUNTS,
  NOVA_USAGE,
  STREAMS,
} from '../testing/api-shapes.ts'
import { encodeEvent, encodeNative } from '../testing/encode-frame.ts'
import {
  CLAUDE,
  EVENT_STREAM,
  GPT,
  meterOf,
  NOVA,
  PROFILE,
  streamed,
  streamHeaders,
  unary,
} from '../testing/read-usage.ts'

/** What bodies and streams are made of, to be put together wrongly. */
const WORDS = [
  '{"usage":',
  '"prompt_tokens":',
  '12',
  '-1',
  '}',
  '{',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  'data: ',
  '\n\n',
  '\r',
  '[DONE]',
  'null',
  '{"type":"message_stop"}',
  '{"images":["',
  '{"usage":{"prompt_tokens":5,"completion_tokens":7}}',
  '{"usage":{"topicPolicyUnits":3}}',
]

const UNIT_MODELS = [
  'amazon.nova-canvas-v1:0',
  'cohere.rerank-v3-5:0',
  'luma.ray-v2:0',
  'us.twelvelabs.pegasus-1-2-v1:0',
  'cohere.command-r-v1:0',
]

/** Whose usage is complete before the last event. */
const SAID_EARLIER: ReadonlySet<string> = new Set([
  'Anthropic',
  'Anthropic by profile',
  'Messages',
  'Chat Completions',
])

describe('streamed usage, of every shape', () => {
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
        const watching = meterOf(operation, model, streamHeaders(operation))
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
    (name, operation, model, frames) => {
      const reading = streamed(operation, model, frames.slice(0, -1))
      expect(reading.usage.input).toBeGreaterThan(0)
      expect(reading.usage.output).toBeGreaterThan(0)
      expect(reading.usageSource === 'response').toBe(SAID_EARLIER.has(name))
    },
  )

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

describe('any answer at all', () => {
  it('[B13] is read without throwing, the same in any chunks, with counts that are counts', () => {
    const operations = fc.constantFrom(...OPERATIONS)
    const models = fc.constantFrom(CLAUDE, GPT, NOVA, PROFILE, ...UNIT_MODELS)
    const types = fc.constantFrom(
      'application/json',
      'text/event-stream',
      EVENT_STREAM['content-type'],
    )
    const word = fc.constantFrom(...WORDS)
    const bytes = fc.oneof(
      fc.array(word, { maxLength: 30 }).map((words) => Buffer.from(words.join(''))),
      fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
    )
    fc.assert(
      fc.property(
        operations,
        models,
        types,
        bytes,
        fc.nat(9),
        (operation, model, type, body, piece) => {
          const read = (size: number) => {
            const watching = meterOf(operation, model, { 'content-type': type })
            let told = 0
            for (let at = 0; at < body.length; at += size) {
              if (watching.write(body.subarray(at, at + size))) told += 1
            }
            watching.end()
            expect(told).toBeLessThanOrEqual(1)
            return watching.read()
          }
          const whole = read(body.length + 1)
          const pieces = read(piece + 1)
          // What follows the end of a unary answer may or may not be seen with it.
          const isBroken = whole.problems.some((problem) => problem.startsWith('body_'))
          if (!isBroken) expect(pieces).toEqual(whole)
          for (const count of Object.values(whole.usage)) {
            expect(Number.isInteger(count)).toBe(true)
            expect(count).toBeGreaterThanOrEqual(0)
            expect(count).toBeLessThanOrEqual(1e9)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('unary usage, of every shape', () => {
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

  it('[B18] an error answer used nothing', () => {
    const watching = meterOf('converse', CLAUDE, {}, 429)
    watching.write(Buffer.from('{"message":"slow","usage":{"inputTokens":9}}'))
    watching.end()
    expect(watching.read()).toMatchObject({ usage: {}, usageSource: 'response', missing: false })
  })
})
