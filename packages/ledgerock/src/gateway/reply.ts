// The client's side of a call: one answer, whichever attempt gives it, over HTTP/1.1 or HTTP/2. Knows whether the client is
// still there, and tells the attempt in charge when it leaves or can take more.

import type { OutgoingHttpHeaders } from 'node:http'
import { constants } from 'node:http2'
import type { ErrorResponse } from '../bedrock/error.ts'
import type { GatewayResponse } from './server/gateway-request.ts'
import { sendError } from './send-error.ts'

export type ReplyWatcher = {
  readonly clientLeft: () => void
  /** What was written has been taken. */
  readonly clientReady: () => void
}

const NOTHING = Buffer.alloc(0)

export class Reply {
  readonly #response: GatewayResponse
  #watcher: ReplyWatcher | null = null
  #gone: boolean
  #ended = false

  constructor(response: GatewayResponse) {
    this.#response = response
    // A client that left while its body was read is told of by no event any more.
    this.#gone = response.destroyed === true || response.stream?.destroyed === true
    const left = (): void => this.#left()
    response.on('close', left)
    response.on('error', left)
    response.on('drain', () => this.#watcher?.clientReady())
  }

  /** The client is not there any more; writing to it does nothing. */
  get gone(): boolean {
    return this.#gone
  }

  /** From now on `watcher` is told; nobody else. */
  watch(watcher: ReplyWatcher | null): void {
    this.#watcher = watcher
  }

  head(status: number, headers: OutgoingHttpHeaders): void {
    if (!this.#gone) this.#response.writeHead(status, headers)
  }

  /** Sends the head now, without waiting for a first byte. */
  flush(): void {
    if (this.#gone) return
    // Over HTTP/1.1 Node's own flushing writes the head as UTF-8, which changes the bytes of fields that are not ASCII.
    if (this.#response.stream === undefined) this.#response.write(NOTHING)
    else this.#response.flushHeaders()
  }

  /** False where the client should be given time to take what it has. */
  write(chunk: Buffer): boolean {
    return this.#gone || this.#response.write(chunk)
  }

  end(last?: Buffer): void {
    if (this.#ended) return
    this.#ended = true
    if (!this.#gone) this.#response.end(last)
  }

  error(answer: ErrorResponse): void {
    if (this.#ended) return
    this.#ended = true
    if (!this.#gone) sendError(this.#response, answer)
  }

  /** The answer broke off upstream, so it must break off for the client too: a clean end would be a lie. */
  break(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#gone) return
    const { stream } = this.#response
    if (stream !== undefined) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    else this.#response.destroy()
  }

  #left(): void {
    if (this.#gone || this.#ended) return
    this.#gone = true
    this.#watcher?.clientLeft()
  }
}
