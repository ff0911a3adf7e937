// Clients that do not come from AWS's JavaScript SDK: Anthropic's Bedrock SDK and the Vercel AI SDK, signed and with a key.

import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import { embed, generateText, streamText } from 'ai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './index.ts'
import { BEARER_KEY, CREDENTIAL } from './testing/aws-clients.ts'

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const PROFILE_ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/p1'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({
    credentials: [CREDENTIAL],
    bearerKeys: [BEARER_KEY],
    inferenceProfiles: { [PROFILE_ARN]: MODEL },
  })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

function anthropic(auth: 'sigv4' | 'bearer'): AnthropicBedrock {
  const common = { awsRegion: 'us-east-1', baseURL: simulator.url, maxRetries: 0 }
  return auth === 'bearer'
    ? new AnthropicBedrock({ ...common, apiKey: BEARER_KEY })
    : new AnthropicBedrock({
        ...common,
        apiKey: null,
        awsAccessKey: CREDENTIAL.accessKeyId,
        awsSecretKey: CREDENTIAL.secretAccessKey,
      })
}

const ASK = { max_tokens: 40, messages: [{ role: 'user' as const, content: 'Hello' }] }

describe.each(['sigv4', 'bearer'] as const)('Anthropic Bedrock SDK with %s', (auth) => {
  it('[S2][S10] creates a message, and the record agrees with it', async () => {
    const message = await anthropic(auth).messages.create({ ...ASK, model: MODEL })
    const [call] = simulator.calls()
    expect(call).toMatchObject({
      protocol: 'http/1.1',
      operation: 'InvokeModel',
      auth,
      scope: 'geo',
      completed: true,
      usage: { input: message.usage.input_tokens, output: message.usage.output_tokens },
    })
    expect(message.content[0]).toMatchObject({ type: 'text', text: expect.any(String) })
  })

  it('[S5] streams one, with the final usage cumulative', async () => {
    const whole = await anthropic(auth).messages.create({ ...ASK, model: MODEL })
    const stream = anthropic(auth).messages.stream({ ...ASK, model: MODEL })
    const message = await stream.finalMessage()
    expect(message.content).toEqual(whole.content)
    expect(message.usage.output_tokens).toBe(whole.usage.output_tokens)
    const [, streamed] = simulator.calls()
    expect(streamed).toMatchObject({
      operation: 'InvokeModelWithResponseStream',
      usage: { output: message.usage.output_tokens },
      completed: true,
    })
  })

  it('[S4] reaches an application inference profile by its half-encoded ARN', async () => {
    await anthropic(auth).messages.create({ ...ASK, model: PROFILE_ARN })
    const [call] = simulator.calls()
    expect(call).toMatchObject({
      model_requested: PROFILE_ARN,
      model_id: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
      inference_profile: PROFILE_ARN,
      scope: 'geo',
      status: 200,
    })
  })
})

it('[S12] Anthropic’s SDK signs request metadata, and it is on record', async () => {
  const metadata = '{"team":"search","feature":"answers"}'
  await anthropic('sigv4').messages.create(
    { ...ASK, model: MODEL },
    { headers: { 'X-Amzn-Bedrock-Request-Metadata': metadata } },
  )
  const [call] = simulator.calls()
  expect(call?.request_metadata).toEqual({ team: 'search', feature: 'answers' })
  expect(call?.headers['x-amzn-bedrock-request-metadata']).toBe(metadata)
})

describe.each(['sigv4', 'bearer'] as const)('Vercel AI SDK with %s', (auth) => {
  function provider(): ReturnType<typeof createAmazonBedrock> {
    return createAmazonBedrock({
      region: 'us-east-1',
      baseURL: simulator.url,
      ...(auth === 'bearer' ? { apiKey: BEARER_KEY } : CREDENTIAL),
    })
  }

  it('[S2][S10] generates text, and the record agrees with it', async () => {
    const model = provider()('amazon.nova-pro-v1:0')
    const { text, usage } = await generateText({ model, prompt: 'Hello', maxRetries: 0 })
    const [call] = simulator.calls()
    expect(call).toMatchObject({ operation: 'Converse', auth, status: 200, completed: true })
    expect(call?.usage).toMatchObject({ input: usage.inputTokens, output: usage.outputTokens })
    expect(text.split(' ')).toHaveLength(call?.usage?.output ?? -1)
  })

  it('[S5] streams text', async () => {
    const model = provider()(MODEL)
    const result = streamText({ model, prompt: 'Hello', maxRetries: 0 })
    let text = ''
    for await (const piece of result.textStream) text += piece
    const usage = await result.usage
    const [call] = simulator.calls()
    expect(call).toMatchObject({ operation: 'ConverseStream', auth, completed: true })
    expect(call?.usage?.output).toBe(usage.outputTokens)
    expect(text.split(' ')).toHaveLength(call?.usage?.output ?? -1)
  })

  it('[S6] embeds text', async () => {
    const model = provider().embedding('amazon.titan-embed-text-v2:0')
    const { embedding, usage } = await embed({ model, value: 'ledger', maxRetries: 0 })
    expect(embedding).toHaveLength(1_024)
    expect(simulator.calls()[0]?.usage?.input).toBe(usage.tokens)
  })
})
