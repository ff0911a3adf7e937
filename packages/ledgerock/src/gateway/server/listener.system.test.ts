import { once } from 'node:events'
import { request } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ListenerLimits } from './listener-limits.ts'
import { startListener, type RunningListener } from '../testing/running-listener.ts'

let running: RunningListener | null = null

async function start(limits: Partial<ListenerLimits> = {}): Promise<RunningListener> {
  running = await startListener({ limits: { headerTimeoutMs: 1_000, ...limits } })
  return running
}

afterEach(() => running?.close())

function overHttp1(port: number, body: string): Promise<{ version: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, method: 'POST', agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ version: String(response.headers['x-http']), body: text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

async function overHttp2(port: number, body: string): Promise<{ version: string; body: string }> {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':method': 'POST', ':path': '/' })
  stream.end(body)
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  session.close()
  return { version: String(headers['x-http']), body: text }
}

describe('listener', () => {
  it('[Y1] speaks HTTP/1.1 and HTTP/2 with prior knowledge on one port', async () => {
    const { port } = await start()
    const large = 'x'.repeat(3_000_000)
    expect(await overHttp1(port, large)).toEqual({ version: '1.1', body: large })
    expect(await overHttp2(port, large)).toEqual({ version: '2.0', body: large })
  })

  it('[Y1] tells them apart however the first bytes are cut', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    for (const piece of [
      'P',
      'OST / HTTP/1.1\r\nhost: x\r\n',
      'content-length: 2\r\n\r\n',
      'h',
      'i',
    ]) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('HTTP/1.1 200')
    expect(answer.toString()).toContain('hi')
    socket.destroy()
  })

  it('[Y2] cuts a client that does not finish its headers', async () => {
    const { port } = await start({ headerTimeoutMs: 100 })
    for (const opening of ['', 'P', 'POST / HTTP/1.1\r\nhost: x\r\n', 'PRI * HT']) {
      const socket = connect(port, '127.0.0.1')
      socket.resume()
      socket.write(opening)
      await once(socket, 'close')
    }
  })

  it('[Y2] answers garbage with 400 and closes', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    socket.write('\x16\x03\x01 this is not HTTP\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /)
    await once(socket, 'close')
  })

  it('[Y2] refuses headers past its limit on both protocols, in the shape of Bedrock', async () => {
    const { port } = await start({ headerBytesMax: 4_096 })
    const large = 'h'.repeat(10_000)
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nx-large: ${large}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 431 /)
    expect(answer.toString()).toContain('x-amzn-errortype: ValidationException')
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const stream = session.request({ ':method': 'POST', ':path': '/', 'x-large': large })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(431)
    expect(headers['x-amzn-errortype']).toBe('ValidationException')
    stream.resume()
    session.close()
  })

  it('[Y2] writes nothing between the bytes of an answer when garbage follows the request', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi\x01\x02 garbage\r\n\r\n',
    )
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('error', () => undefined)
    await once(socket, 'close')
    expect(text).not.toContain('400 Bad Request\r\ncontent-type')
  })

  it('[Y2] ends an HTTP/2 connection that is idle, and not one whose call takes long', async () => {
    const held: { end: () => unknown }[] = []
    running = await startListener({
      limits: { idleTimeoutMs: 100 },
      handler: (_request, response) => held.push(response),
    })
    const session = connectHttp2(`http://127.0.0.1:${running.port}`)
    const ended: string[] = []
    session.on('goaway', () => ended.push('goaway'))
    const stream = session.request({ ':method': 'POST', ':path': '/' }).end()
    stream.resume()
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect([held.length, ended]).toEqual([1, []])
    const closed = once(session, 'close')
    held[0]?.end()
    await closed
  })

  it('[Y3] drains: idle connections close at once, on both protocols', async () => {
    const { port, listener } = await start()
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    await once(session, 'remoteSettings')
    const goaway = once(session, 'goaway')
    await listener.drain()
    await goaway
    expect(listener.connections()).toBe(0)
  })

  it('[Y2] refuses connections past its limit', async () => {
    const { port } = await start({ connectionsMax: 1 })
    const first = connect(port, '127.0.0.1')
    await once(first, 'connect')
    const second = connect(port, '127.0.0.1')
    second.resume()
    await once(second, 'close')
    first.destroy()
  })
})
