// A client that shows what a program would see on the wire, byte for byte: HTTP/1.1 with kept-alive connections or HTTP/2 with
// prior knowledge, hashes what arrives, tells a whole answer from a broken one, and can leave in the middle.

import { createHash } from 'node:crypto'
import { Agent, request as http1Request, type IncomingMessage } from 'node:http'
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { Leaving } from './traffic.ts'

export type WireRequest = {
  readonly protocol: 'http/1.1' | 'h2c'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly leaving: Leaving
}

export type Received = {
  /** Null: no answer began. */
  readonly status: number | null
  readonly callId: string | null
  readonly costUsd: string | null
  readonly refusal: string | null
  readonly bodySha256: string
  /** The whole answer arrived in good order. */
  readonly complete: boolean
}

export type WireClient = {
  /** Never throws: what went wrong is in the result. */
  readonly send: (request: WireRequest) => Promise<Received>
  readonly close: () => void
}

/** How long after sending a client leaves that does not wait for an answer. */
const LEAVES_AFTER_MS = 60
/** A client that hears nothing gives up: a test must end. */
const PATIENCE_MS = 60_000

export function createWireClient(gatewayUrl: string): WireClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  let session: ClientHttp2Session | null = null
  const http2 = (): ClientHttp2Session => {
    if (session === null || session.closed || session.destroyed) {
      session = connect(gatewayUrl)
      session.on('error', () => undefined)
      // A server that drains says so; what is under way ends, and the next call makes a connection of its own.
      session.on('goaway', () => {
        session = null
      })
    }
    return session
  }
  return {
    send: (request) =>
      request.protocol === 'h2c'
        ? sendHttp2(http2(), request)
        : sendHttp1(agent, gatewayUrl, request),
    close: () => {
      agent.destroy()
      session?.destroy()
    },
  }
}

function sendHttp1(agent: Agent, url: string, request: WireRequest): Promise<Received> {
  return new Promise((resolve) => {
    const answer = createAnswer(resolve)
    const sent = http1Request(`${url}${request.path}`, {
      agent,
      method: 'POST',
      headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
    })
    const leave = (): void => void sent.destroy()
    sent.on('response', (message: IncomingMessage) => {
      answer.head(message.statusCode ?? 0, message.headers)
      message.on('data', (chunk: Buffer) => {
        answer.data(chunk)
        if (request.leaving === 'mid_stream') leave()
      })
      message.on('error', () => answer.over(false))
      message.on('close', () => answer.over(message.complete))
    })
    sent.on('error', () => answer.over(false))
    sent.on('close', () => {
      if (!answer.began()) answer.over(false)
    })
    sent.end(request.body)
    sent.setTimeout(PATIENCE_MS, leave)
    if (request.leaving === 'before_answer') setTimeout(leave, LEAVES_AFTER_MS)
  })
}

function sendHttp2(session: ClientHttp2Session, request: WireRequest): Promise<Received> {
  return new Promise((resolve) => {
    const answer = createAnswer(resolve)
    let stream: ClientHttp2Stream
    try {
      stream = session.request({ ':method': 'POST', ':path': request.path, ...request.headers })
    } catch {
      answer.over(false)
      return
    }
    const leave = (): void => stream.close(constants.NGHTTP2_CANCEL)
    let ended = false
    stream.on('response', (headers) => answer.head(headers[':status'] ?? 0, headers))
    stream.on('data', (chunk: Buffer) => {
      answer.data(chunk)
      if (request.leaving === 'mid_stream') leave()
    })
    stream.on('end', () => {
      ended = true
    })
    stream.on('error', () => undefined)
    stream.on('close', () => answer.over(ended && stream.rstCode === 0))
    stream.setTimeout(PATIENCE_MS, leave)
    stream.end(request.body)
    if (request.leaving === 'before_answer') setTimeout(leave, LEAVES_AFTER_MS)
  })
}

type Answer = {
  readonly began: () => boolean
  readonly head: (status: number, headers: IncomingHttpHeaders) => void
  readonly data: (chunk: Buffer) => void
  /** The first time counts. */
  readonly over: (complete: boolean) => void
}

function createAnswer(resolve: (received: Received) => void): Answer {
  const hash = createHash('sha256')
  let status: number | null = null
  let headers: IncomingHttpHeaders = {}
  let isOver = false
  const text = (name: string): string | null => {
    const value = headers[name]
    return typeof value === 'string' ? value : null
  }
  return {
    began: () => status !== null,
    head: (given, names) => {
      status = given
      headers = names
    },
    data: (chunk) => {
      hash.update(chunk)
    },
    over: (complete) => {
      if (isOver) return
      isOver = true
      resolve({
        status,
        callId: text('x-ledgerock-call-id'),
        costUsd: text('x-ledgerock-cost-usd'),
        refusal: text('x-ledgerock-refusal'),
        bodySha256: hash.digest('hex'),
        complete: complete && status !== null,
      })
    },
  }
}
