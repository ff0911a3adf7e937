// The file's alerts as control watches them: names, thresholds and times filled in by kind, secrets read from their variables.

import type {
  AlertKind,
  AlertRule,
  AlertsConfig,
  AlertSink,
  QuietHours,
  SmtpServer,
} from '../../governance/alert-rule.ts'
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../kernel/time.ts'
import type { WrittenAlerts } from '../schema/alert-schema.ts'
import { Secret } from '../secret.ts'

export type { AlertsConfig } from '../../governance/alert-rule.ts'

type Env = Readonly<Record<string, string | undefined>>
type WrittenSink = WrittenAlerts['sinks'][number]
type WrittenRule = WrittenAlerts['rules'][number]

const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue'

type KindDefaults = { readonly above: string; readonly forMs: number; readonly overMs: number }

/** What a rule means that says no more than its kind. */
export const ALERT_DEFAULTS: Readonly<Record<AlertKind, KindDefaults>> = {
  budget: { above: '100', forMs: 0, overMs: 0 },
  budget_forecast: { above: '100', forMs: 0, overMs: 0 },
  unattributed: { above: '5', forMs: 5 * MS_PER_MINUTE, overMs: MS_PER_DAY },
  unpriced: { above: '0', forMs: 0, overMs: MS_PER_HOUR },
  spend_rate: { above: '100', forMs: 0, overMs: MS_PER_HOUR },
  journal: { above: '50', forMs: 0, overMs: 0 },
  store: { above: '60', forMs: 0, overMs: 0 },
  clock: { above: '1', forMs: 0, overMs: 0 },
}

export function defaultAlertName(when: string, index: number): string {
  return `${when}-${index + 1}`
}

export function alertsOf(written: WrittenAlerts, env: Env): AlertsConfig {
  return {
    sinks: written.sinks.map((sink) => sinkOf(sink, env)),
    rules: written.rules.map(ruleOf),
    allowHosts: written.allow_hosts.map((host) => host.toLowerCase()),
  }
}

function ruleOf(rule: WrittenRule, index: number): AlertRule {
  const defaults = ALERT_DEFAULTS[rule.when]
  return {
    name: rule.name ?? defaultAlertName(rule.when, index),
    when: rule.when,
    budget: rule.budget,
    scope: rule.scope,
    above: rule.above ?? defaults.above,
    forMs: rule.for ?? defaults.forMs,
    overMs: rule.over ?? defaults.overMs,
    severity: rule.severity,
    to: rule.to,
  }
}

function sinkOf(sink: WrittenSink, env: Env): AlertSink {
  const { name } = sink
  const quietHours = quietHoursOf(sink.quiet_hours)
  const url = new Secret(sink.url ?? variable(env, sink.url_env) ?? PAGERDUTY_URL)
  switch (sink.type) {
    case 'slack':
      return { name, type: 'slack', quietHours, url }
    case 'webhook':
      return { name, type: 'webhook', quietHours, url, secret: hidden(env, sink.secret_env) }
    case 'email':
      return { name, type: 'email', quietHours, to: sink.to, smtp: smtpOf(sink.smtp, env) }
    case 'sns':
      return { name, type: 'sns', quietHours, topicArn: sink.topic_arn ?? '' }
    case 'pagerduty': {
      const routingKey = hidden(env, sink.routing_key_env)
      return { name, type: 'pagerduty', quietHours, url, routingKey }
    }
  }
}

function smtpOf(smtp: WrittenSink['smtp'], env: Env): SmtpServer {
  const password = variable(env, smtp?.password_env ?? null)
  return {
    host: smtp?.host ?? '',
    port: smtp?.port ?? 0,
    tls: smtp?.tls ?? 'starttls',
    user: smtp?.user ?? null,
    password: password === null ? null : new Secret(password),
    from: smtp?.from ?? '',
  }
}

function quietHoursOf(written: WrittenSink['quiet_hours']): QuietHours | null {
  if (written === null) return null
  const { from, to, time_zone: timeZone } = written
  return { fromMinute: minuteOf(from), toMinute: minuteOf(to), timeZone }
}

function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** Empty only where the configuration was read without its secrets. */
function hidden(env: Env, name: string | null): Secret {
  return new Secret(variable(env, name) ?? '')
}

function variable(env: Env, name: string | null): string | null {
  return name === null ? null : (env[name] ?? null)
}
