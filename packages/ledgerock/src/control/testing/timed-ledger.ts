// A ledger over a list of calls in memory that keeps to the asked time and gives pages newest first, as the real one does.

import type { CallRecord } from '@ledgerock/contract'
import { ok } from '../../kernel/result.ts'
import type { Ledger } from '../../ledger/ledger.ts'

export function createTimedLedger(
  records: readonly CallRecord[],
): Pick<Ledger, 'calls'> & { readonly questions: () => number } {
  const placeOf = ({ started_at: at, call_id: id }: CallRecord): string => `${at} ${id}`
  const sorted = records.toSorted((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1))
  let questions = 0
  return {
    questions: () => questions,
    async calls({ from, to, cursor, limit }) {
      questions += 1
      const found = sorted.filter(({ started_at: at }) => at >= from && at < to)
      const start = Number(cursor ?? 0)
      const end = start + limit
      return ok({
        items: found.slice(start, end),
        next_cursor: end < found.length ? String(end) : null,
      })
    },
  }
}
