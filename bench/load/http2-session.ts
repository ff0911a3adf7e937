// One HTTP/2 connection with prior knowledge that keeps several calls in flight, each followed by the next: Node's own client,
// which is what the AWS SDK for JavaScript uses by default.

import { connect, constants, type ClientHttp2Session } from 'node:http2'
import { nextHeaders, type RequestShape } from './request.ts'
import type { Tally } from './tally.ts'

const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants
const WINDOW_BYTES = 1_048_576

/** Resolves when `goOn` says no and the calls in flight have ended, or the connection broke. */
export function runHttp2Session(
  url: URL,
  shape: RequestShape,
  streams: number,
  tally: Tally,
  goOn: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const session = connect(url, { settings: { initialWindowSize: WINDOW_BYTES } })
    let running = 0
    session.on('error', () => tally.failed(0))
    session.on('close', resolve)
    session.on('connect', () => {
      session.setLocalWindowSize(WINDOW_BYTES)
      for (let stream = 0; stream < streams; stream += 1) next()
    })
    function next(): void {
      if (!goOn() || session.destroyed) {
        if (running === 0) session.close()
        return
      }
      running += 1
      call(session, shape, tally, () => {
        running -= 1
        next()
      })
    }
  })
}

function call(
  session: ClientHttp2Session,
  shape: RequestShape,
  tally: Tally,
  done: () => void,
): void {
  const sentAt = performance.now()
  let status = 0
  let firstByteAt = 0
  const stream = session.request({
    [HTTP2_HEADER_METHOD]: 'POST',
    [HTTP2_HEADER_PATH]: shape.path,
    ...nextHeaders(shape),
    'content-length': String(shape.body.length),
  })
  stream.on('response', (headers) => {
    status = Number(headers[HTTP2_HEADER_STATUS])
  })
  stream.on('data', () => {
    if (firstByteAt === 0) firstByteAt = performance.now()
  })
  stream.on('end', () => {
    tally.answered(status, sentAt, firstByteAt, performance.now())
    status = -1
  })
  stream.on('error', () => undefined)
  stream.on('close', () => {
    if (status !== -1) tally.failed(0)
    done()
  })
  stream.end(shape.body)
}
