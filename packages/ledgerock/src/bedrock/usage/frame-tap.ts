// Watches `application/vnd.amazon.eventstream` go by and shows the frames somebody wants, whole or cut into any chunks. It never
// holds the stream up: a frame nobody wants is skipped by its length, one that lies in one chunk is shown in place, and only a
// wanted frame cut in two is copied. Framing that cannot be right breaks the tap, once; the bytes pass all the same.
//
//   [4 total length][4 headers length][4 CRC32 of these 8][headers][payload][4 CRC32 of everything before]

import { crc32 } from 'node:zlib'

export const FRAME_KINDS = ['event', 'exception', 'error'] as const
export type FrameKind = (typeof FRAME_KINDS)[number]

export type Frame = {
  readonly kind: FrameKind
  /** The event, exception or error type; empty where the frame does not say. */
  readonly type: string
  /** Valid only during the call: it shares memory with the chunk. */
  readonly payload: Buffer
}

export const FRAME_PROBLEMS = [
  'bad_length',
  'bad_prelude_crc',
  'bad_headers',
  'bad_message_crc',
  'cut_inside_frame',
] as const
export type FrameProblem = (typeof FRAME_PROBLEMS)[number]

export const MESSAGE_BYTES_MAX = 24 * 1_024 * 1_024
export const HEADERS_BYTES_MAX = 128 * 1_024
/** Bedrock sends three or four. */
export const HEADERS_MAX = 1_024
const PRELUDE_BYTES = 12
const CRC_BYTES = 4
const HELD_BYTES_FIRST = 4_096
/** Room that stays with a stream once a frame is dealt with; more is given back. */
const HELD_BYTES_KEPT = 32_768
const TYPE_CHARACTERS_MAX = 128
const NOTHING = Buffer.alloc(0)

export class FrameTap {
  readonly #wanted: ReadonlySet<string>
  readonly #onFrame: (frame: Frame) => void
  #problem: FrameProblem | null = null
  /** Bytes of an unwanted frame that are still to pass. */
  #skip = 0
  /** The beginning of a frame whose rest is in a later chunk. */
  #held: Buffer = NOTHING
  #heldBytes = 0
  #heldNeeds = 0

  /** `wanted`: event types to show; exceptions and errors are always shown. */
  constructor(wanted: ReadonlySet<string>, onFrame: (frame: Frame) => void) {
    this.#wanted = wanted
    this.#onFrame = onFrame
  }

  /** Why nothing more is shown, or null. */
  get problem(): FrameProblem | null {
    return this.#problem
  }

  /** Bytes of memory kept from one chunk to the next. */
  get roomBytes(): number {
    return this.#held.length
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#problem !== null) return
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - at)
        this.#skip -= passed
        at += passed
      } else if (this.#heldBytes > 0) {
        const to = Math.min(chunk.length, at + this.#heldNeeds - this.#heldBytes)
        this.#hold(chunk, at, to, this.#heldNeeds)
        at = to
        if (this.#heldBytes < this.#heldNeeds) continue
        const needs = this.#advance(this.#held, 0, this.#heldBytes)
        if (needs === 0) this.#release()
        else this.#heldNeeds = needs
      } else {
        const needs = this.#advance(chunk, at, chunk.length - at)
        if (needs > 0) {
          this.#hold(chunk, at, chunk.length, needs)
          return
        }
        at = nextFrame(chunk, at, this.#skip)
      }
    }
  }

  /** The stream ended; inside a frame is a problem. */
  end(): void {
    if (this.#heldBytes > 0 || this.#skip > 0) this.#broken('cut_inside_frame')
  }

  /**
   * Goes as far into a frame as `have` bytes allow. Returns 0 when the frame is dealt with (shown, or to be skipped), else how
   * many bytes are needed to go further.
   */
  #advance(bytes: Buffer, start: number, have: number): number {
    if (have < PRELUDE_BYTES) return PRELUDE_BYTES
    const total = bytes.readUInt32BE(start)
    const headersBytes = bytes.readUInt32BE(start + 4)
    const headersEnd = PRELUDE_BYTES + headersBytes
    if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32BE(start + 8)) {
      return this.#broken('bad_prelude_crc')
    }
    if (
      total > MESSAGE_BYTES_MAX ||
      headersBytes > HEADERS_BYTES_MAX ||
      total < headersEnd + CRC_BYTES
    ) {
      return this.#broken('bad_length')
    }
    if (have < headersEnd) return headersEnd
    const named = readHeaders(bytes, start + PRELUDE_BYTES, start + headersEnd)
    if (named === null) return this.#broken('bad_headers')
    if (named.kind === 'event' && !this.#wanted.has(named.type)) {
      this.#skip = total - Math.min(have, total)
      return 0
    }
    if (have < total) return total
    const crcAt = start + total - CRC_BYTES
    if (crc32(bytes.subarray(start, crcAt)) !== bytes.readUInt32BE(crcAt)) {
      return this.#broken('bad_message_crc')
    }
    this.#onFrame({ ...named, payload: bytes.subarray(start + headersEnd, crcAt) })
    return 0
  }

  #broken(why: FrameProblem): number {
    this.#problem ??= why
    this.#held = NOTHING
    this.#heldBytes = 0
    return 0
  }

  #release(): void {
    this.#heldBytes = 0
    if (this.#held.length > HELD_BYTES_KEPT) this.#held = NOTHING
  }

  #hold(chunk: Buffer, from: number, to: number, needs: number): void {
    this.#heldNeeds = needs
    const size = this.#heldBytes + to - from
    if (size > this.#held.length) {
      // Grows as bytes come, not as a length field claims, and never beyond what the frame needs.
      const room = Math.max(size, Math.min(2 * size, needs))
      const grown = Buffer.allocUnsafeSlow(Math.max(HELD_BYTES_FIRST, room))
      this.#held.copy(grown, 0, 0, this.#heldBytes)
      this.#held = grown
    }
    chunk.copy(this.#held, this.#heldBytes, from, to)
    this.#heldBytes = size
  }
}

/** Where the frame at `at` ends in this chunk; one that is still being skipped reaches to its end. */
function nextFrame(chunk: Buffer, at: number, skip: number): number {
  return skip > 0 ? chunk.length : at + chunk.readUInt32BE(at)
}

const MESSAGE_TYPE = Buffer.from(':message-type')
const EVENT_TYPE = Buffer.from(':event-type')
const EXCEPTION_TYPE = Buffer.from(':exception-type')
const ERROR_CODE = Buffer.from(':error-code')
const STRING_HEADER = 7
/** Bytes of a header's value by its type; -1: preceded by a length of two bytes. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16] as const

type Named = { readonly kind: FrameKind; readonly type: string }

/** Null where the headers do not add up. A header stands once; of two, the first counts. */
function readHeaders(bytes: Buffer, start: number, end: number): Named | null {
  let kind = ''
  let event: string | null = null
  let exception: string | null = null
  let error: string | null = null
  let at = start
  for (let count = 0; at < end; count += 1) {
    if (count === HEADERS_MAX) return null
    const nameAt = at + 1
    const nameEnd = nameAt + (bytes[at] as number)
    if (nameEnd >= end) return null
    const valueType = bytes[nameEnd] as number
    let size: number | undefined = VALUE_BYTES[valueType]
    let valueAt = nameEnd + 1
    if (size === undefined) return null
    if (size < 0) {
      if (valueAt + 2 > end) return null
      size = bytes.readUInt16BE(valueAt)
      valueAt += 2
    }
    at = valueAt + size
    if (at > end) return null
    if (valueType !== STRING_HEADER || size > TYPE_CHARACTERS_MAX) continue
    if (isName(bytes, nameAt, nameEnd, MESSAGE_TYPE)) kind = wordOf(bytes, valueAt, at)
    else if (isName(bytes, nameAt, nameEnd, EVENT_TYPE)) event ??= wordOf(bytes, valueAt, at)
    else if (isName(bytes, nameAt, nameEnd, EXCEPTION_TYPE))
      exception ??= wordOf(bytes, valueAt, at)
    else if (isName(bytes, nameAt, nameEnd, ERROR_CODE)) error ??= wordOf(bytes, valueAt, at)
  }
  if (kind === 'exception') return { kind, type: exception ?? '' }
  if (kind === 'error') return { kind, type: error ?? '' }
  return { kind: 'event', type: event ?? '' }
}

function isName(bytes: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false
  for (let at = 1; at < name.length; at += 1) if (bytes[start + at] !== name[at]) return false
  return true
}

function wordOf(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end)
}
