// `closed.json` in a journal's folder says that nothing will ever be added: its writer closed it with every call settled,
// or its owner died and recovery has put the interrupted calls into a journal of their own. Written beside, synced,
// renamed.

import type { FileLayer } from './file-layer.ts'
import { JOURNAL_FORMAT } from './owner.ts'

export type ClosedMark = {
  readonly reason: 'closed' | 'recovered'
  /** The highest sequence number in the journal; what is missing below it was lost. */
  readonly lastSeq: number
  /** Where the interrupted calls are, or null where there were none. */
  readonly recoveredAs: string | null
  /** Lines that were answered as safe may be missing without a trace: its process did not close it, and power was lost since. */
  readonly mayLack: boolean
}

export const CLOSED_FILE = 'closed.json'

export async function writeClosedMark(
  files: FileLayer,
  folder: string,
  mark: ClosedMark,
): Promise<void> {
  const json = {
    format: JOURNAL_FORMAT,
    reason: mark.reason,
    last_seq: mark.lastSeq,
    recovered_as: mark.recoveredAs,
    may_lack: mark.mayLack,
  }
  const beside = `${folder}/${CLOSED_FILE}.tmp`
  await files.writeWhole(beside, Buffer.from(`${JSON.stringify(json)}\n`))
  await files.rename(beside, `${folder}/${CLOSED_FILE}`)
  await files.syncDirectory(folder)
}

/** Null where there is none, or none that can be read: then the journal counts as open, which loses nothing. */
export async function readClosedMark(files: FileLayer, folder: string): Promise<ClosedMark | null> {
  const bytes = await files.readWhole(`${folder}/${CLOSED_FILE}`)
  if (bytes === null) return null
  try {
    const json = JSON.parse(Buffer.from(bytes).toString()) as Partial<Record<string, unknown>>
    const { reason, last_seq: lastSeq, recovered_as: recoveredAs, may_lack: mayLack } = json
    if (reason !== 'closed' && reason !== 'recovered') return null
    if (typeof lastSeq !== 'number') return null
    return {
      reason,
      lastSeq,
      recoveredAs: typeof recoveredAs === 'string' ? recoveredAs : null,
      // A version that did not look does not know.
      mayLack: typeof mayLack === 'boolean' ? mayLack : reason === 'recovered',
    }
  } catch {
    return null
  }
}
