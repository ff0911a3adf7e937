// Remembers what can no longer be read off a journal once it is shipped and removed: that it ended here, and whether lines of it may be
// missing. Leases are settled by this, so it is written before anything is removed; what is forgotten stays charged, never spent twice.

import type { ClosedMark } from '../journal/closed-mark.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import { originalIdOf } from '../journal/journal-id.ts'
import { Fault } from '../kernel/fault.ts'

export type RememberedJournal = {
  readonly journal_id: string
  /** All that can be read of it is in the store. */
  readonly shipped: boolean
  readonly recovered_as: string | null
  /** Lines may be missing without a trace, of it or of what recovery made of it. */
  readonly may_lack: boolean
}

export type EndLog = {
  readonly of: (journalId: string) => RememberedJournal | null
  readonly shipped: (journalId: string, mark: ClosedMark) => Promise<void>
  readonly lacks: (journalId: string) => Promise<void>
}

const FILE = 'journal-ends.json'
/** One for each start of a worker; whoever asks does so within seconds, or after a time of being away. */
const REMEMBERED_MAX = 4_096

export async function openEndLog(files: FileLayer, directory: string): Promise<EndLog> {
  const path = `${directory}/${FILE}`
  const journals = new Map<string, RememberedJournal>()
  const bytes = await files.readWhole(path)
  for (const one of bytes === null ? [] : read(path, bytes)) journals.set(one.journal_id, one)

  let writing: Promise<void> = Promise.resolve()
  let isWritten = true

  function remember(next: RememberedJournal): Promise<void> {
    const known = journals.get(next.journal_id)
    if (isWritten && known !== undefined && JSON.stringify(known) === JSON.stringify(next)) {
      return writing
    }
    journals.set(next.journal_id, next)
    isWritten = false
    writing = writing.catch(() => undefined).then(write)
    return writing
  }

  /** Written beside and renamed, so that there is always one whole memory. */
  async function write(): Promise<void> {
    isWritten = true
    try {
      await writeAll()
    } catch (error) {
      isWritten = false
      throw error
    }
  }

  async function writeAll(): Promise<void> {
    const kept = [...journals.values()]
      // The names of journals sort by age.
      .toSorted((a, b) => (a.journal_id < b.journal_id ? -1 : 1))
      .slice(-REMEMBERED_MAX)
    const text = JSON.stringify({ format: 1, journals: kept })
    await files.writeWhole(`${path}.tmp`, Buffer.from(`${text}\n`, 'utf8'))
    await files.rename(`${path}.tmp`, path)
    await files.syncDirectory(directory)
  }

  return {
    of: (journalId) => journals.get(journalId) ?? null,
    shipped: async (journalId, mark) => {
      // Of a recovered one its original tells: nothing asks for it by name.
      if (originalIdOf(journalId) !== null) return
      await remember({
        journal_id: journalId,
        shipped: true,
        recovered_as: mark.recoveredAs,
        may_lack: mark.mayLack || (journals.get(journalId)?.may_lack ?? false),
      })
    },
    lacks: (journalId) => {
      const id = originalIdOf(journalId) ?? journalId
      const known = journals.get(id)
      const nothing = { journal_id: id, shipped: false, recovered_as: null }
      return remember({ ...(known ?? nothing), may_lack: true })
    },
  }
}

function read(path: string, bytes: Uint8Array): readonly RememberedJournal[] {
  try {
    const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      readonly format: number
      readonly journals: readonly RememberedJournal[]
    }
    if (json.format === 1) return json.journals
  } catch (error) {
    throw new Fault('ship_state_damaged', `${path} cannot be read`, { cause: error })
  }
  throw new Fault('ship_state_damaged', `${path} is of another version`)
}
