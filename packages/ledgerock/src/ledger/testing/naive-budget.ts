// What `budgetSpend` must answer, entry by entry, with the gateway's own reading of a scope.

import { UNKNOWN, type BudgetChargeLine, type CallRecord } from '@ledgerock/contract'
import { compileScope } from '../../governance/rule-scope.ts'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import {
  CHARGE_NEAR_MS,
  type BudgetSpend,
  type BudgetSpendQuestion,
  type BudgetWindow,
} from '../budget-question.ts'

/** What of a ledger's entry it looks at. */
export type SpendEntry = {
  readonly sign: 1 | -1
  readonly record: Pick<
    CallRecord,
    | 'journal_id'
    | 'version'
    | 'started_at'
    | 'dimensions'
    | 'key_name'
    | 'model_requested'
    | 'model_id'
    | 'cost_usd'
    | 'input_tokens'
    | 'output_tokens'
    | 'cache_read_tokens'
    | 'cache_write_5m_tokens'
    | 'cache_write_30m_tokens'
    | 'cache_write_1h_tokens'
    | 'other_usage'
    | 'budget_charges'
  >
}

type Sums = { other: bigint; chargedElse: bigint }

export function naiveBudgetSpend(
  entries: readonly SpendEntry[],
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
  { record, sign }: SpendEntry,
  live: ReadonlySet<string>,
  add: (counter: string | null, part: keyof Sums, amount: bigint) => void,
): void {
  const isIn = (ms: number): boolean =>
    ms >= window.fromMs && (window.toMs === null || ms < window.toMs)
  const own = record.budget_charges.filter(
    (charge) => charge.budget === window.budget && unitOf(charge) === window.unit,
  )
  const counter = window.per === null ? null : (record.dimensions[window.per] ?? UNKNOWN)
  const startedMs = Date.parse(record.started_at)
  const fitting = own.filter((charge) => chargeFits(window, charge, counter, startedMs))
  const isLater = sign === -1 || record.version > 1
  for (const charge of fitting.filter(({ period }) => isIn(Date.parse(period)))) {
    const amount = chargeDigits(charge)
    if (isLater) add(charge.counter, 'other', BigInt(sign) * amount)
    else if (!live.has(record.journal_id)) add(charge.counter, 'chargedElse', amount)
  }
  if (fitting.length > 0 || !isIn(startedMs)) return
  const covers = compileScope(window.scope)({
    dimensions: record.dimensions,
    keyName: record.key_name,
    modelRequested: record.model_requested,
    modelId: record.model_id,
  })
  if (!covers) return
  if (own.length > 0) {
    // Made while the budget was counted otherwise; what a lease of this counter stands for is not counted twice.
    const isHeld = (charge: BudgetChargeLine): boolean =>
      !isLater &&
      live.has(record.journal_id) &&
      isOfLease(window, Date.parse(charge.period)) &&
      charge.counter === counter
    const amounts = own.filter((charge) => !isHeld(charge)).map(chargeDigits)
    add(counter, 'other', BigInt(sign) * amounts.reduce((sum, amount) => sum + amount, 0n))
    return
  }
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

/** A counter counts the leases of its own period, a rolling one those of every period that began in its stretch. */
function isOfLease({ fromMs, toMs, periods }: BudgetWindow, chargedMs: number): boolean {
  if (periods !== 'hours') return chargedMs === fromMs
  return chargedMs >= fromMs && (toMs === null || chargedMs < toMs)
}

/** Whether it was made for a period and a counter of the budget as it is now. */
export function chargeFits(
  { periods }: Pick<BudgetWindow, 'periods'>,
  { period, counter }: Pick<BudgetChargeLine, 'period' | 'counter'>,
  /** The call's own value of `per`. */
  value: string | null,
  startedMs: number,
): boolean {
  const fromMs = Date.parse(period)
  const hour = { fromMs, toMs: fromMs + MS_PER_HOUR }
  const isHour = fromMs % MS_PER_HOUR === 0
  const near = periods === 'hours' ? (isHour ? [hour] : []) : periods
  return (
    counter === value &&
    near.some(
      (one) =>
        one.fromMs === fromMs &&
        startedMs >= fromMs - CHARGE_NEAR_MS &&
        (one.toMs === null || startedMs < one.toMs + CHARGE_NEAR_MS),
    )
  )
}

function unitOf({ usd }: BudgetChargeLine): 'usd' | 'tokens' {
  return usd === null ? 'tokens' : 'usd'
}

export function chargeDigits({ usd, tokens }: BudgetChargeLine): bigint {
  return usd === null ? BigInt(tokens ?? 0) : mustOk(parseUsd(usd))
}
