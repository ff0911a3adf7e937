// A client that sends exactly what it is told (fields in order, each as often as it stands, the body in these pieces) over
// HTTP/1.1 or HTTP/2, and shows exactly what came back.

import { request as http1Request } from 'node:http'
import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { fieldsOf, type Field } from './recording-upstream.ts'

export type ByteRequest = {
  readonly protocol: 'http/1.1' | 'h2c'
  readonly method: string
  readonly path: string
  /** Without those that frame the body. */
  readonly headers: readonly Field[]
  readonly chunks: readonly Buffer[]
  /** HTTP/1.1 only. `none`: there is no body. */
  readonly framing: 'length' | 'chunked' | 'none'
}

export type ByteAnswer = {
  readonly status: number
  readonly headers: readonly Field[]
  readonly body: Buffer
}

export type ByteClient = {
  readonly send: (request: ByteRequest) => Promise<ByteAnswer>
  readonly close: () => void
}

export function createByteClient(gatewayUrl: string): ByteClient {
  let session: ClientHttp2Session | null = null
  return {
    send(request) {
      if (request.protocol === 'http/1.1') return sendHttp1(gatewayUrl, request)
      session ??= connect(gatewayUrl)
      return sendHttp2(session, request)
    },
    close: () => session?.close(),
  }
}

function sendHttp1(gatewayUrl: string, request: ByteRequest): Promise<ByteAnswer> {
  const { method, path, chunks, framing } = request
  const fields = [...request.headers]
  if (!fields.some(([name]) => name.toLowerCase() === 'host')) fields.push(['Host', 'gateway.test'])
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  if (framing === 'length') fields.push(['Content-Length', String(length)])
  if (framing === 'chunked') fields.push(['Transfer-Encoding', 'chunked'])
  return new Promise((resolve, reject) => {
    const sent = http1Request(gatewayUrl, {
      method,
      path,
      agent: false,
      headers: fields.flatMap(([name, value]) => [name, value]),
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const body: Buffer[] = []
      response.on('data', (chunk: Buffer) => body.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: fieldsOf(response.rawHeaders),
          body: Buffer.concat(body),
        })
      })
    })
    if (framing === 'none') sent.useChunkedEncodingByDefault = false
    for (const chunk of framing === 'none' ? [] : chunks) sent.write(chunk)
    sent.end()
  })
}

function sendHttp2(session: ClientHttp2Session, request: ByteRequest): Promise<ByteAnswer> {
  const headers: OutgoingHttpHeaders = { ':method': request.method, ':path': request.path }
  for (const [written, value] of request.headers) {
    const name = written.toLowerCase()
    const before = headers[name]
    headers[name] = before === undefined ? value : [...[before].flat().map(String), value]
  }
  return new Promise((resolve, reject) => {
    const hasBody = request.framing !== 'none'
    const stream = session.request(headers, { endStream: !hasBody })
    const body: Buffer[] = []
    let status = 0
    let fields: Field[] = []
    stream.on('error', reject)
    stream.on('response', (answered, _flags, raw?: readonly string[]) => {
      status = answered[':status'] ?? 0
      fields = fieldsOf(raw ?? []).filter(([name]) => !name.startsWith(':'))
    })
    stream.on('data', (chunk: Buffer) => body.push(chunk))
    stream.on('end', () => resolve({ status, headers: fields, body: Buffer.concat(body) }))
    if (!hasBody) return
    for (const chunk of request.chunks) stream.write(chunk)
    stream.end()
  })
}
