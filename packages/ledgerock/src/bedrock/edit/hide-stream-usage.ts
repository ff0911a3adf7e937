// Takes out of an OpenAI chat stream what only came because the gateway asked for usage: the chunk that holds nothing but usage,
// and the `"usage":null` of the chunks before it. Everything else goes on byte for byte. An event is held until its blank line has
// come, which costs nobody anything, because no client acts on half an event; one too long to hold passes as it is.
//
// Source: OpenAI API reference, `stream_options.include_usage` of Chat Completions.

import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import { joinedData, soleData } from '../usage/sse-event.ts'
import { lineEnd } from '../usage/sse-tap.ts'

export type StreamUsageHider = {
  /** The bytes that may go on; none where the event is not complete. They may share memory with the chunk. */
  readonly write: (chunk: Buffer) => Buffer
  /** The stream is over: what was still held. */
  readonly end: () => Buffer
}

export const EVENT_BYTES_MAX = 65_536

export function createStreamUsageHider(): StreamUsageHider {
  return new Hider()
}

const LF = 0x0a
const CR = 0x0d
const EMPTY = Buffer.alloc(0)

class Hider implements StreamUsageHider {
  /** The beginning of an event whose blank line has not come. */
  #held: Buffer = EMPTY
  /** How far in it lines have been told apart. */
  #scanned = 0
  #lineStart = 0
  /** The last line ended in CR: a line feed now would belong to it. */
  #afterCr = false
  /** That line feed goes with the event before, which was taken out. */
  #dropLf = false
  /** The event is too long to hold; what has come of it is gone. */
  #passing = false

  write(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const out = new Output(bytes)
    let at = this.#scanned
    let lineStart = this.#lineStart
    let eventStart = 0
    while (at < bytes.length) {
      if (this.#afterCr) {
        const isSame = bytes[at] === LF
        if (isSame) at += 1
        if (isSame && this.#dropLf) out.drop(at - 1, at)
        this.#afterCr = false
        this.#dropLf = false
        if (isSame) {
          if (eventStart === lineStart) eventStart = at
          lineStart = at
          continue
        }
      }
      const end = lineEnd(bytes, at)
      if (end === bytes.length) {
        at = end
        break
      }
      at = end + 1
      this.#afterCr = bytes[end] === CR
      if (end === lineStart) {
        const isDropped = !this.#passing && hide(out, bytes, eventStart, at)
        this.#dropLf = isDropped && this.#afterCr
        this.#passing = false
        eventStart = at
      }
      lineStart = at
    }
    if (this.#passing || bytes.length - eventStart > EVENT_BYTES_MAX) {
      this.#passing = true
      // Only whether the line is empty so far has to be remembered.
      this.#hold(bytes.length, lineStart === bytes.length ? 0 : -1, EMPTY)
      return out.upTo(bytes.length)
    }
    const rest = eventStart === bytes.length ? EMPTY : Buffer.from(bytes.subarray(eventStart))
    this.#hold(at - eventStart, lineStart - eventStart, rest)
    return out.upTo(eventStart)
  }

  end(): Buffer {
    const held = this.#held
    if (held.length === 0) return EMPTY
    const out = new Output(held)
    hide(out, held, 0, held.length)
    this.#hold(0, 0, EMPTY)
    return out.upTo(held.length)
  }

  #hold(scanned: number, lineStart: number, held: Buffer): void {
    this.#held = held
    this.#scanned = held.length === 0 ? 0 : scanned
    this.#lineStart = lineStart
  }
}

/** Takes out of one whole event what has to go. True if that was all of it. */
function hide(out: Output, bytes: Buffer, start: number, end: number): boolean {
  const event = bytes.subarray(start, end)
  if (!event.includes('"usage"')) return false
  const place = usagePlace(event)
  if (place === null) return false
  const isWhole = place === 'whole'
  if (isWhole) out.drop(start, end)
  else out.drop(start + place.start, start + place.end)
  return isWhole
}

/** The bytes of a chunk with some ranges left out, copied only where something is. */
class Output {
  readonly #bytes: Buffer
  readonly #parts: Buffer[] = []
  #from = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  drop(start: number, end: number): void {
    if (start > this.#from) this.#parts.push(this.#bytes.subarray(this.#from, start))
    this.#from = end
  }

  upTo(end: number): Buffer {
    const last = this.#bytes.subarray(this.#from, end)
    if (this.#parts.length === 0) return last
    return Buffer.concat([...this.#parts, last])
  }
}

const USAGE = 0
const CHOICES = 1
/** One scan serves all streams: an event is read in one go. */
const scan = new JsonScan(compileJsonPaths(['usage', 'choices']), 2 * EVENT_BYTES_MAX)
const NULL = 0x6e
const OPENING_BRACE = 0x7b

/** Where in the event the usage stands that has to go; `whole`: the event is about nothing else. */
function usagePlace(
  event: Buffer,
): 'whole' | { readonly start: number; readonly end: number } | null {
  const sole = soleData(event)
  const data = sole === null ? joinedData(event) : event.subarray(sole.start, sole.end)
  scan.reset()
  scan.write(data)
  scan.end()
  const usage = scan.value(USAGE)
  if (scan.problem !== null || usage === null) return null
  if (usage[0] === OPENING_BRACE) return isEmptyArray(scan.value(CHOICES)) ? 'whole' : null
  if (usage[0] !== NULL || sole === null || scan.duplicate !== null) return null
  // The value lies in the event's own memory, so its place is known.
  const start = usage.byteOffset - event.byteOffset
  return memberAround(event, sole.start, start, start + usage.length)
}

function isEmptyArray(value: Buffer | null): boolean {
  return value !== null && value[0] === 0x5b && skipSpace(value, 1) === value.length - 1
}

const KEY = '"usage"'

/** The member whose value this is, with the comma before it, or after it where it is the first. */
function memberAround(
  event: Buffer,
  dataStart: number,
  valueStart: number,
  valueEnd: number,
): { readonly start: number; readonly end: number } | null {
  const colon = backOverSpace(event, valueStart) - 1
  const keyEnd = backOverSpace(event, colon)
  const keyStart = keyEnd - KEY.length
  if (keyStart < dataStart || event.toString('latin1', keyStart, keyEnd) !== KEY) return null
  const before = backOverSpace(event, keyStart) - 1
  if (event[before] === 0x2c) return { start: backOverSpace(event, before), end: valueEnd }
  const after = skipSpace(event, valueEnd)
  if (event[after] !== 0x2c) return { start: keyStart, end: valueEnd }
  return { start: keyStart, end: skipSpace(event, after + 1) }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === LF || byte === CR
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  while (isSpace(bytes[at])) at += 1
  return at
}

/** The index behind the last byte before `to` that is no white space. */
function backOverSpace(bytes: Buffer, to: number): number {
  let at = to
  while (isSpace(bytes[at - 1])) at -= 1
  return at
}
