// What the gateway turns away, in which shape, and what of it the journal keeps.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultRule } from '../attribution/dimension-rule.ts'
import { post as postTo } from './testing/post.ts'
import {
  EXPIRED_KEY,
  OPEN_KEY,
  SEARCH_KEY,
  startGateway,
  type RunningGateway,
} from './testing/running-gateway.ts'
import { settledLines as settledLinesOf } from './testing/settled-lines.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const CONVERSE = `/model/${CLAUDE}/converse`
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] })

let gateway: RunningGateway
let seen = 0

beforeAll(async () => {
  gateway = await startGateway({
    bodyBytesMax: 100_000,
    dimensions: [{ ...defaultRule('environment'), values: ['prod', 'dev'] }],
  })
})
afterAll(() => gateway.close())
afterEach(() => {
  seen = gateway.lines().length
  gateway.simulator.reset()
})

const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  postTo(gateway, path, body, headers)
const settledLines = (count = 1) => settledLinesOf(gateway, seen, count)

describe('a refusal', () => {
  const forbidden = async (headers: Record<string, string>): Promise<void> => {
    const response = await fetch(`${gateway.url}${CONVERSE}`, {
      method: 'POST',
      body: BODY,
      headers,
    })
    expect(response.status).toBe(403)
    expect(response.headers.get('x-amzn-errortype')).toBe('UnrecognizedClientException')
    expect(response.headers.get('x-ledgerock-refusal')).toBe('credential')
    expect(((await response.json()) as { message: string }).message).toBeTruthy()
  }

  it.each([
    ['no credential', {}],
    ['a wrong key', { authorization: 'Bearer lrk_000000000000_nothing' }],
    ['an expired key', { authorization: `Bearer ${EXPIRED_KEY}` }],
    ['two different keys', { authorization: `Bearer ${SEARCH_KEY}`, 'x-api-key': OPEN_KEY }],
    ['a SigV4 signature', { authorization: 'AWS4-HMAC-SHA256 Credential=A/B/C/D/aws4_request' }],
  ])('[Y9] of %s is 403 and leaves no trace in the journal', async (_what, headers) => {
    await forbidden(headers)
    expect(gateway.lines()).toHaveLength(seen)
    expect(gateway.simulator.calls()).toHaveLength(0)
  })

  it('[Y9] of an invalid dimension names it, and is recorded without the invalid value', async () => {
    const answer = await post(CONVERSE, BODY, { 'x-ledgerock-environment': 'moon' })
    expect(answer.status).toBe(400)
    expect(answer.headers['x-ledgerock-refusal']).toBe('dimension')
    expect(answer.body.toString()).toContain('environment')
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({ status: 'refused', refusal: 'dimension', cost: 0n })
    expect(line?.opened.dimensions['environment']).toBe('unknown')
    expect(gateway.simulator.calls()).toHaveLength(0)
  })

  it('[Y2] [Y9] of a body that is too large, by its length or by its bytes', async () => {
    const large = JSON.stringify({ messages: [], filler: 'x'.repeat(100_000) })
    const declared = await post(CONVERSE, large)
    expect(declared.status).toBe(413)
    expect(declared.headers['x-ledgerock-refusal']).toBe('body_too_large')
    expect(gateway.simulator.calls()).toHaveLength(0)
    await settledLines()
  })

  it('[Y9] of malformed JSON and unknown routes, in the shape of Bedrock', async () => {
    const malformed = await post(CONVERSE, '{"messages": [')
    expect(malformed.status).toBe(400)
    expect(malformed.headers['x-amzn-errortype']).toBe('ValidationException')
    expect(malformed.headers['x-ledgerock-call-id']).toMatch(/^[0-9a-f-]{36}$/)
    const lost = await post('/no/such/route', BODY)
    expect(lost.status).toBe(404)
    expect(lost.headers['x-amzn-errortype']).toBe('UnknownOperationException')
    expect(gateway.lines()).toHaveLength(seen)
  })

  it('[Y5] when the journal has no room, before Bedrock is called', async () => {
    gateway.setJournalFull(true)
    const answer = await post(CONVERSE, BODY)
    gateway.setJournalFull(false)
    expect(answer.status).toBe(503)
    expect(answer.headers['x-ledgerock-refusal']).toBe('journal_unavailable')
    expect(answer.headers['retry-after']).toBe('1')
    expect(gateway.simulator.calls()).toHaveLength(0)
  })

  it('[Y3] while draining', async () => {
    gateway.setDraining(true)
    const answer = await post(CONVERSE, BODY)
    gateway.setDraining(false)
    expect(answer.status).toBe(503)
    expect(answer.headers['x-ledgerock-refusal']).toBe('draining')
    await settledLines()
  })

  it('[Y6] when Bedrock cannot be reached: 502, recorded, nothing used', async () => {
    const lonely = await startGateway({ endpoint: 'http://127.0.0.1:9' })
    const response = await fetch(`${lonely.url}${CONVERSE}`, {
      method: 'POST',
      body: BODY,
      headers: { authorization: `Bearer ${OPEN_KEY}` },
    })
    expect(response.status).toBe(502)
    expect(response.headers.get('x-ledgerock-refusal')).toBe('upstream_unreachable')
    expect(lonely.lines()[0]?.settled).toMatchObject({
      status: 'refused',
      refusal: 'upstream_unreachable',
      cost: 0n,
    })
    await lonely.close()
  })

  it('[Y6] when Bedrock is reached but speaks no TLS: nothing was sent, nothing is charged', async () => {
    const plain = gateway.simulator.url.replace('http:', 'https:')
    const lonely = await startGateway({ endpoint: plain })
    const response = await fetch(`${lonely.url}${CONVERSE}`, {
      method: 'POST',
      body: BODY,
      headers: { authorization: `Bearer ${OPEN_KEY}` },
    })
    expect(response.status).toBe(502)
    expect(lonely.lines()[0]?.settled).toMatchObject({
      status: 'refused',
      refusal: 'upstream_unreachable',
      httpStatus: 502,
      usage: {},
      cost: 0n,
    })
    await lonely.close()
  })

  it('[Y6] of a region without a target', async () => {
    const answer = await post(`/region/eu-west-1${CONVERSE}`, BODY)
    expect(answer.status).toBe(400)
    expect(answer.body.toString()).toContain('eu-west-1')
  })
})
