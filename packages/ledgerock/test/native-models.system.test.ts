// InvokeModel in every maker's own shape, whole and streamed, through the whole system by the AWS SDK: what the ledger says a call
// used and cost is what Bedrock counted, in the units the model is sold by.

import { hash } from 'node:crypto'
import {
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  StartAsyncInvokeCommand,
  type BedrockRuntimeClient,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bedrockClient } from './support/clients.ts'
import {
  bedrocksBill,
  ledgersBill,
  meteredSince,
  type MeteredCall,
} from './support/metered-calls.ts'
import {
  FILM_REQUESTS,
  PEGASUS_REQUEST,
  TEXT_REQUESTS,
  UNIT_REQUESTS,
  type NativeRequest,
} from './support/native-requests.ts'
import { startSystem, type RunningSystem } from './support/running-system.ts'

let system: RunningSystem
let client: BedrockRuntimeClient

beforeAll(async () => {
  system = await startSystem()
  client = bedrockClient(system.gatewayUrl, await system.createKey('makers', { team: 'search' }))
})
afterAll(async () => {
  client.destroy()
  await system.dispose()
})

type Answered = {
  readonly requestId: string
  /** Of a whole answer. */
  readonly bodySha256: string | null
}

type Made = {
  readonly request: NativeRequest
  readonly answered: Answered
}

/** Makes all calls at once, and only then waits for the ledger. */
async function metered(
  requests: readonly NativeRequest[],
  make: (request: NativeRequest) => Promise<Answered>,
): Promise<readonly (Made & MeteredCall)[]> {
  const since = system.simulator.calls().length
  const made = await Promise.all(
    requests.map(async (request) => ({ request, answered: await make(request) })),
  )
  const calls = await meteredSince(system, since)
  return made.map((each) => {
    const { requestId } = each.answered
    const call = calls.find(({ served }) => served.request_id === requestId)
    if (call === undefined) throw new Error(`${each.request.model} is not on record`)
    return { ...each, ...call }
  })
}

async function invoke({ model, body }: NativeRequest): Promise<Answered> {
  const command = new InvokeModelCommand({ modelId: model, body: JSON.stringify(body) })
  const answer = await client.send(command)
  const requestId = answer.$metadata.requestId ?? ''
  return { requestId, bodySha256: hash('sha256', answer.body, 'hex') }
}

async function invokeStream({ model, body }: NativeRequest): Promise<Answered> {
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: model, body: JSON.stringify(body) }),
  )
  let chunks = 0
  for await (const event of answer.body ?? []) if (event.chunk !== undefined) chunks += 1
  expect(chunks, model).toBeGreaterThan(1)
  return { requestId: answer.$metadata.requestId ?? '', bodySha256: null }
}

async function startFilm({ model, body }: NativeRequest): Promise<Answered> {
  const answer = await client.send(
    new StartAsyncInvokeCommand({
      modelId: model,
      modelInput: JSON.parse(JSON.stringify(body)),
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://a-bucket/films/' } },
    }),
  )
  expect(answer.invocationArn).toMatch(/:async-invoke\//)
  return { requestId: answer.$metadata.requestId ?? '', bodySha256: null }
}

/** Bedrock's bill and the ledger's side by side, by model, so that a difference names it. */
function expectSameBills(calls: readonly (Made & MeteredCall)[]): void {
  const named = (bill: (call: MeteredCall) => unknown): unknown[] =>
    calls.map((call) => [call.request.model, bill(call)])
  expect(named(ledgersBill)).toEqual(named(bedrocksBill))
}

/** What the client sent is what Bedrock got, and the other way round. */
function expectSameBytes(calls: readonly (Made & MeteredCall)[]): void {
  for (const { request, answered, served } of calls) {
    const sent = hash('sha256', JSON.stringify(request.body), 'hex')
    expect(served.request_sha256, request.model).toBe(sent)
    if (answered.bodySha256 === null) continue
    expect(served.response_sha256, request.model).toBe(answered.bodySha256)
  }
}

describe('text', () => {
  it.each([
    ['whole', invoke],
    ['streamed', invokeStream],
  ])('of every maker, %s', async (_how, make) => {
    const calls = await metered(TEXT_REQUESTS, make)
    expectSameBills(calls)
    expectSameBytes(calls)
    for (const { request, row } of calls) {
      expect(row.input_tokens, request.model).toBeGreaterThan(0)
      expect(row.output_tokens, request.model).toBeGreaterThan(0)
      expect(Number(row.cost_usd), request.model).toBeGreaterThan(0)
      expect(row.usage_source, request.model).toBe('response')
    }
  })

  it('about a film has no price, because nobody says how long the film is', async () => {
    for (const make of [invoke, invokeStream]) {
      const [call] = await metered([PEGASUS_REQUEST], make)
      expect(call?.served.usage?.other).toEqual({ video_seconds: 3 })
      expect(call?.row).toMatchObject({ cost_usd: null, unpriced_reason: 'unknown_kind' })
    }
  })
})

describe('what is not sold by the token alone', () => {
  it('vectors, rankings and pictures', async () => {
    const calls = await metered(UNIT_REQUESTS, invoke)
    expectSameBills(calls)
    expectSameBytes(calls)
    for (const { request, row } of calls) expect(row.other_usage).toEqual(request.units ?? {})
  })

  it('films, when they are asked for', async () => {
    const calls = await metered(FILM_REQUESTS, startFilm)
    expectSameBills(calls)
    for (const { request, row } of calls) expect(row.other_usage).toEqual(request.units)
  })
})
