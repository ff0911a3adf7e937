// One HTTP/1.1 connection that sends the same call again and again, the next one when the last has been answered: a raw
// socket, one write per call, a reader that looks only for the end.

import { connect } from 'node:net'
import { ResponseReader } from './response-reader.ts'
import { wireRequest, type RequestShape } from './request.ts'
import type { Tally } from './tally.ts'

/** Resolves when `goOn` says no, or the connection broke. */
export function runHttp1Connection(
  url: URL,
  shape: RequestShape,
  tally: Tally,
  goOn: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    const reader = new ResponseReader()
    const request = wireRequest(shape, url.host)
    let sentAt = 0
    let firstByteAt = 0
    let finished = false

    function finish(): void {
      finished = true
      socket.destroy()
      resolve()
    }
    function send(): void {
      if (!goOn()) return finish()
      reader.reset()
      request.renew()
      firstByteAt = 0
      sentAt = performance.now()
      socket.write(request.bytes)
    }
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      const progress = reader.feed(chunk)
      if (firstByteAt === 0 && reader.bodyBegan) firstByteAt = performance.now()
      if (progress === 'more') return
      if (progress === 'broken') {
        tally.failed(0)
        return finish()
      }
      tally.answered(reader.status, sentAt, firstByteAt, performance.now())
      send()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (finished) return
      tally.failed(0)
      finish()
    })
  })
}
