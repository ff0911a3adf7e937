// Cuts what waits in the journals into one insert: of each journal an unbroken range from its front, all of one month (one
// partition), at most so many rows (one block). Pure; the order inside a journal is never changed.

import type { CallRecord } from '@ledgerock/contract'
import { tokenOf, type PendingBatch, type ShipRange } from './ship-state.ts'
import type { TailedCall } from './journal-tail.ts'

export type Waiting = { readonly journalId: string; readonly calls: readonly TailedCall[] }

export type Cut = {
  readonly batch: PendingBatch
  readonly calls: readonly TailedCall[]
  /** More is waiting, for another batch. */
  readonly more: boolean
}

export function cutBatch(waiting: readonly Waiting[], rowsMax: number): Cut | null {
  const fronts = waiting.flatMap(({ calls }) => (calls[0] === undefined ? [] : [calls[0].record]))
  const oldest = fronts.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))[0]
  if (oldest === undefined) return null
  const month = monthOf(oldest)
  const taken: TailedCall[] = []
  const ranges: ShipRange[] = []
  let total = 0
  for (const { journalId, calls } of waiting) {
    total += calls.length
    const other = calls.findIndex(({ record }) => monthOf(record) !== month)
    const length = Math.min(other === -1 ? calls.length : other, rowsMax - taken.length)
    const range = calls.slice(0, length)
    const first = range[0]
    const last = range.at(-1)
    if (first === undefined || last === undefined) continue
    ranges.push({ journal_id: journalId, first: first.seq, last: last.seq })
    taken.push(...range)
  }
  return { batch: { token: tokenOf(ranges), ranges }, calls: taken, more: total > taken.length }
}

function monthOf(record: CallRecord): string {
  return record.started_at.slice(0, 7)
}
