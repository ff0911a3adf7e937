// InvokeModel in every maker's own shape, whole and streamed, through the whole system by the AWS SDK: what the ledger says a call
// used and cost is what Bedrock counted, in the units the model is sold by.

import { hash } from 'node:crypto'
import {
  GetAsyncInvokeCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ListAsyncInvokesCommand,
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
  expect(chunks).toBeGreaterThan(1)
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
  const ofClients = calls.map(({ request: { model, body }, answered }) => {
    return [model, hash('sha256', JSON.stringify(body), 'hex'), answered.bodySha256]
  })
  const ofBedrock = calls.map(({ request, answered, served }) => {
    const answer = answered.bodySha256 === null ? null : served.response_sha256
    return [request.model, served.request_sha256, answer]
  })
  expect(ofClients).toEqual(ofBedrock)
}

describe('text', () => {
  it.each([
    ['whole', invoke],
    ['streamed', invokeStream],
  ])('of every maker, %s', async (_how, make) => {
    const calls = await metered(TEXT_REQUESTS, make)
    expectSameBills(calls)
    expectSameBytes(calls)
    const isWhole = ({ row }: MeteredCall): boolean =>
      row.input_tokens > 0 && row.output_tokens > 0 && Number(row.cost_usd) > 0
    expect(calls.filter((call) => !isWhole(call)).map(({ request }) => request.model)).toEqual([])
    for (const { row } of calls) expect(row.usage_source).toBe('response')
  })

  it('about a film has no price, because nobody says how long the film is', async () => {
    const films = [PEGASUS_REQUEST, PEGASUS_REQUEST]
    const ways = [invoke, invokeStream]
    const calls = await metered(films, (request) => (ways.shift() ?? invoke)(request))
    expect(calls.map(({ row }) => row.stream)).toEqual([false, true])
    for (const { row, served } of calls) {
      expect(served.usage?.other).toEqual({ video_seconds: 3 })
      expect(row).toMatchObject({ cost_usd: null, unpriced_reason: 'unknown_kind' })
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

  it('films, when they are asked for; to look for them is free', async () => {
    const calls = await metered(FILM_REQUESTS, startFilm)
    expectSameBills(calls)
    for (const { request, row } of calls) expect(row.other_usage).toEqual(request.units)

    const since = system.simulator.calls().length
    const { asyncInvokeSummaries: jobs = [] } = await client.send(
      new ListAsyncInvokesCommand({ maxResults: 10, statusEquals: 'InProgress' }),
    )
    expect(jobs).toHaveLength(FILM_REQUESTS.length)
    const invocationArn = jobs[0]?.invocationArn
    const job = await client.send(new GetAsyncInvokeCommand({ invocationArn }))
    expect(job).toMatchObject({ invocationArn, status: 'InProgress' })
    const looks = await meteredSince(system, since)
    expect(looks.map(ledgersBill)).toEqual(looks.map(bedrocksBill))
    expect(looks.map(({ row }) => [row.operation, row.cost_usd])).toEqual([
      ['list-async-invokes', '0'],
      ['get-async-invoke', '0'],
    ])
  })
})
