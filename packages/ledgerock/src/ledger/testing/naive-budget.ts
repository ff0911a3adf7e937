// What `budgetSpend` must answer, entry by entry, with the gateway's own reading of a scope.

import { UNKNOWN, type BudgetChargeLine } from '@ledgerock/contract'
import { compileScope } from '../../governance/rule-scope.ts'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { BudgetSpend, BudgetSpendQuestion, BudgetWindow } from '../budget-question.ts'
import type { LedgerEntry } from '../entry.ts'

type Sums = { other: bigint; chargedElse: bigint }

export function naiveBudgetSpend(
  entries: readonly LedgerEntry[],
  { budgets, liveJournals }: BudgetSpendQuestion,
): readonly BudgetSpend[] {
  const live = new Set(liveJournals.flatMap((id) => [id, `${id}r`]))
  return budgets.flatMap((window) => {
    const sums = new Map<string | null, Sums>()
    const add = (counter: string | null, part: keyof Sums, amount: bigint): void => {
      const sum = sums.get(counter) ?? { other: 0n, chargedElse: 0n }
      sum[part] += amount
      sums.set(counter, sum)
    }
    for (const entry of entries) addEntry(window, entry, live, add)
    return [...sums].flatMap(([counter, { other, chargedElse }]) =>
      other === 0n && chargedElse === 0n
        ? []
        : [{ id: window.id, counter, other: String(other), chargedElse: String(chargedElse) }],
    )
  })
}

function addEntry(
  window: BudgetWindow,
  { record, sign }: LedgerEntry,
  live: ReadonlySet<string>,
  add: (counter: string | null, part: keyof Sums, amount: bigint) => void,
): void {
  const isIn = (ms: number): boolean =>
    ms >= window.fromMs && (window.toMs === null || ms < window.toMs)
  const own = record.budget_charges.filter(
    (charge) => charge.budget === window.budget && unitOf(charge) === window.unit,
  )
  for (const charge of own.filter(({ period }) => isIn(Date.parse(period)))) {
    const amount = chargeDigits(charge)
    if (sign === -1 || record.version > 1) add(charge.counter, 'other', BigInt(sign) * amount)
    else if (!live.has(record.journal_id)) add(charge.counter, 'chargedElse', amount)
  }
  if (own.length > 0 || !isIn(Date.parse(record.started_at))) return
  const covers = compileScope(window.scope)({
    dimensions: record.dimensions,
    keyName: record.key_name,
    modelRequested: record.model_requested,
    modelId: record.model_id,
  })
  if (!covers) return
  const counter = window.per === null ? null : (record.dimensions[window.per] ?? UNKNOWN)
  const tokens =
    record.input_tokens +
    record.output_tokens +
    record.cache_read_tokens +
    record.cache_write_5m_tokens +
    record.cache_write_30m_tokens +
    record.cache_write_1h_tokens +
    (record.other_usage['cache_write'] ?? 0)
  const cost: bigint = mustOk(parseUsd(record.cost_usd ?? '0'))
  add(counter, 'other', BigInt(sign) * (window.unit === 'usd' ? cost : BigInt(tokens)))
}

function unitOf({ usd }: BudgetChargeLine): 'usd' | 'tokens' {
  return usd === null ? 'tokens' : 'usd'
}

export function chargeDigits({ usd, tokens }: BudgetChargeLine): bigint {
  return usd === null ? BigInt(tokens ?? 0) : mustOk(parseUsd(usd))
}
