// `alerts` in the file: whom to tell (sinks), about what (rules), and which hosts inside may be told. Secrets are named by their
// environment variable; what depends on a sink's type is checked in `check-alerts.ts`, so that every fault has its place.

import * as z from 'zod'
import { ALERT_KINDS, ALERT_SEVERITIES, SINK_TYPES, SMTP_TLS } from '../../governance/alert-rule.ts'
import {
  dimensionValue,
  durationBetween,
  host,
  oneOf,
  portNumber,
  textOf,
  url,
  variableName,
} from '../field.ts'

const SINKS_MAX = 100
const RULES_MAX = 1000
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const NAME_WANTED = 'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore'
const URL_WANTED = 'must be an https URL (http only for hosts in allow_hosts)'
const TIME_WANTED = "must be a time of day in quotes, such as '22:00'"
const ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,255}$/
const ADDRESS_WANTED = 'must be a mail address such as ops@example.com'
const ABOVE_WANTED = 'must be a number from 0, or a decimal in quotes such as "12.50"'

const SCOPE_WANTED = 'must be a map of dimension, key_name or model to a value or values'
const VALUES_WANTED = 'must be a value, or a list of 1 to 1000 values'

const DECIMAL = /^[0-9]{1,15}(\.[0-9]{1,12})?$/

const timeOfDay = textOf(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, TIME_WANTED)

const quietHours = z
  .strictObject({
    from: timeOfDay.meta({ description: 'Begin, as the clock on the wall shows it.' }),
    to: timeOfDay.meta({ description: 'End; earlier than from: the next morning.' }),
    time_zone: z
      .string({ error: 'must be an IANA time zone such as Europe/Berlin' })
      .default('UTC')
      .meta({ description: 'IANA name of the zone.' }),
  })
  .nullable()
  .default(null)
  .meta({ description: 'When only critical alerts are sent; the others wait. null: never.' })

const smtp = z
  .strictObject({
    host: host.meta({ description: 'The mail server.' }),
    port: portNumber.default(587).meta({ description: 'Its port.' }),
    tls: oneOf(SMTP_TLS).default('starttls').meta({
      description: 'starttls: required before anything is said; tls: from the first byte; none.',
    }),
    user: z
      .string({ error: 'must be a text' })
      .nullable()
      .default(null)
      .meta({ description: 'Name to log in with; null: no log-in.' }),
    password_env: variableName
      .nullable()
      .default(null)
      .meta({ description: 'The variable that holds the password.' }),
    from: textOf(ADDRESS, ADDRESS_WANTED).meta({ description: 'Sender of the mails.' }),
  })
  .nullable()
  .default(null)
  .meta({ description: 'email: how mail is sent.' })

const sink = z.strictObject({
  name: textOf(NAME, NAME_WANTED).meta({ description: 'Name of the sink.' }),
  type: oneOf(SINK_TYPES).meta({ description: 'What kind of receiver it is.' }),
  url: url(['https:', 'http:'], URL_WANTED)
    .nullable()
    .default(null)
    .meta({ description: 'slack, webhook: where to post; pagerduty: another events endpoint.' }),
  url_env: variableName
    .nullable()
    .default(null)
    .meta({ description: 'The variable that holds the URL, where it is a secret (Slack).' }),
  secret_env: variableName
    .nullable()
    .default(null)
    .meta({ description: 'webhook: the variable that holds the secret messages are signed with.' }),
  routing_key_env: variableName
    .nullable()
    .default(null)
    .meta({ description: 'pagerduty: the variable that holds the integration key.' }),
  topic_arn: textOf(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,251}(\.fifo)?$/,
    'must be the ARN of an SNS topic',
  )
    .nullable()
    .default(null)
    .meta({ description: 'sns: the topic.' }),
  to: z
    .array(textOf(ADDRESS, ADDRESS_WANTED), { error: 'must be a list of mail addresses' })
    .max(50, { error: 'must be at most 50 addresses' })
    .default([])
    .meta({ description: 'email: who gets it.' }),
  smtp,
  quiet_hours: quietHours,
})

const rule = z.strictObject({
  name: textOf(NAME, NAME_WANTED)
    .nullable()
    .default(null)
    .meta({ description: 'What alerts call the rule; null: its kind and place, budget-1.' }),
  when: oneOf(ALERT_KINDS).meta({ description: 'What it watches.' }),
  budget: textOf(NAME, NAME_WANTED)
    .nullable()
    .default(null)
    .meta({ description: 'budget, budget_forecast: only this budget; null: all of the scope.' }),
  scope: z
    .record(
      z.string(),
      z.union(
        [
          dimensionValue.transform((value) => [value]),
          z
            .array(dimensionValue)
            .min(1, { error: VALUES_WANTED })
            .max(1000, { error: VALUES_WANTED }),
        ],
        { error: VALUES_WANTED },
      ),
      { error: SCOPE_WANTED },
    )
    .default({})
    .meta({ description: 'Budgets, or calls, that lie within it; empty: all.' }),
  above: z
    .union(
      [
        z
          .number({ error: ABOVE_WANTED })
          .refine((value) => DECIMAL.test(String(value)), { error: ABOVE_WANTED })
          .transform(String),
        textOf(DECIMAL, ABOVE_WANTED),
      ],
      { error: ABOVE_WANTED },
    )
    .nullable()
    .default(null)
    .meta({
      description: 'Threshold in the unit of the kind: percent, USD an hour, calls, seconds.',
    }),
  for: durationBetween('0s', '24h')
    .nullable()
    .default(null)
    .meta({ description: 'So long it must be so before anybody is told; null: by kind.' }),
  over: durationBetween('1m', '31d')
    .nullable()
    .default(null)
    .meta({ description: 'The time a share, count or rate is taken over; null: by kind.' }),
  severity: oneOf(ALERT_SEVERITIES).default('warning').meta({
    description: 'critical is sent in quiet hours too.',
  }),
  to: z
    .array(textOf(NAME, NAME_WANTED), { error: 'must be a list of names of sinks' })
    .min(1, { error: 'must name at least one sink' })
    .max(SINKS_MAX, { error: `must be at most ${SINKS_MAX} sinks` })
    .meta({ description: 'Names of the sinks that are told.' }),
})

export const alerts = z.strictObject({
  sinks: z
    .array(sink, { error: 'must be a list of sinks' })
    .max(SINKS_MAX, { error: `must be at most ${SINKS_MAX} sinks` })
    .default([])
    .meta({ description: 'Who can be told.' }),
  rules: z
    .array(rule, { error: 'must be a list of alert rules' })
    .max(RULES_MAX, { error: `must be at most ${RULES_MAX} rules` })
    .default([])
    .meta({ description: 'What they are told about, besides what budgets ask for themselves.' }),
  allow_hosts: z
    .array(
      textOf(
        /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?$/,
        'must be a host name or an address, or with a port: hooks.internal:8443',
      ),
      { error: 'must be a list of hosts' },
    )
    .max(100, { error: 'must be at most 100 hosts' })
    .default([])
    .meta({ description: 'Hosts that may be posted to over http and at private addresses.' }),
})

export type WrittenAlerts = z.output<typeof alerts>
