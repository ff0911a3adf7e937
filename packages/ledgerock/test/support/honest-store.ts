// What a ledger store promises, and nothing more: a batch it has answered is there for good, once. A batch that it was taking
// when everything ended is there, or not, or in part. (A real engine cannot be switched off inside a test; that ours keeps
// this promise is the store's own contract test.)

import type { CallRecord } from '@ledgerock/contract'
import type { Random } from '../../src/journal/testing/seeded-random.ts'
import type { EntryBatch, LedgerStore } from '../../src/ledger/store.ts'

export type HonestStore = Pick<LedgerStore, 'insertBatch' | 'lastSeqs'> & {
  /** Every row ever entered, doubles included. */
  readonly rows: () => readonly CallRecord[]
  /** Its process ends; what it was taking is left to chance. */
  readonly break: () => void
}

export function createHonestStore(later: (run: () => void) => void, random: Random): HonestStore {
  const rows: CallRecord[] = []
  const tokens = new Set<string>()
  const taking = new Set<EntryBatch>()

  function enter(batch: EntryBatch, wanted: (record: CallRecord) => boolean): void {
    if (tokens.has(batch.token) && !batch.again) return
    const known = new Set(batch.again ? rows.map(({ call_id }) => call_id) : [])
    for (const { record } of batch.entries) {
      if (!known.has(record.call_id) && wanted(record)) rows.push(record)
    }
  }

  return {
    rows: () => rows,
    insertBatch: (batch) =>
      new Promise((resolve) => {
        taking.add(batch)
        later(() => {
          if (!taking.delete(batch)) return
          enter(batch, () => true)
          tokens.add(batch.token)
          resolve()
        })
      }),
    lastSeqs: (journalIds) =>
      new Promise((resolve) => {
        later(() => {
          const seqs = new Map<string, number>()
          for (const { journal_id, seq } of rows) {
            if (!journalIds.includes(journal_id)) continue
            seqs.set(journal_id, Math.max(seq, seqs.get(journal_id) ?? 0))
          }
          resolve(seqs)
        })
      }),
    break: () => {
      for (const batch of taking) {
        const share = Math.floor(random() * 3) / 2
        enter(batch, () => random() < share)
        if (random() < 0.5) tokens.add(batch.token)
      }
      taking.clear()
    },
  }
}
