// A request and its answer, whichever HTTP they came over.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'

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
