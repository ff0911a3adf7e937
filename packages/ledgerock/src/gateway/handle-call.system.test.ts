// The data plane against a real simulator: bytes, refusals, ends of every kind. What the journal holds afterwards is the proof.

import { hash } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultRule } from '../attribution/dimension-rule.ts'
import { post as postTo } from './testing/post.ts'
import {
  OPEN_KEY,
  SEARCH_KEY,
  startGateway,
  type RunningGateway,
} from './testing/running-gateway.ts'
import { settledLines as settledLinesOf } from './testing/settled-lines.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const CONVERSE = `/model/${CLAUDE}/converse`
const STREAM = `/model/${CLAUDE}/converse-stream`
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

describe('a call', () => {
  it('[Y4] [Y5] passes unchanged in both directions and is known to the journal', async () => {
    for (const path of [CONVERSE, STREAM]) {
      const answer = await post(path, BODY, {
        'x-ledgerock-feature': 'answers',
        'x-custom': 'kept',
      })
      const served = gateway.simulator.calls().at(-1)
      expect(answer.status).toBe(200)
      expect(served?.request_sha256).toBe(hash('sha256', BODY))
      expect(served?.response_sha256).toBe(hash('sha256', answer.body))
      expect(answer.headers['x-amzn-requestid']).toBe(served?.request_id)
      expect(answer.headers['x-ledgerock-call-id']).toMatch(/^[0-9a-f-]{36}$/)
    }
    const [unary, stream] = await settledLines(2)
    const [first, second] = gateway.simulator.calls()
    for (const [line, served] of [
      [unary, first],
      [stream, second],
    ] as const) {
      expect(line?.opened.dimensions).toMatchObject({
        team: 'search',
        application: 'search-api',
        feature: 'answers',
        user_id: 'unknown',
      })
      expect(line?.settled).toMatchObject({ status: 'ok', usageSource: 'response' })
      expect(line?.settled?.usage).toMatchObject({
        input: served?.usage?.input,
        output: served?.usage?.output,
      })
      expect(line?.settled?.awsRequestId).toBe(served?.request_id)
    }
  })

  it('[Y4] works over HTTP/2 with the same bytes', async () => {
    const session = connectHttp2(gateway.url)
    const stream = session.request({
      ':method': 'POST',
      ':path': STREAM,
      authorization: `Bearer ${SEARCH_KEY}`,
      'content-type': 'application/json',
    })
    stream.end(BODY)
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    session.close()
    expect(headers[':status']).toBe(200)
    expect(gateway.simulator.calls()[0]?.response_sha256).toBe(
      hash('sha256', Buffer.concat(chunks)),
    )
    await settledLines()
  })

  it('tells the cost of a unary call, and takes a key as x-api-key', async () => {
    const answer = await post(CONVERSE, BODY, { authorization: '', 'x-api-key': SEARCH_KEY })
    // An empty Authorization header is a credential that is none.
    expect(answer.status).toBe(403)
    const { authorization: _none, ...headers } = { authorization: '', 'x-api-key': SEARCH_KEY }
    const response = await fetch(`${gateway.url}${CONVERSE}`, {
      method: 'POST',
      body: BODY,
      headers,
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-ledgerock-cost-usd')).toBe(
      gateway.simulator.calls()[0]?.cost_usd,
    )
    await settledLines()
  })

  it('signs a header that stands twice as AWS reads it', async () => {
    const answer = await post(CONVERSE, BODY, { 'x-amz-foo': ['one', 'two'] as unknown as string })
    expect(answer.status).toBe(200)
    await settledLines()
  })

  it('[Y6] keeps errors of Bedrock as they are, at no cost', async () => {
    for (const [fault, status, kept] of [
      ['throttle', 429, 'throttled'],
      ['error500', 500, 'upstream_error'],
      ['error503', 503, 'upstream_error'],
    ] as const) {
      const answer = await post(CONVERSE, BODY, { 'x-simulator-fault': fault })
      expect(answer.status).toBe(status)
      const line = (await settledLines()).at(-1)
      expect(line?.settled).toMatchObject({ status: kept, httpStatus: status, cost: 0n })
      expect(line?.settled?.errorType).toBe(gateway.simulator.calls().at(-1)?.error_type)
    }
  })

  it('[Y6] marks an exception inside a stream', async () => {
    const fault = 'mid_stream_exception@2:throttlingException'
    const answer = await post(STREAM, BODY, { 'x-simulator-fault': fault })
    expect(answer.status).toBe(200)
    expect(answer.body.includes('throttlingException')).toBe(true)
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({ status: 'throttled', usageSource: 'estimated' })
  })

  it('[Y7] breaks off where Bedrock broke off', async () => {
    const answer = await post(STREAM, BODY, { 'x-simulator-fault': 'cut@2' })
    expect(answer.whole).toBe(false)
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({
      status: 'interrupted',
      interruptedBy: 'upstream',
      usageSource: 'estimated',
    })
    expect(line?.settled?.usage.input).toBeGreaterThan(0)
  })

  it('[Y6] estimates a stream whose usage never came', async () => {
    await post(STREAM, BODY, { 'x-simulator-fault': 'no_metadata' })
    const [line] = await settledLines()
    expect(line?.settled?.usageSource).toBe('estimated')
    expect(line?.settled?.cost).not.toBeNull()
  })

  it('[Y4] [Y5] passes a large unary answer on without holding it, and meters its end', async () => {
    const large = JSON.stringify({
      content: [{ type: 'text', text: 'x'.repeat(900_000) }],
      usage: { input_tokens: 11, output_tokens: 22 },
    })
    const upstream = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'large-1' })
      for (let at = 0; at < large.length; at += 50_000) response.write(large.slice(at, at + 50_000))
      response.end()
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as AddressInfo
    const other = await startGateway({ endpoint: `http://127.0.0.1:${port}` })
    const response = await fetch(`${other.url}/model/${CLAUDE}/invoke`, {
      method: 'POST',
      body: BODY,
      headers: { authorization: `Bearer ${SEARCH_KEY}` },
    })
    expect(await response.text()).toBe(large)
    expect(other.lines()[0]?.settled).toMatchObject({
      status: 'ok',
      usageSource: 'response',
      usage: { input: 11, output: 22 },
    })
    await other.close()
    upstream.close()
  })
})

describe('a call that lasts too long', () => {
  it.each([
    ['before its answer', CONVERSE, 'timeout', 408],
    ['in the middle of a stream', STREAM, 'slow_chunks:100', 200],
  ])('[Y2] %s is ended by the gateway', async (_when, path, fault, status) => {
    const impatient = await startGateway({ callTimeoutMs: 300 })
    const headers = { authorization: `Bearer ${OPEN_KEY}`, 'x-simulator-fault': fault }
    const response = await fetch(`${impatient.url}${path}`, { method: 'POST', body: BODY, headers })
    expect(response.status).toBe(status)
    const body = response.arrayBuffer()
    if (status === 200) await expect(body).rejects.toThrow('terminated')
    else await body
    expect(impatient.lines()[0]?.settled).toMatchObject({
      status: 'interrupted',
      interruptedBy: 'gateway',
      usageSource: 'estimated',
    })
    await impatient.close()
  })
})

describe('a client that reads slowly', () => {
  it('[Y2] holds the upstream back instead of filling memory, and loses nothing', async () => {
    const chunk = 'y'.repeat(64 * 1024)
    let written = 0
    const upstream = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const push = (): void => {
        while (written < 400) {
          written += 1
          if (!response.write(chunk)) return void response.once('drain', push)
        }
        response.end()
      }
      push()
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as AddressInfo
    const other = await startGateway({ endpoint: `http://127.0.0.1:${port}` })
    const asked = httpRequest(`${other.url}/model/${CLAUDE}/invoke`, {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${OPEN_KEY}` },
    })
    asked.end(BODY)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    let before = -1
    // Until nothing moves any more: every buffer on the way is full.
    while (before !== written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(written).toBeLessThan(400)
    let bytes = 0
    for await (const part of response) bytes += (part as Buffer).length
    expect(bytes).toBe(400 * chunk.length)
    await other.close()
    upstream.close()
  })
})

describe('a client that leaves', () => {
  function leaveAfter(path: string, fault: string, bytes: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const asked = httpRequest(
        `${gateway.url}${path}`,
        {
          method: 'POST',
          agent: false,
          headers: {
            authorization: `Bearer ${SEARCH_KEY}`,
            'content-type': 'application/json',
            'x-simulator-fault': fault,
          },
        },
        (response) => {
          let seenBytes = 0
          response.on('data', (chunk: Buffer) => {
            seenBytes += chunk.length
            if (seenBytes >= bytes) asked.destroy()
          })
          response.on('error', () => undefined)
        },
      )
      asked.on('error', reject)
      asked.on('close', () => resolve())
      asked.end(BODY)
      if (bytes === 0) setTimeout(() => asked.destroy(), 50)
    }).catch(() => undefined)
  }

  it('[Y8] in the middle of a stream: upstream cancelled, what passed estimated', async () => {
    await leaveAfter(STREAM, 'slow_chunks:20', 1)
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({
      status: 'interrupted',
      interruptedBy: 'client',
      usageSource: 'estimated',
    })
    expect(gateway.simulator.calls()[0]?.completed).toBe(false)
  })

  it('[Y8] before a stream began', async () => {
    await leaveAfter(STREAM, 'latency:400', 0)
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({ status: 'interrupted', interruptedBy: 'client' })
    expect(line?.settled?.usage.input).toBeGreaterThan(0)
  })

  it('[Y8] before a unary answer: drained, with its true usage', async () => {
    await leaveAfter(CONVERSE, 'latency:300', 0)
    const [line] = await settledLines()
    expect(line?.settled).toMatchObject({
      status: 'interrupted',
      interruptedBy: 'client',
      usageSource: 'drained',
    })
    expect(line?.settled?.usage.output).toBe(gateway.simulator.calls()[0]?.usage?.output)
  })
})
