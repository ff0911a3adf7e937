// What sinks are told: one event, the same JSON at every attempt. `id` names the event, `alert_id` what it is about: the firing and
// the end of one alert share it.

import type { AlertKind, AlertSeverity } from '../../governance/alert-rule.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { AlertPeriod, StoredAlert } from '../store/alert-tables.ts'

export const ALERT_STATUSES = ['firing', 'resolved'] as const
export type AlertStatus = (typeof ALERT_STATUSES)[number]

export type AlertEvent = {
  readonly id: string
  readonly alert_id: string
  readonly rule: string
  readonly kind: AlertKind | 'test'
  readonly severity: AlertSeverity
  readonly status: AlertStatus
  readonly scope: RuleScope
  readonly budget: string | null
  readonly counter: string | null
  /** Decimals: percent, dollars an hour, calls or seconds. */
  readonly value: string
  readonly threshold: string
  readonly period: AlertPeriod | null
  readonly message: string
  readonly url: string
  readonly at: string
}

export function eventOf(
  alert: StoredAlert,
  told: Pick<AlertEvent, 'id' | 'status' | 'value' | 'message' | 'url' | 'at'>,
): AlertEvent {
  return {
    id: told.id,
    alert_id: alert.alertId,
    rule: alert.rule,
    kind: alert.kind,
    severity: alert.severity,
    status: told.status,
    scope: alert.scope,
    budget: alert.budget,
    counter: alert.counter,
    value: told.value,
    threshold: alert.threshold,
    period: alert.period,
    message: told.message,
    url: told.url,
    at: told.at,
  }
}

export function testEvent(sink: string, id: string, url: string, at: string): AlertEvent {
  return {
    id,
    alert_id: id,
    rule: 'test',
    kind: 'test',
    severity: 'info',
    status: 'firing',
    scope: {},
    budget: null,
    counter: null,
    value: '0',
    threshold: '0',
    period: null,
    message: `This is a test of the sink ${sink}. Nothing is wrong.`,
    url,
    at,
  }
}
