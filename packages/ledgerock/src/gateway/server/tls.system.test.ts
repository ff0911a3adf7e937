import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { generate } from 'selfsigned'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../platform/logging.ts'
import { readAll, startListener, type RunningListener } from '../testing/running-listener.ts'
import { createTlsContext, type TlsContext } from './tls.ts'

let directory: string
let running: RunningListener
let context: TlsContext
const files = (): { certFile: string; keyFile: string } => ({
  certFile: join(directory, 'cert.pem'),
  keyFile: join(directory, 'key.pem'),
})

async function writePair(name: string): Promise<void> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }])
  writeFileSync(files().keyFile, key)
  writeFileSync(files().certFile, cert)
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-tls-'))
  await writePair('first')
  context = createTlsContext(files(), createLogger('test', 'silent'), { lookEveryMs: 20 })
  running = await startListener({ tls: context, limits: { headerTimeoutMs: 1_000 } })
})
afterEach(async () => {
  await running.close()
  rmSync(directory, { recursive: true })
})

const TRUSTING = { rejectUnauthorized: false } as const

async function handshake(alpn: readonly string[]): Promise<TLSSocket> {
  const socket = connectTls({
    port: running.port,
    ...TRUSTING,
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
  })
  await once(socket, 'secureConnect')
  return socket
}

async function overHttp2(session: ClientHttp2Session, body: string): Promise<string> {
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.end(body)
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

function overHttp1(body: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: running.port, method: 'POST', agent, ...TRUSTING }
    const asked = httpsRequest(options, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve(text))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const nameOf = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN

describe('a TLS port', () => {
  it('[Y20] speaks what ALPN agrees on, HTTP/1.1 where nothing was offered, and nothing else', async () => {
    for (const [offered, agreed] of [
      [['h2', 'http/1.1'], 'h2'],
      [['http/1.1'], 'http/1.1'],
      [[], false],
    ] as const) {
      const socket = await handshake(offered)
      expect(socket.alpnProtocol).toBe(agreed)
      socket.destroy()
    }
    const refused = connectTls({ port: running.port, ALPNProtocols: ['spdy/3'], ...TRUSTING })
    const [error] = (await once(refused, 'error')) as [Error & { code: string }]
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
  })

  it('[Y20] carries large bodies over both protocols, and knows who is connected', async () => {
    const large = 'x'.repeat(3_000_000)
    const session = connectHttp2(`https://127.0.0.1:${running.port}`, TRUSTING)
    expect(await overHttp2(session, large)).toBe(large)
    const agent = new Agent({ keepAlive: true })
    expect(await overHttp1(large, agent)).toBe(large)
    expect(await overHttp1('again', agent)).toBe('again')
    expect(running.listener.connections()).toBe(2)
    session.close()
    agent.destroy()
    await once(session, 'close')
    while (running.listener.connections() > 0) await new Promise((done) => setImmediate(done))
  })

  it('[Y20] is understood by curl, by HTTP/2 and HTTP/1.1', async () => {
    const curl = promisify(execFile)
    for (const [flag, version] of [
      ['--http2', '2.0'],
      ['--http1.1', '1.1'],
    ] as const) {
      const url = `https://127.0.0.1:${running.port}/`
      const { stdout } = await curl('curl', ['-sSki', flag, '-d', 'hello', url])
      expect(stdout).toContain(`x-http: ${version}`)
      expect(stdout).toContain('hello')
    }
  })

  it('[Y20] changes its certificate for new connections and keeps the open ones', async () => {
    const session = connectHttp2(`https://127.0.0.1:${running.port}`, TRUSTING)
    expect(await overHttp2(session, 'before')).toBe('before')
    const changed = new Promise<void>((resolve) => context.onChange(() => resolve()))
    await writePair('second')
    await changed
    const socket = await handshake(['h2'])
    expect(nameOf(socket)).toBe('second')
    expect(await overHttp2(session, 'after')).toBe('after')
    expect(nameOf(session.socket as TLSSocket)).toBe('first')
    socket.destroy()
    session.close()
  })

  it('[Y20] ends what speaks no TLS, or does not finish its handshake', async () => {
    const plain = connectPlain(running.port, '127.0.0.1')
    plain.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    // A TLS alert, and no answer.
    expect(await readAll(plain)).not.toContain('HTTP')
    for (const opening of ['', '\x16\x03\x01']) {
      const silent = connectPlain(running.port, '127.0.0.1')
      silent.write(opening, 'latin1')
      await readAll(silent)
    }
    const { cut } = running.listener.status()
    expect(cut.tls_handshake + cut.silent).toBe(3)
  })

  it('[Y24] drains: an open handshake ends, a live stream does not', async () => {
    const waiting = connectPlain(running.port, '127.0.0.1')
    const ended = readAll(waiting)
    const session = connectHttp2(`https://127.0.0.1:${running.port}`, TRUSTING)
    const stream = session.request({ ':method': 'POST', ':path': '/' })
    stream.write('one ')
    await once(session, 'remoteSettings')
    while (running.listener.connections() < 2) await new Promise((done) => setImmediate(done))
    const goaway = once(session, 'goaway')
    const drained = running.listener.drain()
    await goaway
    await ended
    stream.end('two')
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    expect(text).toBe('one two')
    await drained
  })
})
