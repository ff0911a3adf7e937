// A request's body as it came, and its hash, which is only worked out where somebody asks: a call whose body is changed on the
// way is signed for another one.

import { hash } from 'node:crypto'

export class Payload {
  readonly bytes: Buffer
  /** When it was here; monotonic milliseconds. */
  readonly at: number
  #sha256: string | null = null

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes
    this.at = at
  }

  /** SHA-256, hex. */
  get sha256(): string {
    this.#sha256 ??= hash('sha256', this.bytes, 'hex')
    return this.#sha256
  }
}
