// Collects a request body, because its hash must be known before the first byte goes upstream. Bounded three times: by the limit
// of one body, by a cap on all bodies held at once in this worker, and by the time a client may send no byte of one it owes.
// A slow upload that goes on is no reason to end it.

import { constants } from 'node:http2'
import type { GatewayRequest } from './gateway-request.ts'

export type BodyLimits = {
  readonly bodyBytesMax: number
  readonly heldBytesMax: number
  readonly bodyTimeoutMs?: number
}

export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'overload' }
  | { readonly kind: 'client_gone' }

export type BodyReader = {
  /** Calls back once. The bytes count as held until `release`. */
  readonly read: (
    request: GatewayRequest,
    declaredBytes: number,
    done: (body: ReadBody) => void,
  ) => void
  readonly release: (bytes: Buffer) => void
  readonly heldBytes: () => number
  /** Bodies whose client sent nothing for too long. */
  readonly timedOut: () => number
}

const BODY_TIMEOUT_MS_DEFAULT = 60_000

export function createBodyReader(limits: BodyLimits): BodyReader {
  const { bodyTimeoutMs = BODY_TIMEOUT_MS_DEFAULT } = limits
  let held = 0
  let timedOut = 0

  function read(
    request: GatewayRequest,
    declaredBytes: number,
    done: (body: ReadBody) => void,
  ): void {
    if (declaredBytes > limits.bodyBytesMax) return done({ kind: 'too_large' })
    if (held + declaredBytes > limits.heldBytesMax) return done({ kind: 'overload' })
    if (isGone(request)) return done({ kind: 'client_gone' })
    const chunks: Buffer[] = []
    let bytes = 0
    let finished = false
    const timer = setTimeout(() => {
      timedOut += 1
      finish({ kind: 'client_gone' })
      endRequest(request)
    }, bodyTimeoutMs)

    function finish(body: ReadBody): void {
      if (finished) return
      finished = true
      clearTimeout(timer)
      if (body.kind !== 'whole') {
        held -= bytes
        request.removeListener('data', onData)
        discardBody(request)
      }
      done(body)
    }
    function onData(chunk: Buffer): void {
      timer.refresh()
      bytes += chunk.length
      held += chunk.length
      if (bytes > limits.bodyBytesMax) return finish({ kind: 'too_large' })
      if (held > limits.heldBytesMax) return finish({ kind: 'overload' })
      chunks.push(chunk)
    }
    request.on('data', onData)
    request.on('end', () => {
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)
      finish({ kind: 'whole', bytes: whole })
    })
    request.on('error', () => finish({ kind: 'client_gone' }))
    request.on('close', () => finish({ kind: 'client_gone' }))
  }

  return {
    read,
    release(bytes) {
      held -= bytes.length
    },
    heldBytes: () => held,
    timedOut: () => timedOut,
  }
}

/** A body just over the limit is swallowed whole, so that a client that sends before it reads gets to its answer. */
const DISCARDED_BYTES_MAX = 32 * 1024 * 1024
const DISCARDED_TIME_MAX_MS = 10_000

/**
 * Throws away what still arrives of a request that is answered already, so that its connection can go on; a client that sends
 * on and on, or does not end, loses it.
 */
export function discardBody(request: GatewayRequest): void {
  if (request.readableEnded || isGone(request)) return
  let bytes = 0
  const timer = setTimeout(() => endRequest(request), DISCARDED_TIME_MAX_MS)
  const stop = (): void => clearTimeout(timer)
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > DISCARDED_BYTES_MAX) endRequest(request)
  })
  request.on('end', stop)
  request.on('close', stop)
}

/** Its client is not there any more, and no event would tell of it again. */
export function isGone(request: GatewayRequest): boolean {
  return request.destroyed || ('stream' in request && request.stream.destroyed)
}

/** Over HTTP/2 one stream ends; over HTTP/1.1 the connection, because where its next request begins is not known. */
function endRequest(request: GatewayRequest): void {
  if ('stream' in request) request.stream.close(constants.NGHTTP2_CANCEL)
  else request.destroy()
}
