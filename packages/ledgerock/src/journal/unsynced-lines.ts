// The lines that power loss could still take: encoded once into large buffers, kept there in order of sequence until they
// are synced, so that they can be written again elsewhere when a disk fails. Nothing is allocated per line but its entry.
//
//   head ─▶ written, not synced ─▶ next ─▶ not written yet ─▶ end

import type { Fault } from '../kernel/fault.ts'
import { encodeLine } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES, sealRecord } from './record.ts'

export type AppendDone = (error: Fault | null) => void

type Chunk = { readonly bytes: Buffer; used: number; lines: number }

type UnsyncedLine = {
  readonly seq: number
  readonly chunk: Chunk
  readonly start: number
  readonly end: number
  /** Null once it was called. */
  done: AppendDone | null
}

/** Lines that lie one after another in one buffer, so that one write takes them all; `from` and `to` are their places. */
export type Run = {
  readonly bytes: Buffer
  readonly start: number
  readonly length: number
  readonly from: number
  readonly to: number
  readonly lastSeq: number
}

const CHUNK_BYTES = 256 * 1024
const SPARE_CHUNKS_MAX = 4
/** Entries before `head` are cut off the array in bulk. */
const CUT_AT = 4096

export class UnsyncedLines {
  readonly #lines: UnsyncedLine[] = []
  #head = 0
  #next = 0
  #chunk: Chunk = { bytes: Buffer.allocUnsafe(CHUNK_BYTES), used: 0, lines: 0 }
  readonly #spare: Chunk[] = []
  #writtenBytes = 0
  #unwrittenBytes = 0

  /** Bytes written and not synced. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes
  }

  get isEmpty(): boolean {
    return this.#head === this.#lines.length
  }

  get hasUnwritten(): boolean {
    return this.#next < this.#lines.length
  }

  /** The lowest sequence number that is not synced, or null. */
  get firstSeq(): number | null {
    return this.#lines[this.#head]?.seq ?? null
  }

  /** Throws, and keeps nothing, where the line cannot be encoded. */
  add(line: JournalLine, seq: number, done: AppendDone): void {
    let chunk = this.#chunk
    if (chunk.used + RECORD_BYTES_MAX > CHUNK_BYTES) chunk = this.#nextChunk()
    const start = chunk.used
    const payloadBytes = encodeLine(line, chunk.bytes, start + RECORD_HEADER_BYTES)
    const end = sealRecord(chunk.bytes, start, seq, payloadBytes)
    chunk.used = end
    chunk.lines += 1
    this.#lines.push({ seq, chunk, start, end, done })
    this.#unwrittenBytes += end - start
  }

  #nextChunk(): Chunk {
    const spare = this.#spare.pop()
    this.#chunk = spare ?? { bytes: Buffer.allocUnsafe(CHUNK_BYTES), used: 0, lines: 0 }
    this.#chunk.used = 0
    return this.#chunk
  }

  /** The first lines not written yet that fit in `room`, or null. */
  nextRun(room: number): Run | null {
    return this.#runAt(this.#next, room)
  }

  /** The unsynced lines from the first on, written or not, as far as they fit in `room`. */
  rewriting(room: number): readonly Run[] {
    const runs: Run[] = []
    let left = room
    let run = this.#runAt(this.#head, left)
    while (run !== null) {
      runs.push(run)
      left -= run.length
      run = this.#runAt(run.to, left)
    }
    return runs
  }

  #runAt(from: number, room: number): Run | null {
    const first = this.#lines[from]
    if (first === undefined || first.end - first.start > room) return null
    const { chunk, start } = first
    let last = first
    let to = from + 1
    for (; to < this.#lines.length; to += 1) {
      const line = this.#lines[to] as UnsyncedLine
      if (line.chunk !== chunk || line.end - start > room) break
      last = line
    }
    return { bytes: chunk.bytes, start, length: last.end - start, from, to, lastSeq: last.seq }
  }

  /** The lines before place `to` are written. */
  wrote(to: number): void {
    for (; this.#next < to; this.#next += 1) {
      const { start, end } = this.#lines[this.#next] as UnsyncedLine
      this.#unwrittenBytes -= end - start
      this.#writtenBytes += end - start
    }
  }

  /** Calls those `done` of the lines in [from, to) that still wait for it. */
  answer(from: number, to: number): void {
    for (let index = from; index < to; index += 1) call(this.#lines[index] as UnsyncedLine, null)
  }

  /** Every `done` that still waits gets the error. The lines stay: they are not safe yet. */
  answerAll(error: Fault): void {
    for (const line of this.#lines.slice(this.#head)) call(line, error)
  }

  /** Lets go of the written lines up to `seq`, which are safe now, and calls those `done` that waited for it. */
  synced(seq: number): void {
    const waiting: UnsyncedLine[] = []
    while (this.#head < this.#next) {
      const line = this.#lines[this.#head] as UnsyncedLine
      if (line.seq > seq) break
      this.#head += 1
      this.#writtenBytes -= line.end - line.start
      this.#letGo(line.chunk)
      if (line.done !== null) waiting.push(line)
    }
    if (this.#head >= CUT_AT || this.#head === this.#lines.length) {
      this.#lines.splice(0, this.#head)
      this.#next -= this.#head
      this.#head = 0
    }
    for (const line of waiting) call(line, null)
  }

  #letGo(chunk: Chunk): void {
    chunk.lines -= 1
    if (chunk.lines > 0) return
    if (chunk === this.#chunk) chunk.used = 0
    else if (this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk)
  }
}

/** A callback that throws is its owner's defect, and must not stop the writer half way. */
function call(line: UnsyncedLine, error: Fault | null): void {
  const { done } = line
  if (done === null) return
  line.done = null
  try {
    done(error)
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}
