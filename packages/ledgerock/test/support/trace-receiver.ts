// A collector of OpenTelemetry traces that keeps every byte it is sent, heads included.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type TraceReceiver = {
  readonly url: string
  readonly received: () => Buffer
  readonly close: () => Promise<void>
}

export async function startTraceReceiver(): Promise<TraceReceiver> {
  const chunks: Buffer[] = []
  const server = createServer((request, response) => {
    chunks.push(Buffer.from(request.rawHeaders.join('\n')))
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.end('{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    received: () => Buffer.concat(chunks),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
