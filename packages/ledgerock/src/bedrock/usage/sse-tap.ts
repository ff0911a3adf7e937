// Watches `text/event-stream` go by, whole or cut into any chunks, and hands on what stands in the `data` fields, in place and as
// it comes: nothing is held, however long a line or an event is. Lines end in LF, CR or CRLF; comments and other fields are passed
// over; the lines of one event are joined by a line feed.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

export type SseSink = {
  /** Next bytes of the event's data; they share memory with the chunk. */
  readonly data: (bytes: Buffer) => void
  /** The event is complete. */
  readonly event: () => void
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const FIELD = [0x64, 0x61, 0x74, 0x61] as const
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const
const NEW_LINE = Buffer.from('\n')

/** At the beginning of the stream, where a byte order mark may stand. */
const START = 0
const LINE_START = 1
/** Inside a field's name that has been `data` so far. */
const IN_FIELD = 2
/** Behind the colon, where one space may stand. */
const BEFORE_VALUE = 3
const IN_VALUE = 4
/** Inside a line nobody wants. */
const IN_OTHER = 5

export class SseTap {
  readonly #sink: SseSink
  #state = START
  /** Bytes of the field's name, or of the byte order mark, that have been seen. */
  #matched = 0
  /** The last line ended in CR: a line feed now would belong to it. */
  #afterCr = false
  /** The event has had a `data` line. */
  #hasData = false

  constructor(sink: SseSink) {
    this.#sink = sink
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#afterCr) {
        this.#afterCr = false
        if (chunk[at] === LF) {
          at += 1
          continue
        }
      }
      if (this.#state === IN_VALUE || this.#state === IN_OTHER) at = this.#inLine(chunk, at)
      else at = this.#beforeValue(chunk, at)
    }
  }

  /** The stream is over: an event without its blank line counts all the same, because it was generated. */
  end(): void {
    if (this.#state === IN_FIELD && this.#matched === FIELD.length) this.#beginValue()
    if (this.#hasData) this.#sink.event()
    this.#hasData = false
  }

  #inLine(chunk: Buffer, from: number): number {
    const end = lineEnd(chunk, from)
    if (this.#state === IN_VALUE && end > from) this.#sink.data(chunk.subarray(from, end))
    if (end === chunk.length) return end
    this.#state = LINE_START
    this.#afterCr = chunk[end] === CR
    return end + 1
  }

  /** One byte of a line's beginning. */
  #beforeValue(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number
    if (this.#state === START) {
      if (byte === BYTE_ORDER_MARK[this.#matched]) {
        this.#matched += 1
        if (this.#matched === BYTE_ORDER_MARK.length) this.#state = LINE_START
        return at + 1
      }
      // Half a mark is a field's name, and not ours.
      this.#state = this.#matched === 0 ? LINE_START : IN_OTHER
      return at
    }
    if (byte === LF || byte === CR) {
      if (this.#state === LINE_START) this.#blankLine()
      else if (this.#state === BEFORE_VALUE || this.#matched === FIELD.length) this.#beginValue()
      this.#state = LINE_START
      this.#afterCr = byte === CR
      return at + 1
    }
    if (this.#state === BEFORE_VALUE) {
      this.#beginValue()
      return byte === SPACE ? at + 1 : at
    }
    if (this.#state === LINE_START) {
      this.#state = IN_FIELD
      this.#matched = 0
    }
    if (this.#matched === FIELD.length) this.#state = byte === COLON ? BEFORE_VALUE : IN_OTHER
    else if (byte === FIELD[this.#matched]) this.#matched += 1
    else this.#state = IN_OTHER
    return at + 1
  }

  #beginValue(): void {
    if (this.#hasData) this.#sink.data(NEW_LINE)
    this.#hasData = true
    this.#state = IN_VALUE
  }

  #blankLine(): void {
    if (this.#hasData) this.#sink.event()
    this.#hasData = false
  }
}

/** Where the line ends: the index of its LF or CR, or the chunk's length. */
export function lineEnd(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(LF, from)
  const end = lf < 0 ? chunk.length : lf
  const cr = chunk.subarray(from, end).indexOf(CR)
  return cr < 0 ? end : from + cr
}
