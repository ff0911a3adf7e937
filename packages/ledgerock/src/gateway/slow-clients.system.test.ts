import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createBodyReader,
  discardBody,
  type BodyReader,
  type ReadBody,
} from './server/read-body.ts'
import {
  echo,
  exchangeRaw,
  readAll,
  startListener,
  type RunningListener,
} from './testing/running-listener.ts'
import type { GatewayResponse } from './server/gateway-request.ts'

const PATIENCE_MS = 400
let running: RunningListener
let bodies: BodyReader
let told: ReadBody['kind'][] = []

/** A gateway that reads its bodies as the real one does, and answers with their length. */
async function start(bodyBytesMax = 100_000): Promise<void> {
  told = []
  bodies = createBodyReader({
    bodyBytesMax,
    heldBytesMax: 10_000_000,
    bodyTimeoutMs: PATIENCE_MS,
  })
  running = await startListener({
    handler(request, response) {
      const declared = Number(request.headers['content-length'] ?? 0)
      bodies.read(request, declared, (body) => {
        told.push(body.kind)
        if (body.kind === 'client_gone') return
        const status = body.kind === 'whole' ? 200 : 413
        response.writeHead(status, {})
        response.end(body.kind === 'whole' ? String(body.bytes.length) : '')
      })
    },
  })
}

afterEach(() => running.close())

const HEAD = 'POST / HTTP/1.1\r\nhost: x\r\n'

describe('a client that is slow to send', () => {
  it('[Y21] is cut over HTTP/1.1 where no byte of its body comes', async () => {
    await start()
    expect(await exchangeRaw(running.port, `${HEAD}content-length: 10\r\n\r\nhalf`)).toBe('')
    expect([told, bodies.timedOut(), bodies.heldBytes()]).toEqual([['client_gone'], 1, 0])
  })

  it('[Y21] has its stream cut over HTTP/2, and the other streams go on', async () => {
    await start()
    const session = connectHttp2(`http://127.0.0.1:${running.port}`)
    const slow = session.request({ ':method': 'POST', ':path': '/' })
    slow.on('error', () => undefined)
    slow.write('half')
    await once(slow, 'close')
    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL)
    const other = session.request({ ':method': 'POST', ':path': '/' })
    other.end('whole')
    let text = ''
    for await (const chunk of other) text += String(chunk)
    expect([text, told]).toEqual(['5', ['client_gone', 'whole']])
    session.close()
  })

  it('[Y21] is served, however long it takes, as long as bytes keep coming', async () => {
    await start()
    const socket = connect(running.port, '127.0.0.1')
    const answer = readAll(socket)
    socket.write(`${HEAD}connection: close\r\ncontent-length: 12\r\n\r\n`)
    for (let byte = 0; byte < 12; byte += 1) {
      await wait(PATIENCE_MS / 8)
      socket.write('x')
    }
    expect(await answer).toMatch(/200 OK[\s\S]*12/)
  })
})

describe('a client that was refused', () => {
  it('[Y21] gets to its answer though it goes on sending what is too large', async () => {
    await start(1_000)
    const answer = await exchangeRaw(
      running.port,
      `${HEAD}connection: close\r\ncontent-length: 5000000\r\n\r\n${'x'.repeat(5_000_000)}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(told).toEqual(['too_large'])
  })

  it('[Y2] is cut where it never stops', async () => {
    let sent = 0
    running = await startListener({
      handler(request, response) {
        response.writeHead(403, {})
        response.end()
        discardBody(request)
      },
    })
    const socket = connect(running.port, '127.0.0.1')
    const answer = readAll(socket)
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    while (!socket.destroyed && sent < 4_000) {
      sent += 1
      if (socket.write(chunk)) continue
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), answer])
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(sent).toBeLessThan(4_000)
  })
})

describe('a client that is slow to take', () => {
  const large = Buffer.alloc(64 * 1024 * 1024)
  const closed: string[] = []
  const flood = (_request: unknown, response: GatewayResponse): void => {
    response.writeHead(200, {})
    response.on('close', () => closed.push('closed'))
    response.write(large)
  }

  it('[Y21] is cut over HTTP/1.1', async () => {
    running = await startListener({ limits: { bodyTimeoutMs: PATIENCE_MS }, handler: flood })
    const socket = connect(running.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`${HEAD}content-length: 0\r\n\r\n`)
    while (closed.length === 0) await wait(5)
    expect(running.listener.status().cut.stalled_answer).toBe(1)
    socket.destroy()
  })

  it('[Y21] loses its stream over HTTP/2, not its connection', async () => {
    closed.length = 0
    running = await startListener({
      limits: { bodyTimeoutMs: PATIENCE_MS },
      handler: (request, response) =>
        request.url === '/large' ? flood(request, response) : echo(request, response),
    })
    const session = connectHttp2(`http://127.0.0.1:${running.port}`)
    const stalled = session.request({ ':method': 'POST', ':path': '/large' })
    stalled.on('error', () => undefined)
    stalled.end()
    while (closed.length === 0) await wait(5)
    const other = session.request({ ':method': 'POST', ':path': '/' })
    other.end('still here')
    let text = ''
    for await (const chunk of other) text += String(chunk)
    expect(text).toBe('still here')
    expect(running.listener.status().cut.stalled_answer).toBe(1)
    session.destroy()
  })

  it('[Y21] is not taken for one where it is the model that thinks', async () => {
    running = await startListener({
      limits: { bodyTimeoutMs: 40 },
      handler(request, response) {
        request.resume()
        response.writeHead(200, {})
        response.write(Buffer.from('thinking '))
        setTimeout(() => response.end('done'), 400)
      },
    })
    const answer = await exchangeRaw(running.port, `${HEAD}connection: close\r\n\r\n`)
    expect(answer).toContain('thinking')
    expect(answer).toContain('done')
  })
})

describe('a client that half-closes', () => {
  it('[Y8] has left: its call hears of it and its connection ends', async () => {
    const heard: string[] = []
    running = await startListener({
      handler(request, response) {
        request.resume()
        response.on('close', () => heard.push('close'))
      },
    })
    const socket = connect({ port: running.port, host: '127.0.0.1', allowHalfOpen: true })
    const answer = readAll(socket)
    socket.end(`${HEAD}content-length: 2\r\n\r\nhi`)
    while (heard.length === 0) await wait(2)
    expect(await answer).toBe('')
    expect(running.listener.connections()).toBe(0)
  })
})

describe('a client that asks before it sends', () => {
  it('[Y28] is told to go on when its body is wanted, over both protocols', async () => {
    await start(50_000_000)
    const url = `http://127.0.0.1:${running.port}/`
    for (const flag of ['--http1.1', '--http2-prior-knowledge']) {
      const body = 'x'.repeat(2_000_000)
      const asked = execFile('curl', ['-sSv', flag, '-H', 'Expect: 100-continue', '-d', '@-', url])
      asked.stdin?.end(body)
      let [out, log] = ['', '']
      asked.stdout?.on('data', (chunk: string) => (out += chunk))
      asked.stderr?.on('data', (chunk: string) => (log += chunk))
      await once(asked, 'close')
      expect(out).toBe(String(body.length))
      expect(log).toMatch(/HTTP\/(1\.1|2) 100/)
    }
  })

  it('[Y28] is told no before it has sent anything, and its connection ends with that', async () => {
    await start(1_000)
    const url = `http://127.0.0.1:${running.port}/`
    const run = promisify(execFile)
    const data = 'x'.repeat(90_000)
    const options = ['-sSv', '--http1.1', '-H', 'Expect: 100-continue', '-d', data, url]
    const { stderr } = await run('curl', options)
    expect(stderr).toContain('HTTP/1.1 413')
    expect(stderr.toLowerCase()).toContain('connection: close')
    expect(stderr).not.toContain('100 Continue')
  })

  it('[Y28] never has the bytes of its unsent body taken for a request', async () => {
    await start(1_000)
    const smuggled = 'POST /hidden HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'
    const head = `${HEAD}content-length: 5000\r\nexpect: 100-continue\r\n\r\n`
    const answer = await exchangeRaw(running.port, head + smuggled)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(told).toEqual(['too_large'])
  })

  it('[Y28] is served whatever else it expects', async () => {
    await start()
    const head = `${HEAD}connection: close\r\nexpect: a-miracle\r\ncontent-length: 2\r\n\r\nhi`
    expect(await exchangeRaw(running.port, head)).toMatch(/^HTTP\/1\.1 200 /)
  })
})
