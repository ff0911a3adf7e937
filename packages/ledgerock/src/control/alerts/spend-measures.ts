// What a rule of spend knows of its calls, and the question it comes from. Sums over the last hours or days, asked of the ledger now and
// then; amounts in picodollars.

import type { SpendRow } from '@ledgerock/contract'
import type { AlertRule } from '../../governance/alert-rule.ts'
import { KEY_FIELD, MODEL_FIELD } from '../../governance/rule-scope.ts'
import { parseUsd } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import type { SpendQuestion } from '../../ledger/question.ts'

/** The dimension whose absence is meant by `unattributed`. */
export const OWNER_DIMENSION = 'team'
const UNKNOWN = 'unknown'

export type SpendMeasures = {
  readonly cost: bigint
  /** Of calls without an owner. */
  readonly unattributed: bigint
  readonly calls: number
  readonly unattributedCalls: number
  readonly unpricedCalls: number
}

export function spendQuestionOf(rule: AlertRule, nowMs: number): SpendQuestion {
  return {
    by: rule.when === 'unattributed' ? [OWNER_DIMENSION] : [],
    from: isoTime(nowMs - rule.overMs),
    // What was opened this very moment counts too.
    to: isoTime(nowMs + 1),
    granularity: 'total',
    tz: 'UTC',
    where: Object.entries(rule.scope).map(([field, values]) => ({
      field: field === MODEL_FIELD ? 'model_id' : field === KEY_FIELD ? 'key_name' : field,
      values,
    })),
  }
}

export function measuresOf(rows: readonly SpendRow[], total: SpendRow): SpendMeasures {
  const unknown = rows.filter((row) => row[OWNER_DIMENSION] === UNKNOWN)
  return {
    cost: money(total['cost_usd']),
    unattributed: unknown.reduce((sum, row) => sum + money(row['cost_usd']), 0n),
    calls: count(total['calls']),
    unattributedCalls: unknown.reduce((sum, row) => sum + count(row['calls']), 0),
    unpricedCalls: count(total['unpriced_calls']),
  }
}

function money(value: unknown): bigint {
  const parsed = typeof value === 'string' ? parseUsd(value) : null
  return parsed?.ok === true ? parsed.value : 0n
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
