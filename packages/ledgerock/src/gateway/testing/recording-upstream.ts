// Bedrock's place taken by a server that understands nothing: it keeps every byte it was sent and answers what it is told to, so
// that what the gateway passes on can be laid beside what it was given.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Field = readonly [name: string, value: string]

export type UpstreamReply = {
  readonly status: number
  readonly headers: readonly Field[]
  readonly chunks: readonly Buffer[]
  /** `close`: the end of the connection is the end of the body. `none`: the status says that there is none. */
  readonly framing: 'chunked' | 'length' | 'close' | 'none'
}

export type UpstreamRequest = {
  readonly method: string
  readonly path: string
  readonly headers: readonly Field[]
  readonly body: Buffer
}

export type RecordingUpstream = {
  readonly url: string
  /** What came since the last `take`. */
  readonly take: () => readonly UpstreamRequest[]
  /** Every byte that came over any connection since the last `takeWire`. */
  readonly takeWire: () => Buffer
  /** The answers to the next requests, in order; the last one to all that follow. */
  readonly reply: (...replies: readonly UpstreamReply[]) => void
  readonly close: () => Promise<void>
}

export const EMPTY_REPLY: UpstreamReply = {
  status: 200,
  headers: [['content-type', 'application/json']],
  chunks: [Buffer.from('{}')],
  framing: 'length',
}

export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  let requests: UpstreamRequest[] = []
  let wire: Buffer[] = []
  let replies: readonly UpstreamReply[] = [EMPTY_REPLY]
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: fieldsOf(request.rawHeaders),
        body: Buffer.concat(chunks),
      })
      const [reply = EMPTY_REPLY] = replies
      if (replies.length > 1) replies = replies.slice(1)
      void answer(request, response, reply)
    })
  })
  server.on('connection', (socket: Socket) => {
    socket.on('data', (chunk: Buffer) => wire.push(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = requests
      requests = []
      return taken
    },
    takeWire() {
      const taken = Buffer.concat(wire)
      wire = []
      return taken
    },
    reply: (...next) => (replies = next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, chunks, framing }: UpstreamReply,
): Promise<void> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const fields: string[] = headers.flatMap(([name, value]) => [name, value])
  if (framing === 'length') fields.push('Content-Length', String(length))
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false
    response.shouldKeepAlive = false
  }
  response.writeHead(status, fields)
  for (const chunk of chunks) {
    response.write(chunk)
    // Each chunk is a packet of its own, as far as a program can have it so.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (request.destroyed && !request.complete) return
  response.end()
}

export function fieldsOf(raw: readonly string[]): Field[] {
  const fields: Field[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    fields.push([raw[at] as string, raw[at + 1] as string])
  }
  return fields
}
