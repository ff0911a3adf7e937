// The least a reverse proxy in Node can be: node:http before, undici behind, bytes piped both ways, nothing looked at. What
// Ledgerock costs above this is what accounting costs; what this costs above nginx is what Node costs.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type * as Undici from 'undici'
import { childArgument, tellParent } from '../child.ts'

// The gateway's own copy, so that both use the same version.
const { Pool } = createRequire(import.meta.resolve('../../packages/ledgerock/package.json'))(
  'undici',
) as typeof Undici

const { upstream } = childArgument() as { upstream: string }
const pool = new Pool(upstream, { pipelining: 1, connect: { noDelay: true } })
const server = createServer({ noDelay: true }, (request, response) => {
  const { host: _host, connection: _connection, ...headers } = request.headers
  pool
    .request({
      method: request.method as Undici.Dispatcher.HttpMethod,
      path: request.url ?? '/',
      headers,
      body: request,
    })
    .then((answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.body.pipe(response)
    })
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
tellParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
