// The journal as the request path sees it: room is reserved before a call is taken, lines are appended, and `done` says
// when a line is safe. Every boot of a writer opens a journal of its own; nothing is ever appended to an old one.
// `segment-writer.ts` does the work.

import { assert } from '../kernel/assert.ts'
import type { Clock } from '../kernel/time.ts'
import type { FileLayer } from './file-layer.ts'
import { newJournalId } from './journal-id.ts'
import { OWNER_FILE, ownerToJson, type JournalOwner, type ProcessIdentity } from './owner.ts'
import { eventLoop, type Scheduler } from './scheduler.ts'
import { syncFile, writeSegmentHeader } from './segment-file.ts'
import { SegmentWriter } from './segment-writer.ts'
import {
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './segment.ts'
import type { JournalWriter } from './journal-writer.ts'

export type JournalDeps = {
  readonly files: FileLayer
  readonly clock: Clock
  /** That many random bytes. */
  readonly random: (count: number) => Uint8Array
  readonly process: ProcessIdentity
  readonly scheduler?: Scheduler
}

export type JournalOptions = {
  /** Holds one folder per journal. */
  readonly dir: string
  readonly nodeId: string
  readonly role: string
  /** When `done` is called: after the write (`interval`), or after the fdatasync that follows (`each`). */
  readonly sync?: 'interval' | 'each'
  /** From a write to its fdatasync in `interval` mode. */
  readonly syncMs?: number
  readonly segmentBytes?: number
  /** Cap on this journal's bytes on disk. */
  readonly maxBytes?: number
  /** Between attempts to get a segment when there was no room or the disk failed. */
  readonly retryMs?: number
}

const SYNC_MS_DEFAULT = 20
const RETRY_MS_DEFAULT = 1_000
const MAX_BYTES_DEFAULT = 10 * 1024 * 1024 * 1024
/** Smaller ones would hold not even a few calls at their largest. */
const SEGMENT_BYTES_MIN = 48 * 1024

/** Makes the journal's folder with its first segment, all at once, and begins. Rejects with what the file layer throws. */
export async function openJournal(
  deps: JournalDeps,
  options: JournalOptions,
): Promise<JournalWriter> {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES_DEFAULT
  assert(segmentBytes <= SEGMENT_BYTES_MAX, 'a segment is at most 64 MiB')
  assert(segmentBytes >= SEGMENT_BYTES_MIN, 'a segment is at least 48 KiB')
  const { files, clock } = deps
  const createdAt = clock.now()
  const owner: JournalOwner = {
    journalId: newJournalId(createdAt, deps.random),
    nodeId: options.nodeId,
    role: options.role,
    process: deps.process,
    createdAt,
  }
  const folder = `${options.dir}/${owner.journalId}`
  const beside = `${folder}.tmp`
  await files.makeDirectory(beside)
  await files.writeWhole(
    `${beside}/${OWNER_FILE}`,
    Buffer.from(`${JSON.stringify(ownerToJson(owner))}\n`),
  )
  const file = await files.create(`${beside}/${segmentName(1)}`, segmentBytes)
  try {
    writeSegmentHeader(file, { segment: 1, firstSeq: 1, reason: 'start', owner })
    await syncFile(file)
    await files.syncDirectory(beside)
    await files.rename(beside, folder)
    await files.syncDirectory(options.dir)
  } catch (error) {
    file.close()
    throw error
  }
  return new SegmentWriter(
    { files, scheduler: deps.scheduler ?? eventLoop },
    {
      syncEach: options.sync === 'each',
      syncMs: options.syncMs ?? SYNC_MS_DEFAULT,
      segmentBytes,
      maxBytes: options.maxBytes ?? MAX_BYTES_DEFAULT,
      retryMs: options.retryMs ?? RETRY_MS_DEFAULT,
    },
    owner,
    folder,
    { number: 1, file, sizeBytes: segmentBytes, at: SEGMENT_HEADER_BYTES, lastSeq: 0 },
  )
}
