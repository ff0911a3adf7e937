// Every fault, seen by a real client that retries nothing, over both protocols; and what the record says of it.

import {
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelWithResponseStreamCommand,
  type BedrockRuntimeClient,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type SimulatedCall, type Simulator } from './index.ts'
import {
  addHeader,
  bedrockClient,
  CREDENTIAL,
  userText,
  type Protocol,
} from './testing/aws-clients.ts'

const MODEL = 'us.anthropic.claude-sonnet-4-6'
const ASK = { modelId: MODEL, messages: [userText('Hello')] }

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({
    credentials: [CREDENTIAL],
    outputTokens: { min: 60, max: 60 },
  })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

/** The record of the only call, once the server has seen the connection end. */
async function settledCall(): Promise<SimulatedCall> {
  await expect.poll(() => simulator.calls().length).toBe(1)
  const [call] = simulator.calls()
  if (call === undefined) throw new Error('no call on record')
  return call
}

const sendWhole = (client: BedrockRuntimeClient): Promise<unknown> =>
  client.send(new ConverseCommand(ASK))
const sendStream = (client: BedrockRuntimeClient): Promise<unknown> =>
  client.send(new ConverseStreamCommand(ASK))

async function collect(client: BedrockRuntimeClient): Promise<{
  readonly events: readonly ConverseStreamOutput[]
  readonly problem: Error | null
}> {
  const events: ConverseStreamOutput[] = []
  try {
    const { stream } = await client.send(new ConverseStreamCommand(ASK))
    for await (const event of stream ?? []) events.push(event)
    return { events, problem: null }
  } catch (problem) {
    return { events, problem: problem instanceof Error ? problem : new Error(String(problem)) }
  }
}

describe.each<Protocol>(['h2c', 'http/1.1'])('faults over %s', (protocol) => {
  let clients: BedrockRuntimeClient[] = []
  afterEach(() => {
    for (const client of clients) client.destroy()
    clients = []
  })

  function clientWith(fault: string): BedrockRuntimeClient {
    const client = bedrockClient(simulator, protocol, { maxAttempts: 1 })
    addHeader(client, 'x-simulator-fault', fault)
    clients.push(client)
    return client
  }

  it.each([
    ['throttle', 'ThrottlingException', 429],
    ['error500', 'InternalServerException', 500],
    ['error503', 'ServiceUnavailableException', 503],
    ['model_error', 'ModelErrorException', 424],
    ['model_not_ready', 'ModelNotReadyException', 429],
    ['timeout:20', 'ModelTimeoutException', 408],
    ['nonsense', 'ValidationException', 400],
  ])('[S9][S11] %s is a %s with status %d and bills nothing', async (fault, name, status) => {
    for (const send of [sendWhole, sendStream]) {
      simulator.reset()
      await expect(send(clientWith(fault))).rejects.toMatchObject({
        name,
        $metadata: { httpStatusCode: status },
      })
      expect(await settledCall()).toMatchObject({
        status,
        error_type: name,
        usage: null,
        cost_usd: null,
        completed: true,
        fault: fault === 'nonsense' ? null : fault,
      })
    }
  })

  it('[S9][S11] a cut at frame n breaks there and bills what was generated', async () => {
    const { events, problem } = await collect(clientWith('cut@4'))
    expect(problem).not.toBeNull()
    // A client may lose what it had not yet read, never gain.
    expect(events.length).toBeLessThanOrEqual(4)
    const call = await settledCall()
    expect(call).toMatchObject({ status: 200, completed: false, fault: 'cut@4' })
    expect(call.usage?.output).toBeGreaterThan(0)
    expect(call.usage?.output).toBeLessThan(60)
    expect(call.cost_usd).not.toBeNull()
  })

  it('[S9][S11] a cut at frame 0 breaks before the head and bills nothing', async () => {
    for (const send of [sendWhole, sendStream]) {
      simulator.reset()
      await expect(send(clientWith('cut@0'))).rejects.toBeInstanceOf(Error)
      expect(await settledCall()).toMatchObject({ status: 0, completed: false, usage: null })
    }
  })

  it('[S9][S11] a cut in a unary body loses an answer that is billed', async () => {
    await expect(sendWhole(clientWith('cut@1'))).rejects.toBeInstanceOf(Error)
    const call = await settledCall()
    expect(call).toMatchObject({ status: 200, completed: false, usage: { output: 60 } })
    expect(call.response_bytes).toBeGreaterThan(0)
  })

  it.each([
    ['mid_stream_exception@3', 'ModelStreamErrorException'],
    ['mid_stream_exception@3:throttlingException', 'ThrottlingException'],
    ['mid_stream_exception@3:internalServerException', 'InternalServerException'],
  ])('[S9][S11] %s throws a typed %s after three frames', async (fault, name) => {
    const { events, problem } = await collect(clientWith(fault))
    expect(events).toHaveLength(3)
    expect(problem?.name).toBe(name)
    const call = await settledCall()
    expect(call).toMatchObject({ status: 200, error_type: name, completed: false })
    expect(call.usage?.output).toBeLessThan(60)
  })

  it('[S11] no_metadata leaves the last event out; the record knows the usage', async () => {
    const { events, problem } = await collect(clientWith('no_metadata'))
    expect(problem).toBeNull()
    expect(events.at(-1)).toHaveProperty('messageStop')
    expect(await settledCall()).toMatchObject({ completed: true, usage: { output: 60 } })
  })

  it('[S11] no_metadata takes the invocation metrics from a native stream', async () => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 20,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    const response = await clientWith('no_metadata').send(
      new InvokeModelWithResponseStreamCommand({ modelId: MODEL, body }),
    )
    let text = ''
    for await (const event of response.body ?? []) {
      text += Buffer.from(event.chunk?.bytes ?? []).toString('utf8')
    }
    expect(text).toContain('message_stop')
    expect(text).not.toContain('invocationMetrics')
  })

  it('[S11] bad_crc makes the client refuse the frame', async () => {
    const { events, problem } = await collect(clientWith('bad_crc@2'))
    expect(events.length).toBeLessThanOrEqual(2)
    expect(problem?.message).toMatch(/checksum/i)
  })

  it('[S11] slow chunks and latency delay, and change nothing else', async () => {
    const plain = await collect(clientWith('none'))
    const slow = await collect(clientWith('slow_chunks:1, latency:10'))
    expect(slow).toEqual(plain)
    expect(simulator.calls().map((call) => call.completed)).toEqual([true, true])
  })

  it('[S9] a client that leaves a slow stream is billed up to then', async () => {
    const controller = new AbortController()
    const { stream } = await clientWith('slow_chunks:20').send(new ConverseStreamCommand(ASK), {
      abortSignal: controller.signal,
    })
    let seen = 0
    await expect(async () => {
      for await (const _ of stream ?? []) {
        seen += 1
        if (seen === 3) {
          controller.abort()
          // Node's HTTP/2 client keeps the stream after an abort; closing the client ends it.
          for (const client of clients) client.destroy()
        }
      }
      if (seen < 10) throw new Error('the stream ended early')
    }).rejects.toBeInstanceOf(Error)
    await expect.poll(() => simulator.calls()[0]?.response_sha256).not.toBeNull()
    const call = await settledCall()
    expect(call.completed).toBe(false)
    expect(call.usage?.output).toBeGreaterThan(0)
    expect(call.usage?.output).toBeLessThan(60)
  })

  it('[S9] a unary answer the client does not wait for is billed: it cannot be un-run', async () => {
    const attempt = clientWith('latency:5000').send(new ConverseCommand(ASK), {
      abortSignal: AbortSignal.timeout(50),
    })
    await expect(attempt).rejects.toBeInstanceOf(Error)
    await expect.poll(() => simulator.calls()[0]?.usage).not.toBeNull()
    expect(await settledCall()).toMatchObject({
      status: 0,
      completed: false,
      usage: { output: 60 },
    })
  })

  it('[S9] a timeout the client does not wait for is on record, unbilled', async () => {
    const attempt = clientWith('timeout').send(new ConverseCommand(ASK), {
      abortSignal: AbortSignal.timeout(50),
    })
    await expect(attempt).rejects.toBeInstanceOf(Error)
    expect(await settledCall()).toMatchObject({ status: 0, completed: false, usage: null })
  })
})

async function runPlan(): Promise<readonly (string | null)[]> {
  const faulty = await startSimulator({
    seed: 11,
    faults: { throttle: 0.3, error5xx: 0.3, no_metadata: 0.2 },
  })
  const client = bedrockClient(faulty, 'http/1.1', { maxAttempts: 1 })
  for (let call = 0; call < 30; call++) {
    const ask = { ...ASK, messages: [userText(`Call ${call}`)] }
    await client.send(new ConverseCommand(ask)).catch(() => null)
  }
  const guarded = bedrockClient(faulty, 'http/1.1', { maxAttempts: 1 })
  addHeader(guarded, 'x-simulator-fault', 'none')
  for (let call = 0; call < 10; call++) await guarded.send(new ConverseCommand(ASK))
  const faults = faulty.calls().map((call) => call.fault)
  client.destroy()
  guarded.destroy()
  await faulty.close()
  return faults
}

describe('a plan of faults', () => {
  it('[S1][S11] strikes the same calls in every run, and the header outranks it', async () => {
    const first = await runPlan()
    expect(await runPlan()).toEqual(first)
    expect(new Set(first.slice(0, 30)).size).toBeGreaterThanOrEqual(3)
    expect(first.slice(30)).toEqual(Array.from({ length: 10 }, () => null))
  })

  it('[S11] retries meet draws of their own: a client that retries gets through', async () => {
    const faulty = await startSimulator({ seed: 5, faults: { throttle: 0.5 } })
    const client = bedrockClient(faulty, 'h2c', { maxAttempts: 20 })
    await client.send(new ConverseCommand(ASK))
    expect(faulty.calls().at(-1)).toMatchObject({ status: 200 })
    client.destroy()
    await faulty.close()
  })
})
