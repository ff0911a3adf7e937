// Bytes in = bytes out, against an upstream that understands nothing: random requests of every family and random answers of every
// kind pass as they are, and where a change is switched on they differ by exactly that change.

import { hash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createByteClient, type ByteAnswer, type ByteClient } from './testing/byte-client.ts'
import { randomReply, randomRequest, type RandomRequest } from './testing/random-exchange.ts'
import {
  EMPTY_REPLY,
  startRecordingUpstream,
  type Field,
  type RecordingUpstream,
  type UpstreamReply,
  type UpstreamRequest,
} from './testing/recording-upstream.ts'
import { SEARCH_KEY, startGateway, type RunningGateway } from './testing/running-gateway.ts'

let upstream: RecordingUpstream
let gateway: RunningGateway
let client: ByteClient

beforeAll(async () => {
  upstream = await startRecordingUpstream()
  gateway = await startGateway({ endpoint: upstream.url, injectMetadata: false })
  client = createByteClient(gateway.url)
})
afterEach(() => {
  upstream.reply(EMPTY_REPLY)
  upstream.take()
})
afterAll(async () => {
  client.close()
  await gateway.close()
  await upstream.close()
})

/** What the gateway sets itself, towards Bedrock and towards the client. */
const SET_UPSTREAM = new Set([
  'host',
  'accept-encoding',
  'authorization',
  'x-amz-date',
  'content-length',
  'connection',
])
const SET_DOWNSTREAM = new Set([
  'x-ledgerock-call-id',
  'x-ledgerock-cost-usd',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'content-length',
])

async function exchange(
  request: RandomRequest,
  reply: UpstreamReply,
): Promise<{ readonly sent: UpstreamRequest; readonly answer: ByteAnswer }> {
  upstream.take()
  upstream.reply(reply)
  const answer = await client.send(request)
  const [sent, ...more] = upstream.take()
  if (sent === undefined)
    throw new Error(`not sent on: ${answer.status} ${answer.body.toString().slice(0, 300)}`)
  expect(more).toEqual([])
  return { sent, answer }
}

const sha256 = (bytes: Buffer): string => hash('sha256', bytes, 'hex')
const others = (fields: readonly Field[], left: ReadonlySet<string>): Field[] =>
  fields.filter(([name]) => !left.has(name.toLowerCase()))
const lower = (fields: readonly Field[]): Field[] =>
  fields.map(([name, value]) => [name.toLowerCase(), value])
const valuesOf = (fields: readonly Field[], wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)

function expectRequest(sent: UpstreamRequest, request: RandomRequest): void {
  const body = Buffer.concat(request.chunks)
  expect(sent.method).toBe(request.method)
  expect(sent.path).toBe(request.path.replace(/^\/region\/[^/]+/, ''))
  expect(sha256(sent.body)).toBe(sha256(body))
  expectFields(sent, request)
}

/** In the client's order and writing; HTTP/2 has small letters only, and puts what is repeated together. */
function expectFields(sent: UpstreamRequest, { protocol, travelling }: RandomRequest): void {
  const passed = others(sent.headers, SET_UPSTREAM)
  if (protocol === 'http/1.1') expect(passed).toEqual(travelling)
  else expect(sorted(passed)).toEqual(sorted(lower(travelling)))
  for (const name of SET_UPSTREAM) expect(valuesOf(sent.headers, name).length).toBeLessThan(2)
  expect(valuesOf(sent.headers, 'transfer-encoding')).toEqual([])
  const length = valuesOf(sent.headers, 'content-length')
  if (sent.body.length > 0) expect(length).toEqual([String(sent.body.length)])
}

function expectAnswer(answer: ByteAnswer, reply: UpstreamReply): void {
  const body = Buffer.concat(reply.chunks)
  expect(answer.status).toBe(reply.status)
  expect(sha256(answer.body)).toBe(sha256(body))
  expect(sorted(lower(others(answer.headers, SET_DOWNSTREAM)))).toEqual(
    sorted(lower(reply.headers)),
  )
  const length = valuesOf(answer.headers, 'content-length')
  if (length.length > 0) expect(length).toEqual([String(body.length)])
}

const sorted = (fields: readonly Field[]): Field[] =>
  fields.toSorted(
    ([one, first], [other, second]) => one.localeCompare(other) || first.localeCompare(second),
  )

describe('with every change switched off', () => {
  it('[Y4] random requests and answers pass unchanged, over either protocol', async () => {
    const seen = gateway.lines().length
    await fc.assert(
      fc.asyncProperty(randomRequest(SEARCH_KEY), randomReply, async (request, reply) => {
        const { sent, answer } = await exchange(request, reply)
        expectRequest(sent, request)
        expectAnswer(answer, reply)
      }),
      { numRuns: 400 },
    )
    const changes = gateway
      .lines()
      .slice(seen)
      .flatMap(({ settled }) => settled?.changes ?? [])
    expect(changes).toEqual([])
  })
})
