// One request and its response over either protocol, with the few things the simulator does to them: read the body, answer,
// stream with back-pressure, wait, break the connection. It hides where HTTP/1.1 and HTTP/2 differ.

import type { EventEmitter } from 'node:events'
import { constants, type Http2ServerResponse } from 'node:http2'

import type { AnyRequest, AnyResponse } from './listener.ts'

/** `h2` is HTTP/2 over TLS. */
export type Protocol = 'http/1.1' | 'h2c' | 'h2'

export type ResponseHeaders = Record<string, string | number>

export class Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: AnyRequest['headers']
  readonly protocol: Protocol
  /** The response can take no more: it ended, or the client is gone. */
  closed = false
  readonly #request: AnyRequest
  readonly #response: AnyResponse
  #wake: (() => void) | null = null

  constructor(request: AnyRequest, response: AnyResponse) {
    this.#request = request
    this.#response = response
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    this.path = mark === -1 ? target : target.slice(0, mark)
    this.query = mark === -1 ? '' : target.slice(mark + 1)
    this.method = request.method ?? 'GET'
    this.headers = request.headers
    const emitter: EventEmitter = response
    emitter.on('error', ignore)
    this.protocol = protocolOf(response)
  }

  /** Calls back with the body, or with null as soon as it is larger than `bytesMax`; not at all if the client leaves. */
  readBody(bytesMax: number, onBody: (body: Buffer | null) => void): void {
    const chunks: Buffer[] = []
    let bytes = 0
    const request = this.#request
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= bytesMax) chunks.push(chunk)
      else if (bytes - chunk.length <= bytesMax) onBody(null)
    })
    request.on('end', () => {
      if (bytes > bytesMax) return
      const [only] = chunks
      onBody(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks))
    })
    request.on('error', () => {
      // The client left while sending: there is no call to serve.
    })
  }

  /** Called once, when the response has been handed over whole (`true`) or has been broken off. */
  onClose(listener: (complete: boolean) => void): void {
    const response = this.#response
    const emitter: EventEmitter = response
    emitter.once('close', () => {
      this.closed = true
      this.#wake?.()
      listener(isHttp2(response) ? response.stream.rstCode === 0 : response.writableFinished)
    })
  }

  head(status: number, headers: ResponseHeaders): void {
    const response = this.#response
    if (isHttp2(response)) response.writeHead(status, headers)
    else response.writeHead(status, headers)
  }

  /** False: wait for `drained` before writing more. */
  write(bytes: Buffer): boolean {
    const response = this.#response
    return isHttp2(response) ? response.write(bytes) : response.write(bytes)
  }

  /** A text goes out in one write with its head, over HTTP/1.1; bytes take two. */
  end(body: Buffer | string): void {
    this.#response.end(body)
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = null
        this.#response.removeListener('drain', done)
        resolve()
      }
      this.#wake = done
      this.#response.once('drain', done)
    })
  }

  /** Resolves early when the client leaves. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = null
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#wake = done
    })
  }

  /** Breaks the response off; over HTTP/2 only this stream, as the connection may carry other calls. */
  cut(): void {
    const response = this.#response
    if (isHttp2(response)) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    else this.#request.socket.destroy()
  }

  /** Hands `bytes` to the operating system, then breaks the response off. */
  writeThenCut(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      const response = this.#response
      const done = (): void => {
        this.#wake = null
        this.cut()
        resolve()
      }
      this.#wake = resolve
      if (isHttp2(response)) response.write(bytes, 'utf8', done)
      else response.write(bytes, done)
    })
  }
}

/** A client that is gone shows as `close`; the error that may come with it has nothing to add. */
function ignore(): void {}

function protocolOf(response: AnyResponse): Protocol {
  if (!isHttp2(response)) return 'http/1.1'
  return response.stream.session?.encrypted === true ? 'h2' : 'h2c'
}

function isHttp2(response: AnyResponse): response is Http2ServerResponse {
  return 'stream' in response
}
