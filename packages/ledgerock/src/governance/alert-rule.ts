// Alert rules and the sinks they tell, as plain data: what the configuration declares and control watches. Thresholds are decimal
// texts, because configurations travel as JSON and shares, dollars and counts all compare exactly that way.

import type { RuleScope } from './rule-scope.ts'

/** What a rule watches. A new kind is a word here and a row in control's table of kinds. */
export const ALERT_KINDS = [
  'budget',
  'budget_forecast',
  'unattributed',
  'unpriced',
  'spend_rate',
  'journal',
  'store',
  'clock',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** Quiet hours hold back all but `critical`. */
export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number]

export const SINK_TYPES = ['slack', 'webhook', 'email', 'sns', 'pagerduty'] as const
export type SinkType = (typeof SINK_TYPES)[number]

export const SMTP_TLS = ['starttls', 'tls', 'none'] as const
export type SmtpTls = (typeof SMTP_TLS)[number]

/** A text that prints as something else. */
export type Hidden = { readonly reveal: () => string }

/** Wall-clock minutes of the day in the zone; `fromMinute` later than `toMinute`: over midnight. */
export type QuietHours = {
  readonly fromMinute: number
  readonly toMinute: number
  readonly timeZone: string
}

export type SmtpServer = {
  readonly host: string
  readonly port: number
  readonly tls: SmtpTls
  readonly user: string | null
  readonly password: Hidden | null
  readonly from: string
}

type SinkCommon = { readonly name: string; readonly quietHours: QuietHours | null }

export type AlertSink = SinkCommon &
  (
    | { readonly type: 'slack'; readonly url: Hidden }
    | { readonly type: 'webhook'; readonly url: Hidden; readonly secret: Hidden }
    | { readonly type: 'email'; readonly to: readonly string[]; readonly smtp: SmtpServer }
    | { readonly type: 'sns'; readonly topicArn: string }
    | { readonly type: 'pagerduty'; readonly url: Hidden; readonly routingKey: Hidden }
  )

export type AlertRule = {
  readonly name: string
  readonly when: AlertKind
  /** Only this budget; null: every budget the scope has. Null for other kinds. */
  readonly budget: string | null
  readonly scope: RuleScope
  /** Decimal: percent, dollars an hour, calls or seconds, as the kind counts. */
  readonly above: string
  /** So long it must be so before anybody is told. */
  readonly forMs: number
  /** What a share, a count or a rate is taken over. */
  readonly overMs: number
  readonly severity: AlertSeverity
  /** Names of sinks. */
  readonly to: readonly string[]
}

export type AlertsConfig = {
  readonly sinks: readonly AlertSink[]
  readonly rules: readonly AlertRule[]
  /** Hosts, or `host:port`, that may be told over http and at private addresses. */
  readonly allowHosts: readonly string[]
}
