// Errors of files as the journal's faults: the gateway answers `journal_unavailable` with 503 before the upstream is
// called.

import { Fault } from '../kernel/fault.ts'

export function journalUnavailable(message: string, cause?: unknown): Fault {
  return new Fault('journal_unavailable', message, { retryable: true, cause })
}

/** Written by a version of Ledgerock that this one does not know: only that one may go on with it. */
export function journalNewer(where: string): Fault {
  return new Fault('journal_newer', `${where} was written by a newer version`)
}

/** `EIO`, `ENOSPC` …, or the error's name. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as Error & { readonly code?: unknown }
    return typeof code === 'string' ? code : error.name
  }
  return 'unknown'
}
