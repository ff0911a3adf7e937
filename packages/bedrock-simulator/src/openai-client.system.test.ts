// OpenAI's own client against the simulator: chat completions and responses, on the runtime and on mantle, whole and
// streamed, with what the client is told compared with the ground truth.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import OpenAI, { APIError, AuthenticationError, RateLimitError } from 'openai'

import type { SimulatedCall } from './call-record.ts'
import { startSimulator, type Simulator } from './simulator.ts'
import { BEARER_KEY } from './testing/aws-clients.ts'

const OSS = 'openai.gpt-oss-20b-1:0'
const TERRA = 'openai.gpt-5.6-terra'
const GPT_55 = 'openai.gpt-5.5'
const LONG = 'A long and steady introduction. '.repeat(300)

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({ bearerKeys: [BEARER_KEY], seed: 3 })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

function client(
  path = '/openai/v1',
  headers: Record<string, string> = {},
  apiKey = BEARER_KEY,
): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: `${simulator.url}${path}`,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: headers,
  })
}

function onlyCall(): SimulatedCall {
  const [call, ...others] = simulator.calls()
  if (call === undefined || others.length > 0) throw new Error('not exactly one call on record')
  return call
}

const WEATHER = {
  name: 'weather',
  description: 'Tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

describe('chat completions', () => {
  it('[S15] answers whole and in chunks with the same text and the usage on record', async () => {
    const ask = { model: OSS, messages: [{ role: 'user' as const, content: 'How are you?' }] }
    const whole = await client().chat.completions.create(ask)
    expect(whole.object).toBe('chat.completion')
    let text = ''
    let usage: OpenAI.CompletionUsage | null | undefined
    const nulls: unknown[] = []
    const stream = await client().chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (chunk.choices.length === 0) usage = chunk.usage
      else nulls.push(chunk.usage)
    }
    expect(text).toBe(whole.choices[0]?.message.content)
    expect(usage).toEqual(whole.usage)
    expect(new Set(nulls)).toEqual(new Set([null]))
    const calls = simulator.calls()
    expect(calls.map((call) => [call.operation, call.stream, call.api, call.endpoint])).toEqual([
      ['ChatCompletions', false, 'openai', 'runtime'],
      ['ChatCompletions', true, 'openai', 'runtime'],
    ])
    for (const call of calls) {
      expect(call).toMatchObject({
        model_id: OSS,
        model_requested: OSS,
        status: 200,
        completed: true,
      })
      expect(call.usage).toMatchObject({
        input: whole.usage?.prompt_tokens,
        output: whole.usage?.completion_tokens,
        other: {},
      })
    }
    expect(calls[1]?.cost_usd).toBe(calls[0]?.cost_usd)
    expect(calls[0]?.cost_usd).not.toBeNull()
  })

  it('[S15] says no usage in a stream that did not ask for it, and bills it all the same', async () => {
    const stream = await client().chat.completions.create({
      model: OSS,
      messages: [{ role: 'user', content: 'How are you?' }],
      stream: true,
    })
    for await (const chunk of stream) expect(chunk).not.toHaveProperty('usage')
    expect(onlyCall().usage?.output).toBeGreaterThan(0)
  })

  it('[S15] calls a tool, whole and in pieces', async () => {
    const ask = {
      model: OSS,
      messages: [{ role: 'user' as const, content: 'How is the weather in Oslo?' }],
      tools: [{ type: 'function' as const, function: WEATHER }],
    }
    const whole = await client().chat.completions.create(ask)
    const [call] = whole.choices[0]?.message.tool_calls ?? []
    if (call?.type !== 'function') throw new Error('no function was called')
    expect(call.function.name).toBe('weather')
    const stream = client().chat.completions.stream(ask)
    const streamed = await stream.finalChatCompletion()
    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls')
    const [again] = streamed.choices[0]?.message.tool_calls ?? []
    expect(again?.type === 'function' ? again.function.arguments : null).toBe(
      call.function.arguments,
    )
  })

  it.each([
    [TERRA, true],
    [GPT_55, false],
  ])('[S16] %s: cached tokens stand inside the prompt', async (model, paidWrites) => {
    const ask = { model, messages: [{ role: 'user' as const, content: LONG }] }
    const first = await client().chat.completions.create(ask)
    const second = await client().chat.completions.create(ask)
    expect(second.usage?.prompt_tokens).toBe(first.usage?.prompt_tokens)
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0)
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBe(first.usage?.prompt_tokens)
    const tokens = first.usage?.prompt_tokens
    const [wrote, read] = simulator.calls().map((call) => call.usage)
    expect(wrote).toMatchObject(
      paidWrites
        ? { input: 0, cache_read: 0, other: { cache_write_30m: tokens } }
        : { input: tokens, cache_read: 0, other: {} },
    )
    expect(read).toMatchObject({ input: 0, cache_read: tokens, other: {} })
    for (const call of simulator.calls()) expect(call.cost_usd).not.toBeNull()
  })

  it('[S16] an explicit breakpoint ends the cached prefix', async () => {
    const ask = (question: string): OpenAI.ChatCompletionCreateParamsNonStreaming => ({
      model: TERRA,
      prompt_cache_options: { mode: 'explicit' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: LONG, prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'text', text: question },
          ],
        },
      ],
    })
    await client().chat.completions.create(ask('What is this?'))
    const second = await client().chat.completions.create(ask('And who wrote it?'))
    const cached = second.usage?.prompt_tokens_details?.cached_tokens ?? 0
    expect(cached).toBeGreaterThan(LONG.length / 4)
    expect(cached).toBeLessThan(second.usage?.prompt_tokens ?? 0)
  })

  it('[S13] takes its tier from the body', async () => {
    const ask = { model: OSS, messages: [{ role: 'user' as const, content: 'Hello' }] }
    const answer = await client().chat.completions.create({ ...ask, service_tier: 'flex' })
    expect(answer.service_tier).toBe('flex')
    expect(onlyCall()).toMatchObject({ tier_asked: 'flex', tier: 'flex' })
  })
})

describe('responses', () => {
  it('[S17] answers whole and as typed events, numbered, with the usage last', async () => {
    const ask = { model: OSS, input: 'How are you?', instructions: 'Be brief.' }
    const whole = await client().responses.create(ask)
    expect(whole.output_text.length).toBeGreaterThan(0)
    const types: string[] = []
    let text = ''
    let usage: OpenAI.Responses.ResponseUsage | undefined
    const stream = await client().responses.create({ ...ask, stream: true })
    for await (const event of stream) {
      expect('sequence_number' in event && event.sequence_number).toBe(types.length)
      types.push(event.type)
      if (event.type === 'response.output_text.delta') text += event.delta
      if (event.type === 'response.completed') usage = event.response.usage
    }
    expect(types[0]).toBe('response.created')
    expect(types.at(-1)).toBe('response.completed')
    expect(text).toBe(whole.output_text)
    expect(usage).toEqual(whole.usage)
    expect(usage?.input_tokens).toBe(simulator.calls()[0]?.usage?.input)
    expect(simulator.calls()[1]?.usage).toEqual(simulator.calls()[0]?.usage)
  })

  it('[S15] gives the same answer for the same content as a chat completion', async () => {
    const chat = await client().chat.completions.create({
      model: OSS,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'How are you?' },
      ],
    })
    const response = await client().responses.create({
      model: OSS,
      instructions: 'Be brief.',
      input: 'How are you?',
    })
    expect(response.output_text).toBe(chat.choices[0]?.message.content)
  })

  it('[S17] is stored, continued at the price of what came before, deleted', async () => {
    const openai = client()
    const first = await openai.responses.create({ model: OSS, input: 'How are you?' })
    const again = await openai.responses.retrieve(first.id)
    expect(again.output_text).toBe(first.output_text)
    const next = await openai.responses.create({
      model: OSS,
      input: 'And you?',
      previous_response_id: first.id,
    })
    expect(next.usage?.input_tokens).toBeGreaterThan(first.usage?.total_tokens ?? Infinity)
    await expect(openai.responses.cancel(first.id)).rejects.toMatchObject({ status: 400 })
    await openai.responses.delete(first.id)
    await expect(openai.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 })
    const unstored = await openai.responses.create({ model: OSS, input: 'Hello', store: false })
    await expect(openai.responses.retrieve(unstored.id)).rejects.toMatchObject({ status: 404 })
    const free = simulator.calls().filter((call) => call.operation === 'GetResponse')
    expect(free.map((call) => call.cost_usd)).toEqual(['0', null, null])
  })

  it('[S17] calls a tool and takes its output', async () => {
    const tools = [{ type: 'function' as const, strict: false, ...WEATHER }]
    const input = [{ role: 'user' as const, content: 'How is the weather in Oslo?' }]
    const stream = client().responses.stream({ model: OSS, input, tools })
    const first = await stream.finalResponse()
    const call = first.output.find((item) => item.type === 'function_call')
    if (call === undefined) throw new Error('no function was called')
    const second = await client().responses.create({
      model: OSS,
      tools,
      input: [
        ...input,
        call,
        { type: 'function_call_output', call_id: call.call_id, output: 'Rain' },
      ],
    })
    expect(second.output_text.length).toBeGreaterThan(0)
  })

  it('[S17] a cut limit makes the response incomplete', async () => {
    const answer = await client().responses.create({
      model: OSS,
      input: 'Tell me a story',
      max_output_tokens: 5,
    })
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 5 },
    })
  })
})

describe('mantle', () => {
  it.each(['/mantle/v1', '/mantle/openai/v1'])('[S18] serves OpenAI under %s', async (path) => {
    const answer = await client(path).chat.completions.create({
      model: 'openai.gpt-oss-20b',
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(answer.model).toBe('openai.gpt-oss-20b')
    expect(onlyCall()).toMatchObject({ endpoint: 'mantle', model_id: OSS })
  })

  it('[S18] lists models, embeds, compacts', async () => {
    const openai = client('/mantle/v1')
    const models = []
    for await (const model of openai.models.list()) models.push(model.id)
    expect(models).toContain(OSS)
    expect((await openai.models.retrieve(OSS)).id).toBe(OSS)
    const { data, usage } = await openai.embeddings.create({
      model: 'amazon.titan-embed-text-v2:0',
      input: ['one', 'another text'],
      dimensions: 256,
    })
    expect(data.map((item) => item.embedding.length)).toEqual([256, 256])
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding)
    expect(simulator.calls().at(-1)?.usage).toMatchObject({ input: usage.prompt_tokens, output: 0 })
    expect(simulator.calls().at(-1)?.cost_usd).not.toBeNull()
    const compacted = await openai.responses.compact({ model: OSS, input: LONG })
    expect(compacted.object).toBe('response.compaction')
    expect(simulator.calls().at(-1)?.usage?.input).toBe(compacted.usage.input_tokens)
    const free = simulator.calls().filter((call) => call.operation.includes('Model'))
    expect(free.map((call) => call.cost_usd)).toEqual(['0', '0'])
  })
})

describe('what goes wrong', () => {
  const ask = { model: OSS, messages: [{ role: 'user' as const, content: 'Hello' }] }

  it('[S19] has the shape that the client reads', async () => {
    await expect(client('/openai/v1', {}, 'wrong').chat.completions.create(ask)).rejects.toThrow(
      APIError,
    )
    await expect(
      client().chat.completions.create({ ...ask, model: 'openai.gpt-none' }),
    ).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' })
    const throttled = client('/openai/v1', { 'x-simulator-fault': 'throttle' })
    await expect(throttled.chat.completions.create(ask)).rejects.toThrow(RateLimitError)
    const unsigned = client('/openai/v1', { authorization: 'AWS4-HMAC-SHA256 nonsense' })
    await expect(unsigned.chat.completions.create(ask)).rejects.toThrow(AuthenticationError)
    for (const call of simulator.calls()) expect(call.cost_usd).toBeNull()
  })

  it.each(['chat', 'responses'])('[S11] %s: faults strike inside the stream', async (api) => {
    const drain = async (fault: string): Promise<number> => {
      const openai = client('/openai/v1', { 'x-simulator-fault': fault })
      let events = 0
      const stream =
        api === 'chat'
          ? await openai.chat.completions.create({ ...ask, stream: true })
          : await openai.responses.create({ model: OSS, input: 'Hello', stream: true })
      for await (const event of stream) {
        if ('type' in event && event.type === 'error') throw new Error(event.message)
        events += 1
      }
      return events
    }
    await expect(drain('mid_stream_exception@3:throttlingException')).rejects.toThrow(/too many/i)
    await expect(drain('cut@3')).rejects.toThrow(/terminated|closed|socket/i)
    await expect(drain('bad_crc@3')).rejects.toThrow(/JSON/)
    await expect(drain('slow_chunks:1')).resolves.toBeGreaterThan(3)
    expect(simulator.calls().map((call) => call.completed)).toEqual([false, false, true, true])
    expect(simulator.calls()[0]?.error_type).toBe('ThrottlingException')
    for (const call of simulator.calls()) expect(call.usage?.input).toBeGreaterThan(0)
  })

  it('[S11] a stream without its usage is billed', async () => {
    const openai = client('/openai/v1', { 'x-simulator-fault': 'no_metadata' })
    const chat = await openai.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })
    for await (const chunk of chat) expect(chunk.usage ?? null).toBeNull()
    const stream = await openai.responses.create({ model: OSS, input: 'Hello', stream: true })
    for await (const event of stream) {
      if (event.type === 'response.completed') expect(event.response.usage).toBeNull()
    }
    for (const call of simulator.calls()) expect(call.usage?.output).toBeGreaterThan(0)
  })
})
