// A budget as the file would say it: the way back from `budget-settings.ts`, so that budgets from elsewhere are held against those of
// the file by the same checks, and are told in the same words.

import type { Budget } from '../governance/budget/budget.ts'
import { formatUsd, picodollars } from '../kernel/money.ts'
import { WEEKDAYS, type WrittenBudget } from './schema/budget-schema.ts'
import type { WrittenPeriod } from './settings/budget-settings.ts'

export function writtenBudget(budget: Budget): WrittenBudget {
  const { unit, limit } = budget
  return {
    name: budget.name,
    scope: Object.fromEntries(
      Object.entries(budget.scope).map(([field, values]) => [field, [...values]]),
    ),
    per: budget.per,
    ...writtenPeriod(budget),
    time_zone: budget.timeZone,
    limit_usd: unit === 'usd' ? usdOf(limit) : null,
    limit_tokens: unit === 'tokens' ? Number(limit) : null,
    mode: budget.mode,
    alert_at: [...budget.alertAt],
    alert_forecast_at: budget.alertForecastAt,
    carry_over: budget.carryOver,
    missing_max_tokens: budget.missingMaxTokens,
    unpriced_reserve_usd: usdOf(budget.unpricedReserve),
    shadow: budget.shadow,
  }
}

function writtenPeriod({ period }: Budget): WrittenPeriod {
  const { kind } = period
  switch (kind) {
    case 'rolling':
      return { period: { rolling_days: period.days }, starts_on: null }
    case 'hour':
    case 'day':
    case 'total':
      return { period: kind, starts_on: null }
    case 'week':
      return { period: kind, starts_on: WEEKDAYS[period.startsOn - 1] ?? null }
    case 'month':
      return { period: kind, starts_on: period.startsOn }
    case 'quarter':
    case 'year':
      return { period: kind, starts_on: `${twoDigits(period.month)}-${twoDigits(period.startsOn)}` }
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

function usdOf(digits: string): string {
  return formatUsd(picodollars(BigInt(digits)))
}
