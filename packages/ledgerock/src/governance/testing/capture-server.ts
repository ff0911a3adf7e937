// A server that keeps each request as Node shows it to the gateway, HTTP/1.1 or HTTP/2 with prior knowledge, and answers that
// it is forbidden, which no client repeats.

import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import type { IncomingRequest } from '../credential/signed-request.ts'

export type Captured = IncomingRequest & {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type CaptureServer = {
  readonly url: string
  /** What came since the last time it was asked. */
  readonly take: () => readonly Captured[]
  readonly close: () => Promise<void>
}

type Incoming = IncomingRequest & {
  readonly headers: Captured['headers']
  readonly on: (event: 'data' | 'end', listener: (chunk: Buffer) => void) => unknown
}
type Outgoing = {
  readonly writeHead: (status: number, headers: Record<string, string>) => unknown
  readonly end: (text: string) => unknown
}

export async function startCaptureServer(protocol: 'http/1.1' | 'h2c'): Promise<CaptureServer> {
  let captured: Captured[] = []
  const sockets = new Set<{ destroy: () => unknown }>()
  const serve = (request: Incoming, response: Outgoing): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, rawHeaders, headers } = request
      captured.push({ method, url, rawHeaders, headers, body: Buffer.concat(chunks) })
      const error = {
        'content-type': 'application/json',
        'x-amzn-errortype': 'AccessDeniedException',
      }
      response.writeHead(403, error)
      response.end('{"message":"captured"}')
    })
  }
  const server: Server =
    protocol === 'h2c'
      ? createHttp2Server((request, response) => serve(request as Incoming, response as Outgoing))
      : createServer((request, response) => serve(request as Incoming, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = captured
      captured = []
      return taken
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
