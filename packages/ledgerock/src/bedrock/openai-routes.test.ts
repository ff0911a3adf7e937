import { describe, expect, it } from 'vitest'
import {
  CHAT_STREAM,
  CHAT_USAGE,
  OPENAI_COUNTS,
  RESPONSES_STREAM,
  RESPONSES_USAGE,
} from './testing/api-shapes.ts'
import { encodeSse, NAMED_STYLE } from './testing/encode-sse.ts'
import { CLAUDE, INPUT_ESTIMATE, streamed, unary } from './testing/read-usage.ts'

const SOL = 'openai.gpt-5.6-sol'

describe('usage of Chat Completions', () => {
  it('[B19] a whole answer', () => {
    const body = {
      object: 'chat.completion',
      choices: [{ message: { content: 'Hello' }, finish_reason: 'length' }],
      service_tier: 'priority',
      usage: CHAT_USAGE,
    }
    expect(unary('chat-completions', SOL, body)).toMatchObject({
      usage: OPENAI_COUNTS,
      usageSource: 'response',
      tierResolved: 'priority',
      stopReason: 'length',
    })
    // What was asked for, not what was served.
    const auto = unary('chat-completions', SOL, { ...body, service_tier: 'auto' })
    expect(auto).toMatchObject({ tierResolved: null, problems: [] })
  })

  it('[B15] a cut stream is estimated from the text that passed, thought and spoken', () => {
    const reading = streamed('chat-completions', SOL, CHAT_STREAM.slice(0, 3))
    // 2 + 11 bytes
    expect(reading).toMatchObject({
      usage: { input: INPUT_ESTIMATE, output: 4 },
      usageSource: 'estimated',
      final: false,
    })
  })

  it('[B15] usage that is repeated on the way is a floor until the model has stopped', () => {
    const chunk = (output: number, finish: string | null) =>
      encodeSse({
        choices: [{ delta: { content: 'x' }, finish_reason: finish }],
        usage: { prompt_tokens: 10, completion_tokens: output },
      })
    const cut = streamed('chat-completions', SOL, [chunk(1, null), chunk(7, null)])
    expect(cut).toMatchObject({ usage: { input: 10, output: 7 }, usageSource: 'estimated' })
    const whole = streamed('chat-completions', SOL, [chunk(1, null), chunk(8, 'stop')])
    expect(whole).toMatchObject({ usage: { input: 10, output: 8 }, usageSource: 'response' })
  })

  it('[B18] an error in the stream ends the usage', () => {
    const error = encodeSse({ error: { message: 'your prompt', type: 'server_error', code: 500 } })
    const reading = streamed('chat-completions', SOL, [...CHAT_STREAM.slice(0, 3), error])
    expect(reading).toMatchObject({ exception: { type: 'server_error' }, final: true })
    expect(JSON.stringify(reading)).not.toContain('prompt')
    expect(streamed('chat-completions', SOL, [error]).usage).toEqual({ input: 0, output: 0 })
  })

  it('[B14] what follows `[DONE]` does not count', () => {
    const late = encodeSse({ choices: [], usage: { prompt_tokens: 9e6, completion_tokens: 9e6 } })
    expect(streamed('chat-completions', SOL, [...CHAT_STREAM, late]).usage).toEqual(OPENAI_COUNTS)
  })

  it('[B19] embeddings have input alone', () => {
    const body = { data: [{ embedding: [0.1] }], usage: { prompt_tokens: 8, total_tokens: 8 } }
    expect(unary('embeddings', 'cohere.embed-v4:0', body).usage).toEqual({ input: 8 })
  })
})

describe('usage of Responses', () => {
  const whole = {
    object: 'response',
    status: 'completed',
    error: null,
    service_tier: 'default',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }],
    usage: RESPONSES_USAGE,
  }

  it.each(['responses', 'compact-response'] as const)('[B19] a whole answer of %s', (operation) => {
    expect(unary(operation, SOL, whole)).toMatchObject({
      usage: OPENAI_COUNTS,
      usageSource: 'response',
      tierResolved: 'standard',
      exception: null,
    })
  })

  it('[B15] a cut stream counts its deltas once, not again in the events that repeat them', () => {
    const reading = streamed('responses', SOL, RESPONSES_STREAM.slice(0, 5))
    expect(reading).toMatchObject({
      outputSeenBytes: 11,
      usage: { input: INPUT_ESTIMATE, output: 3 },
      usageSource: 'estimated',
    })
  })

  it.each([
    [
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } },
      'server_error',
    ],
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'slow' }, 'rate_limit_exceeded'],
  ])('[B18] %j ends the usage', (event, type) => {
    const frames = [...RESPONSES_STREAM.slice(0, 2), encodeSse(event, NAMED_STYLE)]
    expect(streamed('responses', SOL, frames)).toMatchObject({
      exception: { type },
      final: true,
      usage: { input: INPUT_ESTIMATE, output: 2 },
    })
  })

  it('an answer that ran out of room is complete', () => {
    const response = {
      ...whole,
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    }
    const frames = [encodeSse({ type: 'response.incomplete', response }, NAMED_STYLE)]
    expect(streamed('responses', SOL, frames)).toMatchObject({
      usage: OPENAI_COUNTS,
      usageSource: 'response',
      stopReason: 'max_output_tokens',
      final: true,
    })
  })
})

describe('usage of Messages', () => {
  it('[B19] a whole answer is split by lifetime', () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 20,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_5m_input_tokens: 600, ephemeral_1h_input_tokens: 400 },
    }
    const body = { type: 'message', content: [], stop_reason: 'end_turn', usage }
    expect(unary('messages', CLAUDE, body)).toMatchObject({
      usage: { input: 10, output: 20, cache_read: 100, cache_write_5m: 600, cache_write_1h: 400 },
      usageSource: 'response',
      problems: [],
    })
  })

  it('[B18] an error event ends the usage', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }
    expect(streamed('messages', CLAUDE, [encodeSse(error, NAMED_STYLE)])).toMatchObject({
      exception: { type: 'overloaded_error' },
      usage: { input: 0, output: 0 },
    })
  })
})
