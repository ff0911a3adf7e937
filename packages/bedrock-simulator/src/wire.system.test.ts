// The wire without a client's help: raw sockets and plain requests show what the SDKs hide. Frames are decoded again by
// AWS's codec, error shapes are looked at byte by byte, and the ground-truth routes are asked over HTTP.

import { hash } from 'node:crypto'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'

import { EventStreamCodec } from '@smithy/eventstream-codec'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './index.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)
const MESSAGES = [{ role: 'user', content: [{ text: 'Hello' }] }]
const BODY = JSON.stringify({ messages: MESSAGES })
const SONNET = 'anthropic.claude-sonnet-4-6'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ seed: 3 })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

function post(
  path: string,
  body = BODY,
  headers: Record<string, string> = { authorization: 'Bearer anything' },
): Promise<Response> {
  return fetch(`${simulator.url}${path}`, { method: 'POST', body, headers })
}

function framesOf(bytes: Buffer): { readonly type: unknown; readonly payload: unknown }[] {
  const frames = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const { headers, body } = codec.decode(bytes.subarray(at, at + length))
    frames.push({
      type: headers[':event-type']?.value,
      payload: JSON.parse(Buffer.from(body).toString('utf8')),
    })
    at += length
  }
  return frames
}

/** Sends raw bytes in pieces and returns what comes back until the server closes. */
function raw(pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(simulator.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.once('connect', () => {
      let delayMs = 0
      for (const piece of pieces) {
        setTimeout(() => socket.write(piece, 'latin1'), delayMs)
        delayMs += 10
      }
    })
  })
}

function longBody(cacheControl?: object): string {
  return JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 5,
    system: [
      {
        type: 'text',
        text: 'x'.repeat(8_000),
        ...(cacheControl ? { cache_control: cacheControl } : {}),
      },
    ],
    messages: [{ role: 'user', content: 'Hello' }],
  })
}

describe('wire', () => {
  it('[S2] tells the protocols apart even when the first bytes trickle in', async () => {
    const head =
      `OST /model/${SONNET}/converse HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\n` +
      `connection: close\r\ncontent-length: ${BODY.length}\r\n\r\n`
    const answer = await raw(['P', head, BODY])
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toMatch(/x-amzn-requestid: [0-9a-f-]{36}\r\n/)
    expect(simulator.calls()[0]).toMatchObject({ protocol: 'http/1.1', completed: true })
  })

  it('[S2] survives connections that speak neither protocol', async () => {
    expect(await raw(['GARBAGE\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 /)
    await raw(['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'garbage that is no frame at all'])
    expect((await post(`/model/${SONNET}/converse`)).status).toBe(200)
  })

  it('[S2] serves many streams on one HTTP/2 connection', async () => {
    const session = connectHttp2(simulator.url)
    const one = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': `/model/${SONNET}/converse`,
          authorization: 'Bearer k',
        })
        let status = 0
        stream.on('response', (headers) => (status = headers[':status'] ?? 0))
        stream.on('error', reject)
        stream.on('end', () => resolve(status))
        stream.resume()
        stream.end(BODY)
      })
    expect(await Promise.all(Array.from({ length: 50 }, one))).toEqual(Array(50).fill(200))
    session.close()
    expect(simulator.calls()).toHaveLength(50)
    expect(simulator.calls().every((call) => call.protocol === 'h2c')).toBe(true)
  })

  it('[S5] sends frames the AWS codec accepts, and records their hash', async () => {
    const response = await post(`/model/${SONNET}/converse-stream`)
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream')
    const bytes = Buffer.from(await response.arrayBuffer())
    const frames = framesOf(bytes)
    expect(frames[0]).toMatchObject({ type: 'messageStart', payload: { role: 'assistant' } })
    expect(frames.at(-1)).toMatchObject({
      type: 'metadata',
      payload: { usage: { inputTokens: 6 }, metrics: { latencyMs: expect.any(Number) } },
    })
    for (const frame of frames) expect(frame.payload).toHaveProperty('p')
    expect(simulator.calls()[0]).toMatchObject({
      response_sha256: hash('sha256', bytes, 'hex'),
      response_bytes: bytes.length,
      request_sha256: hash('sha256', BODY, 'hex'),
      request_bytes: BODY.length,
    })
  })

  it('[S5] wraps native events in chunks with padding', async () => {
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    const response = await post(`/model/${SONNET}/invoke-with-response-stream`, body)
    expect(response.headers.get('x-amzn-bedrock-content-type')).toBe('application/json')
    for (const frame of framesOf(Buffer.from(await response.arrayBuffer()))) {
      expect(frame).toEqual({
        type: 'chunk',
        payload: { bytes: expect.any(String), p: expect.stringMatching(/^a/) },
      })
    }
  })

  it('[S6] gives token counts in headers of a unary InvokeModel', async () => {
    const plain = await post(`/model/${SONNET}/invoke`, longBody())
    expect(plain.headers.get('x-amzn-bedrock-input-token-count')).toBe('2006')
    expect(plain.headers.get('x-amzn-bedrock-output-token-count')).toBe('5')
    expect(plain.headers.get('x-amzn-bedrock-invocation-latency')).toMatch(/^\d+$/)
    expect(plain.headers.get('x-amzn-bedrock-service-tier')).toBe('default')
    expect(plain.headers.has('x-amzn-bedrock-cache-write-input-token-count')).toBe(false)
    const cached = await post(`/model/${SONNET}/invoke`, longBody({ type: 'ephemeral' }))
    expect(cached.headers.get('x-amzn-bedrock-input-token-count')).toBe('6')
    expect(cached.headers.get('x-amzn-bedrock-cache-write-input-token-count')).toBe('2000')
    expect(cached.headers.get('x-amzn-bedrock-cache-read-input-token-count')).toBe('0')
  })

  it('[S4] takes a model id in every encoding', async () => {
    const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${SONNET}`
    const paths = [
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'us.anthropic.claude-sonnet-4-5-20250929-v1%3A0',
      arn,
      arn.replace('/', '%2F'),
      encodeURIComponent(arn),
    ]
    for (const path of paths) expect((await post(`/model/${path}/converse`)).status).toBe(200)
    expect(simulator.calls().map((call) => call.model_path)).toEqual(paths)
    expect(
      new Set(
        simulator
          .calls()
          .slice(2)
          .map((call) => call.model_requested),
      ),
    ).toEqual(new Set([arn]))
  })

  it.each([
    ['no credential', `/model/${SONNET}/converse`, BODY, {}, 403, 'MissingAuthenticationToken'],
    ['malformed JSON', `/model/${SONNET}/converse`, '{"messages":', null, 400, 'Validation'],
    ['no object', `/model/${SONNET}/converse`, '[]', null, 400, 'Validation'],
    ['no messages', `/model/${SONNET}/converse`, '{}', null, 400, 'Validation'],
    ['no max_tokens', `/model/${SONNET}/invoke`, BODY, null, 400, 'Validation'],
    ['unknown model', '/model/anthropic.nothing/converse', BODY, null, 400, 'Validation'],
    [
      'unknown ARN',
      '/model/arn:aws:bedrock:us-east-1::foundation-model/x/converse',
      BODY,
      null,
      404,
      'ResourceNotFound',
    ],
    ['embedding by Converse', '/model/amazon.titan-embed-text-v2:0/converse', BODY, null, 400, ''],
  ])('[S9] %s is refused in Bedrock’s shape', async (_, path, body, headers, status, type) => {
    const response = await post(path, body, headers ?? undefined)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    const name = response.headers.get('x-amzn-errortype')?.split(':')[0]
    expect(name).toMatch(new RegExp(`^${type}.*Exception$`))
    expect(await response.json()).toEqual({ message: expect.any(String) })
    expect(simulator.calls()).toMatchObject([{ status, error_type: name, cost_usd: null }])
  })

  it.each([
    ['blank text', { messages: [{ role: 'user', content: [{ text: ' ' }] }] }],
    ['assistant first', { messages: [{ role: 'assistant', content: [{ text: 'a' }] }] }],
    ['unknown block', { messages: [{ role: 'user', content: [{ txt: 'a' }] }] }],
    ['two kinds in a block', { messages: [{ role: 'user', content: [{ text: 'a', image: {} }] }] }],
    ['too many tokens', { inferenceConfig: { maxTokens: 1_000_000 } }],
    ['no tokens', { inferenceConfig: { maxTokens: 0 } }],
    ['a fraction of a token', { inferenceConfig: { maxTokens: 1.5 } }],
    ['bad metadata', { requestMetadata: { team: '{}' } }],
    ['no metadata entry', { requestMetadata: {} }],
    ['unknown tier', { serviceTier: { type: 'gold' } }],
    ['latency it lacks', { performanceConfig: { latency: 'optimized' } }],
    ['a forced tool that is not there', forcedTool()],
  ])('[S9][S12][S13] Converse refuses %s', async (_, change) => {
    const body = JSON.stringify({ messages: MESSAGES, ...change })
    const response = await post(`/model/${SONNET}/converse`, body)
    expect(response.status).toBe(400)
    expect(response.headers.get('x-amzn-errortype')).toMatch(/^ValidationException:/)
  })

  it('[S9] refuses a body beyond its limit with 413', async () => {
    const response = await post(`/model/${SONNET}/converse`, 'x'.repeat(32 * 1_024 * 1_024 + 1))
    expect(response.status).toBe(413)
    expect(response.headers.get('x-amzn-errortype')).toMatch(/^ValidationException:/)
  })

  it('[S2] closes at once, whatever is still waiting', async () => {
    const brief = await startSimulator()
    const waiting = fetch(`${brief.url}/model/${SONNET}/converse`, {
      method: 'POST',
      body: BODY,
      headers: { authorization: 'Bearer k', 'x-simulator-fault': 'timeout' },
    })
    const outcome = waiting.catch((problem: unknown) => problem)
    await expect.poll(() => brief.calls().length).toBe(1)
    await brief.close()
    expect(await outcome).toBeInstanceOf(Error)
    await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  it('[S10] serves its records over HTTP, page by page, and forgets them on request', async () => {
    for (let call = 0; call < 3; call++) await post(`/model/${SONNET}/converse`)
    const get = async (query: string): Promise<unknown> => {
      const response = await fetch(`${simulator.url}/_simulator/calls${query}`)
      expect(response.status).toBe(200)
      return response.json()
    }
    expect(await get('')).toEqual({ items: simulator.calls(), next_after: null })
    expect(await get('?limit=2')).toMatchObject({
      items: [{ ordinal: 1 }, { ordinal: 2 }],
      next_after: 2,
    })
    expect(await get('?after=2&limit=2')).toMatchObject({ items: [{ ordinal: 3 }] })
    expect((await fetch(`${simulator.url}/_simulator/calls?limit=x`)).status).toBe(400)
    const removed = await fetch(`${simulator.url}/_simulator/calls`, { method: 'DELETE' })
    expect(removed.status).toBe(204)
    expect(await get('')).toEqual({ items: [], next_after: null })
    const health = await fetch(`${simulator.url}/_simulator/health`)
    expect(await health.json()).toEqual({ status: 'ok', seed: 3, calls_served: 3 })
    expect((await fetch(`${simulator.url}/_simulator/what`)).status).toBe(404)
  })

  it('[S4] answers what is no route of Bedrock with 404, not as a call', async () => {
    for (const path of ['/v1/messages', `/model/${SONNET}/count`]) {
      const response = await post(path)
      expect(response.status).toBe(404)
      expect(response.headers.get('x-amzn-errortype')).toMatch(/^UnknownOperationException/)
    }
    expect(simulator.calls()).toEqual([])
  })
})

function forcedTool(): object {
  const toolSpec = { name: 'a', inputSchema: { json: { type: 'object' } } }
  return { toolConfig: { tools: [{ toolSpec }], toolChoice: { tool: { name: 'b' } } } }
}

async function run(seed: number): Promise<readonly [unknown, readonly string[]]> {
  const fixed = await startSimulator({ seed, clock: { now: () => Date.UTC(2026, 9, 1) } })
  const bodies: string[] = []
  for (const path of ['converse', 'converse-stream']) {
    for (const text of ['one', 'two']) {
      const response = await fetch(`${fixed.url}/model/${SONNET}/${path}`, {
        method: 'POST',
        headers: { authorization: 'Bearer k' },
        body: JSON.stringify({ messages: [{ role: 'user', content: [{ text }] }] }),
      })
      bodies.push(Buffer.from(await response.arrayBuffer()).toString('hex'))
    }
  }
  const calls = fixed.calls()
  await fixed.close()
  return [calls, bodies]
}

describe('determinism', () => {
  it('[S1] one seed and clock give the same bytes and records; another seed does not', async () => {
    const [calls, bodies] = await run(1)
    expect(await run(1)).toEqual([calls, bodies])
    expect((await run(2))[1]).not.toEqual(bodies)
  })

  it('[S1] request metadata and field order change nothing in the answer', async () => {
    const plain = await (await post(`/model/${SONNET}/converse`)).json()
    const reordered = JSON.stringify({
      requestMetadata: { team: 'search' },
      messages: [{ content: [{ text: 'Hello' }], role: 'user' }],
    })
    expect(await (await post(`/model/${SONNET}/converse`, reordered)).json()).toEqual(plain)
  })
})
