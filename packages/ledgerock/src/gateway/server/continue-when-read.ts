// `Expect: 100-continue`: a client with a large body asks before it sends it. It is told to go on when somebody begins to read the
// body, so that a call refused by its head costs nobody the upload. Where the answer comes instead, the connection ends, over
// HTTP/1.1: whether the body will still follow is not known, and its bytes must never be taken for a request.

import type { GatewayRequest, GatewayResponse } from './gateway-request.ts'

/** What both protocols' answers can do about it. */
export type Continuable = GatewayResponse & {
  readonly writeContinue: () => void
  shouldKeepAlive?: boolean
}

export function continueWhenRead(request: GatewayRequest, response: Continuable): void {
  const keepAlive = response.shouldKeepAlive
  if (keepAlive !== undefined) response.shouldKeepAlive = false
  request.once('resume', () => {
    if (response.headersSent || request.destroyed) return
    if (keepAlive !== undefined) response.shouldKeepAlive = keepAlive
    response.writeContinue()
  })
}
