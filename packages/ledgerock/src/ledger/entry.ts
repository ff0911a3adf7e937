// What is written to the ledger: signed entries. A call is entered with +1; to correct it, the old record goes in again with
// −1 and the new one with +1, together, so that every sum over the ledger is Σ sign·x and stays right in every rollup,
// whatever the correction changed.

import type { CallRecord } from '@ledgerock/contract'
import { assert } from '../kernel/assert.ts'

export type LedgerEntry = { readonly sign: 1 | -1; readonly record: CallRecord }

export function entryOf(record: CallRecord): LedgerEntry {
  return { sign: 1, record }
}

/** The entries that replace `old` by `corrected`. */
export function correctionOf(old: CallRecord, corrected: CallRecord): readonly LedgerEntry[] {
  assert(old.call_id === corrected.call_id, 'a correction is about one call')
  assert(corrected.version > old.version, 'a correction has a higher version')
  return [
    { sign: -1, record: old },
    { sign: 1, record: corrected },
  ]
}
