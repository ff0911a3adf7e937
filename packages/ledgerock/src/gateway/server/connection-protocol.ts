// Tells HTTP/1.1 from HTTP/2 with prior knowledge by the first bytes of a connection: the preface of HTTP/2 is no valid HTTP/1.1
// request line. The bytes are put back, so that the server they belong to reads them as if nobody had looked.

import type { Socket } from 'node:net'

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n')

/** Waits for enough bytes to tell, puts them back, and says which. */
export function peekProtocol(socket: Socket, decided: (isHttp2: boolean) => void): void {
  let head: Buffer = Buffer.alloc(0)
  const look = (chunk: Buffer): void => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    const length = Math.min(head.length, HTTP2_PREFACE.length)
    const maybeHttp2 = head.subarray(0, length).equals(HTTP2_PREFACE.subarray(0, length))
    if (maybeHttp2 && length < HTTP2_PREFACE.length) return
    socket.removeListener('data', look)
    socket.pause()
    socket.unshift(head)
    decided(maybeHttp2)
    // HTTP/2 has taken the bytes and the handle by itself; the HTTP/1.1 parser reads in flowing mode.
    if (!maybeHttp2) process.nextTick(() => socket.resume())
  }
  socket.on('data', look)
  // Accepted paused, so that nothing was read before the connection had found its worker.
  socket.resume()
}
