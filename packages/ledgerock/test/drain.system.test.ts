// An orderly end of the whole system while calls run, and its port with TLS: every stream that began is finished, the system ends
// with 0, and the books are complete; a renewed certificate is served without any of that.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectHttp2, type ClientHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  connect as connectTls,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
} from 'node:tls'
import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bedrockClient } from './support/clients.ts'
import { allCalls, orNull } from './support/ledger-api.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const STREAM = `/model/${CLAUDE}/converse-stream`
const CONTENT = [{ text: 'Hello there.' }]
const BODY = JSON.stringify({ messages: [{ role: 'user', content: CONTENT }] })
const ASK = { modelId: CLAUDE, messages: [{ role: 'user' as const, content: CONTENT }] }
/** Streams long enough to be under way for a while. */
const SLOW = {
  outputTokens: { min: 40, max: 40 },
  faults: { slow: { probability: 1, delayMs: 25 } },
} as const

let system: RunningSystem

type Taken = { readonly requestId: string; readonly sha256: Promise<string> }

/** The id of an answer that has begun, with bytes already here, and the hash of all of it. */
async function taken(body: Readable, requestId: unknown): Promise<Taken> {
  const hash = createHash('sha256')
  const begun = Promise.withResolvers<void>()
  const sha256 = (async () => {
    for await (const chunk of body) {
      hash.update(chunk as Buffer)
      begun.resolve()
    }
    return hash.digest('hex')
  })()
  sha256.catch(begun.reject)
  await begun.promise
  return { requestId: String(requestId), sha256 }
}

async function beginHttp1(key: string): Promise<Taken> {
  const asked = httpRequest(`${system.gatewayUrl}${STREAM}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-length': BODY.length },
  })
  asked.end(BODY)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return taken(response, response.headers['x-amzn-requestid'])
}

async function beginHttp2(stream: ClientHttp2Stream): Promise<Taken> {
  stream.end(BODY)
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  return taken(stream, headers['x-amzn-requestid'])
}

describe('SIGTERM while streams run', () => {
  beforeAll(async () => {
    system = await startSystem({ workers: 2, simulator: SLOW })
  })
  afterAll(() => system.dispose())

  it('[Y3] [Y24] lets all of them finish, ends with 0, and every call is in the books', async () => {
    const key = await system.createKey('drained', { team: 'search' })
    const session = connectHttp2(system.gatewayUrl)
    const goaway = once(session, 'goaway')
    const open = () =>
      session.request({ ':method': 'POST', ':path': STREAM, authorization: `Bearer ${key}` })
    const begun = await Promise.all([
      ...Array.from({ length: 4 }, () => beginHttp1(key)),
      ...Array.from({ length: 4 }, () => beginHttp2(open())),
    ])
    const client = bedrockClient(system.gatewayUrl, key)
    const { stream } = await client.send(new ConverseStreamCommand(ASK))
    const ended = system.end('SIGTERM')
    const [code, lastStream] = (await goaway) as [number, number]
    expect(code).toBe(0)
    expect(lastStream).toBeGreaterThanOrEqual(7)
    const events: string[] = []
    for await (const event of stream ?? []) events.push(...Object.keys(event))
    expect(events.at(-1)).toBe('metadata')
    const served = () => system.simulator.calls()
    for (const { requestId, sha256 } of begun) {
      const call = served().find((one) => one.request_id === requestId)
      expect(await sha256).toBe(call?.response_sha256)
    }
    expect(await ended).toBe(0)
    expect(served().map(({ completed }) => completed)).toEqual(Array(9).fill(true))
    client.destroy()

    system = await system.again()
    const rows = await eventually(async () => {
      const calls = await orNull(allCalls(system))
      return calls?.length === 9 ? calls : null
    }, 'nine rows')
    for (const call of served()) {
      expect(rows.find((row) => row.aws_request_id === call.request_id)).toMatchObject({
        status: 'ok',
        usage_source: 'response',
        output_tokens: call.usage?.output,
      })
    }
  })
})

describe('the port with TLS', () => {
  const trusted = getCACertificates('default')
  let dataDir: string
  let key: string

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'ledgerock-test-tls-'))
    await writePair('first')
    system = await startSystem({
      dataDir,
      workers: 2,
      simulator: SLOW,
      config: 'gateway: { tls: { cert: cert.pem, key: key.pem } }',
    })
    key = await system.createKey('over-tls', { team: 'search' })
  })
  afterEach(() => setDefaultCACertificates(trusted))
  afterAll(() => system.dispose())

  async function writePair(name: string): Promise<void> {
    const { cert, private: secret } = await generate([{ name: 'commonName', value: name }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    })
    writeFileSync(join(dataDir, 'key.pem'), secret)
    writeFileSync(join(dataDir, 'cert.pem'), cert)
    setDefaultCACertificates([...getCACertificates('default'), cert])
  }
  const countInLog = (event: string): number => system.log().split(event).length - 1

  /** The name a new connection is shown, and the protocol it agrees on. */
  async function shown(): Promise<readonly [name: unknown, protocol: string | false | null]> {
    const socket: TLSSocket = connectTls({
      port: Number(new URL(system.gatewayUrl).port),
      host: '127.0.0.1',
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: false,
    })
    await once(socket, 'secureConnect')
    const { CN } = socket.getPeerCertificate().subject
    socket.destroy()
    return [CN, socket.alpnProtocol]
  }

  it('[Y20] serves the AWS SDK with its own handler, and changes its certificate on SIGHUP', async () => {
    const reload = async (event: string): Promise<void> => {
      const before = countInLog(event)
      process.kill(system.pid, 'SIGHUP')
      // One line from each worker.
      await eventually(async () => (countInLog(event) >= before + 2 ? true : null), event)
    }
    // Also where nothing has changed: whoever asks is answered.
    await reload('tls_certificate_loaded')
    expect(system.gatewayUrl).toMatch(/^https:/)
    expect(await shown()).toEqual(['first', 'h2'])
    const client = bedrockClient(system.gatewayUrl, key)
    const answer = await client.send(new ConverseCommand(ASK))
    expect(answer.usage?.outputTokens).toBe(40)
    const { stream } = await client.send(new ConverseStreamCommand(ASK))
    // Read while it comes: Node's client takes a stream that ended before anybody read it for one that was cut.
    const events = namesOf(stream ?? [])

    await writePair('second')
    await reload('tls_certificate_loaded')
    expect([await shown(), await shown()]).toEqual([
      ['second', 'h2'],
      ['second', 'h2'],
    ])
    expect((await events).at(-1)).toBe('metadata')
    const other = bedrockClient(system.gatewayUrl, key)
    expect((await other.send(new ConverseCommand(ASK))).usage?.outputTokens).toBe(40)

    writeFileSync(join(dataDir, 'key.pem'), 'half a key')
    await reload('tls_certificate_not_loaded')
    expect(await shown()).toEqual(['second', 'h2'])
    for (const one of [client, other]) one.destroy()
  })

  it('[Y24] ends in order with a stream that runs', async () => {
    const session = connectHttp2(system.gatewayUrl, { rejectUnauthorized: false })
    const goaway = once(session, 'goaway')
    const { requestId, sha256 } = await beginHttp2(
      session.request({ ':method': 'POST', ':path': STREAM, authorization: `Bearer ${key}` }),
    )
    const ended = system.end('SIGTERM')
    await goaway
    const call = () => system.simulator.calls().find((one) => one.request_id === requestId)
    expect(await sha256).toBe(call()?.response_sha256)
    expect(await ended).toBe(0)
  })
})

async function namesOf(events: AsyncIterable<object> | readonly object[]): Promise<string[]> {
  const names: string[] = []
  for await (const event of events) names.push(...Object.keys(event))
  return names
}
