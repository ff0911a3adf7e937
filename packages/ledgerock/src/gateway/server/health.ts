// `/health` (the process lives) and `/ready` (it can take calls) on the gateway's own port, for load balancers: nobody has to
// prove who they are, and nothing is said but that.

import type { GatewayRequest, GatewayResponse } from './gateway-request.ts'

/** True where the request was one of these and is answered. */
export function answerHealth(
  ready: () => boolean,
  request: GatewayRequest,
  response: GatewayResponse,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const path = pathOf(request.url ?? '')
  if (path !== '/health' && path !== '/ready') return false
  const good = path === '/health' || ready()
  const body = JSON.stringify({ status: good ? 'ok' : 'not_ready' })
  response.writeHead(good ? 200 : 503, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  return true
}

/** Some probes add a query so that nothing between answers for us. */
function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
