// HTTP/1.1 for connections that somebody else accepted, strict: what could be read in two ways is refused with 400 and the end of
// the connection, because its bytes might be a request to whoever stands beside us. Nothing of ours is ever written between the
// bytes of an answer.
//
// A client that half-closes has left, as it has for nginx and Go: waiting for it would hide every client that really went.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { continueWhenRead } from './continue-when-read.ts'
import type { CutReason, ListenerLimits } from './listener-limits.ts'
import { endWith } from './raw-answer.ts'
import { headFault } from './request-head.ts'

export type Http1 = {
  readonly take: (socket: Duplex) => void
  /** From now on every answer ends its connection, and connections without a call end. */
  readonly drain: () => void
}

/** The calls of a connection that have no whole answer yet; pipelining makes them several. */
type Busy = { calls: number; request: IncomingMessage; response: ServerResponse }

export function createHttp1(
  limits: ListenerLimits,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  cut: (reason: CutReason) => void,
): Http1 {
  const busy = new WeakMap<object, Busy>()
  /** Answers not ended yet, to be told that they are the last of their connection. */
  const answering = new Set<ServerResponse>()
  let draining = false

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // What follows a refused request, or the last one of a connection, is no request: it is never read as one.
    const before = busy.get(socket)?.calls ?? 0
    if (socket.writableEnded || (draining && before > 0)) return
    const fault = headFault(request)
    if (fault !== null) {
      cut(fault.status === 431 ? 'headers_too_large' : 'not_http')
      return endWith(socket, fault.status, fault.message)
    }
    if (draining) response.shouldKeepAlive = false
    busy.set(socket, { calls: before + 1, request, response })
    answering.add(response)
    if (before > 0) closeWith(socket, response)
    response.on('close', () => {
      answering.delete(response)
      const now = busy.get(socket)
      if (now !== undefined) now.calls -= 1
    })
    handle(request, response)
  }

  const server = openServer(limits, serve)
  server.on('checkContinue', (request, response) => {
    continueWhenRead(request, response)
    serve(request, response)
  })
  // An expectation we do not know is no reason to refuse a call.
  server.on('checkExpectation', serve)
  // There is nowhere to be connected to through us.
  server.on('connect', (_request, socket) => endWith(socket, 400, NOT_HTTP))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Answered already; what still comes is read by nobody.
    if (socket.writableEnded) return
    const [reason, status, message] = faultOf(error.code)
    cut(reason)
    const call = busy.get(socket)
    const mayAnswer = call === undefined || call.calls === 0 || isOnlyItsOwn(call)
    if (socket.writable && status !== null && mayAnswer) endWith(socket, status, message)
    else socket.destroy()
  })

  return {
    take: (socket) => void server.emit('connection', socket),
    drain() {
      draining = true
      for (const response of answering) response.shouldKeepAlive = false
      server.closeIdleConnections()
    },
  }
}

/**
 * An answer that waits for the one before it has no socket yet, and Node tells it nothing when that closes: whoever works on it
 * would never learn that the client has left.
 */
function closeWith(socket: Socket, response: ServerResponse): void {
  socket.once('close', () => {
    if (response.socket === null) response.destroy()
  })
}

/** The fault is in the body of the one request that is under way, and nothing of its answer has gone out. */
function isOnlyItsOwn({ calls, request, response }: Busy): boolean {
  return calls === 1 && !request.complete && !response.headersSent
}

function openServer(
  limits: ListenerLimits,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headerTimeoutMs,
      // How long a request may take to arrive; Node insists that it is no less than its head may take.
      requestTimeout: Math.max(limits.callTimeoutMs, limits.headerTimeoutMs),
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headerTimeoutMs),
      insecureHTTPParser: false,
      // Ours is checked with the rest of the head, so that nothing behind such a request is read either.
      requireHostHeader: false,
      noDelay: true,
    },
    serve,
  )
  // Node leaves out the fields past its limit; we count them and refuse.
  server.maxHeadersCount = 0
  // The server never listens itself; this starts its enforcement of header and request time-outs.
  server.emit('listening')
  return server
}

const NOT_HTTP = 'The request is not valid HTTP.'

type Fault = readonly [reason: CutReason, status: number | null, message: string]

function faultOf(code: string | undefined): Fault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', 431, 'The request headers are too large.']
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['not_http', 413, 'The chunk extensions are too large.']
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['slow_request', 408, 'The request did not arrive in time.']
    case 'ECONNRESET':
    case 'EPIPE':
      return ['client_reset', null, '']
    default:
      return ['not_http', 400, NOT_HTTP]
  }
}
