// The books of a world of leases: entries, and what they say of budgets by the same rules as any ledger (`naiveBudgetSpend`). A call
// that its journal has and the books have not yet is no entry here.

import type { BudgetChargeLine } from '@ledgerock/contract'
import { instanceKey } from '../../governance/budget/lease.ts'
import { formatUsd, picodollars } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import type { JournalCharge, JournalEndState } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import {
  chargeDigits,
  naiveBudgetSpend,
  type SpendEntry,
} from '../../ledger/testing/naive-budget.ts'

/** A call as its journal has it: what it cost, and what its budgets were charged. */
export type WorldCall = {
  readonly journalId: string
  readonly atMs: number
  readonly dimensions: Readonly<Record<string, string>>
  readonly usd: bigint
  readonly tokens: number
  readonly charges: readonly BudgetChargeLine[]
  /** 1 as it was settled; a correction counts on. */
  readonly version: number
}

export function chargeLine(
  unit: 'usd' | 'tokens',
  { budget, fromMs, counter }: Pick<JournalCharge, 'budget' | 'fromMs' | 'counter'>,
  amount: bigint,
): BudgetChargeLine {
  const name = { budget, period: isoTime(fromMs), counter }
  return unit === 'usd'
    ? { ...name, usd: formatUsd(picodollars(amount)), tokens: null }
    : { ...name, usd: null, tokens: Number(amount) }
}

export function entryOfCall(call: WorldCall, sign: 1 | -1 = 1): SpendEntry {
  const record = {
    journal_id: call.journalId,
    version: call.version,
    started_at: isoTime(call.atMs),
    dimensions: call.dimensions,
    key_name: null,
    model_requested: 'model',
    model_id: 'model',
    cost_usd: formatUsd(picodollars(call.usd)),
    input_tokens: call.tokens,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_5m_tokens: 0,
    cache_write_30m_tokens: 0,
    cache_write_1h_tokens: 0,
    other_usage: {},
    budget_charges: call.charges,
  }
  return { sign, record }
}

/** `entries`, `endOf`: as they are when the question is put. */
export function createWorldLedger(
  entries: () => readonly SpendEntry[],
  endOf: (journalId: string) => JournalEndState,
): Pick<Ledger, 'budgetSpend' | 'journalEnds'> {
  return {
    budgetSpend: async (question) => naiveBudgetSpend(entries(), question),
    journalEnds: async (ids) =>
      ids.map((journalId) => {
        const state = endOf(journalId)
        const isSaid = state === 'ended' || state === 'unsure'
        return { journalId, state, charges: isSaid ? chargesOf(entries(), journalId) : [] }
      }),
  }
}

/** As the calls were settled: corrections are told apart. */
function chargesOf(entries: readonly SpendEntry[], journalId: string): readonly JournalCharge[] {
  const sums = new Map<string, JournalCharge>()
  for (const { sign, record } of entries) {
    if (record.journal_id !== journalId || sign !== 1 || record.version !== 1) continue
    for (const charge of record.budget_charges) {
      const { budget, counter } = charge
      const fromMs = Date.parse(charge.period)
      const unit = charge.usd === null ? 'tokens' : 'usd'
      const key = `${unit} ${instanceKey(budget, fromMs, counter)}`
      const amount = BigInt(sums.get(key)?.amount ?? 0) + chargeDigits(charge)
      sums.set(key, { budget, fromMs, counter, unit, amount: String(amount) })
    }
  }
  return [...sums.values()]
}
