// All journals of a node, as the shipper sees them: new ones are opened from where the store has them, confirmed ones lose
// their segments, finished ones are removed. At most so many calls wait in memory, however long the store is away.

import type { FileLayer } from '../journal/file-layer.ts'
import { deleteShipped, listJournals, removeJournal } from '../journal/journal-directory.ts'
import { segmentNumber } from '../journal/segment.ts'
import type { Waiting } from './cut-batch.ts'
import { openTail, type JournalTail, type TailDeps, type TailedCall } from './journal-tail.ts'
import type { PendingBatch } from './ship-state.ts'

export type TailsDeps = TailDeps & {
  /** The highest settled sequence number of each journal that needs no shipping any more. */
  readonly shippedSeqs: (journalIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
}

export type JournalTails = {
  readonly openNew: () => Promise<void>
  /** Answers whether calls may be left unread, and the first error of a journal that could not be read. */
  readonly fill: (max: number) => Promise<{ readonly full: boolean; readonly error: unknown }>
  readonly waiting: () => readonly Waiting[]
  /** The calls of a batch whose bounds were saved before a crash, read again. */
  readonly callsOf: (batch: PendingBatch) => Promise<readonly TailedCall[]>
  readonly confirm: (batch: PendingBatch) => Promise<void>
  readonly removeFinished: () => Promise<void>
  readonly count: () => number
  readonly lagBytes: () => Promise<number>
  readonly close: () => void
}

const STEP = 4_096

export function openTails(
  deps: TailsDeps,
  options: { readonly dir: string; readonly nodeId: string },
): JournalTails {
  const { dir, nodeId } = options
  const { files } = deps
  const tails = new Map<string, JournalTail>()

  async function openNew(): Promise<void> {
    const entries = await listJournals(files, dir)
    const fresh = entries.filter(({ journalId }) => !tails.has(journalId))
    if (fresh.length === 0) return
    const shipped = await deps.shippedSeqs(fresh.map(({ journalId }) => journalId))
    for (const { journalId, owner } of fresh) {
      const place = { dir, journalId, nodeId: owner?.nodeId ?? nodeId }
      tails.set(journalId, openTail(deps, { ...place, shippedSeq: shipped.get(journalId) ?? 0 }))
    }
  }

  async function fill(max: number): Promise<{ full: boolean; error: unknown }> {
    let room = max
    let error: unknown = null
    for (const tail of tails.values()) {
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

  async function callsOf(batch: PendingBatch): Promise<readonly TailedCall[]> {
    const calls: TailedCall[] = []
    for (const { journal_id: journalId, first, last } of batch.ranges) {
      const tail = tails.get(journalId)
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

  async function confirm(batch: PendingBatch): Promise<void> {
    for (const range of batch.ranges) {
      const tail = tails.get(range.journal_id)
      if (tail === undefined) continue
      tail.confirm(range.last)
      await deleteShipped(files, dir, range.journal_id, tail.neededFromSegment())
    }
  }

  async function removeFinished(): Promise<void> {
    for (const [journalId, tail] of tails) {
      if (tail.drained() !== 'for_ever') continue
      if ((await removeJournal(files, dir, journalId)) === 'kept') continue
      tail.close()
      tails.delete(journalId)
    }
  }

  async function lagBytes(): Promise<number> {
    let bytes = 0
    for (const { journalId } of await listJournals(files, dir)) {
      const tail = tails.get(journalId)
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

  return {
    openNew,
    fill,
    waiting: () =>
      [...tails.values()].map((tail) => ({ journalId: tail.journalId, calls: tail.ready() })),
    callsOf,
    confirm,
    removeFinished,
    count: () => tails.size,
    lagBytes,
    close: () => {
      for (const tail of tails.values()) tail.close()
      tails.clear()
    },
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
