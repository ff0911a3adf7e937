// A node lays what it remembers of its own leases before a database that may have forgotten some of it: the larger totals count.

import type { BookDraft, BookReads } from './lease-book.ts'
import type { StoredInstance, StoredLease } from '../store/lease-tables.ts'

export function reassert(draft: BookDraft, remembered: BookReads, nodeId: string): void {
  for (const { row, leases } of remembered.entries()) {
    const own = [...leases.values()].filter((lease) => lease.nodeId === nodeId)
    if (own.length === 0) continue
    const known = draft.entry(row.instance)
    if (known === null || isBehind(known.row, row)) {
      draft.putInstance(known === null ? row : laterRow(known.row, row))
    }
    for (const lease of own) {
      const there = known?.leases.get(lease.holder)
      const merged = there === undefined ? lease : laterLease(there, lease)
      if (merged !== there) draft.putLease(merged)
    }
  }
}

function isBehind(known: StoredInstance, remembered: StoredInstance): boolean {
  return (
    (known.other === null && remembered.other !== null) ||
    known.recalls < remembered.recalls ||
    known.folded < remembered.folded
  )
}

function laterRow(known: StoredInstance, remembered: StoredInstance): StoredInstance {
  return {
    ...known,
    other: known.other ?? remembered.other,
    recalls: larger(known.recalls, remembered.recalls),
    folded: larger(known.folded, remembered.folded),
  }
}

/** Closed or lost is said by the store alone: what one node had closed another has counted since. */
function laterLease(known: StoredLease, remembered: StoredLease): StoredLease {
  const isBehindIn = (field: 'granted' | 'returned' | 'settled'): boolean =>
    known[field] < remembered[field]
  const isLess = isBehindIn('granted') || isBehindIn('returned') || isBehindIn('settled')
  if (known.state === 'closed' || !isLess) return known
  return {
    ...known,
    granted: larger(known.granted, remembered.granted),
    returned: larger(known.returned, remembered.returned),
    settled: larger(known.settled, remembered.settled),
  }
}

function larger<T extends number | bigint>(one: T, other: T): T {
  return one > other ? one : other
}
