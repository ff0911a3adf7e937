import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Operation } from './route.ts'
import {
  CLAUDE_START,
  CONVERSE_COUNTS,
  CONVERSE_USAGE,
  GPT_COUNTS,
  GPT_USAGE,
  NOVA_COUNTS,
  NOVA_USAGE,
  STREAMS,
} from './testing/api-shapes.ts'
import { encodeEvent, encodeNative } from './testing/encode-frame.ts'
import {
  CLAUDE,
  EVENT_STREAM,
  GPT,
  meterOf,
  NOVA,
  PROFILE,
  streamed,
  unary,
} from './testing/read-usage.ts'

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
        const watching = meterOf(operation, model, EVENT_STREAM)
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
