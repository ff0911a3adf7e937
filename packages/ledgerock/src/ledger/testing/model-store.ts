// A store as the shipper may hope for and fear: it keeps what it has, knows the tokens it has seen, and can fail before or
// after doing what was asked. In memory, so that the shipper can be killed thousands of times.

import { Fault } from '../../kernel/fault.ts'
import type { LedgerEntry } from '../entry.ts'
import type { LedgerStore } from '../store.ts'

export const STORE_MISHAPS = ['fails_before', 'fails_after'] as const
export type StoreMishap = (typeof STORE_MISHAPS)[number]

export type ModelStore = Pick<LedgerStore, 'insertBatch' | 'lastSeqs'> & {
  readonly rows: readonly LedgerEntry[]
  /** Taken from the front, one per insert. */
  readonly mishaps: (StoreMishap | null)[]
}

export function createModelStore(): ModelStore {
  const rows: LedgerEntry[] = []
  const tokens = new Map<string, number>()
  const mishaps: (StoreMishap | null)[] = []
  return {
    rows,
    mishaps,
    insertBatch: async ({ entries, token, again }) => {
      await Promise.resolve()
      const mishap = mishaps.shift() ?? null
      if (mishap === 'fails_before')
        throw new Fault('ledger_unreachable', 'no', { retryable: true })
      const seen = tokens.get(token)
      if (seen !== undefined && seen !== entries.length) {
        throw new Error(`the batch ${token} had ${seen} rows, now it has ${entries.length}`)
      }
      if (seen !== undefined && !again)
        throw new Error(`the batch ${token} was not said to be again`)
      tokens.set(token, entries.length)
      if (seen === undefined) rows.push(...entries)
      if (mishap === 'fails_after') throw new Fault('ledger_unreachable', 'no', { retryable: true })
    },
    lastSeqs: async (journalIds) => {
      await Promise.resolve()
      const last = new Map<string, number>()
      for (const { record } of rows) {
        if (!journalIds.includes(record.journal_id)) continue
        last.set(record.journal_id, Math.max(last.get(record.journal_id) ?? 0, record.seq))
      }
      return last
    },
  }
}
