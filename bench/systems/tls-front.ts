// TLS before an upstream that speaks plainly, HTTP/1.1 only: what an endpoint without HTTP/2 is to a gateway. A process of its own.

import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { childArgument, tellParent } from '../child.ts'

const { cert, key, upstream } = childArgument() as {
  readonly cert: string
  readonly key: string
  readonly upstream: string
}
const { hostname: host, port } = new URL(upstream)
const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (secure) => {
  const plain = connect({ host, port: Number(port), noDelay: true })
  secure.setNoDelay(true)
  secure.pipe(plain).pipe(secure)
  secure.on('error', () => plain.destroy())
  plain.on('error', () => secure.destroy())
  secure.on('close', () => plain.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
tellParent({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })
