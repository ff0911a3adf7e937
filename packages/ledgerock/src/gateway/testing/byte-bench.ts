// An exchange laid side by side: what a client sent and what came upstream, what Bedrock answered and what the client got.

import { hash } from 'node:crypto'
import { expect } from 'vitest'
import { createByteClient, type ByteAnswer } from './byte-client.ts'
import type { RandomRequest } from './random-exchange.ts'
import {
  EMPTY_REPLY,
  startRecordingUpstream,
  type Field,
  type RecordingUpstream,
  type UpstreamReply,
  type UpstreamRequest,
} from './recording-upstream.ts'
import { startGateway, type GatewayOptions, type RunningGateway } from './running-gateway.ts'

export type Exchanged = { readonly sent: UpstreamRequest; readonly answer: ByteAnswer }

export type Bench = {
  readonly gateway: RunningGateway
  readonly upstream: RecordingUpstream
  readonly send: (request: RandomRequest) => Promise<ByteAnswer>
  /** The call must reach Bedrock once, and no more. */
  readonly exchange: (request: RandomRequest, reply?: UpstreamReply) => Promise<Exchanged>
  /** What the last call's record says was changed. */
  readonly changes: () => readonly string[]
  readonly close: () => Promise<void>
}

export async function startBench(options: GatewayOptions): Promise<Bench> {
  const upstream = await startRecordingUpstream()
  const gateway = await startGateway({ endpoint: upstream.url, ...options })
  const client = createByteClient(gateway.url)
  return {
    gateway,
    upstream,
    send: client.send,
    async exchange(request, reply = EMPTY_REPLY) {
      upstream.take()
      upstream.reply(reply)
      const answer = await client.send(request)
      const [sent, ...more] = upstream.take()
      if (sent === undefined) {
        throw new Error(`not sent on: ${answer.status} ${answer.body.toString().slice(0, 300)}`)
      }
      expect(more).toEqual([])
      return { sent, answer }
    },
    changes: () => gateway.lines().at(-1)?.settled?.changes ?? ['no settled line'],
    async close() {
      client.close()
      await gateway.close()
      await upstream.close()
    },
  }
}

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

export const sha256 = (bytes: Buffer): string => hash('sha256', bytes, 'hex')
const others = (fields: readonly Field[], left: ReadonlySet<string>): Field[] =>
  fields.filter(([name]) => !left.has(name.toLowerCase()))
const lower = (fields: readonly Field[]): Field[] =>
  fields.map(([name, value]) => [name.toLowerCase(), value])
export const valuesOf = (fields: readonly Field[], wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)

export function expectRequest(sent: UpstreamRequest, request: RandomRequest): void {
  const body = Buffer.concat(request.chunks)
  expect(sent.method).toBe(request.method)
  expect(sent.path).toBe(request.path.replace(/^\/region\/[^/]+/, ''))
  expect(sha256(sent.body)).toBe(sha256(body))
  expectFields(sent, request)
}

/** In the client's order and writing; HTTP/2 has small letters only, and puts what is repeated together. */
export function expectFields(sent: UpstreamRequest, { protocol, travelling }: RandomRequest): void {
  const passed = others(sent.headers, SET_UPSTREAM)
  if (protocol === 'http/1.1') expect(passed).toEqual(travelling)
  else expect(sorted(passed)).toEqual(sorted(lower(travelling)))
  for (const name of SET_UPSTREAM) expect(valuesOf(sent.headers, name).length).toBeLessThan(2)
  expect(valuesOf(sent.headers, 'transfer-encoding')).toEqual([])
  const length = valuesOf(sent.headers, 'content-length')
  if (sent.body.length > 0) expect(length).toEqual([String(sent.body.length)])
}

export function expectAnswer(answer: ByteAnswer, reply: UpstreamReply): void {
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
