// A budget of the file as the policy has it: the period with its first day, amounts in the budget's unit.

import type { Budget } from '../../governance/budget/budget.ts'
import type { BudgetPeriod } from '../../governance/budget/budget-period.ts'
import { parseUsd } from '../../kernel/money.ts'
import { WEEKDAYS, type WrittenBudget } from '../schema/budget-schema.ts'

export function budgetOf(written: WrittenBudget): Budget {
  const { limit_usd: usd, limit_tokens: tokens } = written
  return {
    name: written.name,
    scope: written.scope,
    per: written.per,
    period: periodOf(written),
    timeZone: written.time_zone,
    unit: usd === null ? 'tokens' : 'usd',
    limit: usd === null ? String(tokens ?? 0) : picodollarsOf(usd),
    mode: written.mode,
    shadow: written.shadow,
    missingMaxTokens: written.missing_max_tokens,
    unpricedReserve: picodollarsOf(written.unpriced_reserve_usd),
    alertAt: [...new Set(written.alert_at)].toSorted((left, right) => left - right),
    alertForecastAt: written.alert_forecast_at,
    carryOver: written.carry_over,
    raises: [],
  }
}

export type WrittenPeriod = Pick<WrittenBudget, 'period' | 'starts_on'>

/** `starts_on` has the form its period takes: `check-budgets.ts` saw to it. */
export function periodOf({ period, starts_on: startsOn }: WrittenPeriod): BudgetPeriod {
  if (typeof period === 'object') return { kind: 'rolling', days: period.rolling_days }
  switch (period) {
    case 'hour':
    case 'day':
    case 'total':
      return { kind: period }
    case 'week': {
      const weekday = WEEKDAYS.findIndex((name) => name === startsOn)
      return { kind: period, startsOn: weekday < 0 ? 1 : weekday + 1 }
    }
    case 'month':
      return { kind: period, startsOn: typeof startsOn === 'number' ? startsOn : 1 }
    case 'quarter':
    case 'year': {
      const [month = '01', day = '01'] =
        typeof startsOn === 'string' ? startsOn.split('-') : ['01', '01']
      return { kind: period, month: Number(month), startsOn: Number(day) }
    }
  }
}

/** The schema lets through only what can be read. */
function picodollarsOf(usd: string): string {
  const amount = parseUsd(usd)
  return amount.ok ? String(amount.value) : '0'
}
