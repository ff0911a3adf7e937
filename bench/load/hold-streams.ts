// Opens many slow streams and holds them: a task for a process of its own. It says when all of them have got their first bytes, and
// holds on until its parent ends it.

import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import { childArgument, tellParent } from '../child.ts'
import { nextHeaders, wireRequest, type RequestShape } from './request.ts'

export type HoldSpec = {
  readonly url: string
  readonly protocol: 'h1' | 'h2'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly streams: number
}

export type Held = { readonly opened: number } | { readonly failed: string }

const STREAMS_PER_CONNECTION = 100
/** In one go; then a breath, so that none is shed as a stampede. */
const AT_ONCE = 20
const BREATH_MS = 60
const OK_HEAD = Buffer.from('HTTP/1.1 200')

const spec = childArgument() as HoldSpec
const url = new URL(spec.url)
const shape: RequestShape = {
  path: spec.path,
  headers: spec.headers,
  body: Buffer.from(spec.body),
}
let opened = 0

function fail(reason: string): void {
  tellParent({ failed: reason })
}

function began(): void {
  opened += 1
  if (opened === spec.streams) tellParent({ opened })
}

function openHttp1(): void {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  const request = wireRequest(shape, url.host)
  request.renew()
  socket.write(request.bytes)
  let isFirst = true
  socket.on('data', (chunk) => {
    if (!isFirst) return
    isFirst = false
    if (chunk.subarray(0, OK_HEAD.length).equals(OK_HEAD)) began()
    else fail(chunk.toString('latin1', 0, 200))
  })
  socket.on('error', (error) => fail(String(error)))
  socket.on('close', () => fail('a connection was closed'))
}

function openSession(): ClientHttp2Session {
  const session = connectHttp2(url)
  session.on('error', (error) => fail(String(error)))
  return session
}

function openHttp2(): () => void {
  let session = openSession()
  let streams = 0
  return () => {
    if (streams === STREAMS_PER_CONNECTION) {
      session = openSession()
      streams = 0
    }
    streams += 1
    const stream = session.request({
      ':method': 'POST',
      ':path': shape.path,
      ...nextHeaders(shape),
      'content-length': String(shape.body.length),
    })
    let isFirst = true
    stream.on('response', (headers) => {
      if (headers[':status'] !== 200) {
        fail(`status ${headers[':status']} ${String(headers['x-ledgerock-refusal'] ?? '')}`)
      }
    })
    stream.on('data', () => {
      if (isFirst) began()
      isFirst = false
    })
    stream.on('error', (error) => fail(String(error)))
    stream.on('close', () => fail('a stream was closed'))
    stream.end(shape.body)
  }
}

const open = spec.protocol === 'h1' ? openHttp1 : openHttp2()
for (let index = 0; index < spec.streams; index += 1) {
  open()
  if (index % AT_ONCE === AT_ONCE - 1) {
    await new Promise((resolve) => setTimeout(resolve, BREATH_MS))
  }
}
