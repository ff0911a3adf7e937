// Server-sent events byte by byte, and signatures on the routes whose own clients send keys.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'

import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './simulator.ts'
import { BEARER_KEY, CREDENTIAL } from './testing/aws-clients.ts'
import { Sha256 } from './testing/aws-hash.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({ credentials: [CREDENTIAL], bearerKeys: [BEARER_KEY], seed: 3 })
})
afterAll(() => simulator.close())
beforeEach(() => simulator.reset())

const CHAT = {
  model: 'openai.gpt-oss-20b-1:0',
  messages: [{ role: 'user', content: 'Hello' }],
  stream: true,
}
const MESSAGE = {
  model: 'anthropic.claude-sonnet-4-6',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
  stream: true,
}

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${BEARER_KEY}`,
      'anthropic-version': '2023-06-01',
      ...headers,
    },
  })
}

async function eventsOf(response: Response): Promise<readonly string[]> {
  const text = await response.text()
  expect(text.endsWith('\n\n')).toBe(true)
  return text.slice(0, -2).split('\n\n')
}

describe('server-sent events', () => {
  it('[S15] chat has no names and ends with [DONE]', async () => {
    const response = await post('/openai/v1/chat/completions', CHAT)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('x-amzn-requestid')).toBe(simulator.calls()[0]?.request_id)
    const events = await eventsOf(response)
    expect(events.at(-1)).toBe('data: [DONE]')
    for (const event of events.slice(0, -1)) {
      expect(event).toMatch(/^data: \{"id":"chatcmpl-/)
      expect(event).not.toContain('"usage"')
    }
  })

  it('[S20] messages and [S17] responses name every event as its payload does', async () => {
    const input = { model: CHAT.model, input: 'Hello', stream: true }
    for (const response of [
      await post('/anthropic/v1/messages', MESSAGE),
      await post('/openai/v1/responses', input),
    ]) {
      for (const event of await eventsOf(response)) {
        const [, name, payload = ''] = /^event: (\S+)\ndata: (.+)$/.exec(event) ?? []
        expect(JSON.parse(payload)).toMatchObject({ type: name })
        expect(payload).not.toContain('amazon-bedrock-invocationMetrics')
      }
    }
  })

  it('[S11] messages without metadata keep what went in and lose what came out', async () => {
    const lost = { 'x-simulator-fault': 'no_metadata' }
    const events = await eventsOf(await post('/anthropic/v1/messages', MESSAGE, lost))
    expect(events[0]).toContain('"usage":{"input_tokens"')
    const delta = events.find((event) => event.startsWith('event: message_delta'))
    expect(delta).not.toContain('usage')
    expect(simulator.calls()[0]?.usage?.output).toBeGreaterThan(0)
  })

  it.each([
    ['/openai/v1/chat/completions', CHAT, /^data: \{"error":\{"message":/],
    ['/anthropic/v1/messages', MESSAGE, /^event: error\ndata: \{"type":"error","request_id":/],
    [
      '/openai/v1/responses',
      { model: CHAT.model, input: 'Hello', stream: true },
      /^event: error\ndata: \{"type":"error".+"sequence_number":2\}$/,
    ],
  ])('[S19] an error inside %s ends the stream in its own shape', async (path, body, form) => {
    const events = await eventsOf(
      await post(path, body, { 'x-simulator-fault': 'mid_stream_exception@2' }),
    )
    expect(events).toHaveLength(3)
    expect(events[2]).toMatch(form)
    expect(simulator.calls()[0]).toMatchObject({
      completed: false,
      error_type: 'ModelStreamErrorException',
    })
  })
})

/** What arrived until the connection broke. */
async function brokenText(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  } catch {
    return text
  }
  throw new Error('the stream did not break')
}

describe('a stream that breaks off', () => {
  const ROUTES = [
    ['/openai/v1/chat/completions', CHAT, /"content":"([^"]+)"/g],
    ['/anthropic/v1/messages', MESSAGE, /"text_delta","text":"([^"]+)"/g],
    [
      '/openai/v1/responses',
      { model: CHAT.model, input: 'Hello', stream: true },
      /"delta":"([^"]+)"/g,
    ],
  ] as const

  it.each(ROUTES)('[S9] %s bills the words that were handed over', async (path, body, form) => {
    for (const frame of [1, 5, 7, 9]) {
      simulator.reset()
      const text = await brokenText(await post(path, body, { 'x-simulator-fault': `cut@${frame}` }))
      const words = [...text.matchAll(form)].map(([, piece]) => piece).join('')
      const [call] = simulator.calls()
      expect(call).toMatchObject({ completed: false, response_bytes: Buffer.byteLength(text) })
      expect(call?.usage?.output).toBe(words.split(' ').filter((word) => word !== '').length)
      expect(call?.usage?.input).toBeGreaterThan(0)
    }
  })

  it('[S1] one seed and one clock give the same bytes on these routes too', async () => {
    const run = async (): Promise<readonly string[]> => {
      const clock = { now: () => Date.UTC(2026, 9, 14) }
      const one = await startSimulator({ seed: 9, clock })
      const texts: string[] = []
      for (const [path, body] of ROUTES) {
        const headers = { authorization: 'Bearer any', 'anthropic-version': '2023-06-01' }
        const request = { method: 'POST', body: JSON.stringify(body), headers }
        texts.push(await (await fetch(`${one.url}${path}`, request)).text())
      }
      await one.close()
      return texts
    }
    expect(await run()).toEqual(await run())
  })
})

async function signedPost(path: string, body: object, service: string): Promise<Response> {
  const signer = new SignatureV4({
    credentials: CREDENTIAL,
    region: 'us-east-1',
    service,
    sha256: Sha256,
  })
  const { host, hostname } = new URL(simulator.url)
  const text = JSON.stringify(body)
  const headers = { host, 'anthropic-version': '2023-06-01' }
  const request = { method: 'POST', protocol: 'http:', hostname, path, headers, body: text }
  const signed = await signer.sign(request)
  const { host: _, ...sent } = signed.headers
  return fetch(`${simulator.url}${path}`, { method: 'POST', body: text, headers: sent })
}

describe('signatures', () => {
  it.each([
    ['/openai/v1/chat/completions', CHAT, 'bedrock', 'bedrock-mantle'],
    ['/anthropic/v1/messages', MESSAGE, 'bedrock', 'bedrock-mantle'],
    ['/mantle/v1/chat/completions', CHAT, 'bedrock-mantle', 'bedrock'],
    ['/mantle/anthropic/v1/messages', MESSAGE, 'bedrock-mantle', 'bedrock'],
  ])('[S18] %s wants the name of its own service', async (path, body, right, wrong) => {
    expect((await signedPost(path, body, right)).status).toBe(200)
    expect((await signedPost(path, body, wrong)).status).toBe(401)
    expect(simulator.calls().map((call) => [call.auth, call.status])).toEqual([
      ['sigv4', 200],
      ['none', 401],
    ])
  })
})

describe('a signed GetCallerIdentity', () => {
  const QUERY = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  const HOST = 'sts.us-east-1.amazonaws.com'

  function signer(): SignatureV4 {
    return new SignatureV4({
      credentials: CREDENTIAL,
      region: 'us-east-1',
      service: 'sts',
      sha256: Sha256,
    })
  }

  async function identity(query: string, headers: Record<string, string>): Promise<string> {
    // `fetch` sets the host itself; HTTP/2 lets a test say it.
    const session = connectHttp2(simulator.url)
    try {
      const stream = session.request({
        ':method': 'GET',
        ':path': `/sts/?${query}`,
        ':authority': HOST,
        ...headers,
      })
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return text
    } finally {
      session.close()
    }
  }

  const REQUEST = {
    method: 'GET',
    protocol: 'https:',
    hostname: HOST,
    path: '/',
    query: QUERY,
    headers: { host: HOST, 'x-ledgerock-gateway': 'https://gateway.example' },
  }

  it('[S24] holds where STS stands at the root of its host, signed in headers', async () => {
    const { headers } = await signer().sign(REQUEST)
    const { host: _, ...sent } = headers
    const query = new URLSearchParams(QUERY).toString()
    expect(await identity(query, sent)).toContain(`:user/${CREDENTIAL.accessKeyId}</Arn>`)
    const changed = { ...sent, 'x-ledgerock-gateway': 'https://another.example' }
    expect(await identity(query, changed)).toContain('SignatureDoesNotMatch')
  })

  it('[S24] holds as a presigned address, until it expires', async () => {
    const presigned = await signer().presign(REQUEST, { expiresIn: 600 })
    const query = Object.entries(presigned.query ?? {})
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&')
    const headers = { 'x-ledgerock-gateway': 'https://gateway.example' }
    expect(await identity(query, headers)).toContain('<Account>123456789012</Account>')
    expect(await identity(query, {})).toContain('SignatureDoesNotMatch')
    const old = await signer().presign(REQUEST, {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    })
    const stale = Object.entries(old.query ?? {})
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&')
    expect(await identity(stale, headers)).toContain('expired')
  })
})

describe('TLS', () => {
  it('[S2] serves both protocols by ALPN on one port', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'simulator-tls-'))
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const request =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 ' +
      '-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout'
    execFileSync('openssl', [...request.split(' '), keyFile, '-out', certFile], { stdio: 'ignore' })
    const cert = readFileSync(certFile, 'utf8')
    const secure = await startSimulator({ tls: { cert, key: readFileSync(keyFile, 'utf8') } })
    rmSync(directory, { recursive: true })
    try {
      expect(secure.url).toMatch(/^https:/)
      const path = '/model/anthropic.claude-sonnet-4-6/converse'
      const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] })
      const session = connectHttp2(secure.url, { ca: cert })
      const headers = { ':method': 'POST', ':path': path, authorization: 'Bearer a' }
      const stream = session.request(headers)
      stream.end(body)
      let answer = ''
      for await (const chunk of stream) answer += String(chunk)
      session.close()
      expect(answer).toContain('"usage"')
      const old = await new Promise<string>((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port: secure.port,
          ca: cert,
          ALPNProtocols: ['http/1.1'],
        }
        const socket = connectTls(options, () => {
          socket.write(
            `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\nconnection: close\r\n` +
              `content-length: ${body.length}\r\n\r\n${body}`,
          )
        })
        let text = ''
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
        socket.on('end', () => resolve(text))
        socket.on('error', reject)
      })
      expect(old).toMatch(/^HTTP\/1.1 200/)
      expect(secure.calls().map((call) => call.protocol)).toEqual(['h2', 'http/1.1'])
    } finally {
      await secure.close()
    }
  })
})
