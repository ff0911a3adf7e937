// Prompt caching as a client sees it, with the clock in the test's hand: written, read, kept alive by use, expired. API keys
// are used because a signature would age with the clock.

import { ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import type {
  BedrockRuntimeClient,
  CachePointBlock,
  TokenUsage,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { formatUsd } from './cost.ts'
import { startSimulator, type Simulator } from './index.ts'
import { BEARER_KEY, bearerClient, userText } from './testing/aws-clients.ts'

const MINUTE_MS = 60_000
const SONNET = 'global.anthropic.claude-sonnet-4-6'
const NOVA = 'amazon.nova-pro-v1:0'
const LONG_TEXT = 'A rule of the house. '.repeat(400)

let nowMs = 0
let simulator: Simulator
let client: BedrockRuntimeClient
beforeAll(async () => {
  simulator = await startSimulator({ bearerKeys: [BEARER_KEY], clock: { now: () => nowMs } })
  client = bearerClient(simulator)
})
afterAll(async () => {
  client.destroy()
  await simulator.close()
})
beforeEach(() => {
  nowMs = Date.UTC(2026, 9, 1)
  simulator.reset()
})

async function converse(
  modelId: string,
  ttl: '5m' | '1h' | undefined,
  question: string,
): Promise<TokenUsage | undefined> {
  const cachePoint: CachePointBlock = { type: 'default', ...(ttl === undefined ? {} : { ttl }) }
  const response = await client.send(
    new ConverseCommand({
      modelId,
      system: [{ text: LONG_TEXT }, { cachePoint }],
      messages: [userText(question)],
    }),
  )
  return response.usage
}

function ask(question: string): InvokeModelCommand {
  return new InvokeModelCommand({
    modelId: SONNET,
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 10,
      system: [{ type: 'text', text: LONG_TEXT, cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: LONG_TEXT, cache_control: { type: 'ephemeral' } }],
        },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: question },
      ],
    }),
  })
}

function point(ttl: '5m' | '1h'): { cachePoint: CachePointBlock } {
  return { cachePoint: { type: 'default', ttl } }
}

async function usageOf(question: string): Promise<Record<string, unknown>> {
  const response = await client.send(ask(question))
  return JSON.parse(response.body.transformToString()).usage
}

describe('prompt caching', () => {
  it('[S7] writes, reads, lives on with each use and expires', async () => {
    const written = await converse(SONNET, undefined, 'first')
    const cached = written?.cacheWriteInputTokens ?? 0
    expect(cached).toBe(LONG_TEXT.length / 4)
    expect(written).toMatchObject({
      cacheReadInputTokens: 0,
      cacheDetails: [{ ttl: '5m', inputTokens: cached }],
    })
    const hit = { cacheReadInputTokens: cached, cacheWriteInputTokens: 0, cacheDetails: [] }
    nowMs += 4 * MINUTE_MS
    expect(await converse(SONNET, undefined, 'second')).toMatchObject(hit)
    nowMs += 4 * MINUTE_MS
    expect(await converse(SONNET, undefined, 'third')).toMatchObject(hit)
    nowMs += 5 * MINUTE_MS
    expect(await converse(SONNET, undefined, 'fourth')).toMatchObject({
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: cached,
    })
    expect(simulator.calls().map((call) => call.usage)).toMatchObject([
      { cache_write_5m: cached, cache_read: 0 },
      { cache_write_5m: 0, cache_read: cached },
      { cache_write_5m: 0, cache_read: cached },
      { cache_write_5m: cached, cache_read: 0 },
    ])
  })

  it('[S6][S8] counts cached tokens apart from input and prices each at its rate', async () => {
    const written = await converse(SONNET, '1h', 'first')
    const { inputTokens = 0, outputTokens = 0, cacheWriteInputTokens = 0 } = written ?? {}
    expect(written?.totalTokens).toBe(inputTokens + outputTokens + cacheWriteInputTokens)
    expect(inputTokens).toBeLessThan(50)
    expect(written?.cacheDetails).toEqual([{ ttl: '1h', inputTokens: cacheWriteInputTokens }])
    const [call] = simulator.calls()
    // Global Sonnet 4.6: input 3, output 15, 1 hour write 6 dollars per million tokens.
    const microdollars = inputTokens * 3 + outputTokens * 15 + cacheWriteInputTokens * 6
    expect(call?.cost_usd).toBe(formatUsd(BigInt(microdollars) * 1_000_000n))
  })

  it('[S7] a one hour prefix outlives a five minute one after it', async () => {
    const first = await usageOf('first')
    const creation = first['cache_creation']
    expect(creation).toEqual({
      ephemeral_1h_input_tokens: 2_100,
      ephemeral_5m_input_tokens: 2_104,
    })
    expect(first).toMatchObject({
      cache_creation_input_tokens: 4_204,
      cache_read_input_tokens: 0,
    })
    nowMs += 30 * MINUTE_MS
    expect(await usageOf('second')).toMatchObject({
      cache_read_input_tokens: 2_100,
      cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 2_104 },
    })
    expect(simulator.calls()[0]?.usage).toMatchObject({
      cache_write_1h: 2_100,
      cache_write_5m: 2_104,
    })
  })

  it('[S7][S8] Nova writes for nothing and tells no times apart', async () => {
    const written = await converse(NOVA, undefined, 'first')
    expect(written).not.toHaveProperty('cacheDetails')
    expect(written?.cacheWriteInputTokens).toBe(2_100)
    const { inputTokens = 0, outputTokens = 0 } = written ?? {}
    const [call] = simulator.calls()
    // Nova Pro: input 0.80, output 3.20 dollars per million tokens.
    const tenths = inputTokens * 8 + outputTokens * 32
    expect(call?.cost_usd).toBe(formatUsd(BigInt(tenths) * 100_000n))
    await expect(converse(NOVA, '1h', 'second')).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })

  it('[S7] a prefix that is too short, another prefix or another model reads nothing', async () => {
    const short = await client.send(
      new ConverseCommand({
        modelId: SONNET,
        system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
        messages: [userText('Hello')],
      }),
    )
    expect(short.usage).toMatchObject({ cacheReadInputTokens: 0, cacheWriteInputTokens: 0 })
    await converse(SONNET, undefined, 'first')
    const other = await converse('us.anthropic.claude-sonnet-4-5-20250929-v1:0', undefined, 'first')
    expect(other).toMatchObject({ cacheReadInputTokens: 0, cacheWriteInputTokens: 2_100 })
    await expect(converse('openai.gpt-oss-20b-1:0', undefined, 'x')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    })
  })

  it('[S7] refuses points beyond four and a long time after a short one', async () => {
    const block = { text: LONG_TEXT }
    const send = (points: ReturnType<typeof point>[]) =>
      client.send(
        new ConverseCommand({
          modelId: SONNET,
          system: points.flatMap((one) => [block, one]),
          messages: [userText('Hello')],
        }),
      )
    await expect(send([1, 2, 3, 4, 5].map(() => point('5m')))).rejects.toMatchObject({
      name: 'ValidationException',
    })
    await expect(send([point('5m'), point('1h')])).rejects.toMatchObject({
      name: 'ValidationException',
    })
    const both = await send([point('1h'), point('5m')])
    expect(both.usage?.cacheDetails).toEqual([
      { ttl: '1h', inputTokens: 2_100 },
      { ttl: '5m', inputTokens: 2_100 },
    ])
  })
})
