// `/health` (the process lives) and `/ready` (it can take calls) on the gateway's own port.

import type { GatewayRequest, GatewayResponse } from './listener.ts'

/** True where the request was one of these and is answered. */
export function answerHealth(
  ready: () => boolean,
  request: GatewayRequest,
  response: GatewayResponse,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const { url } = request
  if (url !== '/health' && url !== '/ready') return false
  const good = url === '/health' || ready()
  response.writeHead(good ? 200 : 503, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ status: good ? 'ok' : 'not_ready' }))
  return true
}
