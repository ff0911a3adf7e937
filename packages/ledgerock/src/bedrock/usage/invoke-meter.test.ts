import { describe, expect, it } from 'vitest'
import {
  claudeDelta,
  claudeText,
  CLAUDE_START,
  CLAUDE_STOP,
  CONVERSE_COUNTS,
  GPT_COUNTS,
  GPT_USAGE,
} from '../testing/api-shapes.ts'
import { encodeMessage, encodeNative } from '../testing/encode-frame.ts'
import { CLAUDE, GPT, NOVA, PROFILE, streamed, unary } from '../testing/read-usage.ts'

describe('usage of InvokeModelWithResponseStream', () => {
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
      // The metrics do not say for how long Claude was to keep what was written.
      usageSource: 'estimated',
      problems: ['cache_lifetime_guessed'],
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
})

describe('the envelope of a native event', () => {
  const bytes = Buffer.from(JSON.stringify({ ...CLAUDE_STOP, pad: '???>>>' })).toString('base64')
  it.each([
    ['as Bedrock writes it', `{"bytes":"${bytes}","p":"abc"}`],
    ['padding first', `{"p":"abc","bytes":"${bytes}"}`],
    ['slashes escaped', `{"bytes":"${bytes.replaceAll('/', '\\/')}"}`],
    ['letters escaped', `{"bytes":"\\u00${bytes.charCodeAt(0).toString(16)}${bytes.slice(1)}"}`],
    ['white space', `{ "bytes" : "${bytes}" }`],
  ])('[B13] is read %s', (_, payload) => {
    const headers = { ':event-type': 'chunk', ':message-type': 'event' }
    const frame = encodeMessage(headers, Buffer.from(payload))
    const reading = streamed('invoke-with-response-stream', NOVA, [frame])
    expect(reading.usage).toMatchObject({ input: 10, output: 20 })
    expect(reading.final).toBe(true)
  })

  it.each(['{"bytes":"', '{"bytes":7}', '{}', ''])('[B13] %j is none', (payload) => {
    const headers = { ':event-type': 'chunk', ':message-type': 'event' }
    const frame = encodeMessage(headers, Buffer.from(payload))
    const reading = streamed('invoke-with-response-stream', NOVA, [frame])
    expect(reading.problems).toContain('event_malformed')
  })
})

describe('usage of InvokeModel', () => {
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
    const reading = unary('invoke', 'nobody.knows-1', { images: ['aGVsbG8='] })
    expect(reading).toMatchObject({ usage: {}, missing: true, usageSource: 'estimated' })
  })
})
