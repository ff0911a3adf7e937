// A ledger for tests of the control plane: it answers what it is told to, and remembers its questions.

import type { CallRecord, SpendAnswer } from '@ledgerock/contract'
import { ok } from '../../kernel/result.ts'
import type { VerifyReport } from '../../ledger/finding.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { OutcomeBooks } from '../../ledger/outcome.ts'
import type { LedgerStatus } from '../../ledger/ledger-status.ts'
import type { RerateReport } from '../../ledger/rerate-question.ts'
import type { ApiDeps } from '../api.ts'
import { createMemoryOutcomes } from './memory-outcomes.ts'

export type FakeLedger = ApiDeps['ledger'] &
  Pick<Ledger, 'rerate'> & {
    readonly asked: { readonly method: string; readonly question: unknown }[]
    records: readonly CallRecord[]
    answer: SpendAnswer
    readonly outcomes: OutcomeBooks
    report: VerifyReport
    /** Set to make every question fail. */
    failure: Error | null
  }

export function createFakeLedger(): FakeLedger {
  const asked: { method: string; question: unknown }[] = []
  const note = (method: string, question: unknown): void => {
    asked.push({ method, question })
    if (ledger.failure !== null) throw ledger.failure
  }
  const ledger: FakeLedger = {
    asked,
    records: [],
    answer: { rows: [], total: {} },
    outcomes: createMemoryOutcomes(),
    report: {
      sound: true,
      checked: { calls: 0, journals: 0, lines: 0, rollups: 0 },
      findings: [],
      repaired: [],
    },
    failure: null,
    spend: async (question) => {
      note('spend', question)
      return ok(ledger.answer)
    },
    calls: async (question) => {
      note('calls', question)
      const start = Number(question.cursor ?? 0)
      const items = ledger.records.slice(start, start + question.limit)
      const end = start + items.length
      return ok({ items, next_cursor: end < ledger.records.length ? String(end) : null })
    },
    call: async (callId) => {
      note('call', callId)
      const call = ledger.records.find((one) => one.call_id === callId)
      return call === undefined ? null : { call, attempts: [call], versions: [] }
    },
    callsSince: async (question) => {
      note('callsSince', question)
      const start = question.cursor === null ? ledger.records.length : Number(question.cursor)
      const items =
        question.cursor === null ? [] : ledger.records.slice(start, start + question.limit)
      return ok({ items, cursor: String(start + items.length) })
    },
    verify: async (options) => {
      note('verify', options)
      return ledger.report
    },
    outcomeSums: async (question) => {
      note('outcomeSums', question)
      return ledger.outcomes.outcomeSums(question)
    },
    outcomeTotals: async (question) => {
      note('outcomeTotals', question)
      return ledger.outcomes.outcomeTotals(question)
    },
    rerate: async (question) => {
      note('rerate', question)
      return rerateReport(question)
    },
  }
  return ledger
}

function rerateReport(question: Parameters<Ledger['rerate']>[0]): RerateReport {
  return {
    rerate_id: question.rerateId,
    dry_run: question.dryRun,
    book_version: question.bookVersion,
    from: new Date(question.fromMs).toISOString(),
    to: new Date(question.toMs).toISOString(),
    calls: 2,
    changed: 1,
    before_usd: '3',
    after_usd: '2.5',
    difference_usd: '-0.5',
    newly_priced: 0,
    newly_unpriced: 0,
    by: [],
    unpriced: [],
    kept: [],
    closed: [],
  }
}

export const IDLE_LEDGER: LedgerStatus = {
  store: { kind: 'embedded', state: 'ok', schema_version: 1 },
  shipping: {
    state: 'idle',
    lag_bytes: 0,
    lag_seconds: 0,
    journals: 0,
    shipped_calls: 0,
    quarantined: 0,
    last_shipped_at: null,
    last_error: null,
  },
}
