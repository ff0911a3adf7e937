// Random entries cut into batches as the shipper cuts them: in order, each within one month.

import type { LedgerEntry } from '../entry.ts'
import type { EntryBatch } from '../store.ts'

export function monthBatches(
  entries: readonly LedgerEntry[],
  name: string,
  size = 40,
): readonly EntryBatch[] {
  const batches: LedgerEntry[][] = []
  for (const entry of entries) {
    const open = batches.at(-1)
    const fits = open !== undefined && open.length < size && month(open[0]) === month(entry)
    if (fits) open.push(entry)
    else batches.push([entry])
  }
  return batches.map((batch, index) => ({
    entries: batch,
    token: `${name}:${index}`,
    again: false,
  }))
}

function month(entry: LedgerEntry | undefined): string {
  return entry?.record.started_at.slice(0, 7) ?? ''
}
