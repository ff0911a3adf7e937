// A worker's journal that may not be there yet: on a full disk it cannot be made, and then calls are refused, with a clear answer,
// until it can. Nothing else of the worker waits for it.

import type { JournalStatus, JournalWriter } from '../../journal/journal-writer.ts'

const RETRY_MS = 1_000

const NOT_THERE: JournalStatus = {
  state: 'full',
  appendedSeq: 0,
  writtenSeq: 0,
  syncedSeq: 0,
  bytes: 0,
  segments: 0,
  inFlight: 0,
  failovers: 0,
  lastError: 'not_opened',
}

/** Resolves after the first attempt, successful or not. */
export async function openEventually(
  open: () => Promise<JournalWriter>,
  onFailure: (reason: string) => void,
): Promise<JournalWriter> {
  let journal: JournalWriter | null = null
  let timer: NodeJS.Timeout | undefined

  async function attempt(): Promise<void> {
    try {
      journal = await open()
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error))
      timer = setTimeout(() => void attempt(), RETRY_MS)
    }
  }

  /** Whoever holds a reservation was given it by a journal that is there. */
  function opened(): JournalWriter {
    if (journal === null) throw new Error('the journal is not open')
    return journal
  }

  await attempt()
  return {
    get journalId() {
      return journal?.journalId ?? ''
    },
    reserve: () => journal?.reserve() ?? null,
    release: (reservation) => opened().release(reservation),
    append: (reservation, line, done) => opened().append(reservation, line, done),
    status: () => journal?.status() ?? NOT_THERE,
    async close() {
      clearTimeout(timer)
      await journal?.close()
    },
  }
}
