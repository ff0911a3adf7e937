// Alerts and sinks as the API shows them. Of a sink's address only its host, of its secrets nothing.

import type { AlertSink } from '../../governance/alert-rule.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'
import type { SinkTally } from '../store/alert-outbox.ts'
import type { AlertPeriod, StoredAlert } from '../store/alert-tables.ts'
import type { AlertStatus } from './alert-event.ts'

export type AlertView = {
  readonly alert_id: string
  readonly rule: string
  readonly kind: string
  readonly severity: string
  readonly status: AlertStatus
  readonly scope: RuleScope
  readonly budget: string | null
  readonly counter: string | null
  readonly value: string
  readonly threshold: string
  readonly period: AlertPeriod | null
  readonly message: string
  readonly sinks: readonly string[]
  readonly fired_at: string
  readonly resolved_at: string | null
  readonly acknowledged_at: string | null
  readonly acknowledged_by: string | null
  readonly muted_until: string | null
}

export function alertView(alert: StoredAlert): AlertView {
  return {
    alert_id: alert.alertId,
    rule: alert.rule,
    kind: alert.kind,
    severity: alert.severity,
    status: alert.resolvedAt === null ? 'firing' : 'resolved',
    scope: alert.scope,
    budget: alert.budget,
    counter: alert.counter,
    value: alert.value,
    threshold: alert.threshold,
    period: alert.period,
    message: alert.message,
    sinks: alert.sinks,
    fired_at: alert.firedAt,
    resolved_at: alert.resolvedAt,
    acknowledged_at: alert.ackedAt,
    acknowledged_by: alert.ackedBy,
    muted_until: alert.mutedUntil,
  }
}

export type SinkView = {
  readonly name: string
  readonly type: string
  readonly target: string
  readonly quiet_hours: {
    readonly from: string
    readonly to: string
    readonly time_zone: string
  } | null
  readonly pending: number
  readonly last_delivered_at: string | null
  readonly last_error: string | null
}

export function sinkView(
  sink: AlertSink,
  tally: SinkTally | undefined,
  lastError: string | null,
): SinkView {
  const { quietHours } = sink
  return {
    name: sink.name,
    type: sink.type,
    target: targetOf(sink),
    quiet_hours:
      quietHours === null
        ? null
        : {
            from: timeOfDay(quietHours.fromMinute),
            to: timeOfDay(quietHours.toMinute),
            time_zone: quietHours.timeZone,
          },
    pending: tally?.pending ?? 0,
    last_delivered_at: tally?.lastDeliveredAt ?? null,
    last_error: lastError,
  }
}

function targetOf(sink: AlertSink): string {
  switch (sink.type) {
    case 'slack':
    case 'webhook':
    case 'pagerduty':
      return URL.parse(sink.url.reveal())?.host ?? ''
    case 'email':
      return sink.to.join(', ')
    case 'sns':
      return sink.topicArn
  }
}

function timeOfDay(minute: number): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
