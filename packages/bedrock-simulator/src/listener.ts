// One port for HTTP/1.1 and HTTP/2 with prior knowledge. Each connection's first bytes decide: HTTP/2 opens with
// `PRI * HTTP/2.0`, which no HTTP/1.1 request does. The bytes are put back and the socket is handed to the right server. With
// a certificate the port speaks TLS instead, and ALPN decides.

import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'

export type AnyRequest = IncomingMessage | Http2ServerRequest
export type AnyResponse = ServerResponse | Http2ServerResponse

export type Listener = {
  readonly host: string
  readonly port: number
  readonly close: () => Promise<void>
}

/** PEM. */
export type Certificate = { readonly cert: string; readonly key: string }

/** `PRI` is enough: no HTTP/1.1 method starts so. */
const HTTP2_MARK = Buffer.from('PRI')
const HTTP2_WINDOW_BYTES = 1_048_576
const HEADER_BYTES_MAX = 65_536

export async function listen(
  host: string,
  port: number,
  certificate: Certificate | null,
  onRequest: (request: AnyRequest, response: AnyResponse) => void,
): Promise<Listener> {
  const http1 = createHttpServer({ maxHeaderSize: HEADER_BYTES_MAX }, onRequest)
  // Idle clients are never cut: a pool that reuses a connection the moment it closes would see a fault nobody asked for.
  http1.keepAliveTimeout = 0
  http1.requestTimeout = 0
  http1.headersTimeout = 0
  const http2 = createHttp2Server(
    { settings: { initialWindowSize: HTTP2_WINDOW_BYTES, maxConcurrentStreams: 10_000 } },
    onRequest,
  )
  const sockets = new Set<Socket>()
  const accept = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A reset is the client's right; without a listener it would end the process.
    socket.on('error', () => socket.destroy())
  }
  const server =
    certificate === null
      ? createServer({ noDelay: true }, (socket) => {
          accept(socket)
          peek(socket, Buffer.alloc(0), (isHttp2) => {
            const target = isHttp2 ? http2 : http1
            target.emit('connection', socket)
          })
        })
      : createTlsServer(
          { ...certificate, noDelay: true, ALPNProtocols: ['h2', 'http/1.1'] },
          (socket: TLSSocket) => {
            accept(socket)
            const target = socket.alpnProtocol === 'h2' ? http2 : http1
            target.emit('connection', socket)
          },
        )
  await bind(server, host, port)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the port has no address')
  return {
    host,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function peek(socket: Socket, before: Buffer, onKnown: (isHttp2: boolean) => void): void {
  socket.once('data', (chunk: Buffer) => {
    const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk])
    const length = Math.min(bytes.length, HTTP2_MARK.length)
    const matches = bytes.subarray(0, length).equals(HTTP2_MARK.subarray(0, length))
    if (matches && bytes.length < HTTP2_MARK.length) {
      peek(socket, bytes, onKnown)
      return
    }
    socket.pause()
    socket.unshift(bytes)
    onKnown(matches)
    // The HTTP/1.1 parser reads in flowing mode; HTTP/2 has taken the bytes and the handle by itself.
    if (!matches) process.nextTick(() => socket.resume())
  })
}
