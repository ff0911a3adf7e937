// Alerts and sinks in the reference.

import { z } from '@hono/zod-openapi'
import { ALERT_KINDS, ALERT_SEVERITIES, SINK_TYPES } from '../../governance/alert-rule.ts'
import { EXAMPLE_AT, ruleScope } from './governance-answers.ts'
import { component, count, instant } from './schemas.ts'

const EXAMPLE_ALERT_ID = '0199e2f4-7a10-7c3b-8a51-3f2d9b7c1e04'

const alertFields = {
  alert_id: z.string(),
  rule: z.string(),
  kind: z.enum(ALERT_KINDS),
  severity: z.enum(ALERT_SEVERITIES),
  status: z.enum(['firing', 'resolved']),
  scope: ruleScope,
  budget: z.string().nullable(),
  counter: z.string().nullable().openapi({
    description: 'The value of the dimension that the budget counts by',
  }),
  value: z.string().openapi({ description: 'Percent, USD an hour, calls or seconds, as it fired' }),
  threshold: z.string(),
  period: z.object({ from: instant, to: instant.nullable() }).nullable(),
  message: z.string(),
  sinks: z.array(z.string()).openapi({ description: 'Who is told' }),
  fired_at: instant,
  resolved_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  muted_until: instant.nullable(),
}
const EXAMPLE_ALERT: z.input<z.ZodObject<typeof alertFields>> = {
  alert_id: EXAMPLE_ALERT_ID,
  rule: 'search-monthly at 80 %',
  kind: 'budget',
  severity: 'warning',
  status: 'firing',
  scope: { team: ['search'] },
  budget: 'search-monthly',
  counter: null,
  value: '83.2',
  threshold: '80',
  period: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
  message: 'Budget search-monthly has used 83.2 % of its limit: $416 of $500 (threshold: 80 %)',
  sinks: ['ops'],
  fired_at: EXAMPLE_AT,
  resolved_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  muted_until: null,
}

export const alertAnswer = component('Alert', z.object(alertFields), EXAMPLE_ALERT)
export const alertPage = component(
  'AlertPage',
  z.object({ items: z.array(alertAnswer), next_cursor: z.string().nullable() }),
  { items: [EXAMPLE_ALERT], next_cursor: null },
)

const EXAMPLE_SINK = {
  name: 'ops',
  type: 'webhook' as const,
  target: 'hooks.example.com',
  quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' },
  pending: 0,
  last_delivered_at: EXAMPLE_AT,
  last_error: null,
}
export const sinkList = component(
  'AlertSinkList',
  z.object({
    items: z.array(
      z.object({
        name: z.string(),
        type: z.enum(SINK_TYPES),
        target: z.string().openapi({ description: 'Host, addresses or topic; never a secret' }),
        quiet_hours: z
          .object({ from: z.string(), to: z.string(), time_zone: z.string() })
          .nullable(),
        pending: count.openapi({ description: 'Messages that wait to be told' }),
        last_delivered_at: instant.nullable(),
        last_error: z.string().nullable().openapi({
          description: 'Why the oldest message that waits was not taken',
        }),
      }),
    ),
    next_cursor: z.null(),
  }),
  { items: [EXAMPLE_SINK], next_cursor: null },
)

export const sinkTest = component(
  'AlertSinkTest',
  z.object({ sink: z.string(), delivered: z.boolean(), detail: z.string().nullable() }),
  { sink: 'ops', delivered: true, detail: null },
)

export const muteBody = component(
  'AlertMute',
  z.strictObject({
    until: z.string().openapi({ description: 'A date, a timestamp, or 4h; 366 days at most' }),
  }),
  { until: '4h' },
)
