// The AWS SDK on the runtime's operations that are no chat: counting, guardrails, asynchronous jobs.

import {
  ApplyGuardrailCommand,
  ConverseCommand,
  CountTokensCommand,
  GetAsyncInvokeCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
  InvokeModelWithBidirectionalStreamCommand,
  ListAsyncInvokesCommand,
  StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { BLOCK_MARKER } from './guardrail.ts'
import { startSimulator, type Simulator } from './simulator.ts'
import { addHeader, bedrockClient, CREDENTIAL, userText } from './testing/aws-clients.ts'

const SONNET = 'anthropic.claude-sonnet-4-6'
const REEL = 'amazon.nova-reel-v1:1'

let nowMs = Date.UTC(2026, 10, 20)
let simulator: Simulator

beforeAll(async () => {
  nowMs = Date.now()
  simulator = await startSimulator({
    credentials: [CREDENTIAL],
    guardrails: {
      abc123: ['content', 'topic', 'word'],
      grounded: ['content', 'contextual_grounding', 'automated_reasoning'],
    },
    asyncInvokeMs: 60_000,
    clock: { now: () => nowMs },
  })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

describe('CountTokens', () => {
  it('[S21] says for nothing what the call then costs as input', async () => {
    const client = bedrockClient(simulator)
    const messages = [userText('How many tokens is this?')]
    const counted = await client.send(
      new CountTokensCommand({ modelId: SONNET, input: { converse: { messages } } }),
    )
    const answer = await client.send(new ConverseCommand({ modelId: SONNET, messages }))
    expect(answer.usage?.inputTokens).toBe(counted.inputTokens)
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'How many tokens is this?' }],
    })
    const native = await client.send(
      new CountTokensCommand({
        modelId: SONNET,
        input: { invokeModel: { body: new TextEncoder().encode(body) } },
      }),
    )
    await client.send(new InvokeModelCommand({ modelId: SONNET, body }))
    const [first, , third, fourth] = simulator.calls()
    expect(native.inputTokens).toBe(fourth?.usage?.input)
    for (const call of [first, third]) {
      expect(call).toMatchObject({
        operation: 'CountTokens',
        model_id: SONNET,
        cost_usd: '0',
        usage: { input: 0, output: 0, other: {} },
      })
    }
  })
})

describe('guardrails', () => {
  const apply = (text: string, guardrailIdentifier = 'abc123'): ApplyGuardrailCommand =>
    new ApplyGuardrailCommand({
      guardrailIdentifier,
      guardrailVersion: '2',
      source: 'INPUT',
      content: [{ text: { text } }],
    })

  it('[S22] charge one unit for every thousand characters begun, for each policy', async () => {
    const answer = await bedrockClient(simulator).send(apply('x'.repeat(2_001)))
    expect(answer).toMatchObject({
      action: 'NONE',
      usage: {
        contentPolicyUnits: 3,
        topicPolicyUnits: 3,
        wordPolicyUnits: 3,
        sensitiveInformationPolicyUnits: 0,
      },
    })
    expect(simulator.calls()[0]).toMatchObject({
      operation: 'ApplyGuardrail',
      model_requested: 'guardrail/abc123/2',
      usage: {
        input: 0,
        other: { text_units_content: 3, text_units_topic: 3, text_units_word: 3 },
      },
      // Six units at 0.15 for a thousand; words are free.
      cost_usd: '0.0009',
    })
  })

  it('[S22] step in on the marker', async () => {
    const answer = await bedrockClient(simulator).send(apply(`Now ${BLOCK_MARKER} this`))
    expect(answer.action).toBe('GUARDRAIL_INTERVENED')
    expect(answer.outputs?.[0]?.text).toMatch(/cannot answer/)
    expect(answer.assessments?.[0]?.wordPolicy?.customWords).toHaveLength(1)
  })

  it('[S22] without a price for a policy have no cost, and unknown ones are not found', async () => {
    const client = bedrockClient(simulator)
    await client.send(apply('Is it so?', 'grounded'))
    expect(simulator.calls()[0]).toMatchObject({
      usage: {
        other: {
          text_units_content: 1,
          text_units_contextual_grounding: 1,
          text_units_automated_reasoning: 1,
        },
      },
      cost_usd: null,
    })
    await expect(client.send(apply('Is it so?', 'nobody'))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('[S22] checks without a guardrail have their own units and prices', async () => {
    const answer = await bedrockClient(simulator).send(
      new InvokeGuardrailChecksCommand({
        messages: [{ role: 'user', content: [{ text: 'y'.repeat(1_500) }] }],
        checks: {
          contentFilter: { categories: [{ category: 'HATE' }] },
          promptAttack: { categories: [{ category: 'JAILBREAK' }] },
          sensitiveInformation: { entities: [{ type: 'AGE' }] },
        },
      }),
    )
    expect(answer.usage).toEqual({
      contentFilter: { textUnits: 2 },
      promptAttack: { textUnits: 2 },
      sensitiveInformation: { textUnits: 2 },
    })
    expect(answer.results?.contentFilter?.results?.[0]?.severityScore).toBeLessThan(0.5)
    expect(simulator.calls()[0]).toMatchObject({
      model_requested: 'guardrail-checks',
      cost_usd: '0.0005',
    })
  })

  it('[S11] fail on request like any call', async () => {
    const client = bedrockClient(simulator, 'h2c', { maxAttempts: 1 })
    addHeader(client, 'x-simulator-fault', 'throttle')
    await expect(client.send(apply('Hello'))).rejects.toMatchObject({ name: 'ThrottlingException' })
    expect(simulator.calls()[0]).toMatchObject({ usage: null, cost_usd: null, fault: 'throttle' })
  })
})

describe('asynchronous jobs', () => {
  const start = (token: string, seconds = 12): StartAsyncInvokeCommand =>
    new StartAsyncInvokeCommand({
      modelId: REEL,
      clientRequestToken: token,
      modelInput: {
        taskType: 'MULTI_SHOT_AUTOMATED',
        multiShotAutomatedParams: { text: 'A river in the morning' },
        videoGenerationConfig: { durationSeconds: seconds, fps: 24, dimension: '1280x720' },
      },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://a-bucket/films/' } },
    })

  it('[S23] are billed by the second when they start, and done by the clock', async () => {
    const client = bedrockClient(simulator)
    const { invocationArn } = await client.send(start('one'))
    expect(invocationArn).toMatch(/^arn:aws:bedrock:us-east-1:123456789012:async-invoke\/\w{12}$/)
    expect(simulator.calls()[0]).toMatchObject({
      operation: 'StartAsyncInvoke',
      model_id: REEL,
      usage: { input: 0, output: 0, other: { video_seconds: 12 } },
      cost_usd: '0.96',
    })
    const early = await client.send(new GetAsyncInvokeCommand({ invocationArn }))
    expect(early).toMatchObject({ status: 'InProgress', modelArn: expect.stringContaining(REEL) })
    nowMs += 60_000
    const late = await client.send(new GetAsyncInvokeCommand({ invocationArn }))
    expect(late.status).toBe('Completed')
    expect(late.endTime?.getTime()).toBe(nowMs)
    expect(
      simulator
        .calls()
        .slice(1)
        .map((call) => call.cost_usd),
    ).toEqual(['0', '0'])
  })

  it('[S23] started twice with one token are one job, billed once', async () => {
    const client = bedrockClient(simulator)
    const first = await client.send(start('one'))
    const second = await client.send(start('one'))
    expect(second.invocationArn).toBe(first.invocationArn)
    expect(simulator.calls()[1]?.usage?.other).toEqual({})
    await expect(client.send(start('one', 24))).rejects.toMatchObject({ name: 'ConflictException' })
  })

  it('[S23] are listed newest first, in pages, for their region only', async () => {
    const client = bedrockClient(simulator)
    for (const token of ['one', 'two', 'three']) {
      await client.send(start(token))
      nowMs += 1_000
    }
    const first = await client.send(new ListAsyncInvokesCommand({ maxResults: 2 }))
    const tokens = first.asyncInvokeSummaries?.map((job) => job.clientRequestToken)
    expect(tokens).toEqual(['three', 'two'])
    const rest = await client.send(new ListAsyncInvokesCommand({ nextToken: first.nextToken }))
    expect(rest.asyncInvokeSummaries).toHaveLength(1)
    const done = await client.send(new ListAsyncInvokesCommand({ statusEquals: 'Completed' }))
    expect(done.asyncInvokeSummaries).toEqual([])
    const elsewhere = bedrockClient(simulator, 'h2c', { region: 'us-west-2' })
    const none = await elsewhere.send(new ListAsyncInvokesCommand({}))
    expect(none.asyncInvokeSummaries).toEqual([])
  })
})

describe('bidirectional streams', () => {
  it('[S9] are refused at once', async () => {
    const client = bedrockClient(simulator, 'h2c', { maxAttempts: 1 })
    const nothing = async function* (): AsyncGenerator<never> {
      // A client that has nothing to say yet.
    }
    await expect(
      client.send(
        new InvokeModelWithBidirectionalStreamCommand({
          modelId: 'amazon.nova-sonic-v1:0',
          body: nothing(),
        }),
      ),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } })
  })
})
