// Collects a request body, because its hash must be known before the first byte goes upstream. Bounded twice: by the limit of
// one body, and by a cap on all bodies held at once in this worker, so that many large bodies cannot exhaust its memory.

import type { GatewayRequest } from './listener.ts'

export type BodyLimits = { readonly bodyBytesMax: number; readonly heldBytesMax: number }

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
}

export function createBodyReader(limits: BodyLimits): BodyReader {
  let held = 0

  function read(
    request: GatewayRequest,
    declaredBytes: number,
    done: (body: ReadBody) => void,
  ): void {
    if (declaredBytes > limits.bodyBytesMax) return done({ kind: 'too_large' })
    if (held + declaredBytes > limits.heldBytesMax) return done({ kind: 'overload' })
    const chunks: Buffer[] = []
    let bytes = 0
    let finished = false

    function finish(body: ReadBody): void {
      if (finished) return
      finished = true
      if (body.kind !== 'whole') {
        held -= bytes
        request.removeListener('data', onData)
        discardBody(request)
      }
      done(body)
    }
    function onData(chunk: Buffer): void {
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
  }
}

const DISCARDED_BYTES_MAX = 1024 * 1024

/**
 * Throws away what still arrives of a request that is answered already, so that its connection can go on; a client that sends
 * on and on loses it.
 */
export function discardBody(request: GatewayRequest): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > DISCARDED_BYTES_MAX) request.destroy()
  })
}
