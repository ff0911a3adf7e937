// Real clients on the routes of every API family, through the whole system: OpenAI's, Anthropic's, LangChain's and the AWS SDK's.
// They are told what Bedrock said, and the ledger says of each of their calls what Bedrock counted and charged.

import { hash } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import {
  ApplyGuardrailCommand,
  CountTokensCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelWithBidirectionalStreamCommand,
  type BedrockRuntimeClient,
} from '@aws-sdk/client-bedrock-runtime'
import { ChatBedrockConverse } from '@langchain/aws'
import type { UsageMetadata } from '@langchain/core/messages'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  anthropicClient,
  bedrockClient,
  openaiClient,
  wiretap,
  type ClientOptions,
} from './support/clients.ts'
import {
  bedrocksBill,
  ledgersBill,
  meteredSince,
  type MeteredCall,
} from './support/metered-calls.ts'
import { startSystem, type RunningSystem } from './support/running-system.ts'
import { streamEndings } from './support/stream-endings.ts'

const OSS = 'openai.gpt-oss-20b-1:0'
const TERRA = 'openai.gpt-5.6-terra'
const SONNET = 'us.anthropic.claude-sonnet-4-6'
const NOVA = 'amazon.nova-lite-v1:0'
const DIRECT_KEY = 'direct-bearer-key'
const QUESTION = 'Name three rivers of Europe.'
const LONG = 'A long and steady introduction. '.repeat(300)

let system: RunningSystem
let key: string

beforeAll(async () => {
  system = await startSystem({
    simulator: {
      bearerKeys: [DIRECT_KEY],
      guardrails: { abc123: ['content', 'topic', 'word'] },
    },
    bedrock: (url) => ({
      region: 'us-east-1',
      account_id: '123456789012',
      endpoint: url,
      mantle_endpoint: `${url}/mantle`,
    }),
    config:
      'owners: [ { match: { project: proj_atlas }, set: { feature: atlas }, from: 2026-01-01 } ]',
  })
  key = await system.createKey('families', { team: 'search', application: 'families' })
})
afterAll(() => system.dispose())

let since: number
beforeEach(() => {
  since = system.simulator.calls().length
})

/** What the ledger has of the calls of this test, each of them with the bill Bedrock would write. */
async function metered(): Promise<readonly MeteredCall[]> {
  const calls = await meteredSince(system, since)
  expect(calls.map(ledgersBill)).toEqual(calls.map(bedrocksBill))
  for (const { row } of calls) {
    expect(row).toMatchObject({ key_name: 'families', team: 'search', application: 'families' })
  }
  return calls
}

const openai = (path = '/openai/v1', options: ClientOptions = {}, secret = key): OpenAI =>
  openaiClient(`${system.gatewayUrl}${path}`, secret, options)
const anthropic = (path = '/anthropic', options: ClientOptions = {}, secret = key): Anthropic =>
  anthropicClient(`${system.gatewayUrl}${path}`, secret, options)

describe('OpenAI’s client', () => {
  const ask = { model: OSS, messages: [{ role: 'user' as const, content: QUESTION }] }

  it('chat completions: whole, streamed, streamed without asking for the usage, on a tier', async () => {
    const whole = await openai().chat.completions.create(ask)
    const asking = { ...ask, stream: true as const, stream_options: { include_usage: true } }
    const told = await drained(await openai().chat.completions.create(asking))
    const untold = await drained(await openai().chat.completions.create({ ...ask, stream: true }))
    expect(told.text).toBe(whole.choices[0]?.message.content)
    expect(told.usage).toEqual(whole.usage)
    expect(untold).toEqual({ text: told.text, usage: undefined })
    const flex = await openai().chat.completions.create({ ...ask, service_tier: 'flex' })
    expect(flex.service_tier).toBe('flex')
    const calls = await metered()
    expect(calls.map(({ row }) => [row.stream, row.tier, row.changes])).toEqual([
      [false, 'standard', []],
      [true, 'standard', []],
      [true, 'standard', ['include_usage']],
      [false, 'flex', []],
    ])
    const [standard, flexible] = [calls[0]?.row.cost_usd, calls[3]?.row.cost_usd]
    expect(Number(flexible)).toBeLessThan(Number(standard))
    for (const { row } of calls) {
      expect(row).toMatchObject({
        operation: 'chat-completions',
        usage_source: 'response',
        model_requested: OSS,
        input_tokens: whole.usage?.prompt_tokens,
        output_tokens: whole.usage?.completion_tokens,
      })
    }
  })

  it('is shown the bytes of a stream without usage, though the usage was asked for', async () => {
    const streams = [`${system.simulator.url}/openai/v1`, `${system.gatewayUrl}/openai/v1`]
    const bytes = await Promise.all(
      streams.map(async (baseURL, index) => {
        const tap = wiretap()
        const client = openaiClient(baseURL, index === 0 ? DIRECT_KEY : key, { fetch: tap.fetch })
        await drained(await client.chat.completions.create({ ...ask, stream: true }))
        const [answer = ''] = await tap.answers()
        return withoutIdentity(answer)
      }),
    )
    expect(bytes[1]).toBe(bytes[0])
    expect(bytes[0]).toMatch(/data: \[DONE\]\n\n$/)
    expect(bytes[0]).not.toContain('usage')
  })

  it('cached tokens stand inside the prompt and are priced apart', async () => {
    const cached = { model: TERRA, messages: [{ role: 'user' as const, content: LONG }] }
    const first = await openai().chat.completions.create(cached)
    const second = await drained(
      await openai().chat.completions.create({ ...cached, stream: true }),
    )
    expect(second.usage).toBeUndefined()
    const [wrote, read] = await metered()
    const tokens = first.usage?.prompt_tokens
    expect(wrote?.row).toMatchObject({ input_tokens: 0, cache_write_30m_tokens: tokens })
    expect(read?.row).toMatchObject({ input_tokens: 0, cache_read_tokens: tokens })
  })

  it('responses: whole, streamed, fetched, cancelled in vain and deleted', async () => {
    const client = openai()
    const whole = await client.responses.create({ model: OSS, input: QUESTION })
    const stream = client.responses.stream({ model: OSS, input: QUESTION })
    const streamed = await stream.finalResponse()
    expect(streamed.output_text).toBe(whole.output_text)
    expect(streamed.usage).toEqual(whole.usage)
    const stored = await client.responses.retrieve(whole.id)
    expect(stored.output_text).toBe(whole.output_text)
    await expect(client.responses.cancel(whole.id)).rejects.toThrow(OpenAI.BadRequestError)
    await client.responses.delete(whole.id)
    await expect(client.responses.retrieve(whole.id)).rejects.toThrow(OpenAI.NotFoundError)
    const calls = await metered()
    expect(calls.map(({ row }) => [row.operation, row.stream, row.status])).toEqual([
      ['responses', false, 'ok'],
      ['responses', true, 'ok'],
      ['get-response', false, 'ok'],
      ['cancel-response', false, 'client_error'],
      ['delete-response', false, 'ok'],
      ['get-response', false, 'client_error'],
    ])
    for (const { row } of calls.slice(0, 2)) expect(Number(row.cost_usd)).toBeGreaterThan(0)
    for (const { row } of calls.slice(2)) expect(row.cost_usd).toBe('0')
  })

  it('throws its own typed errors, for ours as for Bedrock’s', async () => {
    const wrong = openai('/openai/v1', {}, 'lrk_nobody').chat.completions.create(ask)
    await expect(wrong).rejects.toThrow(OpenAI.AuthenticationError)
    const throttled = openai('/openai/v1', { headers: { 'x-simulator-fault': 'throttle' } })
    await expect(throttled.chat.completions.create(ask)).rejects.toThrow(OpenAI.RateLimitError)
    const unknown = openai().chat.completions.create({ ...ask, model: 'openai.gpt-none' })
    await expect(unknown).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' })
    const faulty = openai('/openai/v1', { headers: { 'x-ledgerock-feature': 'x'.repeat(300) } })
    const refused = faulty.chat.completions.create(ask)
    await expect(refused).rejects.toThrow(OpenAI.BadRequestError)
  })

  it('mantle: models, embeddings and chat, for a project', async () => {
    const client = openai('/mantle/v1', { project: 'proj_atlas' })
    const models: string[] = []
    for await (const model of client.models.list()) models.push(model.id)
    expect(models).toContain(OSS)
    const { data } = await client.embeddings.create({
      model: 'amazon.titan-embed-text-v2:0',
      input: ['one', 'another text'],
      dimensions: 256,
    })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([256, 256])
    const chat = await drained(await client.chat.completions.create({ ...ask, stream: true }))
    expect(chat).toEqual({ text: expect.stringMatching(/\w/), usage: undefined })
    const calls = await metered()
    expect(calls.map(({ row }) => row.operation)).toEqual([
      'list-models',
      'embeddings',
      'chat-completions',
    ])
    for (const { row, served } of calls) {
      expect(served.headers['openai-project']).toBe('proj_atlas')
      expect(row).toMatchObject({ endpoint: 'mantle', feature: 'atlas' })
    }
  })
})

describe('Anthropic’s client', () => {
  const ask = {
    model: SONNET,
    max_tokens: 200,
    messages: [{ role: 'user' as const, content: QUESTION }],
  }

  it('messages on both endpoints, whole and streamed, and counted for nothing', async () => {
    const tap = wiretap()
    const mantle = anthropic('/mantle/anthropic', { fetch: tap.fetch })
    const { model, messages } = ask
    const counted = await mantle.messages.countTokens({ model, messages })
    for (const client of [anthropic('/anthropic', { fetch: tap.fetch }), mantle]) {
      const whole = await client.messages.create(ask)
      const streamed = await client.messages.stream(ask).finalMessage()
      expect(streamed.content).toEqual(whole.content)
      expect(whole.usage.input_tokens).toBe(counted.input_tokens)
    }
    const [count, ...calls] = await metered()
    expect(count?.row).toMatchObject({ operation: 'count-message-tokens', cost_usd: '0' })
    expect(calls.map(({ row }) => [row.operation, row.endpoint, row.stream])).toEqual([
      ['messages', 'runtime', false],
      ['messages', 'runtime', true],
      ['messages', 'mantle', false],
      ['messages', 'mantle', true],
    ])
    const answers = (await tap.answers()).slice(1)
    for (const [index, { body, headers }] of tap.requests.slice(1).entries()) {
      const served = calls[index]?.served
      expect(served?.request_sha256).toBe(sha256(body))
      expect(served?.response_sha256).toBe(sha256(answers[index]))
      expect(served?.headers['anthropic-version']).toBe(headers.get('anthropic-version'))
    }
  })

  it('throws its own typed errors, for ours as for Bedrock’s', async () => {
    const wrong = anthropic('/anthropic', {}, 'lrk_nobody').messages.create(ask)
    await expect(wrong).rejects.toThrow(Anthropic.AuthenticationError)
    const faulty = (fault: string): Promise<unknown> =>
      anthropic('/anthropic', { headers: { 'x-simulator-fault': fault } }).messages.create(ask)
    await expect(faulty('throttle')).rejects.toThrow(Anthropic.RateLimitError)
    await expect(faulty('error500')).rejects.toThrow(Anthropic.InternalServerError)
    const unknown = anthropic().messages.create({ ...ask, model: 'anthropic.claude-none' })
    await expect(unknown).rejects.toMatchObject({
      status: 400,
      error: { type: 'error', error: { type: 'invalid_request_error' } },
    })
  })
})

describe('a stream of each family', () => {
  it('breaks for the client as it broke at Bedrock, and is estimated', async () => {
    const limited = ['rate_limit_error', 'rate_limit_exceeded', 'rate_limit_error']
    const faults = [
      ['mid_stream_exception@8:throttlingException', 'throttled', null, limited],
      ['cut@8', 'interrupted', 'upstream', [null, null, null]],
      ['no_metadata', 'ok', null, [null, null, null]],
    ] as const
    for (const [fault] of faults) {
      const expected = await streamEndings(system.simulator.url, DIRECT_KEY, fault)
      expect(await streamEndings(system.gatewayUrl, key, fault)).toEqual(expected)
    }
    const rows = (await meteredSince(system, since)).map(({ row }) => row)
    const endings = faults.flatMap(([, status, by, errors]) =>
      errors.map((error) => [status, by, error]),
    )
    expect(rows.map((row) => [row.status, row.interrupted_by, row.error_type])).toEqual(endings)
    for (const row of rows) {
      expect(row.usage_source).toBe('estimated')
      expect(row.output_tokens).toBeGreaterThan(0)
      expect(Number(row.cost_usd)).toBeGreaterThan(0)
    }
  })
})

describe('LangChain on AWS', () => {
  it('ChatBedrockConverse: invoke and stream', async () => {
    const chat = (model: string): ChatBedrockConverse =>
      new ChatBedrockConverse({
        model,
        region: 'us-east-1',
        client: bedrockClient(system.gatewayUrl, key),
        defaultHeaders: { 'x-ledgerock-feature': 'chains' },
      })
    const [claude, nova] = [chat(SONNET), chat(NOVA)]
    const whole = await claude.invoke(QUESTION)
    let text = ''
    let tokens: number | undefined
    for await (const chunk of await nova.stream(QUESTION)) {
      text += chunk.text
      tokens = usageOf(chunk)?.output_tokens ?? tokens
    }
    for (const { client } of [claude, nova]) client.destroy()
    expect([whole.text, text]).not.toContain('')
    const [invoked, streamed] = await metered()
    expect(invoked?.row).toMatchObject({
      operation: 'converse',
      feature: 'chains',
      input_tokens: usageOf(whole)?.input_tokens,
      output_tokens: usageOf(whole)?.output_tokens,
    })
    expect(streamed?.row).toMatchObject({ operation: 'converse-stream', output_tokens: tokens })
  })
})

describe('the AWS SDK, besides its chats', () => {
  let client: BedrockRuntimeClient
  beforeEach(() => {
    client = bedrockClient(system.gatewayUrl, key)
  })
  afterEach(() => client.destroy())

  it('counts tokens for nothing, and guardrails in text units of each policy', async () => {
    const modelId = 'anthropic.claude-sonnet-4-6'
    const messages = [{ role: 'user' as const, content: [{ text: QUESTION }] }]
    const counted = await client.send(
      new CountTokensCommand({ modelId, input: { converse: { messages } } }),
    )
    expect(counted.inputTokens).toBeGreaterThan(0)
    const text = 'x'.repeat(2_001)
    const applied = await client.send(
      new ApplyGuardrailCommand({
        guardrailIdentifier: 'abc123',
        guardrailVersion: '2',
        source: 'INPUT',
        content: [{ text: { text } }],
      }),
    )
    expect(applied.usage?.contentPolicyUnits).toBe(3)
    const checked = await client.send(
      new InvokeGuardrailChecksCommand({
        messages: [{ role: 'user', content: [{ text }] }],
        checks: { contentFilter: { categories: [{ category: 'HATE' }] } },
      }),
    )
    expect(checked.usage?.contentFilter?.textUnits).toBe(3)
    const [count, apply, checks] = (await metered()).map(({ row }) => row)
    expect(count).toMatchObject({ operation: 'count-tokens', cost_usd: '0', input_tokens: 0 })
    expect(apply).toMatchObject({
      operation: 'apply-guardrail',
      model_requested: 'guardrail/abc123/2',
      other_usage: { text_units_content: 3, text_units_topic: 3, text_units_word: 3 },
      cost_usd: '0.0009',
    })
    expect(checks).toMatchObject({ operation: 'invoke-guardrail-checks' })
    expect(Number(checks?.cost_usd)).toBeGreaterThan(0)
  })

  it('a bidirectional stream is refused in clear words, and Bedrock hears nothing of it', async () => {
    const silence = async function* (): AsyncGenerator<never> {
      // A client that has nothing to say yet.
    }
    const talk = client.send(
      new InvokeModelWithBidirectionalStreamCommand({
        modelId: 'amazon.nova-sonic-v1:0',
        body: silence(),
      }),
    )
    await expect(talk).rejects.toMatchObject({
      message: expect.stringMatching(/bidirectional/i),
      $metadata: { httpStatusCode: 501 },
    })
    expect(system.simulator.calls()).toHaveLength(since)
  })
})

/** The text of a streamed chat completion, and the usage if the stream said it. */
async function drained(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
): Promise<{ readonly text: string; readonly usage: unknown }> {
  let text = ''
  let usage: unknown
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  return { text, usage }
}

/** LangChain's types of a message forget their own type of its usage. */
function usageOf(message: { usage_metadata?: UsageMetadata | undefined }) {
  return message.usage_metadata
}

/** An answer without its id and its second, which no two calls share. */
function withoutIdentity(answer: string): string {
  return answer.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '"$1":0')
}

function sha256(text: string | undefined): string {
  return hash('sha256', text ?? '', 'hex')
}
