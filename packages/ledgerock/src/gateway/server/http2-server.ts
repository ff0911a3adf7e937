// HTTP/2 for connections that somebody else accepted, with bounds on what a connection may make us do for nothing: streams, resets,
// invalid frames, header lists, settings and pings. A connection that oversteps ends with ENHANCE_YOUR_CALM; its calls end with
// it, as they do when a client leaves. Draining says GOAWAY with the last stream that is served: open ones finish, later ones their
// client knows to be safe to send again elsewhere (RFC 9113 §6.8).

import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import { bedrockError } from '../../bedrock/error.ts'
import { continueWhenRead, type Continuable } from './continue-when-read.ts'
import type { CutReason, ListenerLimits } from './listener-limits.ts'
import type { GatewayRequest, GatewayResponse } from './gateway-request.ts'
import { HEADER_FIELDS_MAX, HEADERS_TOO_LARGE } from './request-head.ts'

export type Http2 = {
  readonly take: (socket: Duplex) => void
  readonly drain: () => void
}

/** The receive window of a stream and of a connection: bodies of a megabyte should not wait for round trips. */
const STREAM_WINDOW_BYTES = 1024 * 1024
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024
/**
 * What one connection may cost beside the bodies it sends. Node counts answers that wait for the client among it, and where it is
 * spent ends the connection with every call on it, so there must be room for a unary answer, or a stream's buffers, per stream.
 */
const MEGABYTES_PER_STREAM = 0.5
const SESSION_MEGABYTES_MIN = 10
/** Streams a client opens and resets (CVE-2023-44487): so many at once, and then so many per second. */
const RESET_BURST = 1_000
const RESETS_PER_SECOND = 100
const INVALID_FRAMES_MAX = 100
/** Pings and settings must be answered; a client that sends more than this in ten seconds wants work, not answers. */
const CHATTER_FRAMES_MAX = 1_000
const CHATTER_WINDOW_MS = 10_000

type Session = { readonly session: ServerHttp2Session; streams: number }

export function createHttp2(
  limits: ListenerLimits & { readonly streamsMax: number },
  monotonic: () => number,
  handle: (request: GatewayRequest, response: GatewayResponse) => void,
  cut: (reason: CutReason) => void,
): Http2 {
  const sessions = new Map<object, Session>()
  let draining = false

  function serve(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const answer = response as unknown as GatewayResponse
    const open = sessions.get(request.stream.session as object)
    if (open !== undefined) {
      open.streams += 1
      request.stream.once('close', () => (open.streams -= 1))
    }
    // What HTTP/2 announces as its limit is only advice to the client.
    if (headerBytes(request.rawHeaders) > limits.headerBytesMax) {
      cut('headers_too_large')
      return refuseHeaders(answer)
    }
    handle(request, answer)
  }

  const server = openServer(limits, serve)
  server.on('checkContinue', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    continueWhenRead(request, response as unknown as Continuable)
    serve(request, response)
  })
  server.on('checkExpectation', serve)
  server.on('session', (session) => {
    const open: Session = { session, streams: 0 }
    sessions.set(session, open)
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    session.setTimeout(limits.idleTimeoutMs)
    session.on('timeout', () => {
      // A call that takes long is no idleness.
      if (open.streams > 0) session.setTimeout(limits.idleTimeoutMs)
      else session.close()
    })
    const chatter = createChatterLimit(monotonic)
    const heard = (): void => {
      if (!chatter()) return
      const code = constants.NGHTTP2_ENHANCE_YOUR_CALM
      session.destroy(new Error('more pings and settings than are answered'), code)
    }
    session.on('ping', heard)
    session.on('remoteSettings', heard)
    session.on('close', () => sessions.delete(session))
    session.on('error', (error: NodeJS.ErrnoException) => {
      cut(error.code === 'ECONNRESET' ? 'client_reset' : 'http2_fault')
      session.destroy()
    })
    if (draining) session.close()
  })
  server.on('sessionError', () => undefined)

  return {
    take: (socket) => void server.emit('connection', socket),
    drain() {
      draining = true
      for (const { session } of sessions.values()) if (!session.closed) session.close()
    },
  }
}

function openServer(
  limits: ListenerLimits & { readonly streamsMax: number },
  serve: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Http2Server {
  return createServer(
    {
      maxSessionMemory: Math.max(SESSION_MEGABYTES_MIN, limits.streamsMax * MEGABYTES_PER_STREAM),
      maxHeaderListPairs: HEADER_FIELDS_MAX,
      maxSessionInvalidFrames: INVALID_FRAMES_MAX,
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_SECOND,
      settings: {
        maxConcurrentStreams: limits.streamsMax,
        maxHeaderListSize: limits.headerBytesMax,
        initialWindowSize: STREAM_WINDOW_BYTES,
      },
    },
    serve,
  )
}

/** True from the frame on that is too much. */
function createChatterLimit(monotonic: () => number): () => boolean {
  let from = Number.NEGATIVE_INFINITY
  let frames = 0
  return () => {
    const now = monotonic()
    if (now - from >= CHATTER_WINDOW_MS) {
      from = now
      frames = 0
    }
    frames += 1
    return frames > CHATTER_FRAMES_MAX
  }
}

function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  return bytes
}

function refuseHeaders(response: GatewayResponse): void {
  const { status, message } = HEADERS_TOO_LARGE
  const error = bedrockError(status, 'ValidationException', message)
  response.writeHead(error.status, { ...error.headers })
  response.end(error.body)
}
