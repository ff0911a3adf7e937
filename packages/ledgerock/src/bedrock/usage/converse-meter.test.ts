import { describe, expect, it } from 'vitest'
import { CONVERSE_COUNTS, CONVERSE_STREAM, CONVERSE_USAGE } from '../testing/api-shapes.ts'
import { encodeException } from '../testing/encode-frame.ts'
import {
  CLAUDE,
  EVENT_STREAM,
  GPT,
  INPUT_ESTIMATE,
  meterOf,
  streamed,
  unary,
} from '../testing/read-usage.ts'

describe('usage of ConverseStream', () => {
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

  it('[B18] an exception ends the usage and is told by its type alone', () => {
    const watching = meterOf('converse-stream', CLAUDE, EVENT_STREAM)
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
})

describe('usage of Converse', () => {
  it('[B13] a body in any chunks reads the same, and tells its last one', () => {
    const body = Buffer.from(
      JSON.stringify({
        output: { x: 'y'.repeat(50) },
        usage: CONVERSE_USAGE,
        stopReason: 'end_turn',
      }),
    )
    for (let size = 1; size < body.length; size += 1) {
      const watching = meterOf('converse', CLAUDE, {})
      let told = 0
      for (let at = 0; at < body.length; at += size) {
        if (watching.write(body.subarray(at, at + size))) told += 1
      }
      watching.end()
      expect(told).toBe(1)
      expect(watching.read()).toMatchObject({ usage: CONVERSE_COUNTS, usageSource: 'response' })
    }
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

  it('[B15] a cut body is estimated from what came of it', () => {
    const watching = meterOf('converse', CLAUDE, {})
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

  it('[B9] an unknown tier is not taken for standard', () => {
    const body = { usage: CONVERSE_USAGE, serviceTier: { type: 'platinum' } }
    const reading = unary('converse', CLAUDE, body)
    expect(reading.tierResolved).toBe(null)
    expect(reading.problems).toEqual(['unknown_tier'])
  })
})
