// A ledger over a list of calls in memory that answers as the real one does: sums by the plainest arithmetic (which the store's
// own tests hold it against), pages newest first, one call with its attempts. For tests that need true answers without a store.

import type { CallRecord } from '@ledgerock/contract'
import { ok } from '../../kernel/result.ts'
import type { LedgerReads } from '../people/scoped-ledger.ts'
import type { Condition } from '../../ledger/question.ts'
import { fieldOf, naiveSpend } from '../../ledger/testing/naive-spend.ts'

export function createMemoryLedger(records: readonly CallRecord[]): LedgerReads {
  const matching = (where: readonly Condition[]): readonly CallRecord[] =>
    records.filter((call) =>
      where.every(({ field, values }) => values.includes(fieldOf(call, field))),
    )
  return {
    spend: async (question) => ok(naiveSpend(records, question)),
    calls: async ({ where, cursor, limit }) => {
      const found = matching(where).toSorted((left, right) =>
        left.call_id < right.call_id ? 1 : -1,
      )
      const start = Number(cursor ?? 0)
      const end = start + limit
      const next_cursor = end < found.length ? String(end) : null
      return ok({ items: found.slice(start, end), next_cursor })
    },
    call: async (callId) => {
      const call = records.find((one) => one.call_id === callId)
      if (call === undefined) return null
      const attempts = records.filter((one) => one.logical_id === call.logical_id)
      return { call, attempts, versions: attempts }
    },
    // What came of calls is told apart, and has tests of its own.
    outcomeSums: async () => [],
    outcomeTotals: async () => [],
    callsSince: async ({ where, cursor }) => {
      const start = cursor === null ? records.length : Number(cursor)
      const late = new Set(records.slice(start))
      const items = matching(where).filter((call) => late.has(call))
      return ok({ items, cursor: String(records.length) })
    },
  }
}
