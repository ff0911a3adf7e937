// A budget as people see it: what is declared, and how each of its counters stands. Whoever sees a part of the whole sees the budgets that
// concern it, but what was spent only of counters that lie within it. Pure.

import type { Budget, BudgetRaise } from '../../governance/budget/budget.ts'
import { instanceAt, type PeriodInstance } from '../../governance/budget/budget-period.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import { formatUsd, picodollars } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import { writtenAmount, type WrittenAmount } from './budget-amount.ts'
import { counterScope } from './budget-scope.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import { concerns, isWithinOwn, shownTo } from '../rules/governed-scope.ts'
import type { UserScope } from '../people/scope.ts'

export type RaiseView = WrittenAmount<'amount'> & {
  readonly request_id: string
  readonly counter: string | null
  readonly from: string
  readonly to: string
  readonly carry_over: boolean
}

type Amounts = WrittenAmount<'limit'> &
  WrittenAmount<'spent'> &
  WrittenAmount<'reserved'> &
  WrittenAmount<'remaining'> &
  WrittenAmount<'forecast'> &
  WrittenAmount<'exposure'>

/** One counter. Where it is not the reader's, or nothing is known of it, only the limit is told. */
export type BudgetRow = Amounts & {
  readonly name: string
  readonly scope: RuleScope
  readonly per: string | null
  readonly counter: string | null
  readonly mode: Budget['mode']
  readonly shadow: boolean
  readonly unit: Budget['unit']
  /** `from` null: since ever; `to` null: never ends. */
  readonly period: {
    readonly kind: Budget['period']['kind']
    readonly days: number | null
    readonly from: string | null
    readonly to: string | null
  }
  /** Null where it never begins anew, or rolls. */
  readonly resets_at: string | null
  readonly exhausted_at: string | null
  readonly raises: readonly RaiseView[]
}

/** What is declared of a budget beside its rows. */
export type BudgetTerms = {
  readonly name: string
  readonly time_zone: string
  readonly missing_max_tokens: Budget['missingMaxTokens']
  readonly unpriced_reserve_usd: string
  readonly alert_at: readonly number[]
  readonly alert_forecast_at: number | null
  readonly carry_over: boolean
  /** `api`: people made it. */
  readonly source: 'file' | 'api'
}

/** The reader's rows of one budget, by counter; none where it does not concern the reader. */
export function budgetRows(
  own: UserScope | null,
  budget: Budget,
  states: readonly BudgetState[],
  nowMs: number,
): readonly BudgetRow[] {
  if (!concerns(own, budget.scope)) return []
  const mine = states
    .filter((state) => isWithinOwn(own, counterScope(budget, state.counter)))
    .toSorted((left, right) => compareText(left.counter ?? '', right.counter ?? ''))
  if (mine.length > 0) return mine.map((state) => rowOf(own, budget, state, nowMs))
  return [bareRow(own, budget, states, nowMs)]
}

export function budgetTerms(budget: Budget, source: BudgetTerms['source']): BudgetTerms {
  return {
    name: budget.name,
    time_zone: budget.timeZone,
    missing_max_tokens: budget.missingMaxTokens,
    unpriced_reserve_usd: formatUsd(picodollars(BigInt(budget.unpricedReserve))),
    alert_at: budget.alertAt,
    alert_forecast_at: budget.alertForecastAt,
    carry_over: budget.carryOver,
    source,
  }
}

function rowOf(
  own: UserScope | null,
  budget: Budget,
  state: BudgetState,
  nowMs: number,
): BudgetRow {
  const { unit } = budget
  return {
    ...rule(own, budget, state.instance, state.counter),
    ...writtenAmount('limit', unit, state.limit),
    ...writtenAmount('spent', unit, state.spent),
    ...writtenAmount('reserved', unit, state.reserved),
    ...writtenAmount('remaining', unit, state.remaining),
    ...writtenAmount('forecast', unit, state.forecast),
    ...writtenAmount('exposure', unit, state.exposure),
    exhausted_at: state.exhaustedAtMs === null ? null : isoTime(state.exhaustedAtMs),
    raises: inForce(budget, state.instance, nowMs)
      .filter(({ counter }) => counter === null || counter === state.counter)
      .map((raise) => raiseView(budget, raise)),
  }
}

/** Nothing was counted yet, or it is others' too: the rule alone. */
function bareRow(
  own: UserScope | null,
  budget: Budget,
  states: readonly BudgetState[],
  nowMs: number,
): BudgetRow {
  const { unit, per, period, timeZone } = budget
  const [whole] = per === null ? states : []
  const limit = whole?.limit ?? BigInt(budget.limit)
  const instance = whole?.instance ?? instanceAt(period, timeZone, nowMs)
  return {
    ...rule(own, budget, instance, null),
    ...writtenAmount('limit', unit, limit),
    ...writtenAmount('spent', unit, null),
    ...writtenAmount('reserved', unit, null),
    ...writtenAmount('remaining', unit, null),
    ...writtenAmount('forecast', unit, null),
    ...writtenAmount('exposure', unit, null),
    exhausted_at: null,
    raises: inForce(budget, instance, nowMs)
      .filter(({ counter }) => counter === null || isWithinOwn(own, counterScope(budget, counter)))
      .map((raise) => raiseView(budget, raise)),
  }
}

function rule(
  own: UserScope | null,
  budget: Budget,
  instance: PeriodInstance,
  counter: string | null,
) {
  const { name, scope, per, mode, shadow, unit, period } = budget
  const to = instance.toMs === null ? null : isoTime(instance.toMs)
  return {
    name,
    scope: shownTo(own, scope),
    per,
    counter,
    mode,
    shadow,
    unit,
    period: {
      kind: period.kind,
      days: period.kind === 'rolling' ? period.days : null,
      from: period.kind === 'total' ? null : isoTime(instance.sinceMs),
      to,
    },
    resets_at: period.kind === 'rolling' ? null : to,
  }
}

/** A raise counts in the period it begins in, and in later ones only as far as it is carried over. A rolling period has no end. */
function inForce(
  { raises, period }: Budget,
  instance: PeriodInstance,
  nowMs: number,
): readonly BudgetRaise[] {
  return raises.filter(({ fromMs, toMs, carryOver }) => {
    const counts = carryOver || period.kind === 'rolling' || fromMs >= instance.fromMs
    return counts && fromMs <= nowMs && nowMs < toMs
  })
}

function raiseView({ unit }: Budget, raise: BudgetRaise): RaiseView {
  const { requestId, amount, counter, fromMs, toMs, carryOver } = raise
  return {
    request_id: requestId,
    counter,
    ...writtenAmount('amount', unit, BigInt(amount)),
    from: isoTime(fromMs),
    to: isoTime(toMs),
    carry_over: carryOver,
  }
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1
}
