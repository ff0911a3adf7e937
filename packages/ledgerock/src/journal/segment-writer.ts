// The writer at work: one write per turn of the event loop, one fdatasync at a time for all lines since the last, the next
// segment at hand before it is needed. When a write or a sync fails, that file is never trusted again: what is not yet
// synced is written anew, with the same sequence numbers, into a fresh segment.
//
//   append ─▶ encoded ─▶ (end of turn) written ─▶ (syncMs) synced ─▶ forgotten here
//                           done: interval           done: each

import { assert } from '../kernel/assert.ts'
import { writeClosedMark } from './closed-mark.ts'
import { codeOf, journalUnavailable } from './fault.ts'
import type { FileLayer } from './file-layer.ts'
import { SETTLED_BYTES_MAX } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import type { JournalOwner } from './owner.ts'
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES } from './record.ts'
import type { Scheduler } from './scheduler.ts'
import { syncFile, writeSegmentHeader } from './segment-file.ts'
import { SegmentSupply, type OpenSegment } from './segment-supply.ts'
import { SEGMENT_HEADER_BYTES } from './segment.ts'
import { UnsyncedLines, type AppendDone, type Run } from './unsynced-lines.ts'
import type { JournalStatus, JournalWriter, Reservation, WriterState } from './journal-writer.ts'

type Room = { stage: Reservation['stage'] }

type Settings = {
  readonly syncEach: boolean
  readonly syncMs: number
  readonly segmentBytes: number
  readonly maxBytes: number
  readonly retryMs: number
}

const SETTLED_ROOM_BYTES = RECORD_HEADER_BYTES + SETTLED_BYTES_MAX
const CALL_ROOM_BYTES = RECORD_BYTES_MAX + SETTLED_ROOM_BYTES
/** Up to here a line is written at once rather than together with what else the turn of the loop brings. */
const FEW_CALLS = 2

export class SegmentWriter implements JournalWriter {
  readonly journalId: string
  readonly #files: FileLayer
  readonly #scheduler: Scheduler
  readonly #settings: Settings
  readonly #owner: JournalOwner
  readonly #folder: string
  readonly #supply: SegmentSupply
  readonly #lines = new UnsyncedLines()
  #current: OpenSegment
  /** Segments with written lines that are not synced, oldest first. */
  #dirty: OpenSegment[] = []
  #phase: 'running' | 'closing' | 'closed' = 'running'
  /** From an error until everything is safe elsewhere; `lasting` once that did not work at once. */
  #failure: { readonly code: string; readonly lasting: boolean } | null = null
  #rewriting = false
  #turnPending = false
  #syncing = false
  #cancelTimer: (() => void) | null = null
  #onQuiet: (() => void) | null = null
  #appendedSeq = 0
  #writtenSeq = 0
  #syncedSeq = 0
  #reservedBytes = 0
  #inFlight = 0
  #openCalls = 0
  #failovers = 0

  constructor(
    deps: { readonly files: FileLayer; readonly scheduler: Scheduler },
    settings: Settings,
    owner: JournalOwner,
    folder: string,
    first: OpenSegment,
  ) {
    this.journalId = owner.journalId
    this.#files = deps.files
    this.#scheduler = deps.scheduler
    this.#settings = settings
    this.#owner = owner
    this.#folder = folder
    this.#current = first
    this.#supply = new SegmentSupply(deps, { ...settings, folder }, first.number, () => {
      this.#flush()
    })
    this.#supply.want()
  }

  readonly reserve = (): Reservation | null => {
    if (this.#phase !== 'running' || this.#failure !== null) return null
    const free = this.#freeBytes()
    if (free < this.#settings.segmentBytes / 2) this.#supply.want()
    if (free < CALL_ROOM_BYTES) return null
    this.#reservedBytes += CALL_ROOM_BYTES
    this.#inFlight += 1
    const room: Room = { stage: 'reserved' }
    return room
  }

  readonly release = (reservation: Reservation): void => {
    const room: Room = reservation
    assert(room.stage === 'reserved', 'only room that was not used is released')
    room.stage = 'done'
    this.#reservedBytes -= CALL_ROOM_BYTES
    this.#inFlight -= 1
  }

  readonly append = (reservation: Reservation, line: JournalLine, done: AppendDone): number => {
    const room: Room = reservation
    const opens = line.kind === 'opened'
    assert(this.#phase === 'running', 'nothing is appended to a journal that is closing')
    assert(room.stage === (opens ? 'reserved' : 'opened'), 'opened first, then settled, once each')
    const seq = this.#appendedSeq + 1
    this.#lines.add(line, seq, done)
    this.#appendedSeq = seq
    if (opens) {
      room.stage = 'opened'
      this.#reservedBytes -= RECORD_BYTES_MAX
      this.#openCalls += 1
    } else {
      room.stage = 'done'
      this.#reservedBytes -= SETTLED_ROOM_BYTES
      this.#openCalls -= 1
      this.#inFlight -= 1
    }
    if (!this.#turnPending) {
      this.#turnPending = true
      // With few calls under way there is nothing to gather, and a turn of the loop is time a client waits.
      if (this.#openCalls <= FEW_CALLS) this.#scheduler.atOnce(this.#endOfTurn)
      else this.#scheduler.nextTurn(this.#endOfTurn)
    }
    return seq
  }

  readonly status = (): JournalStatus => ({
    state: this.#state(),
    appendedSeq: this.#appendedSeq,
    writtenSeq: this.#writtenSeq,
    syncedSeq: this.#syncedSeq,
    bytes: this.#supply.bytes,
    segments: this.#supply.segments,
    inFlight: this.#inFlight,
    failovers: this.#failovers,
    lastError: this.#failure?.code ?? this.#supply.lastError,
  })

  readonly close = async (): Promise<void> => {
    assert(this.#phase === 'running', 'a journal is closed once')
    this.#phase = 'closing'
    const quiet = new Promise<void>((resolve) => {
      this.#onQuiet = resolve
    })
    this.#cancelTimer?.()
    this.#cancelTimer = null
    if (this.#failure === null) this.#flush()
    else this.#startRewriting()
    await quiet
    await this.#supply.stop()
    this.#phase = 'closed'
    for (const segment of new Set([...this.#dirty, this.#current])) segment.file.close()
    if (this.#failure !== null) {
      throw journalUnavailable(`the journal could not be synced: ${this.#failure.code}`)
    }
    if (this.#openCalls > 0) return
    const mark = {
      reason: 'closed',
      lastSeq: this.#appendedSeq,
      recoveredAs: null,
      mayLack: false,
    } as const
    // Without the mark the journal is recovered at the next start, and found to be whole.
    await writeClosedMark(this.#files, this.#folder, mark).catch(() => undefined)
  }

  #state(): WriterState {
    if (this.#phase !== 'running') return this.#phase
    if (this.#failure?.lasting === true) return 'failed'
    return this.#freeBytes() < CALL_ROOM_BYTES && this.#supply.isBlocked ? 'full' : 'open'
  }

  /**
   * Not reserved yet. A record that does not fit wastes the end of its segment, so none counts with its last
   * `RECORD_BYTES_MAX`.
   */
  #freeBytes(): number {
    const { at, sizeBytes } = this.#current
    const current = Math.max(0, sizeBytes - at - RECORD_BYTES_MAX)
    const each = this.#settings.segmentBytes - SEGMENT_HEADER_BYTES - RECORD_BYTES_MAX
    const room = current + this.#supply.preparedCount * each
    return room - this.#lines.unwrittenBytes - this.#reservedBytes
  }

  /** All that is unsynced has to fit in one fresh segment, should this one fail. */
  get #unsyncedBytesMax(): number {
    return this.#settings.segmentBytes - SEGMENT_HEADER_BYTES
  }

  readonly #endOfTurn = (): void => {
    this.#turnPending = false
    if (this.#failure?.lasting === true) this.#answerUnavailable()
    this.#flush()
  }

  /** Writes what there is: in one write, unless a segment or a buffer ends on the way. */
  #flush(): void {
    if (this.#failure !== null || this.#phase === 'closed') return
    try {
      while (this.#lines.hasUnwritten) {
        const segment = this.#current
        const unsyncedRoom = this.#unsyncedBytesMax - this.#lines.writtenBytes
        const run = this.#lines.nextRun(Math.min(segment.sizeBytes - segment.at, unsyncedRoom))
        if (run !== null) this.#write(segment, run)
        else if (unsyncedRoom < RECORD_BYTES_MAX && this.#dirty.length > 0) break
        else if (!this.#rotate()) break
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#arm()
  }

  #write(segment: OpenSegment, run: Run): void {
    segment.file.writeAt(run.bytes, run.start, run.length, segment.at)
    segment.at += run.length
    segment.lastSeq = run.lastSeq
    this.#writtenSeq = run.lastSeq
    this.#lines.wrote(run.to)
    if (this.#dirty.at(-1) !== segment) this.#dirty.push(segment)
    if (!this.#settings.syncEach) this.#lines.answer(run.from, run.to)
  }

  /** Goes on in the next segment. False: there is none yet; the lines wait, and are written as soon as there is. */
  #rotate(): boolean {
    const next = this.#supply.take()
    this.#supply.want()
    if (next === null) {
      // Lines that were taken are written even over the cap: by the way that is there for a failed disk.
      if (this.#phase === 'closing' || this.#supply.isBlocked) throw new Error('no segment is left')
      return false
    }
    const before = this.#current
    this.#current = next
    if (!this.#dirty.includes(before)) before.file.close()
    writeSegmentHeader(next.file, {
      segment: next.number,
      firstSeq: this.#writtenSeq + 1,
      reason: 'full',
      owner: this.#owner,
    })
    return true
  }

  /** Sees to it that what is written gets synced: after `syncMs`, or at once where somebody waits for it. */
  #arm(): void {
    if (this.#lines.isEmpty) this.#answerQuiet()
    if (this.#syncing || this.#dirty.length === 0) return
    const urgent = this.#settings.syncEach || this.#phase !== 'running' || this.#lines.hasUnwritten
    if (urgent) this.#startSync()
    else this.#cancelTimer ??= this.#scheduler.after(this.#settings.syncMs, this.#onSyncTimer)
  }

  readonly #onSyncTimer = (): void => {
    this.#cancelTimer = null
    if (!this.#syncing && this.#failure === null) this.#startSync()
  }

  #startSync(): void {
    const segment = this.#dirty[0]
    assert(segment !== undefined, 'only written lines are synced')
    const throughSeq = segment.lastSeq
    this.#syncing = true
    segment.file.dataSync((error) => {
      this.#syncing = false
      if (error !== null) this.#fail(error)
      else this.#onSynced(segment, throughSeq)
    })
  }

  #onSynced(segment: OpenSegment, throughSeq: number): void {
    this.#syncedSeq = throughSeq
    if (segment.lastSeq === throughSeq) {
      this.#dirty.shift()
      if (segment !== this.#current) segment.file.close()
    }
    this.#lines.synced(throughSeq)
    if (this.#failure !== null) this.#startRewriting()
    // What is in the next segment was written before this sync ended, and has waited long enough.
    else if (this.#dirty.length > 0 && this.#dirty[0] !== segment) this.#startSync()
    else this.#flush()
  }

  #fail(error: unknown): void {
    this.#failovers += 1
    this.#failure = { code: codeOf(error), lasting: false }
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#startRewriting()
  }

  /** Waits for a sync under way: there are never two, and what it makes safe need not be written again. */
  #startRewriting(): void {
    if (this.#syncing || this.#rewriting) return
    this.#rewriting = true
    void this.#rewriteOrWait()
  }

  async #rewriteOrWait(): Promise<void> {
    try {
      await this.#rewrite()
      this.#failure = null
    } catch (error) {
      this.#failure = { code: codeOf(error), lasting: true }
    }
    this.#rewriting = false
    if (this.#failure === null) {
      this.#supply.want()
      this.#flush()
      return
    }
    this.#answerUnavailable()
    if (this.#phase !== 'running') this.#answerQuiet()
    else this.#cancelTimer = this.#scheduler.after(this.#settings.retryMs, this.#onRetryTimer)
  }

  readonly #onRetryTimer = (): void => {
    this.#cancelTimer = null
    this.#startRewriting()
  }

  /** The header comes last, over synced records: until it is there a reader goes by the old segments. */
  async #rewrite(): Promise<void> {
    const segment = await this.#supply.takeOrCreate()
    const { file } = segment
    const firstSeq = this.#lines.firstSeq ?? this.#appendedSeq + 1
    const runs = this.#lines.rewriting(this.#unsyncedBytesMax)
    try {
      for (const run of runs) {
        file.writeAt(run.bytes, run.start, run.length, segment.at)
        segment.at += run.length
        segment.lastSeq = run.lastSeq
      }
      await syncFile(file)
    } catch (error) {
      await this.#supply.giveUp(segment)
      throw error
    }
    try {
      const { number } = segment
      writeSegmentHeader(file, { segment: number, firstSeq, reason: 'error', owner: this.#owner })
      await syncFile(file)
    } catch (error) {
      // A reader may have seen the header, so the file stays; the next attempt takes its place.
      file.close()
      throw error
    }
    for (const old of new Set([...this.#dirty, this.#current])) old.file.close()
    this.#dirty = []
    this.#current = segment
    const last = runs.at(-1)
    if (last === undefined) return
    this.#writtenSeq = last.lastSeq
    this.#syncedSeq = last.lastSeq
    this.#lines.wrote(last.to)
    this.#lines.synced(last.lastSeq)
  }

  #answerUnavailable(): void {
    this.#lines.answerAll(journalUnavailable(`the journal's disk failed: ${this.#failure?.code}`))
  }

  #answerQuiet(): void {
    this.#onQuiet?.()
    this.#onQuiet = null
  }
}
