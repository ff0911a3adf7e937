// The journal as those see it who write calls into it, and how it stands.

import type { JournalLine } from './line.ts'
import type { AppendDone } from './unsynced-lines.ts'

export const WRITER_STATES = ['open', 'full', 'failed', 'closing', 'closed'] as const
export type WriterState = (typeof WRITER_STATES)[number]

/** Room for one call's opened and settled line. Used up by the settled line, or given back with `release`. */
export type Reservation = { readonly stage: 'reserved' | 'opened' | 'done' }

export type JournalStatus = {
  readonly state: WriterState
  /** Highest sequence number given out. */
  readonly appendedSeq: number
  readonly writtenSeq: number
  readonly syncedSeq: number
  /** Of this journal's segments on disk, prepared ones included. */
  readonly bytes: number
  readonly segments: number
  /** Reservations neither settled nor released. */
  readonly inFlight: number
  /** Segments given up because a write or a sync failed. */
  readonly failovers: number
  /** Code of the last failure while it lasts, or null. */
  readonly lastError: string | null
}

export type JournalWriter = {
  readonly journalId: string
  /** Null when the journal is full, failed or closing: the call is to be refused with `journal_unavailable`. */
  readonly reserve: () => Reservation | null
  /** Gives back the room of a call that wrote no opened line. */
  readonly release: (reservation: Reservation) => void
  /**
   * Takes the line and returns its sequence number at once. `done` is called exactly once; with a Fault
   * `journal_unavailable` the line is not safe yet, and is still written should the disk recover: an opened line is then to
   * be settled as refused. An opened line that cannot be made to fit throws a Fault `line_too_large` and takes no number.
   */
  readonly append: (reservation: Reservation, line: JournalLine, done: AppendDone) => number
  readonly status: () => JournalStatus
  /** Writes and syncs what is left, and marks the journal as closed unless calls are still open. */
  readonly close: () => Promise<void>
}
