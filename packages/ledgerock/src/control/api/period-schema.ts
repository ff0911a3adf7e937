// How billing periods, requests to reopen one and adjustments look in the reference.

import { z } from '@hono/zod-openapi'
import { REQUEST_STATES } from '../rules/decide-request.ts'
import { PERIOD_STATES } from '../month/period-calendar.ts'
import { ADJUSTMENT_REASONS } from '../periods/periods.ts'
import { EXAMPLE_ID, requiredReason } from './governance-answers.ts'
import { component, count, instant, textMap, usd } from './schemas.ts'

const period = z.string().openapi({ description: 'A month, UTC, as AWS bills it' })
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const EXAMPLE_AT = '2026-11-06T09:00:00.000Z'
const EXAMPLE_HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const EXAMPLE_REOPENING = {
  request_id: EXAMPLE_ID,
  period: '2026-10',
  reason: 'a team was booked on the wrong cost center',
  state: 'pending',
  until: '2026-11-20T09:00:00.000Z',
  asked_at: EXAMPLE_AT,
  asked_by: 'fin',
  decided_at: null,
  decided_by: null,
  decision_reason: null,
} as const

export const reopening = component(
  'PeriodReopening',
  z.object({
    request_id: z.string(),
    period,
    reason: z.string(),
    state: z.enum(REQUEST_STATES),
    until: instant.openapi({ description: 'A request nobody decided lapses' }),
    asked_at: instant,
    asked_by: z.string(),
    decided_at: instant.nullable(),
    decided_by: z.string().nullable(),
    decision_reason: z.string().nullable(),
  }),
  EXAMPLE_REOPENING,
)

const EXAMPLE_PERIOD = {
  period: '2026-10',
  state: 'closed' as const,
  bill_version: 3,
  bills: [{ bill: 'cur', version: 3 }],
  closes_after: EXAMPLE_AT,
  closed_at: EXAMPLE_AT,
  closed_by: 'fin',
  closings: [
    {
      number: 1,
      sha256: EXAMPLE_HASH,
      bill_version: 3,
      closed_at: EXAMPLE_AT,
      closed_by: 'fin',
      reopened_at: null,
      reopened_by: null,
    },
  ],
  reopening: null,
  waiting: false,
}

export const periodState = component(
  'BillingPeriod',
  z.object({
    period,
    state: z.enum(PERIOD_STATES),
    bill_version: count.nullable().openapi({
      description: 'In force; of a closed period: that was frozen. Null: there is no bill',
    }),
    bills: z.array(z.object({ bill: z.string(), version: count })),
    closes_after: instant.openapi({ description: 'When it closes by itself at the earliest' }),
    closed_at: instant.nullable(),
    closed_by: z.string().nullable(),
    closings: z.array(
      z.object({
        number: count,
        sha256,
        bill_version: count,
        closed_at: instant,
        closed_by: z.string(),
        reopened_at: instant.nullable(),
        reopened_by: z.string().nullable(),
      }),
    ),
    reopening: reopening.nullable().openapi({ description: 'The newest request' }),
    waiting: z.boolean().openapi({ description: 'Adjustments wait for approval' }),
  }),
  EXAMPLE_PERIOD,
)
export const periodPage = component(
  'BillingPeriodPage',
  z.object({ items: z.array(periodState), next_cursor: z.null() }),
  { items: [EXAMPLE_PERIOD], next_cursor: null },
)

const row = {
  charge_period: period,
  owner: textMap,
  model_id: z.string(),
  basis: z.string(),
  pool: z.string(),
  usd,
  reason: z.enum(ADJUSTMENT_REASONS),
  at: instant,
}
const EXAMPLE_ROW = {
  charge_period: '2026-10',
  owner: { team: 'search' },
  model_id: 'amazon.nova-pro-v1:0',
  basis: 'metered',
  pool: '',
  usd: '12.5',
  reason: 'late_delivery',
  at: '2026-11-09T04:00:00.000Z',
} as const
export const adjustments = component(
  'Adjustments',
  z.object({
    period,
    items: z
      .array(z.object({ adjustment_id: z.string(), posted_in: period, ...row }))
      .openapi({ description: 'Posted in this period, and posted in later ones for it' }),
    total_usd: usd,
    waiting: z
      .object({
        charge_period: period,
        bill_usd: usd,
        moved_usd: usd,
        usd,
        at: instant,
        rows: z.array(z.object(row)),
      })
      .nullable()
      .openapi({ description: 'Worked out, and more than is posted without approval' }),
  }),
  {
    period: '2026-10',
    items: [{ adjustment_id: `${EXAMPLE_ID}-1`, posted_in: '2026-11', ...EXAMPLE_ROW }],
    total_usd: '12.5',
    waiting: null,
  },
)

export const reopenBody = component('NewReopening', z.strictObject({ reason: requiredReason }), {
  reason: EXAMPLE_REOPENING.reason,
})
