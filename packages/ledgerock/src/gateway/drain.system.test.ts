import { once } from 'node:events'
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { afterEach, describe, expect, it } from 'vitest'
import {
  FLAG,
  FRAME,
  frame,
  headerBlock,
  openRawSession,
  REQUEST_FIELDS,
} from './testing/http2-frames.ts'
import type { GatewayResponse } from './server/gateway-request.ts'
import { readAll, startListener, type RunningListener } from './testing/running-listener.ts'

let running: RunningListener
/** Answers that have begun and wait for the test to end them. */
const held: GatewayResponse[] = []

async function startHolding(): Promise<void> {
  held.length = 0
  running = await startListener({
    handler(message, response) {
      message.resume()
      held.push(response)
    },
  })
}

async function untilHeld(count: number): Promise<void> {
  while (held.length < count) await new Promise((resolve) => setImmediate(resolve))
}

function answer(response: GatewayResponse | undefined): void {
  response?.writeHead(200, {})
  response?.end('done')
}

afterEach(() => running.close())

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)
const event = (type: string, body: unknown): Buffer => {
  const text = (value: string): { type: 'string'; value: string } => ({ type: 'string', value })
  const headers = {
    ':message-type': text('event'),
    ':event-type': text(type),
    ':content-type': text('application/json'),
  }
  return Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(body)) }))
}

describe('draining', () => {
  it('[Y24] lets a stream of the AWS SDK finish, and then its connection ends', async () => {
    await startHolding()
    const client = new BedrockRuntimeClient({
      endpoint: `http://127.0.0.1:${running.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
    })
    const asked = client.send(new ConverseStreamCommand({ modelId: 'm', messages: [] }))
    await untilHeld(1)
    const [response] = held
    response?.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    response?.write(event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'one' } }))
    const { stream } = await asked
    const order: string[] = []
    const drained = running.listener.drain().then(() => order.push('drained'))
    const texts: (string | undefined)[] = []
    for await (const part of stream ?? []) {
      texts.push(part.contentBlockDelta?.delta?.text ?? part.messageStop?.stopReason)
      if (texts.length === 1) {
        response?.write(
          event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'two' } }),
        )
        order.push('last event')
        response?.write(event('messageStop', { stopReason: 'end_turn' }))
        response?.end()
      }
    }
    expect(texts).toEqual(['one', 'two', 'end_turn'])
    await drained
    expect(order).toEqual(['last event', 'drained'])
    client.destroy()
  })

  it('[Y24] says over HTTP/2 which stream is the last, and serves none after it', async () => {
    await startHolding()
    const session = openRawSession(running.port)
    const whole = FLAG.endHeaders | FLAG.endStream
    const ask = (stream: number): Buffer =>
      frame(FRAME.headers, whole, stream, headerBlock(REQUEST_FIELDS))
    session.send(ask(1), ask(3))
    await untilHeld(2)
    const drained = running.listener.drain()
    const { payload } = await session.frameOf(FRAME.goaway)
    expect([payload.readUInt32BE(0), payload.readUInt32BE(4)]).toEqual([3, 0])
    session.send(ask(5))
    for (const response of held) answer(response)
    expect((await session.frameOf(FRAME.headers)).stream).toBe(1)
    expect((await session.frameOf(FRAME.headers)).stream).toBe(3)
    await session.closed
    await drained
    expect(held).toHaveLength(2)
  })

  it('[Y24] lets a client know that a stream on its way may be sent again', async () => {
    await startHolding()
    const session = connectHttp2(`http://127.0.0.1:${running.port}`)
    const live = session.request({ ':method': 'POST', ':path': '/' }).end()
    await untilHeld(1)
    const drained = running.listener.drain()
    const late = session.request({ ':method': 'POST', ':path': '/' }).end()
    const [error] = (await once(late, 'error')) as [Error]
    // What the AWS SDK knows as safe to retry.
    expect(error.message).toContain('NGHTTP2_REFUSED_STREAM')
    answer(held[0])
    let text = ''
    for await (const chunk of live) text += String(chunk)
    expect([text, held.length]).toEqual(['done', 1])
    await drained
  })

  it('[Y24] ends each HTTP/1.1 connection with the answer it owes', async () => {
    await startHolding()
    const agent = new Agent({ keepAlive: true })
    const ask = (): ClientRequest => request({ port: running.port, method: 'POST', agent }).end()
    const first = ask()
    await untilHeld(1)
    const drained = running.listener.drain()
    const answered = once(first, 'response') as Promise<[IncomingMessage]>
    answer(held[0])
    const [response] = await answered
    expect(response.headers.connection).toBe('close')
    response.resume()
    await drained
    agent.destroy()
  })

  it('[Y24] serves nothing that stands behind the last answer of a connection', async () => {
    await startHolding()
    const socket = connect(running.port, '127.0.0.1')
    const text = readAll(socket)
    const ask = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'
    socket.write(ask)
    await untilHeld(1)
    const drained = running.listener.drain()
    socket.write(ask)
    await new Promise((resolve) => setTimeout(resolve, 50))
    answer(held[0])
    expect((await text).match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    expect(held).toHaveLength(1)
    await drained
  })

  it('[Y3] ends at once what has no call: idle, undecided, new', async () => {
    await startHolding()
    const agent = new Agent({ keepAlive: true })
    const idle = request({ port: running.port, method: 'POST', agent }).end()
    await untilHeld(1)
    const answered = once(idle, 'response') as Promise<[IncomingMessage]>
    answer(held[0])
    ;(await answered)[0].resume()
    const session = openRawSession(running.port)
    await session.frameOf(FRAME.settings)
    const undecided = readAll(connect(running.port, '127.0.0.1'))
    while (running.listener.connections() < 3) await new Promise((done) => setImmediate(done))
    await running.listener.drain()
    await Promise.all([session.closed, undecided])
    expect(await readAll(connect(running.port, '127.0.0.1'))).toBe('')
    agent.destroy()
  })
})
