// The folder that holds all journals of a node: what is there, and the end of what is no longer needed. Everything that
// removes goes by one rename, so that a journal is never half there.

import { readClosedMark, type ClosedMark } from './closed-mark.ts'
import type { FileLayer } from './file-layer.ts'
import { isJournalId, originalIdOf } from './journal-id.ts'
import { OWNER_FILE, ownerFromJson, type JournalOwner } from './owner.ts'
import { QUARANTINE_FOLDER } from './quarantine.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentNumber } from './segment.ts'

export type JournalEntry = {
  readonly journalId: string
  /** Null where neither `owner.json` nor a segment tells. */
  readonly owner: JournalOwner | null
  /** Null while the journal may still grow. */
  readonly closed: ClosedMark | null
}

/** Of a folder that was shipped and is being removed. */
const SHIPPED_SUFFIX = '.shipped'

/** Oldest first. */
export async function listJournals(
  files: FileLayer,
  dir: string,
): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (const journalId of (await files.list(dir)).filter(isJournalId)) {
    const folder = `${dir}/${journalId}`
    const closed = await readClosedMark(files, folder)
    const owner = await readOwner(files, folder)
    entries.push({ journalId, owner, closed })
  }
  return entries
}

export async function readOwner(files: FileLayer, folder: string): Promise<JournalOwner | null> {
  const bytes = await files.readWhole(`${folder}/${OWNER_FILE}`)
  const owner = bytes === null ? null : ownerFromJson(parsed(bytes))
  return owner ?? (await ownerInSegments(files, folder))
}

/** Deletes a journal's segments below `neededFromSegment`, lowest first. */
export async function deleteShipped(
  files: FileLayer,
  dir: string,
  journalId: string,
  neededFromSegment: number,
): Promise<void> {
  const folder = `${dir}/${journalId}`
  for (const name of await files.list(folder)) {
    const number = segmentNumber(name)
    if (number !== null && number < neededFromSegment) await files.remove(`${folder}/${name}`)
  }
}

/**
 * Removes a journal that is closed and wholly shipped; what it had in quarantine moves to `quarantine/<journal>`. `kept`:
 * it may still grow, or it is the recovered part of a journal that is not marked yet and would be recovered again without
 * it.
 */
export async function removeJournal(
  files: FileLayer,
  dir: string,
  journalId: string,
): Promise<'removed' | 'kept'> {
  const folder = `${dir}/${journalId}`
  if ((await readClosedMark(files, folder)) === null) return 'kept'
  const originalId = originalIdOf(journalId)
  if (originalId !== null && (await mayBeRecovered(files, dir, originalId))) return 'kept'
  if ((await files.list(`${folder}/${QUARANTINE_FOLDER}`)).length > 0) {
    const kept = `${dir}/${QUARANTINE_FOLDER}`
    await files.makeDirectory(kept)
    await files.rename(`${folder}/${QUARANTINE_FOLDER}`, `${kept}/${journalId}`)
    await files.syncDirectory(kept)
    await files.syncDirectory(dir)
  }
  await files.rename(folder, `${folder}${SHIPPED_SUFFIX}`)
  await files.syncDirectory(dir)
  await files.removeTree(`${folder}${SHIPPED_SUFFIX}`)
  return 'removed'
}

/** Finishes removals that were cut off. */
export async function removeLeftovers(files: FileLayer, dir: string): Promise<void> {
  for (const name of await files.list(dir)) {
    if (!name.endsWith(SHIPPED_SUFFIX)) continue
    if (isJournalId(name.slice(0, -SHIPPED_SUFFIX.length))) await files.removeTree(`${dir}/${name}`)
  }
}

async function mayBeRecovered(files: FileLayer, dir: string, journalId: string): Promise<boolean> {
  if (!(await files.list(dir)).includes(journalId)) return false
  return (await readClosedMark(files, `${dir}/${journalId}`))?.reason !== 'recovered'
}

async function ownerInSegments(files: FileLayer, folder: string): Promise<JournalOwner | null> {
  const block = Buffer.alloc(SEGMENT_HEADER_BYTES)
  for (const name of await files.list(folder)) {
    if (segmentNumber(name) === null) continue
    const file = files.openToRead(`${folder}/${name}`)
    try {
      file.readAt(block, 0, block.length, 0)
      const header = decodeSegmentHeader(block)
      if (typeof header === 'object') return header.owner
    } finally {
      file.close()
    }
  }
  return null
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return null
  }
}
