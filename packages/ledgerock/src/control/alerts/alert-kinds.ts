// The kinds of alert rules, one row each: what a kind reads of the facts, when it fires and what it says. A new kind is a new row; the
// engine, the store and the sinks take it as it is.

import type { AlertKind, AlertRule } from '../../governance/alert-rule.ts'
import { isWithin, scopeText } from '../../governance/rule-scope.ts'
import { divideRoundHalfEven } from '../../kernel/money.ts'
import { isoTime, MS_PER_HOUR } from '../../kernel/time.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import { shortText, usdText } from './exact-text.ts'
import type { AlertFacts } from './facts.ts'
import type { SpendMeasures } from './spend-measures.ts'
import { EXACT_ONE, type Exact, type Reading, type WatchedRule } from './watched-rule.ts'

export type AlertKindRow = Pick<WatchedRule, 'fires' | 'clearPercent' | 'isLocal'> & {
  /** Of `above` and of an alert's value, for people. */
  readonly unit: 'percent' | 'usd_per_hour' | 'calls' | 'seconds'
  readonly read: (rule: AlertRule, facts: AlertFacts) => readonly Reading[] | null
}

export const ALERT_KIND_ROWS: Readonly<Record<AlertKind, AlertKindRow>> = {
  budget: {
    unit: 'percent',
    fires: 'reached',
    clearPercent: 95,
    isLocal: false,
    read: (rule, facts) =>
      budgetReadings(rule, facts, (state) => {
        const share = usedShare(state, rule.above)
        const refuses = state.refusedAtMs === null ? '' : ', and refuses calls that may cost more'
        return { share, says: `has used ${usedText(state)}${refuses}` }
      }),
  },
  budget_forecast: {
    unit: 'percent',
    fires: 'reached',
    clearPercent: 90,
    isLocal: false,
    read: (rule, facts) =>
      budgetReadings(rule, facts, ({ forecast, limit, budget }) => {
        const share = forecast === null ? 0n : percent(forecast, limit)
        const end = forecast === null ? 'an unknown sum' : amountText(budget.unit, forecast)
        return { share, says: `is on its way to ${end}, ${shortText(share)} % of its limit` }
      }),
  },
  unattributed: {
    unit: 'percent',
    fires: 'exceeded',
    clearPercent: 90,
    isLocal: false,
    read: (rule, facts) =>
      spendReading(rule, facts, (spend) => {
        const share = unattributedShare(spend)
        return { value: share, says: `${shortText(share)} % of what was spent has no owner` }
      }),
  },
  unpriced: {
    unit: 'calls',
    fires: 'exceeded',
    clearPercent: 100,
    isLocal: false,
    read: (rule, facts) =>
      spendReading(rule, facts, ({ unpricedCalls: calls }) => ({
        value: BigInt(calls) * EXACT_ONE,
        says: `${calls} ${calls === 1 ? 'call has' : 'calls have'} no price`,
      })),
  },
  spend_rate: {
    unit: 'usd_per_hour',
    fires: 'exceeded',
    clearPercent: 90,
    isLocal: false,
    read: (rule, facts) =>
      spendReading(rule, facts, ({ cost }) => {
        const value = divideRoundHalfEven(cost * BigInt(MS_PER_HOUR), BigInt(rule.overMs))
        return { value, says: `${usdText(value)} an hour are spent` }
      }),
  },
  journal: {
    unit: 'percent',
    fires: 'exceeded',
    clearPercent: 90,
    isLocal: true,
    read: (_rule, { journal, nodeId }) => {
      if (journal === null) return null
      const share = percent(BigInt(journal.usedBytes), BigInt(journal.maxBytes))
      const says = `the journal of node ${nodeId} is ${shortText(share)} % full`
      return [nodeReading(nodeId, share, says)]
    },
  },
  store: {
    unit: 'seconds',
    fires: 'exceeded',
    clearPercent: 100,
    isLocal: true,
    read: (_rule, { storeDown: { ledgerMs, controlMs }, nodeId }) => [
      storeReading('ledger', 'the store of calls', ledgerMs, nodeId),
      storeReading('control', 'the control store', controlMs, nodeId),
    ],
  },
  clock: {
    unit: 'seconds',
    fires: 'exceeded',
    clearPercent: 90,
    isLocal: true,
    read: (_rule, { clockOffsetMs, nodeId }) => {
      if (clockOffsetMs === null) return null
      const value = secondsOf(Math.abs(clockOffsetMs))
      const says = `the clock of node ${nodeId} is ${shortText(value)} s from the store's`
      return [nodeReading(nodeId, value, says)]
    },
  },
}

/** A hard budget stops short of its limit, by less than its next call needs: once it refuses one, or at so much of it, it is full. */
const HARD_FULL_PERCENT = 99n
const FULL_PERCENT = 100n * EXACT_ONE

function usedShare({ spent, limit, budget, refusedAtMs }: BudgetState, above: string): Exact {
  const share = percent(spent, limit)
  const isFull = budget.mode === 'hard' && share >= HARD_FULL_PERCENT * EXACT_ONE
  if (share >= FULL_PERCENT) return share
  return refusedAtMs !== null || (isFull && above === '100') ? FULL_PERCENT : share
}

function usedText({ spent, limit, budget: { unit } }: BudgetState): string {
  const share = shortText(percent(spent, limit))
  return `${share} % of its limit: ${amountText(unit, spent)} of ${amountText(unit, limit)}`
}

function amountText(unit: 'usd' | 'tokens', amount: bigint): string {
  return unit === 'usd' ? usdText(amount) : `${amount} tokens`
}

function budgetReadings(
  rule: AlertRule,
  { budgets }: AlertFacts,
  measure: (state: BudgetState) => { readonly share: Exact; readonly says: string },
): readonly Reading[] | null {
  if (budgets === null) return null
  return budgets
    .filter((state) => concerns(rule, state))
    .map((state) => {
      const { budget, counter, instance } = state
      const { share, says } = measure(state)
      const whose = counter === null ? '' : ` of ${budget.per ?? 'counter'} ${counter}`
      return {
        subject: subjectOf(state),
        value: share,
        scope: budget.scope,
        budget: budget.name,
        counter,
        period: {
          from: isoTime(instance.sinceMs),
          to: instance.toMs === null ? null : isoTime(instance.toMs),
        },
        says: `budget ${budget.name}${whose} ${says}`,
      }
    })
}

function concerns(rule: AlertRule, { budget }: BudgetState): boolean {
  if (rule.budget !== null) return budget.name === rule.budget
  return isWithin(budget.scope, rule.scope)
}

/** A window that rolls is one thing all the time; a calendar's periods are one each. */
function subjectOf({ budget, key, counter }: BudgetState): string {
  if (budget.period.kind !== 'rolling') return key
  return counter === null ? budget.name : `${budget.name}/${counter}`
}

function spendReading(
  rule: AlertRule,
  { spend }: AlertFacts,
  measure: (spend: SpendMeasures) => { readonly value: Exact; readonly says: string },
): readonly Reading[] | null {
  const measures = spend(rule)
  if (measures === null) return null
  const { value, says } = measure(measures)
  const whose = scopeText(rule.scope)
  const { scope } = rule
  return [
    { ...EVERYTHING, value, scope, says: `${says} (${whose}, last ${spanText(rule.overMs)})` },
  ]
}

const EVERYTHING = { subject: '', budget: null, counter: null, period: null }

/** By cost; where nothing was spent, by calls. */
function unattributedShare(spend: SpendMeasures): Exact {
  return spend.cost > 0n
    ? percent(spend.unattributed, spend.cost)
    : percent(BigInt(spend.unattributedCalls), BigInt(spend.calls))
}

function storeReading(part: string, name: string, downMs: number, nodeId: string): Reading {
  const value = secondsOf(downMs)
  const says =
    downMs === 0
      ? `${name} answers node ${nodeId}`
      : `${name} has not answered node ${nodeId} for ${shortText(value)} s`
  return { ...nodeReading(nodeId, value, says), subject: `${nodeId}/${part}` }
}

function nodeReading(nodeId: string, value: Exact, says: string): Reading {
  return { ...EVERYTHING, subject: nodeId, value, scope: {}, says }
}

function secondsOf(ms: number): Exact {
  return (BigInt(Math.round(ms)) * EXACT_ONE) / 1000n
}

function percent(part: bigint, whole: bigint): Exact {
  if (whole <= 0n) return part > 0n ? FULL_PERCENT : 0n
  return (part * 100n * EXACT_ONE) / whole
}

const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
] as const

function spanText(ms: number): string {
  for (const [unitMs, unit] of SPANS) if (ms % unitMs === 0) return `${ms / unitMs}${unit}`
  return `${ms}ms`
}
