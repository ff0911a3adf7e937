// A listener behind a real port, with a handler of the test's choice; sockets arrive paused, as they do from the supervisor.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createListener, type Listener } from '../server/listener.ts'
import type { ListenerLimits } from '../server/listener-limits.ts'
import type { GatewayRequest, GatewayResponse } from '../server/gateway-request.ts'
import type { TlsContext } from '../server/tls.ts'

export const TEST_LIMITS = {
  headerBytesMax: 32_768,
  headerTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  callTimeoutMs: 60_000,
  connectionsMax: 100,
} satisfies ListenerLimits

export type Handler = (request: GatewayRequest, response: GatewayResponse) => void

export type RunningListener = {
  readonly port: number
  readonly listener: Listener
  readonly close: () => Promise<void>
}

export async function startListener(
  options: {
    readonly limits?: Partial<ListenerLimits>
    readonly handler?: Handler
    readonly tls?: TlsContext
  } = {},
): Promise<RunningListener> {
  const limits = { ...TEST_LIMITS, ...options.limits }
  const listener = createListener(limits, options.handler ?? echo, options.tls ?? null)
  const server = createServer({ pauseOnConnect: true }, listener.accept)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    listener,
    async close() {
      server.close()
      options.tls?.stop()
      await listener.drain()
    },
  }
}

/** Answers with the body it got, and the protocol it came over. */
export const echo: Handler = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('error', () => undefined)
  request.on('end', () => {
    response.writeHead(200, { 'x-http': request.httpVersion })
    response.end(Buffer.concat(chunks))
  })
}

/** Everything a connection answers to `text` until it is closed by the other side. */
export async function exchangeRaw(port: number, text: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = readAll(socket)
  socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  return answer
}

/** What comes over a socket until it closes; a reset is an end like any other. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}
