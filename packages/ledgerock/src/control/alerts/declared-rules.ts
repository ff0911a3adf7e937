// Every rule in force: those of the file; those that budgets bring with them (`alert_at`, `alert_forecast_at`), unless a rule of the file
// names their budget; and those that watch Ledgerock itself, unless the file has a rule of their kind. The latter two tell every sink.

import type { AlertRule, AlertsConfig } from '../../governance/alert-rule.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { mustOk } from '../../kernel/result.ts'
import { parseUsd } from '../../kernel/money.ts'
import { ALERT_KIND_ROWS } from './alert-kinds.ts'
import type { WatchedRule } from './watched-rule.ts'

const CRITICAL_PERCENT = 100
const WARNING_PERCENT = 80

export function rulesInForce(
  { rules, sinks }: AlertsConfig,
  budgets: readonly Budget[],
): readonly AlertRule[] {
  const to = sinks.map(({ name }) => name)
  const names = (when: AlertRule['when'], budget: string): boolean =>
    rules.some((rule) => rule.when === when && rule.budget === budget)
  return [
    ...rules,
    ...HEALTH.filter(({ when }) => !rules.some((rule) => rule.when === when)).map((rule) => ({
      ...rule,
      to,
    })),
    ...budgets.flatMap((budget) => [
      ...(names('budget', budget.name) ? [] : thresholds(budget, to)),
      ...(names('budget_forecast', budget.name) ? [] : forecasts(budget, to)),
    ]),
  ]
}

export function watchedRule(rule: AlertRule): WatchedRule {
  const { fires, clearPercent, isLocal } = ALERT_KIND_ROWS[rule.when]
  return {
    name: rule.name,
    kind: rule.when,
    // The schema lets only such decimals through.
    threshold: mustOk(parseUsd(rule.above)),
    fires,
    clearPercent,
    forMs: rule.forMs,
    severity: rule.severity,
    sinks: rule.to,
    isLocal,
  }
}

function thresholds({ name, alertAt }: Budget, to: readonly string[]): readonly AlertRule[] {
  return alertAt.map((percent) => ({
    ...UNCONDITIONAL,
    name: `${name} at ${percent} %`,
    when: 'budget',
    budget: name,
    above: String(percent),
    severity:
      percent >= CRITICAL_PERCENT ? 'critical' : percent >= WARNING_PERCENT ? 'warning' : 'info',
    to,
  }))
}

function forecasts({ name, alertForecastAt }: Budget, to: readonly string[]): readonly AlertRule[] {
  if (alertForecastAt === null) return []
  return [
    {
      ...UNCONDITIONAL,
      name: `${name} forecast at ${alertForecastAt} %`,
      when: 'budget_forecast',
      budget: name,
      above: String(alertForecastAt),
      severity: 'warning',
      to,
    },
  ]
}

const UNCONDITIONAL = { scope: {}, forMs: 0, overMs: 0 }

/** Half a journal is hours before calls are refused; a clock further off than a second counts calls in the wrong period. */
const HEALTH: readonly Omit<AlertRule, 'to'>[] = [
  {
    ...UNCONDITIONAL,
    name: 'journal half full',
    when: 'journal',
    budget: null,
    above: '50',
    severity: 'critical',
  },
  {
    ...UNCONDITIONAL,
    name: 'store away',
    when: 'store',
    budget: null,
    above: '60',
    severity: 'critical',
  },
  {
    ...UNCONDITIONAL,
    name: 'clock apart',
    when: 'clock',
    budget: null,
    above: '1',
    severity: 'warning',
  },
]
