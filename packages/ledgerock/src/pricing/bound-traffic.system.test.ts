// No call that Bedrock serves costs more than the bound that was worked out from its body before: every model the simulator offers,
// in every API it takes, with texts that are hard on whoever counts bytes for tokens, with tools, pictures and caches, with and
// without a stated maximum. What a call used is the simulator's own count, not what a meter read of the answer.

import {
  startSimulator,
  modelIds,
  type SimulatedCall,
  type Simulator,
} from '@ledgerock/bedrock-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  FILM_REQUESTS,
  TEXT_REQUESTS,
  UNIT_REQUESTS,
  type NativeRequest,
} from '../../test/support/native-requests.ts'
import { NATIVE_LIMITS, type NativeLimit } from '../bedrock/request/native-limits.ts'
import { isFree, type Operation } from '../bedrock/operation.ts'
import { maxTokensOf } from '../bedrock/request/request-facts.ts'
import { readRequestFacts } from '../bedrock/request/read-request-facts.ts'
import { parseUsd } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { boundOfCall, FREE_BOUND, inputTokensMax, type CallBound } from './bound.ts'
import { costOfUsage } from './cost-of-usage.ts'
import { limitsOf } from './model-limits.ts'
import { buildPriceBook } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const KEY = 'bedrock-api-key-for-bounds'
const NOW = Date.parse('2026-11-20T12:00:00Z')

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ bearerKeys: [KEY], clock: { now: () => NOW } })
})
afterAll(() => simulator.close())

/** Far from four bytes to a token, one way or the other. */
const TEXTS = [
  'Which river runs through the valley?',
  '谁在山谷里？'.repeat(40),
  '🦥'.repeat(60),
  '1,2,3;'.repeat(400),
  'a',
  'The quick brown fox jumps over the lazy dog. '.repeat(500),
]
const pngOf = (bytes: number): string =>
  Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(bytes, 9)]).toString(
    'base64',
  )
const PNG = pngOf(30_000)
/** In OpenAI's shapes this simulator counts a picture like text, four characters to a token. */
const SMALL_PNG = pngOf(3_000)
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

type Sent = {
  readonly operation: Operation
  readonly path: string
  readonly model: string
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

const at = (model: string, verb: string): string => `/model/${encodeURIComponent(model)}/${verb}`

function converses(model: string, text: string): readonly Sent[] {
  const said = [{ role: 'user', content: [{ text }] }]
  const tools = [{ toolSpec: { name: 'weather', inputSchema: { json: SCHEMA } } }]
  const use = { toolUseId: 't', name: 'weather', input: { city: text.slice(0, 50) } }
  const result = { toolUseId: 't', content: [{ json: { degrees: [1, 2, 3, 4, 5.5] } }] }
  const cachePoint = { cachePoint: { type: 'default' } }
  const bodies: readonly object[] = [
    { messages: said },
    { messages: said, inferenceConfig: { maxTokens: 40 } },
    { messages: said, serviceTier: { type: 'priority' }, inferenceConfig: { maxTokens: 9 } },
    { messages: said, serviceTier: { type: 'flex' } },
    { messages: said, performanceConfig: { latency: 'optimized' } },
    { messages: said, system: [{ text }, cachePoint], inferenceConfig: { maxTokens: 30 } },
    { messages: [{ role: 'user', content: [{ text }, cachePoint] }], toolConfig: { tools } },
    {
      messages: [
        ...said,
        { role: 'assistant', content: [{ toolUse: use }] },
        { role: 'user', content: [{ toolResult: result }] },
      ],
      toolConfig: { tools },
    },
    {
      messages: [
        {
          role: 'user',
          content: [{ text }, { image: { format: 'png', source: { bytes: PNG } } }],
        },
      ],
    },
  ]
  return bodies.flatMap((body) => [
    { operation: 'converse', path: at(model, 'converse'), model, body },
    { operation: 'converse-stream', path: at(model, 'converse-stream'), model, body },
  ])
}

function named(model: string, text: string): readonly Sent[] {
  const messages = [{ role: 'user', content: text }]
  const chat = '/openai/v1/chat/completions'
  const responses = '/openai/v1/responses'
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${SMALL_PNG}` } }
  const seen = [{ role: 'user', content: [{ type: 'text', text }, image] }]
  const all: readonly (readonly [Operation, string, object])[] = [
    ['chat-completions', chat, { messages }],
    ['chat-completions', chat, { messages, max_completion_tokens: 30, stream: true }],
    ['chat-completions', chat, { messages: seen, max_tokens: 30 }],
    ['responses', responses, { input: text }],
    ['responses', responses, { input: messages, max_output_tokens: 25, instructions: text }],
    ['messages', '/anthropic/v1/messages', { messages, max_tokens: 50 }],
    ['embeddings', '/mantle/v1/embeddings', { input: [text, text] }],
    ['count-message-tokens', '/mantle/anthropic/v1/messages/count_tokens', { messages }],
  ]
  return all.map(([operation, path, body]) => ({
    operation,
    path,
    model,
    body: { model, ...body },
  }))
}

/** The body with one word for a maximum, of one token, instead of those it had. */
function limitedBy(body: NativeRequest['body'], key: NativeLimit): object {
  const [outer = '', inner] = key.split('.')
  const words = NATIVE_LIMITS.map((word) => word.split('.')[0])
  const rest = Object.fromEntries(Object.entries(body).filter(([word]) => !words.includes(word)))
  return { ...rest, [outer]: inner === undefined ? 1 : { [inner]: 1 } }
}

/** Maxima in the words of another operation. */
function foreign(model: string): readonly Sent[] {
  const messages = [{ role: 'user', content: 'Which rivers run through the valley?' }]
  const responses = '/openai/v1/responses'
  const all: readonly (readonly [Operation, string, object])[] = [
    ['chat-completions', '/openai/v1/chat/completions', { messages, max_output_tokens: 1 }],
    ['responses', responses, { input: messages, max_tokens: 1 }],
    ['responses', responses, { input: messages, max_completion_tokens: 1 }],
  ]
  return all.map(([operation, path, rest]) => ({
    operation,
    path,
    model,
    body: { model, ...rest },
  }))
}

/** Null where Bedrock refused the call. */
async function serve(sent: Sent): Promise<SimulatedCall | null> {
  const before = simulator.calls().length
  const response = await fetch(simulator.url + sent.path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${KEY}`,
      'anthropic-version': '2023-06-01',
      ...sent.headers,
    },
    body: JSON.stringify(sent.body),
  })
  await response.arrayBuffer()
  if (!response.ok) return null
  return simulator.calls().at(before) ?? null
}

function boundOf(sent: Sent, call: SimulatedCall): CallBound {
  if (isFree(sent.operation)) return FREE_BOUND
  const body = Buffer.from(JSON.stringify(sent.body))
  const facts = mustOk(readRequestFacts({ operation: sent.operation }, sent.headers ?? {}, body))
  const modelId = call.model_id ?? sent.model
  return boundOfCall(book, {
    modelId,
    region: call.region,
    scope: call.scope ?? 'in-region',
    tier: facts.tierAsked,
    atMs: NOW,
    accountId: null,
    inputTokens: inputTokensMax(facts, modelId),
    maxTokens: maxTokensOf(facts, modelId),
    choices: facts.choices,
    media: facts,
  })
}

type Compared = 'refused' | 'unpriced' | 'bounded'

async function compare(sent: Sent): Promise<Compared> {
  const call = await serve(sent)
  if (call === null) return 'refused'
  const bound = boundOf(sent, call)
  const { other, variant, ...counts } = call.usage ?? {}
  const usage = { ...counts, ...other }
  const { operation, model } = sent
  const subject = { operation, model, usage, bound }
  const tokens = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (bound.tokens > 0) {
    expect({ ...subject, isWithin: tokens <= bound.tokens }).toEqual({ ...subject, isWithin: true })
  }
  const cost = costOfUsage(book, {
    modelId: call.model_id ?? model,
    region: call.region,
    scope: call.scope ?? 'in-region',
    tier: call.tier ?? 'standard',
    atMs: NOW,
    usage,
    variant: variant ?? null,
  })
  if (bound.usd === null) return 'unpriced'
  const charged = call.cost_usd === null ? 0n : mustOk(parseUsd(call.cost_usd))
  const ours = cost.kind === 'priced' && operation !== 'count-message-tokens' ? cost.cost : 0n
  const isWithin = charged <= bound.usd && ours <= bound.usd
  expect({ ...subject, charged, ours, bound, isWithin }).toMatchObject({ isWithin: true })
  return charged > 0n ? 'bounded' : 'unpriced'
}

async function compareAll(all: readonly Sent[]): Promise<number> {
  let bounded = 0
  for (const sent of all) if ((await compare(sent)) === 'bounded') bounded += 1
  return bounded
}

describe('the bound of a call', () => {
  it('[P24] [P25] holds on Converse, whole and streamed, for every model', async () => {
    for (const model of modelIds()) {
      const text = TEXTS[model.length % TEXTS.length] as string
      await compareAll(converses(model, text).slice(0, 5))
    }
    const claude = TEXTS.flatMap((text) => converses('us.anthropic.claude-sonnet-4-6', text))
    expect(await compareAll(claude)).toBeGreaterThan(30)
    const nova = TEXTS.flatMap((text) => converses('amazon.nova-pro-v1:0', text))
    expect(await compareAll(nova)).toBeGreaterThan(60)
  })

  it('[P24] [P25] holds on the APIs whose body names the model', async () => {
    const all = modelIds().flatMap((model) => {
      return named(model, TEXTS[(model.length + 1) % TEXTS.length] as string)
    })
    expect(await compareAll(all)).toBeGreaterThan(100)
    const gpt = TEXTS.flatMap((text) => named('us.openai.gpt-5.6-terra', text))
    expect(await compareAll(gpt)).toBeGreaterThan(20)
  })

  it('[P24] [P25] holds on InvokeModel in every maker’s words', async () => {
    const requests = [...TEXT_REQUESTS, ...UNIT_REQUESTS]
    const whole = requests.map(({ model, body }): Sent => ({
      operation: 'invoke',
      path: at(model, 'invoke'),
      model,
      body,
    }))
    expect(await compareAll(whole)).toBeGreaterThan(35)
    const verb = 'invoke-with-response-stream'
    const streamed = TEXT_REQUESTS.map(({ model, body }): Sent => ({
      operation: verb,
      path: at(model, verb),
      model,
      body,
    }))
    expect(await compareAll(streamed)).toBeGreaterThan(18)
    const outputDataConfig = { s3OutputDataConfig: { s3Uri: 's3://films/' } }
    const films = FILM_REQUESTS.map(({ model, body }): Sent => {
      const started = { modelId: model, modelInput: body, outputDataConfig }
      return { operation: 'start-async-invoke', path: '/async-invoke', model, body: started }
    })
    expect(await compareAll(films)).toBe(films.length)
  })

  it('[P24] [B44] holds where a maximum is stated in a word that limits nothing', async () => {
    const native = TEXT_REQUESTS.flatMap(({ model, body }) =>
      NATIVE_LIMITS.map((key): Sent => {
        const path = at(model, 'invoke')
        return { operation: 'invoke', path, model, body: limitedBy(body, key) }
      }),
    )
    expect(await compareAll(native)).toBeGreaterThan(100)
    const others = ['us.openai.gpt-5.6-terra', 'openai.gpt-oss-120b-1:0'].flatMap(foreign)
    expect(await compareAll(others)).toBeGreaterThan(3)
  })

  it('[P24] [P25] holds for guardrails', async () => {
    const text = TEXTS[5] as string
    const content = [{ text: { text } }, { text: { text: 'x' } }, { text: { text } }]
    const path = '/guardrail/g/version/1/apply'
    const applied: Sent = {
      operation: 'apply-guardrail',
      path,
      model: 'guardrail',
      body: { source: 'INPUT', content },
    }
    expect(await compare(applied)).toBe('bounded')
  })

  it('[P25] the table knows no less output than the simulator lets a model write', async () => {
    for (const model of modelIds()) {
      const maxTokens = limitsOf(model).outputTokens + 1
      const body = {
        messages: [{ role: 'user', content: [{ text: 'x' }] }],
        inferenceConfig: { maxTokens },
      }
      const sent: Sent = { operation: 'converse', path: at(model, 'converse'), model, body }
      expect([model, await serve(sent)]).toEqual([model, null])
    }
  })
})
