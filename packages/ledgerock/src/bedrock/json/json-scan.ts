// Finds the values at a few wanted places of a JSON document while its bytes go by, chunk by chunk, without parsing the rest.
// Structure is checked completely (brackets, commas, numbers, literals, nothing after the end); the inside of a string is only
// skipped, with a native search for its closing quote. Keys are compared as decoded, because `"us\u0061ge"` is `"usage"`.
// One scan serves many documents after `reset`; it allocates only for keys and values that lie across chunks.

import {
  childNode,
  KEY_MEDIA,
  KEY_OTHER,
  KEY_TEXT,
  kindOfKey,
  type JsonPaths,
  type PathNode,
} from './json-paths.ts'
import { DEPTH_MAX, type JsonProblem } from './json-problem.ts'
import {
  afterNumber,
  closingQuote,
  hasBackslash,
  keyOf,
  literalOf,
  NO_BYTES,
  numberStart,
  OPEN_ESCAPED,
  plainKeyEnd,
} from './json-token.ts'
import { ScanCounts } from '../usage/scan-counts.ts'
import { ValueCapture } from './value-capture.ts'

/** Longest key, as written, that could still be a wanted one with every character escaped. */
const KEY_BYTES_MAX = 512
const QUOTE = 0x22

const VALUE = 0
const VALUE_OR_END = 1
const KEY = 2
const KEY_OR_END = 3
const COLON = 4
const AFTER = 5
const DONE = 6
const IN_KEY = 7
const IN_STRING = 8
const IN_NUMBER = 9
const IN_LITERAL = 10
const FAILED = 11

export class JsonScan extends ScanCounts {
  problem: JsonProblem | null = null
  /** The first wanted path, or part of one, that stands twice. */
  duplicate: string | null = null

  readonly #nodes: readonly PathNode[]
  readonly #capture: ValueCapture
  readonly #seen: Uint8Array
  /** Per open container: the tree's node, the kind of the key it stands under, 1 for an object. */
  readonly #stackNode = new Int16Array(DEPTH_MAX + 1)
  readonly #stackKind = new Uint8Array(DEPTH_MAX + 1)
  readonly #stackObject = new Uint8Array(DEPTH_MAX + 1)
  #depth = 0
  #state = VALUE
  /** Of the value that comes next. */
  #node = 0
  #kind = KEY_OTHER
  /** A backslash at the very end of the last chunk escapes the first byte of the next one. */
  #escaped = false
  #keyEscaped = false
  #stringLength = 0
  #stringSplit = false
  #number = 0
  #literal = NO_BYTES
  #literalAt = 0
  #keyParts: Buffer[] = []

  constructor(wanted: JsonPaths, valueBytesMax = 65_536) {
    super()
    this.#nodes = wanted.nodes
    this.#capture = new ValueCapture(wanted, valueBytesMax)
    this.#seen = new Uint8Array(wanted.nodes.length)
  }

  reset(): void {
    this.problem = null
    this.duplicate = null
    this.forget()
    this.#capture.reset()
    this.#seen.fill(0)
    this.#depth = 0
    this.#state = VALUE
    this.#node = 0
    this.#kind = KEY_OTHER
    this.#escaped = false
    this.#keyParts = []
  }

  /** True once the document is complete; white space may still follow. */
  get done(): boolean {
    return this.#state === DONE
  }

  /** True if any wanted value was found. */
  get found(): boolean {
    return this.#capture.found > 0
  }

  /** The bytes of the value at a wanted path (its last one), or null. They share memory with the chunk they came in. */
  value(path: number): Buffer | null {
    return this.#capture.value(path)
  }

  /** How many values were counted at all places together. */
  get counted(): number {
    return this.#capture.counted
  }

  /** The values at a path that ends in `[]`. They share memory with the chunks they came in. */
  all(path: number): readonly Buffer[] {
    return this.#capture.all(path)
  }

  /** How many values there are at a path that ends in `#` or `[]`. */
  count(path: number): number {
    return this.#capture.count(path)
  }

  /** Where the last value of a path that ends in `#` begins in its chunk; -1 where there is none. */
  start(path: number): number {
    return this.#capture.start(path)
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      switch (this.#state) {
        case IN_STRING:
          at = this.#inString(chunk, at)
          break
        case IN_KEY:
          at = this.#inKey(chunk, at)
          break
        case IN_NUMBER:
          at = this.#inNumber(chunk, at)
          break
        case IN_LITERAL:
          at = this.#inLiteral(chunk, at)
          break
        case FAILED:
          return
        default:
          at = this.#between(chunk, at)
      }
    }
    if (this.#capture.leaf >= 0 && !this.#capture.keep(chunk)) this.#fail('too_large')
  }

  /** No more bytes come: a document that is not complete is malformed. */
  end(): void {
    if (this.#state === IN_NUMBER && this.#depth === 0 && this.#number % 2 === 0) {
      this.#finish(NO_BYTES, 0)
    }
    if (this.#state !== DONE && this.#state !== FAILED) this.#fail('malformed')
  }

  /** Nothing is read any more. Returns `at`, for the reader to go on from. */
  #fail(problem: JsonProblem, at = 0): number {
    this.problem ??= problem
    this.#state = FAILED
    this.#capture.abandon()
    return at
  }

  /** White space and punctuation, up to the next string, number or literal. */
  #between(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length) {
      const byte = chunk[at] as number
      at += 1
      switch (byte) {
        case 0x20:
        case 0x0a:
        case 0x0d:
        case 0x09:
          continue
        case QUOTE:
          return this.#openString(at)
        case 0x2c:
          if (this.#state !== AFTER) return this.#fail('malformed', at)
          this.#next()
          continue
        case 0x3a:
          if (this.#state !== COLON) return this.#fail('malformed', at)
          this.#state = VALUE
          continue
        case 0x7b:
        case 0x5b:
          if (!this.#open(byte === 0x7b, at - 1)) return at
          continue
        case 0x7d:
        case 0x5d:
          if (!this.#close(byte === 0x7d, chunk, at)) return at
          continue
        default:
          return this.#openScalar(byte, at)
      }
    }
    return at
  }

  #next(): void {
    if (this.#stackObject[this.#depth] === 1) {
      this.#state = KEY
      return
    }
    this.#state = VALUE
    this.#enterElement()
  }

  #enterElement(): void {
    const parent = this.#stackNode[this.#depth] as number
    this.#node = parent < 0 ? -1 : (this.#nodes[parent] as PathNode).element
    this.#kind = this.#stackKind[this.#depth] as number
  }

  #beginValue(start: number): void {
    if (this.#capture.leaf >= 0 || this.#node < 0) return
    const { leaf, counted } = this.#nodes[this.#node] as PathNode
    if (counted) this.#capture.tally(leaf, start)
    else if (leaf >= 0) this.#capture.begin(leaf, this.#depth, start)
  }

  #openString(at: number): number {
    if (this.#state === VALUE || this.#state === VALUE_OR_END) {
      this.#beginValue(at - 1)
      this.#state = IN_STRING
    } else if (this.#state === KEY || this.#state === KEY_OR_END) {
      this.#state = IN_KEY
      this.#keyEscaped = false
    } else {
      return this.#fail('malformed', at)
    }
    this.#escaped = false
    this.#stringLength = 0
    this.#stringSplit = false
    return at
  }

  #open(isObject: boolean, start: number): boolean {
    if (this.#state !== VALUE && this.#state !== VALUE_OR_END) {
      this.#fail('malformed')
      return false
    }
    if (this.#depth === DEPTH_MAX) {
      this.#fail('too_deep')
      return false
    }
    this.#beginValue(start)
    this.#depth += 1
    this.#stackNode[this.#depth] = this.#node
    this.#stackKind[this.#depth] = this.#kind
    this.#stackObject[this.#depth] = isObject ? 1 : 0
    if (isObject) {
      this.#state = KEY_OR_END
    } else {
      this.#state = VALUE_OR_END
      this.#enterElement()
    }
    return true
  }

  #close(isObject: boolean, chunk: Buffer, at: number): boolean {
    const empty = isObject ? KEY_OR_END : VALUE_OR_END
    const fits = this.#depth > 0 && this.#stackObject[this.#depth] === (isObject ? 1 : 0)
    if (!fits || (this.#state !== AFTER && this.#state !== empty)) {
      this.#fail('malformed')
      return false
    }
    this.#depth -= 1
    this.#finish(chunk, at)
    return true
  }

  /** A value ended just before `end`. */
  #finish(chunk: Buffer, end: number): void {
    this.#state = this.#depth === 0 ? DONE : AFTER
    if (this.#capture.leaf >= 0) this.#capture.finish(this.#depth, chunk, end)
  }

  #inString(chunk: Buffer, from: number): number {
    const quote = this.#closingQuote(chunk, from)
    if (quote < 0) {
      this.#stringLength += chunk.length - from
      this.#stringSplit = true
      return chunk.length
    }
    const length = this.#stringLength + quote - from
    this.stringBytes += length
    if (this.#kind === KEY_TEXT) this.textBytes += length
    else if (this.#kind === KEY_MEDIA) this.addMedia(chunk, from, length, this.#stringSplit)
    this.#finish(chunk, quote + 1)
    return quote + 1
  }

  /** The index of the quote that ends the string, or -1 where it lies in a later chunk. */
  #closingQuote(chunk: Buffer, from: number): number {
    const start = this.#escaped ? from + 1 : from
    const quote = closingQuote(chunk, start)
    this.#escaped = quote === OPEN_ESCAPED
    return quote < 0 ? -1 : quote
  }

  #inKey(chunk: Buffer, from: number): number {
    const plain = this.#stringSplit ? -1 : plainKeyEnd(chunk, from)
    if (plain >= 0) {
      this.stringBytes += plain - from
      this.#state = COLON
      this.#node = -1
      this.#enterKey(chunk, from, plain)
      return plain + 1
    }
    const quote = this.#closingQuote(chunk, from)
    const end = quote < 0 ? chunk.length : quote
    this.#keyEscaped ||= hasBackslash(chunk, from, Math.min(end, from + KEY_BYTES_MAX))
    this.#stringLength += end - from
    if (quote < 0) {
      this.#stringSplit = true
      // Of a key too long to be a wanted one, only the length is kept.
      if (this.#stringLength <= KEY_BYTES_MAX)
        this.#keyParts.push(Buffer.from(chunk.subarray(from)))
      return end
    }
    this.stringBytes += this.#stringLength
    this.#state = COLON
    this.#node = -1
    this.#kind = KEY_OTHER
    if (this.#stringLength > KEY_BYTES_MAX) this.#keyParts = []
    else this.#enterWrittenKey(chunk.subarray(from, quote))
    return quote + 1
  }

  #enterWrittenKey(last: Buffer): void {
    const key = keyOf([...this.#keyParts, last], this.#keyEscaped)
    this.#keyParts = []
    if (key === null) this.#fail('malformed')
    else this.#enterKey(key, 0, key.length)
  }

  #enterKey(bytes: Buffer, start: number, end: number): void {
    this.#kind = kindOfKey(bytes, start, end)
    const parent = this.#stackNode[this.#depth] as number
    if (parent < 0) return
    const child = childNode(this.#nodes[parent] as PathNode, bytes, start, end)
    this.#node = child
    if (child < 0) return
    const { repeats, name } = this.#nodes[child] as PathNode
    if (this.#seen[child] === 1 && !repeats) this.duplicate ??= name
    this.#seen[child] = 1
  }

  #openScalar(byte: number, at: number): number {
    if (this.#state !== VALUE && this.#state !== VALUE_OR_END) return this.#fail('malformed', at)
    this.#beginValue(at - 1)
    const number = numberStart(byte)
    if (number >= 0) {
      this.#state = IN_NUMBER
      this.#number = number
      return at
    }
    const literal = literalOf(byte)
    if (literal === null) return this.#fail('malformed', at)
    this.#state = IN_LITERAL
    this.#literal = literal
    this.#literalAt = 1
    return at
  }

  #inLiteral(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length && this.#literalAt < this.#literal.length) {
      if (chunk[at] !== this.#literal[this.#literalAt]) return this.#fail('malformed', at + 1)
      this.#literalAt += 1
      at += 1
    }
    if (this.#literalAt === this.#literal.length) this.#finish(chunk, at)
    return at
  }

  #inNumber(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const next = afterNumber(this.#number, chunk[at] as number)
      if (next < 0) {
        if (this.#number % 2 === 1) return this.#fail('malformed', at)
        this.#finish(chunk, at)
        return at
      }
      this.#number = next
    }
    return chunk.length
  }
}
