// Anthropic's own client against the Messages route: key in `x-api-key` or as bearer token, whole and streamed, cached, on
// the runtime and on mantle.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import Anthropic, { AuthenticationError, RateLimitError } from '@anthropic-ai/sdk'

import { startSimulator, type Simulator } from './simulator.ts'
import { BEARER_KEY } from './testing/aws-clients.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-6'
const LONG = 'A long and steady introduction. '.repeat(200)

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({ bearerKeys: [BEARER_KEY], seed: 3 })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

function client(
  headers: Record<string, string> = {},
  path = '/anthropic',
  key = BEARER_KEY,
): Anthropic {
  return new Anthropic({
    apiKey: key,
    baseURL: `${simulator.url}${path}`,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: headers,
  })
}

const ASK = {
  model: SONNET,
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'How are you?' }],
}

describe('messages', () => {
  it('[S20] answers whole and streamed with the same text and usage, and pings', async () => {
    const whole = await client().messages.create(ASK)
    const types: string[] = []
    const stream = client().messages.stream(ASK)
    stream.on('streamEvent', (event) => types.push(event.type))
    const streamed = await stream.finalMessage()
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.usage).toMatchObject({
      input_tokens: whole.usage.input_tokens,
      output_tokens: whole.usage.output_tokens,
    })
    expect(types[0]).toBe('message_start')
    expect(types.at(-1)).toBe('message_stop')
    const calls = simulator.calls()
    expect(calls.map((call) => [call.operation, call.stream, call.auth, call.scope])).toEqual([
      ['Messages', false, 'bearer', 'geo'],
      ['Messages', true, 'bearer', 'geo'],
    ])
    for (const call of calls) {
      expect(call.usage).toMatchObject({
        input: whole.usage.input_tokens,
        output: whole.usage.output_tokens,
      })
      expect(call.cost_usd).not.toBeNull()
    }
  })

  it('[S20] takes the key as a bearer token too, and nothing else', async () => {
    const bearer = new Anthropic({
      authToken: BEARER_KEY,
      apiKey: null,
      baseURL: `${simulator.url}/anthropic`,
      maxRetries: 0,
    })
    await bearer.messages.create(ASK)
    expect(simulator.calls()[0]).toMatchObject({ auth: 'bearer', status: 200 })
    await expect(client({}, '/anthropic', 'wrong').messages.create(ASK)).rejects.toMatchObject({
      status: 403,
      error: { type: 'error', error: { type: 'permission_error' } },
    })
    const unsigned = client({ authorization: 'AWS4-HMAC-SHA256 nonsense' })
    await expect(unsigned.messages.create(ASK)).rejects.toThrow(AuthenticationError)
  })

  it('[S16] caches for five minutes and for an hour', async () => {
    const ask = {
      ...ASK,
      system: [
        {
          type: 'text' as const,
          text: LONG,
          cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
        },
        { type: 'text' as const, text: LONG, cache_control: { type: 'ephemeral' as const } },
      ],
    }
    const first = await client().messages.create(ask)
    const second = await client().messages.create(ask)
    expect(first.usage.cache_creation?.ephemeral_1h_input_tokens).toBeGreaterThan(0)
    expect(first.usage.cache_creation?.ephemeral_5m_input_tokens).toBeGreaterThan(0)
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens)
    expect(simulator.calls()[0]?.usage).toMatchObject({
      input: first.usage.input_tokens,
      cache_write_1h: first.usage.cache_creation?.ephemeral_1h_input_tokens,
      cache_write_5m: first.usage.cache_creation?.ephemeral_5m_input_tokens,
    })
    expect(simulator.calls()[1]?.usage?.cache_read).toBe(second.usage.cache_read_input_tokens)
  })

  it('[S18] is served by mantle with a count of tokens that comes true', async () => {
    const mantle = client({}, '/mantle/anthropic')
    const { input_tokens: counted } = await mantle.messages.countTokens({
      model: SONNET,
      messages: ASK.messages,
    })
    const answer = await mantle.messages.create(ASK)
    expect(answer.usage.input_tokens).toBe(counted)
    expect(simulator.calls().map((call) => [call.operation, call.endpoint])).toEqual([
      ['CountMessageTokens', 'mantle'],
      ['Messages', 'mantle'],
    ])
    expect(simulator.calls()[0]).toMatchObject({ cost_usd: '0', usage: { input: 0, output: 0 } })
  })

  it('[S19] refuses in the shape that the client reads', async () => {
    const throttled = client({ 'x-simulator-fault': 'throttle' })
    await expect(throttled.messages.create(ASK)).rejects.toThrow(RateLimitError)
    const unknown = { ...ASK, model: 'anthropic.claude-none' }
    await expect(client().messages.create(unknown)).rejects.toMatchObject({
      status: 400,
      error: { type: 'error', error: { type: 'invalid_request_error' } },
    })
    const other = { ...ASK, model: 'amazon.nova-pro-v1:0' }
    await expect(client().messages.create(other)).rejects.toMatchObject({ status: 400 })
  })

  it.each([
    ['mid_stream_exception@4:serviceUnavailableException', /unable to process/],
    ['cut@4', /terminated|closed|socket/i],
    ['bad_crc@4', /JSON/],
  ])('[S11] %s strikes inside the stream and bills what was written', async (fault, message) => {
    const stream = client({ 'x-simulator-fault': fault }).messages.stream(ASK)
    await expect(stream.finalMessage()).rejects.toThrow(message)
    const [call] = simulator.calls()
    expect(call?.usage?.input).toBeGreaterThan(0)
    expect(call?.completed).toBe(fault.startsWith('bad_crc'))
  })

  it('[S11] latency and an error before the stream leave nothing billed', async () => {
    const failing = client({ 'x-simulator-fault': 'latency:5,error503' })
    const stream = failing.messages.stream(ASK)
    await expect(stream.finalMessage()).rejects.toMatchObject({ status: 503 })
    expect(simulator.calls()[0]).toMatchObject({ usage: null, stream: true })
  })
})
