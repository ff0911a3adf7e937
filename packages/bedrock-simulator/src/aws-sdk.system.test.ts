// The AWS SDK for JavaScript, with its default handler (HTTP/2 prior knowledge) and with HTTP/1.1, on all four operations and
// every native shape; what it sees is laid beside the ground truth.

import {
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type BedrockRuntimeClient,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type SimulatedCall, type Simulator } from './index.ts'
import { itemsOf } from './json-value.ts'
import {
  BEARER_KEY,
  bearerClient,
  bedrockClient,
  CREDENTIAL,
  userText,
  type Protocol,
} from './testing/aws-clients.ts'

const SONNET = 'us.anthropic.claude-sonnet-4-6'
const MESSAGES = [userText('Where does the money go?')]

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ credentials: [CREDENTIAL], bearerKeys: [BEARER_KEY] })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

function onlyCall(): SimulatedCall {
  const [call, ...rest] = simulator.calls()
  expect(rest).toEqual([])
  if (call === undefined) throw new Error('no call on record')
  return call
}

async function nativeEvents(
  client: BedrockRuntimeClient,
  modelId: string,
  body: object,
): Promise<readonly Record<string, unknown>[]> {
  const response = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(body) }),
  )
  const events: Record<string, unknown>[] = []
  for await (const event of response.body ?? []) {
    events.push(JSON.parse(Buffer.from(event.chunk?.bytes ?? []).toString('utf8')))
  }
  return events
}

async function invoke(
  client: BedrockRuntimeClient,
  modelId: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await client.send(
    new InvokeModelCommand({ modelId, body: JSON.stringify(body) }),
  )
  return JSON.parse(response.body.transformToString())
}

describe.each<Protocol>(['h2c', 'http/1.1'])('AWS SDK over %s', (protocol) => {
  let client: BedrockRuntimeClient
  beforeEach(() => {
    client = bedrockClient(simulator, protocol)
  })
  afterEach(() => client.destroy())

  it('[S2][S10] converses, and the record says what it saw', async () => {
    const response = await client.send(
      new ConverseCommand({
        modelId: SONNET,
        messages: MESSAGES,
        requestMetadata: { team: 'search' },
      }),
    )
    const call = onlyCall()
    expect(call).toMatchObject({
      ordinal: 1,
      protocol,
      operation: 'Converse',
      model_path: SONNET,
      model_id: 'anthropic.claude-sonnet-4-6',
      scope: 'geo',
      region: 'us-east-1',
      tier: 'standard',
      status: 200,
      error_type: null,
      completed: true,
      auth: 'sigv4',
      access_key_id: CREDENTIAL.accessKeyId,
      request_metadata: { team: 'search' },
      request_id: response.$metadata.requestId,
    })
    expect(call.usage).toEqual({
      input: response.usage?.inputTokens,
      output: response.usage?.outputTokens,
      cache_read: 0,
      cache_write_5m: 0,
      cache_write_1h: 0,
      other: {},
      variant: null,
    })
    expect(call.headers['amz-sdk-request']).toMatch(/attempt=1/)
    expect(call.headers['amz-sdk-invocation-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(response.output?.message?.content?.[0]?.text?.split(' ')).toHaveLength(
      call.usage?.output ?? -1,
    )
    expect(JSON.stringify(call)).not.toContain('money')
  })

  it('[S1][S5] streams the same answer, with usage in the last event', async () => {
    const whole = await client.send(new ConverseCommand({ modelId: SONNET, messages: MESSAGES }))
    const response = await client.send(
      new ConverseStreamCommand({ modelId: SONNET, messages: MESSAGES }),
    )
    const events: ConverseStreamOutput[] = []
    for await (const event of response.stream ?? []) events.push(event)
    const text = events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('')
    expect(text).toBe(whole.output?.message?.content?.[0]?.text)
    expect(events[0]?.messageStart?.role).toBe('assistant')
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn')
    expect(events.at(-1)?.metadata).toMatchObject({
      usage: whole.usage,
      metrics: whole.metrics,
      serviceTier: { type: 'default' },
    })
    const [unary, streamed] = simulator.calls()
    expect(streamed).toMatchObject({ stream: true, completed: true, usage: unary?.usage })
    expect(streamed?.cost_usd).toBe(unary?.cost_usd)
  })

  it('[S5][S6] speaks Anthropic’s native shape', async () => {
    const body = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hello' }],
    }
    const whole = await invoke(client, SONNET, body)
    expect(whole).toMatchObject({
      type: 'message',
      model: 'claude-sonnet-4-6',
      stop_reason: 'max_tokens',
      usage: { output_tokens: 5, cache_read_input_tokens: 0 },
    })
    const events = await nativeEvents(client, SONNET, body)
    expect(events.map((event) => event['type'])).toEqual([
      'message_start',
      'content_block_start',
      ...events.slice(2, -3).map(() => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[0]).toMatchObject({ message: { usage: { output_tokens: 1 } } })
    expect(events.at(-2)).toMatchObject({ usage: { output_tokens: 5 } })
    const [call] = simulator.calls()
    expect(events.at(-1)).toMatchObject({
      'amazon-bedrock-invocationMetrics': {
        inputTokenCount: call?.usage?.input,
        outputTokenCount: 5,
      },
    })
  })

  it('[S5][S6] speaks Nova’s native shape', async () => {
    const body = {
      schemaVersion: 'messages-v1',
      system: [{ text: 'Be brief.' }],
      messages: MESSAGES,
      inferenceConfig: { maxTokens: 7 },
    }
    const whole = await invoke(client, 'amazon.nova-lite-v1:0', body)
    expect(whole).toMatchObject({
      stopReason: 'max_tokens',
      usage: { outputTokens: 7, cacheReadInputTokenCount: 0 },
    })
    const events = await nativeEvents(client, 'amazon.nova-lite-v1:0', body)
    expect(events[0]).toEqual({ messageStart: { role: 'assistant' } })
    const usage = simulator.calls()[0]?.usage
    expect(events.at(-1)).toMatchObject({
      metadata: { usage: { inputTokens: usage?.input, outputTokens: 7 } },
      'amazon-bedrock-invocationMetrics': { inputTokenCount: usage?.input, outputTokenCount: 7 },
    })
  })

  it('[S5][S6] speaks OpenAI’s shape, with streamed usage only when asked', async () => {
    const model = 'openai.gpt-oss-120b-1:0'
    const body = { messages: [{ role: 'user', content: 'Hello' }], max_completion_tokens: 6 }
    const whole = await invoke(client, model, body)
    const usage = simulator.calls()[0]?.usage
    expect(whole).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ finish_reason: 'length', message: { role: 'assistant' } }],
      usage: { prompt_tokens: usage?.input, completion_tokens: 6 },
    })
    const silent = await nativeEvents(client, model, body)
    expect(silent.some((event) => 'usage' in event)).toBe(false)
    expect(silent.at(-1)).toHaveProperty('amazon-bedrock-invocationMetrics')
    const told = await nativeEvents(client, model, {
      ...body,
      stream_options: { include_usage: true },
    })
    expect(told.at(-1)).toMatchObject({
      choices: [],
      usage: { completion_tokens: 6 },
      'amazon-bedrock-invocationMetrics': { outputTokenCount: 6 },
    })
  })

  it('[S6] embeds text with Titan', async () => {
    const model = 'amazon.titan-embed-text-v2:0'
    const answer = await invoke(client, model, { inputText: 'ledger', dimensions: 256 })
    const call = onlyCall()
    expect(answer['embedding']).toHaveLength(256)
    expect(answer['inputTextTokenCount']).toBe(call.usage?.input)
    expect(call.usage?.output).toBe(0)
    expect(Math.hypot(...itemsOf(answer['embedding']).map(Number))).toBeCloseTo(1, 5)
    const first = await invoke(client, 'amazon.titan-embed-text-v1', { inputText: 'ledger' })
    expect(first['embedding']).toHaveLength(1_536)
  })

  it('[S14] calls a tool, whole and streamed, and then answers its result', async () => {
    const toolConfig = {
      tools: [
        {
          toolSpec: {
            name: 'get_weather',
            inputSchema: {
              json: {
                type: 'object',
                properties: { city: { type: 'string' } },
                required: ['city'],
              },
            },
          },
        },
      ],
    }
    const asked = { modelId: SONNET, messages: MESSAGES, toolConfig }
    const whole = await client.send(new ConverseCommand(asked))
    expect(whole.stopReason).toBe('tool_use')
    const toolUse = whole.output?.message?.content?.find((block) => block.toolUse)?.toolUse
    expect(toolUse).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } })

    const streamed = await client.send(new ConverseStreamCommand(asked))
    let json = ''
    for await (const event of streamed.stream ?? []) {
      json += event.contentBlockDelta?.delta?.toolUse?.input ?? ''
    }
    expect(JSON.parse(json)).toEqual(toolUse?.input)

    const last = await client.send(
      new ConverseCommand({
        ...asked,
        messages: [
          ...MESSAGES,
          { role: 'assistant', content: whole.output?.message?.content },
          {
            role: 'user',
            content: [
              { toolResult: { toolUseId: toolUse?.toolUseId, content: [{ text: 'sunny' }] } },
            ],
          },
        ],
      }),
    )
    expect(last.stopReason).toBe('end_turn')
  })

  it('[S3] takes a Bedrock API key instead of a signature', async () => {
    const bearer = bearerClient(simulator, BEARER_KEY, protocol)
    await bearer.send(new ConverseCommand({ modelId: SONNET, messages: MESSAGES }))
    expect(onlyCall()).toMatchObject({
      auth: 'bearer',
      access_key_id: null,
      key_fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      region: 'us-east-1',
    })
    expect(JSON.stringify(onlyCall())).not.toContain(BEARER_KEY)
    bearer.destroy()

    const wrong = bearerClient(simulator, 'another-key', protocol)
    await expect(
      wrong.send(new ConverseCommand({ modelId: SONNET, messages: MESSAGES })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' })
    wrong.destroy()
  })

  it('[S3][S9] refuses a wrong secret and an unknown key, and bills nothing', async () => {
    const command = new ConverseCommand({ modelId: SONNET, messages: MESSAGES })
    const { accessKeyId } = CREDENTIAL
    const wrong = bedrockClient(simulator, protocol, {
      credentials: { accessKeyId, secretAccessKey: 'wrong' },
    })
    await expect(wrong.send(command)).rejects.toMatchObject({ name: 'InvalidSignatureException' })
    wrong.destroy()
    const stranger = bedrockClient(simulator, protocol, {
      credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' },
    })
    await expect(stranger.send(command)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403, attempts: 1 },
    })
    stranger.destroy()
    for (const call of simulator.calls()) {
      expect(call).toMatchObject({ status: 403, usage: null, cost_usd: null, auth: 'none' })
    }
  })

  it('[S13] echoes tier and performance and prices by them', async () => {
    const modelId = 'amazon.nova-pro-v1:0'
    const ask = { modelId, messages: MESSAGES }
    const flex = await client.send(new ConverseCommand({ ...ask, serviceTier: { type: 'flex' } }))
    expect(flex.serviceTier).toEqual({ type: 'flex' })
    const reserved = await client.send(
      new ConverseCommand({ ...ask, serviceTier: { type: 'reserved' } }),
    )
    expect(reserved.serviceTier).toEqual({ type: 'default' })
    const fast = await client.send(
      new ConverseCommand({ ...ask, performanceConfig: { latency: 'optimized' } }),
    )
    expect(fast.performanceConfig).toEqual({ latency: 'optimized' })
    const native = await client.send(
      new InvokeModelCommand({
        modelId,
        serviceTier: 'priority',
        body: JSON.stringify({ messages: MESSAGES }),
      }),
    )
    expect(native.serviceTier).toBe('priority')
    await expect(
      client.send(
        new ConverseCommand({ ...ask, modelId: SONNET, serviceTier: { type: 'priority' } }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationException' })
    expect(
      simulator.calls().map((call) => [call.tier_asked, call.tier_resolved, call.tier]),
    ).toEqual([
      ['flex', 'flex', 'flex'],
      ['reserved', 'default', 'standard'],
      [null, 'default', 'latency-optimized'],
      ['priority', 'priority', 'priority'],
      [null, null, null],
    ])
    const [half, standard] = simulator.calls()
    expect(Number(half?.cost_usd) * 2).toBeCloseTo(Number(standard?.cost_usd), 12)
  })
})
