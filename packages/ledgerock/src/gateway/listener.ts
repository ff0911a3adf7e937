// Turns accepted sockets into requests. One port speaks HTTP/1.1 and HTTP/2 with prior knowledge: the first bytes of a
// connection tell which (the HTTP/2 preface is no valid HTTP/1.1 request line), then the socket is handed, with those bytes
// put back, to the server that speaks it. The AWS SDK for JavaScript speaks only HTTP/2, most other clients only HTTP/1.1.

import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type ServerHttp2Session,
} from 'node:http2'
import type { Socket } from 'node:net'
import { bedrockError } from '../bedrock/error.ts'

export type GatewayRequest = IncomingMessage | Http2ServerRequest

/** What Node's HTTP/1.1 and HTTP/2 answers have in common; their own types do not say so. */
export type GatewayResponse = {
  readonly headersSent: boolean
  readonly writeHead: (status: number, headers: OutgoingHttpHeaders) => unknown
  readonly flushHeaders: () => void
  readonly write: (chunk: Buffer) => boolean
  readonly end: (chunk?: Buffer | string) => unknown
  readonly destroy: () => unknown
  readonly on: (event: 'close' | 'error' | 'drain' | 'finish', listener: () => void) => unknown
  /** HTTP/1.1 only. */
  readonly destroyed?: boolean
  /** HTTP/2 only. */
  readonly stream?:
    { readonly close: (code: number) => void; readonly destroyed: boolean } | undefined
}

type Handle = (request: GatewayRequest, response: GatewayResponse) => void

export type ListenerLimits = {
  readonly headerBytesMax: number
  readonly headerTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly callTimeoutMs: number
  readonly connectionsMax: number
}

export type Listener = {
  readonly accept: (socket: Socket) => void
  /** No new requests on any connection; resolves when the last one has ended. */
  readonly drain: () => Promise<void>
  readonly connections: () => number
}

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n')
const CONCURRENT_STREAMS_MAX = 1_000
/** The receive window of a stream and of a connection: bodies of a megabyte should not wait for round trips. */
const STREAM_WINDOW_BYTES = 1024 * 1024
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024
/** While draining, connections whose last answer has gone are closed this often. */
const DRAIN_SWEEP_MS = 50

export function createListener(limits: ListenerLimits, handle: Handle): Listener {
  const sockets = new Set<Socket>()
  /** Nothing has come over these yet that would tell their protocol. */
  const undecided = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  let draining = false
  const http1 = http1Server(limits, (request, response) => {
    if (draining) response.setHeader('connection', 'close')
    handle(request, response)
  })
  const http2 = http2Server(limits, handle, sessions)

  function accept(socket: Socket): void {
    if (draining || sockets.size >= limits.connectionsMax) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    undecided.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      undecided.delete(socket)
    })
    peek(socket, limits.headerTimeoutMs, (isHttp2) => {
      undecided.delete(socket)
      ;(isHttp2 ? http2 : http1).emit('connection', socket)
      // HTTP/2 has taken the bytes and the handle by itself; the HTTP/1.1 parser reads in flowing mode.
      if (!isHttp2) process.nextTick(() => socket.resume())
    })
  }

  async function drain(): Promise<void> {
    draining = true
    for (const session of sessions) session.close()
    for (const socket of undecided) socket.destroy()
    while (sockets.size > 0) {
      http1.closeIdleConnections()
      await new Promise((resolve) => setTimeout(resolve, sockets.size === 0 ? 0 : DRAIN_SWEEP_MS))
    }
  }

  return { accept, drain, connections: () => sockets.size }
}

function http1Server(
  limits: ListenerLimits,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  /** Sockets with a call under way: nothing of ours may be written between the bytes of its answer. */
  const busy = new WeakSet<object>()
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    busy.add(socket)
    response.on('close', () => busy.delete(socket))
    handle(request, response)
  }
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headerTimeoutMs,
      // How long a request may take to arrive; Node insists that it is no less than its head may take.
      requestTimeout: Math.max(limits.callTimeoutMs, limits.headerTimeoutMs),
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
    },
    serve,
  )
  // An expectation we do not know is no reason to refuse a call.
  server.on('checkExpectation', serve)
  // The server never listens itself; this starts its enforcement of header and request time-outs.
  server.emit('listening')
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable && !busy.has(socket)) socket.end(rawError(error.code))
    else socket.destroy()
  })
  return server
}

/** An answer to what is no request that could be answered: in the shape of Bedrock, by hand. */
function rawError(code: string | undefined): string {
  const [status, message] =
    code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request headers are too large.']
      : ['400 Bad Request', 'The request is not valid HTTP.']
  const body = JSON.stringify({ message })
  return (
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n` +
    `x-amzn-errortype: ValidationException\r\ncontent-length: ${body.length}\r\n` +
    `connection: close\r\n\r\n${body}`
  )
}

function http2Server(
  limits: ListenerLimits,
  handle: Handle,
  sessions: Set<ServerHttp2Session>,
): Http2Server {
  const server = createHttp2Server(
    {
      settings: {
        maxConcurrentStreams: CONCURRENT_STREAMS_MAX,
        maxHeaderListSize: limits.headerBytesMax,
        initialWindowSize: STREAM_WINDOW_BYTES,
      },
    },
    (request, response) => {
      const answer = response as unknown as GatewayResponse
      // What HTTP/2 announces as its limit is only advice to the client.
      if (headerBytes(request.rawHeaders) > limits.headerBytesMax) return refuseHeaders(answer)
      handle(request, answer)
    },
  )
  server.on('session', (session) => {
    sessions.add(session)
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    session.setTimeout(limits.idleTimeoutMs, () => session.close())
    session.on('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  server.on('sessionError', () => undefined)
  return server
}

function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  return bytes
}

function refuseHeaders(response: GatewayResponse): void {
  const error = bedrockError(431, 'ValidationException', 'The request headers are too large.')
  response.writeHead(error.status, { ...error.headers })
  response.end(error.body)
}

/** Waits for enough bytes to tell the protocol, puts them back, and says which; a client that sends none is cut. */
function peek(socket: Socket, patienceMs: number, decided: (isHttp2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), patienceMs)
  let head: Buffer = Buffer.alloc(0)
  const look = (chunk: Buffer): void => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    const length = Math.min(head.length, HTTP2_PREFACE.length)
    const maybeHttp2 = head.subarray(0, length).equals(HTTP2_PREFACE.subarray(0, length))
    if (maybeHttp2 && length < HTTP2_PREFACE.length) return
    socket.removeListener('data', look)
    clearTimeout(timer)
    socket.pause()
    socket.unshift(head)
    decided(maybeHttp2)
  }
  socket.on('data', look)
  socket.once('close', () => clearTimeout(timer))
  // Accepted paused, so that nothing was read before the connection had found its worker.
  socket.resume()
}
