// What a caller is told whose call a budget does not let through: which budget, how much, when it begins anew, and how to ask for more.

import type { BudgetUnit } from '../../governance/budget/budget.ts'
import type { BudgetPeriod } from '../../governance/budget/budget-period.ts'
import type { Covering } from '../../governance/budget/budget-rules.ts'
import type { BudgetStanding } from '../../governance/budget/budget-wallet.ts'
import { exhaustive } from '../../kernel/assert.ts'
import { formatUsd, picodollars } from '../../kernel/money.ts'
import { toAskForBudget } from '../admission/how-to-ask.ts'

export function spentWords(
  covering: Covering,
  state: BudgetStanding | null,
  bound: bigint,
  dashboardUrl: string | null,
): string {
  const { unit } = covering.budget
  const limit = state?.limit ?? BigInt(covering.budget.limit)
  const left = state === null ? null : leftOf(state)
  const rest =
    left === null ? 'not enough left' : `${amount(left, unit)} left or held by other calls`
  return (
    `${nameOf(covering)} has ${rest} of ${amount(limit, unit)}${per(covering.budget.period)}, ` +
    `and this call may take up to ${amount(bound, unit)}. ${beginsAnew(covering)} ` +
    toAskForBudget(covering, dashboardUrl)
  )
}

export function unavailableWords(covering: Covering): string {
  return `${nameOf(covering)}: nobody could say in time whether enough of it is left.`
}

export function unstatedWords(covering: Covering): string {
  return (
    `${nameOf(covering)} lets through only calls that state how much they generate at most: ` +
    `set the maximum of output tokens in the request.`
  )
}

export function unresolvedWords(budget: string, model: string): string {
  return (
    `${model} cannot be resolved to a model, so nobody can say what it costs, ` +
    `and budget ${budget} must hold. Name a model or an inference profile instead.`
  )
}

/** Never below zero. */
export function leftOf({ limit, spent }: BudgetStanding): bigint {
  return limit > spent ? limit - spent : 0n
}

function nameOf({ budget, counter }: Covering): string {
  const of = counter === null ? '' : ` of ${budget.per}=${counter}`
  return `Budget ${budget.name}${of}`
}

function amount(value: bigint, unit: BudgetUnit): string {
  return unit === 'usd' ? `${formatUsd(picodollars(value))} USD` : `${value} tokens`
}

function per(period: BudgetPeriod): string {
  switch (period.kind) {
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return ` a ${period.kind}`.replace(' a hour', ' an hour')
    case 'total':
      return ' in all'
    case 'rolling':
      return ` in ${period.days} days`
    default:
      return exhaustive(period)
  }
}

function beginsAnew({ budget, instance }: Covering): string {
  if (instance.toMs === null) return 'It does not begin anew.'
  const at = new Date(instance.toMs).toISOString()
  return budget.period.kind === 'rolling'
    ? `Its oldest hour is forgotten at ${at}.`
    : `It begins anew at ${at}.`
}
