// All journals of a node, as the shipper sees them: new ones are opened from where the store has them, confirmed ones lose
// their segments, finished ones are removed. At most so many calls wait in memory, however long the store is away.

import { readClosedMark, type ClosedMark } from '../journal/closed-mark.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import { deleteShipped, listJournals, removeJournal } from '../journal/journal-directory.ts'
import { segmentNumber } from '../journal/segment.ts'
import type { Waiting } from './cut-batch.ts'
import { openTail, type JournalTail, type TailDeps, type TailedCall } from './journal-tail.ts'
import type { PendingBatch } from './ship-state.ts'

export type TailsDeps = TailDeps & {
  /** The highest settled sequence number of each journal that needs no shipping any more. */
  readonly shippedSeqs: (journalIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** It is closed and wholly shipped, and about to be removed. */
  readonly onShipped: (journalId: string, mark: ClosedMark) => Promise<void>
  /**
   * Its writer closed it, and calls of it are open: their settled lines were lost. Left out: they stay open, and nobody can say what
   * they came to.
   */
  readonly onUnsettled?: (journalId: string) => Promise<void>
}

/** How far a journal's calls are in the store. */
export type Progress =
  { readonly kind: 'absent' | 'shipping' } | { readonly kind: 'shipped'; readonly mark: ClosedMark }

export type TailsOptions = { readonly dir: string; readonly nodeId: string }

/** How far reading went: calls may be left unread; the first error of a journal that could not be read. */
export type Filled = { readonly full: boolean; readonly error: unknown }

const STEP = 4_096

export class JournalTails {
  readonly #deps: TailsDeps
  readonly #options: TailsOptions
  readonly #tails = new Map<string, JournalTail>()
  /** Of which everything was done to settle what is open. */
  readonly #settled = new Set<string>()

  constructor(deps: TailsDeps, options: TailsOptions) {
    this.#deps = deps
    this.#options = options
  }

  async openNew(): Promise<void> {
    const { dir, nodeId } = this.#options
    const entries = await listJournals(this.#deps.files, dir)
    const fresh = entries.filter(({ journalId }) => !this.#tails.has(journalId))
    if (fresh.length === 0) return
    const shipped = await this.#deps.shippedSeqs(fresh.map(({ journalId }) => journalId))
    for (const { journalId, owner } of fresh) {
      const place = { dir, journalId, nodeId: owner?.nodeId ?? nodeId }
      const shippedSeq = shipped.get(journalId) ?? 0
      this.#tails.set(journalId, openTail(this.#deps, { ...place, shippedSeq }))
    }
  }

  async fill(max: number): Promise<Filled> {
    let room = max
    let error: unknown = null
    for (const tail of this.#tails.values()) {
      if (room <= 0) break
      try {
        await tail.fill(room)
      } catch (thrown) {
        // One journal that cannot be read must not hold up the others.
        error ??= thrown
      }
      room -= tail.ready().length
    }
    return { full: room <= 0, error }
  }

  waiting(): readonly Waiting[] {
    const tails = [...this.#tails.values()]
    return tails.map((tail) => ({ journalId: tail.journalId, calls: tail.ready() }))
  }

  /** The calls of a batch whose bounds were saved before a crash, read again. */
  async callsOf(batch: PendingBatch): Promise<readonly TailedCall[]> {
    const calls: TailedCall[] = []
    for (const { journal_id: journalId, first, last } of batch.ranges) {
      const tail = this.#tails.get(journalId)
      if (tail === undefined) continue
      for (let wanted = STEP; ; wanted += STEP) {
        await tail.fill(wanted)
        const ready = tail.ready()
        if (ready.length < wanted || (ready.at(-1)?.seq ?? 0) >= last) break
      }
      calls.push(...tail.ready().filter(({ seq }) => seq >= first && seq <= last))
    }
    return calls
  }

  async confirm(batch: PendingBatch): Promise<void> {
    for (const range of batch.ranges) {
      const tail = this.#tails.get(range.journal_id)
      if (tail === undefined) continue
      tail.confirm(range.last)
      const needed = tail.neededFromSegment()
      await deleteShipped(this.#deps.files, this.#options.dir, range.journal_id, needed)
    }
  }

  /** Has the open calls of closed journals settled; true: of some, so that there is more to ship. */
  async settleOpen(): Promise<boolean> {
    const { onUnsettled, files } = this.#deps
    if (onUnsettled === undefined) return false
    let isAny = false
    for (const [journalId, tail] of this.#tails) {
      if (tail.drained() !== 'for_ever' || !tail.hasOpenCalls()) continue
      if (this.#settled.has(journalId)) continue
      const mark = await readClosedMark(files, `${this.#options.dir}/${journalId}`)
      if (mark?.reason === 'closed') {
        await onUnsettled(journalId)
        isAny = true
      }
      this.#settled.add(journalId)
    }
    return isAny
  }

  /** Journals that are closed and wholly shipped. */
  async removeFinished(): Promise<void> {
    for (const [journalId, tail] of this.#tails) {
      if (tail.drained() !== 'for_ever') continue
      const progress = await this.progressOf(journalId)
      if (progress.kind !== 'shipped') continue
      await this.#deps.onShipped(journalId, progress.mark)
      const outcome = await removeJournal(this.#deps.files, this.#options.dir, journalId)
      if (outcome === 'kept') continue
      tail.close()
      this.#tails.delete(journalId)
      this.#settled.delete(journalId)
    }
  }

  async progressOf(journalId: string): Promise<Progress> {
    const { files } = this.#deps
    const { dir } = this.#options
    const tail = this.#tails.get(journalId)
    // What is read for ever has a mark, unless it was removed meanwhile.
    const mark = await readClosedMark(files, `${dir}/${journalId}`)
    if (tail === undefined || mark === null) {
      const isThere = (await files.list(dir)).includes(journalId)
      return { kind: isThere ? 'shipping' : 'absent' }
    }
    if (tail.drained() !== 'for_ever') return { kind: 'shipping' }
    // Of a call that its writer had settled, the line was lost.
    const lacks = mark.reason === 'closed' && tail.hasOpenCalls()
    const isToSettle = this.#deps.onUnsettled !== undefined && !this.#settled.has(journalId)
    if (lacks && isToSettle) return { kind: 'shipping' }
    return { kind: 'shipped', mark: lacks ? { ...mark, mayLack: true } : mark }
  }

  count(): number {
    return this.#tails.size
  }

  /** In whole segments, so a little too much rather than too little; 0 where nothing waits. */
  async lagBytes(): Promise<number> {
    const { files } = this.#deps
    const { dir } = this.#options
    let bytes = 0
    for (const { journalId } of await listJournals(files, dir)) {
      const tail = this.#tails.get(journalId)
      if (tail !== undefined && tail.drained() !== null) continue
      const needed = tail?.neededFromSegment() ?? 0
      for (const name of await files.list(`${dir}/${journalId}`)) {
        const number = segmentNumber(name)
        if (number === null || number < needed) continue
        bytes += sizeOf(files, `${dir}/${journalId}/${name}`)
      }
    }
    return bytes
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.close()
    this.#tails.clear()
  }
}

function sizeOf(files: FileLayer, path: string): number {
  try {
    const file = files.openToRead(path)
    try {
      return file.sizeBytes()
    } finally {
      file.close()
    }
  } catch {
    // Deleted meanwhile.
    return 0
  }
}
