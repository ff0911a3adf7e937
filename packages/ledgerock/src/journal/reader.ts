// Reads a journal while its writer, in another process, goes on writing: records in order of sequence, each once, whatever
// power loss and failing disks have done to the bytes. What is damaged is kept aside and reported, and reading goes on
// behind it. A reader is used by one caller, one call at a time.

import { readClosedMark, type ClosedMark } from './closed-mark.ts'
import { journalNewer } from './fault.ts'
import type { FileLayer } from './file-layer.ts'
import { decodeLine } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import { quarantine, withoutTrailingZeros } from './quarantine.ts'
import { findRecord, RECORD_HEADER_BYTES, scanRecord, type Scanned } from './record.ts'
import { SegmentTable } from './segment-table.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from './segment.ts'

export type JournalRecord = {
  readonly seq: number
  readonly line: JournalLine
  readonly segment: number
  readonly offset: number
}

/** What was wrong with the bytes. Each is counted, logged and alarmed by whoever reads. */
export type Finding =
  | {
      /** Damage with more of the journal behind it, or at its very end. */
      readonly kind: 'quarantined' | 'tail_cut'
      readonly segment: number
      readonly offset: number
      readonly bytes: number
      /** Where the bytes are kept, or null where they could not be. */
      readonly keptAt: string | null
    }
  | { readonly kind: 'gap'; readonly fromSeq: number; readonly toSeq: number }
  | { readonly kind: 'header_damaged'; readonly segment: number }
  | { readonly kind: 'sync_failed'; readonly segment: number; readonly code: string }

export type ReadResult = {
  readonly records: readonly JournalRecord[]
  readonly findings: readonly Finding[]
  /** `more`: call again at once. `waiting`: the writer lives, ask later. `complete`: this journal will never have more. */
  readonly state: 'more' | 'waiting' | 'complete'
}

export type ReaderOptions = {
  readonly dir: string
  readonly journalId: string
  /** Where to begin; advisory: what is not there is answered with the lowest segment. */
  readonly from?: { readonly segment: number; readonly offset: number }
  /** The owner is known to be gone: the end of the data is the end. Else only a closing mark says so. */
  readonly dead?: boolean
}

export type JournalReader = {
  readonly journalId: string
  /** The next records in order of sequence, each once, at most `limit`. They may not be synced yet. */
  readonly read: (limit: number) => Promise<ReadResult>
  /**
   * Makes what was read survive power loss; answers the highest sequence number that does, with all before it. A failure is
   * among the findings of the next read.
   */
  readonly sync: () => Promise<number>
  readonly close: () => void
}

export function openReader(
  deps: { readonly files: FileLayer },
  options: ReaderOptions,
): JournalReader {
  return new SegmentReader(deps.files, options)
}

const WINDOW_BYTES = 256 * 1024
const UNKNOWN_SEQ = -1

type FoundRecord = Extract<Scanned, { kind: 'record' }>

class SegmentReader implements JournalReader {
  readonly journalId: string
  readonly #files: FileLayer
  readonly #options: ReaderOptions
  readonly #folder: string
  readonly #table: SegmentTable
  readonly #window = Buffer.allocUnsafe(WINDOW_BYTES)
  #mark: ClosedMark | null = null
  /** 0 before the first segment is found. */
  #segment = 0
  #offset = SEGMENT_HEADER_BYTES
  /** Of the last record returned. */
  #lastSeq = UNKNOWN_SEQ
  #durableSeq = 0
  /** Damage in a segment that is being written, seen once: the writer may have been half way. */
  #suspectOffset = 0
  #complete = false
  #records: JournalRecord[] = []
  #findings: Finding[] = []

  constructor(files: FileLayer, options: ReaderOptions) {
    this.journalId = options.journalId
    this.#files = files
    this.#options = options
    this.#folder = `${options.dir}/${options.journalId}`
    this.#table = new SegmentTable(files, this.#folder)
  }

  readonly read = async (limit: number): Promise<ReadResult> => {
    // The mark is looked for before the bytes: once it is there, so is everything else.
    this.#mark ??= await readClosedMark(this.#files, this.#folder)
    await this.#table.refresh(this.#isFinal)
    const state = await this.#readOn(limit)
    const result = { records: this.#records, findings: this.#findings, state }
    this.#records = []
    this.#findings = []
    return result
  }

  get #isFinal(): boolean {
    return this.#mark !== null || this.#options.dead === true
  }

  async #readOn(limit: number): Promise<ReadResult['state']> {
    if (this.#complete) return 'complete'
    if (this.#segment === 0 && !this.#begin()) return this.#isFinal ? this.#end() : 'waiting'
    for (;;) {
      const stopped = this.#readWindow(limit)
      if (stopped === 'limit') return 'more'
      if (stopped === 'refill') continue
      const gone = await this.#passEnd(stopped)
      if (gone === 'waiting') return 'waiting'
      if (gone === 'over') return this.#end()
    }
  }

  /** Finds the place to begin. */
  #begin(): boolean {
    const { inUse } = this.#table
    const { from } = this.#options
    const lowest = inUse[0]
    if (lowest === undefined) return false
    if (from !== undefined && inUse.some(({ number }) => number === from.segment)) {
      this.#segment = from.segment
      this.#offset = Math.max(SEGMENT_HEADER_BYTES, from.offset)
      return true
    }
    this.#enter(lowest)
    if (lowest.header !== null) this.#lastSeq = lowest.header.firstSeq - 1
    else if (lowest.number === 1) this.#lastSeq = 0
    return true
  }

  #enter(segment: SegmentTable['inUse'][number]): void {
    this.#segment = segment.number
    this.#offset = SEGMENT_HEADER_BYTES
    this.#suspectOffset = 0
    if (segment.header === null) {
      this.#findings.push({ kind: 'header_damaged', segment: segment.number })
    }
  }

  /** Takes records from one window of bytes, until it is used up (`refill`), or enough, or there is no valid record. */
  #readWindow(limit: number): 'limit' | 'refill' | 'end' | 'bad' {
    const bytes = this.#table.read(this.#segment, this.#window, this.#offset)
    const isLast = bytes < WINDOW_BYTES
    const bound = this.#table.boundAfter(this.#segment)
    let at = 0
    for (;;) {
      if (this.#records.length >= limit) return 'limit'
      const tooShort = at + RECORD_HEADER_BYTES > bytes
      const scanned: Scanned = scanRecord(this.#window, at, bytes)
      if (scanned.kind === 'record') {
        const line = this.#lineOf(scanned, bound)
        if (line === 'malformed') return 'bad'
        if (line === 'newer') {
          // What an older version wrote before it is read all the same.
          if (this.#records.length > 0) return 'limit'
          throw journalNewer(segmentName(this.#segment))
        }
        if (line !== 'not_wanted') this.#take(scanned.seq, line)
        this.#offset += scanned.end - at
        at = scanned.end
      } else if (scanned.kind === 'bad' || (isLast && scanned.kind === 'partial')) {
        return 'bad'
      } else if (isLast || (scanned.kind === 'end' && !tooShort)) {
        return 'end'
      } else {
        return 'refill'
      }
    }
  }

  #lineOf(record: FoundRecord, bound: number): JournalLine | 'not_wanted' | 'malformed' | 'newer' {
    const { seq, start, end } = record
    if (seq <= this.#lastSeq || seq >= bound) return 'not_wanted'
    const line = decodeLine(this.#window.subarray(start, end))
    return line.ok ? line.value : line.problem
  }

  #take(seq: number, line: JournalLine): void {
    if (this.#lastSeq !== UNKNOWN_SEQ && seq > this.#lastSeq + 1) {
      this.#findings.push({ kind: 'gap', fromSeq: this.#lastSeq + 1, toSeq: seq - 1 })
    }
    this.#records.push({ seq, line, segment: this.#segment, offset: this.#offset })
    this.#lastSeq = seq
    this.#suspectOffset = 0
    this.#table.markUnsynced(this.#segment)
  }

  /**
   * There is no valid record at `#offset`: the end so far, the end of this segment, or damage. `on`: reading goes on, here
   * or in the next segment.
   */
  async #passEnd(stopped: 'end' | 'bad'): Promise<'on' | 'waiting' | 'over'> {
    const next = this.#table.nextAfter(this.#segment)
    const sealed = next !== null || this.#isFinal
    const bound = this.#table.boundAfter(this.#segment)
    const isWhole = this.#lastSeq !== UNKNOWN_SEQ && this.#lastSeq + 1 >= bound
    if (!sealed && stopped === 'end') return 'waiting'
    if (!(sealed && isWhole) && (await this.#passDamage(sealed, bound, next !== null))) return 'on'
    if (!sealed) return 'waiting'
    this.#table.leave(this.#segment)
    if (next === null) return 'over'
    this.#enter(next)
    return 'on'
  }

  /** Goes behind damage, keeping its bytes. False: nothing valid is behind it in this segment. */
  async #passDamage(sealed: boolean, bound: number, hasNext: boolean): Promise<boolean> {
    const rest = Buffer.alloc(Math.max(0, this.#table.sizeBytes(this.#segment) - this.#offset))
    const bytes = this.#table.read(this.#segment, rest, this.#offset)
    const found = this.#findNext(rest, bytes, bound)
    if (!sealed) {
      if (found === -1) return false
      if (this.#suspectOffset !== this.#offset) {
        this.#suspectOffset = this.#offset
        return false
      }
    }
    const damaged = withoutTrailingZeros(rest.subarray(0, found === -1 ? bytes : found))
    if (damaged.length > 0) {
      const segment = this.#segment
      const offset = this.#offset
      const keptAt = await quarantine(this.#files, this.#folder, segment, offset, damaged)
      const kind = found === -1 && !hasNext ? 'tail_cut' : 'quarantined'
      this.#findings.push({ kind, segment, offset, bytes: damaged.length, keptAt })
    }
    this.#offset += found === -1 ? bytes : found
    return found !== -1
  }

  /** The next record that can be read and is wanted, from `#offset` on. */
  #findNext(rest: Buffer, bytes: number, bound: number): number {
    const seqMax = Math.min(bound - 1, Number.MAX_SAFE_INTEGER)
    let from = 0
    for (;;) {
      const found = findRecord(rest, from, bytes, this.#lastSeq + 1, seqMax)
      if (found === -1) return -1
      const scanned = scanRecord(rest, found, bytes)
      const line =
        scanned.kind === 'record' && decodeLine(rest.subarray(scanned.start, scanned.end))
      if (line !== false && (line.ok || line.problem === 'newer')) return found
      from = found + 1
    }
  }

  #end(): 'complete' {
    this.#complete = true
    const lastSeq = this.#mark?.lastSeq ?? 0
    if (this.#lastSeq !== UNKNOWN_SEQ && lastSeq > this.#lastSeq) {
      this.#findings.push({ kind: 'gap', fromSeq: this.#lastSeq + 1, toSeq: lastSeq })
    }
    return 'complete'
  }

  readonly sync = async (): Promise<number> => {
    const throughSeq = Math.max(0, this.#lastSeq)
    const failed = await this.#table.sync(this.#segment, this.#isFinal)
    if (failed === null) this.#durableSeq = throughSeq
    else this.#findings.push({ kind: 'sync_failed', ...failed })
    return this.#durableSeq
  }

  readonly close = (): void => {
    this.#table.close()
  }
}
