// The segments of a journal as a reader in another process sees them: which are in use, where each one's sequence begins,
// which files it holds open because what it read of them is not synced yet.

import { codeOf, journalNewer } from './fault.ts'
import type { FileLayer, OpenFile } from './file-layer.ts'
import { isZero } from './record.ts'
import { syncFile } from './segment-file.ts'
import {
  decodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumber,
  type SegmentHeader,
} from './segment.ts'

/** A segment in use; `header` is null where it is damaged. */
export type KnownSegment = { readonly number: number; readonly header: SegmentHeader | null }

type HeldFile = { file: OpenFile; unsynced: boolean; failed: boolean }

/** Unreadable bytes are made up as this, which is no valid record and not the end either. */
const UNREADABLE = 0xff
const READ_AGAIN_BYTES = 4096

export class SegmentTable {
  readonly #files: FileLayer
  readonly #folder: string
  readonly #known = new Map<number, KnownSegment>()
  /** Headers seen damaged once: a live writer may have been half way through. */
  readonly #damagedOnce = new Set<number>()
  readonly #held = new Map<number, HeldFile>()
  #inUse: readonly KnownSegment[] = []

  constructor(files: FileLayer, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /** In order of their numbers. */
  get inUse(): readonly KnownSegment[] {
    return this.#inUse
  }

  /** Looks again. `final`: the writer is gone, so nothing is half way any more. */
  async refresh(final: boolean): Promise<void> {
    const names = await this.#files.list(this.#folder)
    const numbers = names.map(segmentNumber).filter((number) => number !== null)
    for (const number of numbers) {
      if (!this.#known.has(number)) this.#look(number, final)
    }
    this.#inUse = numbers
      .map((number) => this.#known.get(number))
      .filter((segment) => segment !== undefined)
  }

  #look(number: number, final: boolean): void {
    const header = this.#headerOf(number)
    if (header === 'newer') throw journalNewer(segmentName(number))
    if (header === 'gone') return
    if (header === 'empty' && !(final && this.#hasData(number))) return
    if (header === 'empty' || header === 'damaged') {
      const certain = final || this.#damagedOnce.has(number)
      if (certain) this.#known.set(number, { number, header: null })
      else this.#damagedOnce.add(number)
      return
    }
    this.#known.set(number, { number, header })
  }

  #headerOf(number: number): SegmentHeader | 'empty' | 'damaged' | 'newer' | 'gone' {
    const block = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const file = this.#tryOpen(number)
    if (file === null) return 'gone'
    try {
      const bytes = readTolerantly(file, block, 0)
      return decodeSegmentHeader(block.subarray(0, bytes))
    } finally {
      file.close()
    }
  }

  /** Power loss can take a header and leave records. */
  #hasData(number: number): boolean {
    const file = this.#tryOpen(number)
    if (file === null) return false
    try {
      const bytes = Buffer.alloc(file.sizeBytes())
      return !isZero(bytes, 0, readTolerantly(file, bytes, 0))
    } finally {
      file.close()
    }
  }

  #tryOpen(number: number): OpenFile | null {
    try {
      return this.#files.openToRead(this.#path(number))
    } catch (error) {
      // Shipped and deleted since the folder was listed.
      if (codeOf(error) === 'ENOENT') return null
      throw error
    }
  }

  #path(number: number): string {
    return `${this.#folder}/${segmentName(number)}`
  }

  /** The lowest sequence number that later segments answer for. */
  boundAfter(number: number): number {
    let bound = Number.POSITIVE_INFINITY
    for (const segment of this.#inUse) {
      if (segment.number > number && segment.header !== null) {
        bound = Math.min(bound, segment.header.firstSeq)
      }
    }
    return bound
  }

  nextAfter(number: number): KnownSegment | null {
    return this.#inUse.find((segment) => segment.number > number) ?? null
  }

  /** Fills `into` from `position` of that segment; fewer bytes only at its end. */
  read(number: number, into: Buffer, position: number): number {
    return readTolerantly(this.#hold(number).file, into, position)
  }

  sizeBytes(number: number): number {
    return this.#hold(number).file.sizeBytes()
  }

  #hold(number: number): HeldFile {
    let held = this.#held.get(number)
    if (held === undefined) {
      // Held open from the first read on: a later fdatasync here then hears of every failure since.
      held = { file: this.#files.openToRead(this.#path(number)), unsynced: false, failed: false }
      this.#held.set(number, held)
    }
    return held
  }

  markUnsynced(number: number): void {
    this.#hold(number).unsynced = true
  }

  /** Nothing more is read from that segment. */
  leave(number: number): void {
    const held = this.#held.get(number)
    if (held !== undefined && !held.unsynced) this.#drop(number, held)
  }

  #drop(number: number, held: HeldFile): void {
    held.file.close()
    this.#held.delete(number)
  }

  /**
   * Syncs what was read. Answers the segment that could not be, or null. A failed descriptor is never asked again: a live
   * writer has the same failure and will write those records anew; of a dead one's segment a new copy takes the place.
   */
  async sync(
    current: number,
    final: boolean,
  ): Promise<{ readonly segment: number; readonly code: string } | null> {
    const rewrittenBefore = Math.max(
      0,
      ...this.#inUse.filter(({ header }) => header?.reason === 'error').map(({ number }) => number),
    )
    for (const [number, held] of [...this.#held].toSorted(([a], [b]) => a - b)) {
      if (held.unsynced && number >= rewrittenBefore) {
        const code = await this.#syncOne(number, held, final)
        if (code !== null) return { segment: number, code }
      }
      held.unsynced = false
      if (number < current) this.#drop(number, held)
    }
    return null
  }

  async #syncOne(number: number, held: HeldFile, final: boolean): Promise<string | null> {
    try {
      if (!held.failed) {
        await syncFile(held.file)
        return null
      }
    } catch (error) {
      held.failed = true
      if (!final) return codeOf(error)
    }
    if (!final) return 'EIO'
    try {
      await this.#copy(number, held)
      return null
    } catch (error) {
      return codeOf(error)
    }
  }

  async #copy(number: number, held: HeldFile): Promise<void> {
    const bytes = Buffer.alloc(held.file.sizeBytes())
    const path = this.#path(number)
    await this.#files.writeWhole(
      `${path}.copy`,
      bytes.subarray(0, readTolerantly(held.file, bytes, 0)),
    )
    await this.#files.rename(`${path}.copy`, path)
    await this.#files.syncDirectory(this.#folder)
    held.file.close()
    held.file = this.#files.openToRead(path)
    held.failed = false
  }

  close(): void {
    for (const [number, held] of this.#held) this.#drop(number, held)
  }
}

/** A sector that cannot be read is damage like any other: what is around it is read all the same. */
function readTolerantly(file: OpenFile, into: Buffer, position: number): number {
  try {
    return file.readAt(into, 0, into.length, position)
  } catch {
    const end = Math.min(into.length, file.sizeBytes() - position)
    for (let at = 0; at < end; at += READ_AGAIN_BYTES) {
      const length = Math.min(READ_AGAIN_BYTES, end - at)
      try {
        file.readAt(into, at, length, position + at)
      } catch {
        into.fill(UNREADABLE, at, at + length)
      }
    }
    return Math.max(0, end)
  }
}
