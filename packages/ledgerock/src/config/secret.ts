// A value that must not end up in a log, an error or a dump. Printing, JSON and inspection all show `[secret]`; the one way
// to the text is `reveal()`, which is easy to find in a review.

import { inspect } from 'node:util'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    Object.freeze(this)
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
