// Prepares segments before they are needed: zero-filled, synced, with a synced directory entry, so that a write to one can
// neither run out of disk nor lose its file. Keeps this journal's bytes on disk under its cap, and asks again after a while
// when the disk is full or broken; what the shipper has deleted is noticed then.

import type { FileLayer, OpenFile } from './file-layer.ts'
import { codeOf } from './fault.ts'
import type { Scheduler } from './scheduler.ts'
import { SEGMENT_HEADER_BYTES, segmentName, segmentNumber } from './segment.ts'

export type OpenSegment = {
  readonly number: number
  readonly file: OpenFile
  readonly sizeBytes: number
  /** Where the next record goes. */
  at: number
  /** Of the last record written, 0 while there is none. */
  lastSeq: number
}

export type SupplyOptions = {
  readonly folder: string
  readonly segmentBytes: number
  readonly maxBytes: number
  readonly retryMs: number
}

export class SegmentSupply {
  readonly #files: FileLayer
  readonly #scheduler: Scheduler
  readonly #options: SupplyOptions
  readonly #onChange: () => void
  readonly #prepared: OpenSegment[] = []
  #nextNumber: number
  #segments: number
  #preparing: Promise<void> | null = null
  #cancelRetry: (() => void) | null = null
  #stopped = false
  #lastError: string | null = null

  /** `lastNumber`: of the segments there are already. `onChange` is told when the background has one, or has to wait. */
  constructor(
    deps: { readonly files: FileLayer; readonly scheduler: Scheduler },
    options: SupplyOptions,
    lastNumber: number,
    onChange: () => void,
  ) {
    this.#files = deps.files
    this.#scheduler = deps.scheduler
    this.#options = options
    this.#nextNumber = lastNumber + 1
    this.#segments = lastNumber
    this.#onChange = onChange
  }

  get segments(): number {
    return this.#segments
  }

  get bytes(): number {
    return this.#segments * this.#options.segmentBytes
  }

  get preparedCount(): number {
    return this.#prepared.length
  }

  /** Waiting for room or for the disk, rather than busy. */
  get isBlocked(): boolean {
    return this.#cancelRetry !== null
  }

  get lastError(): string | null {
    return this.#lastError
  }

  take(): OpenSegment | null {
    return this.#prepared.shift() ?? null
  }

  /** Sees to one more segment in the background, unless one is on its way. */
  want(): void {
    if (this.#stopped || this.#preparing !== null || this.#cancelRetry !== null) return
    this.#preparing = this.#prepareOne()
  }

  async #prepareOne(): Promise<void> {
    try {
      if (!(await this.#hasRoom())) {
        this.#lastError = 'journal_full'
        this.#retryLater()
        return
      }
      this.#prepared.push(await this.#createSegment())
      this.#lastError = null
    } catch (error) {
      this.#lastError = codeOf(error)
      this.#retryLater()
    } finally {
      this.#preparing = null
    }
    if (!this.#stopped) this.#onChange()
  }

  #retryLater(): void {
    if (this.#stopped) return
    this.#cancelRetry = this.#scheduler.after(this.#options.retryMs, () => {
      this.#cancelRetry = null
      this.want()
    })
  }

  async #hasRoom(): Promise<boolean> {
    const { maxBytes, segmentBytes, folder } = this.#options
    if (this.bytes + segmentBytes <= maxBytes) return true
    const names = await this.#files.list(folder)
    this.#segments = names.filter((name) => segmentNumber(name) !== null).length
    return this.bytes + segmentBytes <= maxBytes
  }

  /** A number is never used twice: a failed attempt may have left a file. */
  async #createSegment(): Promise<OpenSegment> {
    const { folder, segmentBytes } = this.#options
    const number = this.#nextNumber
    this.#nextNumber += 1
    const path = `${folder}/${segmentName(number)}`
    let file: OpenFile | null = null
    try {
      file = await this.#files.create(path, segmentBytes)
      await this.#files.syncDirectory(folder)
    } catch (error) {
      file?.close()
      await this.#files.remove(path).catch(() => undefined)
      throw error
    }
    this.#segments += 1
    return { number, file, sizeBytes: segmentBytes, at: SEGMENT_HEADER_BYTES, lastSeq: 0 }
  }

  /** A segment now, for rewriting: the cap may be overstepped, because refusing would lose lines. */
  async takeOrCreate(): Promise<OpenSegment> {
    if (this.#preparing !== null) await this.#preparing
    return this.take() ?? (await this.#createSegment())
  }

  /** Closes and removes one that could not be used. */
  async giveUp(segment: OpenSegment): Promise<void> {
    segment.file.close()
    await this.#discard(segment.number)
  }

  async #discard(number: number): Promise<void> {
    this.#segments -= 1
    await this.#files
      .remove(`${this.#options.folder}/${segmentName(number)}`)
      .catch(() => undefined)
  }

  /** Prepares no more; what was prepared and not used is removed. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
    if (this.#preparing !== null) await this.#preparing
    for (const segment of this.#prepared.splice(0)) {
      await this.giveUp(segment)
    }
  }
}
