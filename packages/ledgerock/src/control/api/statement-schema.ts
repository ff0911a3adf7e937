// Statements as the API's reference describes them.

import { z } from '@hono/zod-openapi'
import { STATEMENT_MAIL_STATES } from '../store/statement-mail-table.ts'
import { component, count, instant, textMap, usd } from './schemas.ts'

const text = z.string()
const owner = textMap.nullable().openapi({ description: 'Dimension to value; null: the whole' })
const line = z.object({
  application: text,
  feature: text,
  workflow_id: text,
  tenant_id: text,
  model_id: text,
  basis: text,
  metered_usd: usd,
  billed_usd: usd,
  list_usd: usd,
})
const sectionRow = z.object({
  value: text.openapi({ description: 'Empty: of no model, of no one day' }),
  usd,
  metered_usd: usd,
  previous_usd: usd.nullable(),
})
const ownerTotal = {
  owner: textMap,
  usage_usd: usd,
  shared_usd: usd,
  adjustments_usd: usd,
  total_usd: usd,
  previous_total_usd: usd.nullable(),
}
const state = z.enum(['draft', 'final'])
const closing = z.object({ number: count, sha256: text, closed_at: instant })

const EXAMPLE_ID = 'st_4b1f7c2d9e0a4b1f7c2d9e0a'
const EXAMPLE_AT = '2026-11-06T04:00:00.000Z'
const EXAMPLE_SHA = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const EXAMPLE_CLOSING = { number: 1, sha256: EXAMPLE_SHA, closed_at: EXAMPLE_AT }

export const statement = component(
  'Statement',
  z.object({
    statement_id: text,
    version: count.openapi({ description: 'Counts up when the content differs' }),
    sha256: text.openapi({
      description:
        'Of the statement without statement_id, version, sha256 and generated_at, as JSON with sorted keys and no spaces',
    }),
    generated_at: instant,
    period: text,
    owner,
    state,
    currency: text,
    invoices: z.array(z.object({ invoice_id: text, issuer: text, bill_usd: usd, tax_usd: usd })),
    lines: z.array(line).openapi({ description: 'Own use' }),
    shared: z.array(z.object({ pool: text, rule: text, amount_usd: usd })),
    adjustments: z.array(
      z.object({
        adjustment_id: text,
        charge_period: text,
        owner: textMap.openapi({ description: 'Empty: nobody’s, or kept apart' }),
        model_id: text,
        basis: text,
        pool: text,
        reason: text,
        amount_usd: usd,
        at: instant,
      }),
    ),
    by: z.record(text, z.array(sectionRow)).openapi({ description: 'Own use, in sections' }),
    owners: z.array(z.object(ownerTotal)).nullable(),
    unattributed: z.array(z.object({ reason: text, amount_usd: usd })).nullable(),
    outcomes: z
      .array(
        z.object({
          name: text,
          quantity: text,
          value_usd: usd.nullable(),
          cost_usd: usd,
          usd_per_unit: usd.nullable(),
        }),
      )
      .openapi({ description: 'What came of it; cost: own use and shared costs' }),
    usage_usd: usd,
    shared_usd: usd,
    adjustments_usd: usd,
    previous_total_usd: usd.nullable(),
    total_usd: usd,
    variance: z.object({ metered_usd: usd, billed_usd: usd, difference_usd: usd }),
    coverage: z.object({ billed_tokens: z.int(), metered_tokens: z.int(), ratio: text.nullable() }),
    tie_out: z.object({ bill_usd: usd, sum_usd: usd, difference_usd: usd }),
    closing: closing.nullable(),
    prices_as_of: text,
  }),
  {
    statement_id: EXAMPLE_ID,
    version: 1,
    sha256: EXAMPLE_SHA,
    generated_at: EXAMPLE_AT,
    period: '2026-10',
    owner: { team: 'search' },
    state: 'final',
    currency: 'USD',
    invoices: [],
    lines: [
      {
        application: 'search-api',
        feature: 'answers',
        workflow_id: 'unknown',
        tenant_id: 'unknown',
        model_id: 'amazon.nova-pro-v1:0',
        basis: 'metered',
        metered_usd: '10.2',
        billed_usd: '10',
        list_usd: '10.2',
      },
    ],
    shared: [{ pool: 'tax', rule: 'proportional', amount_usd: '1.9' }],
    adjustments: [],
    by: {
      application: [{ value: 'search-api', usd: '10', metered_usd: '10.2', previous_usd: '9.5' }],
    },
    owners: null,
    unattributed: null,
    outcomes: [
      {
        name: 'tickets_solved',
        quantity: '595',
        value_usd: null,
        cost_usd: '11.9',
        usd_per_unit: '0.02',
      },
    ],
    usage_usd: '10',
    shared_usd: '1.9',
    adjustments_usd: '0',
    previous_total_usd: '11.4',
    total_usd: '11.9',
    variance: { metered_usd: '10.2', billed_usd: '10', difference_usd: '-0.2' },
    coverage: { billed_tokens: 1_000_000, metered_tokens: 1_000_000, ratio: '1' },
    tie_out: { bill_usd: '120.5', sum_usd: '120.5', difference_usd: '0' },
    closing: EXAMPLE_CLOSING,
    prices_as_of: '2026.10',
  },
)

export const statementList = component(
  'StatementList',
  z.object({
    period: text,
    state,
    items: z.array(z.object({ statement_id: text, ...ownerTotal })),
    next_cursor: z.null(),
  }),
  {
    period: '2026-10',
    state: 'final',
    items: [
      {
        statement_id: EXAMPLE_ID,
        owner: { team: 'search' },
        usage_usd: '10',
        shared_usd: '1.9',
        adjustments_usd: '0',
        total_usd: '11.9',
        previous_total_usd: '11.4',
      },
    ],
    next_cursor: null,
  },
)

export const monthAllocation = component(
  'MonthAllocation',
  z.object({
    period: text,
    state,
    closing: closing.nullable(),
    bill_usd: usd,
    items: z.array(
      z.object({
        owner: textMap.openapi({ description: 'Empty: nobody’s, or kept apart' }),
        amount_usd: usd,
        basis: text,
        reason: text,
      }),
    ),
    next_cursor: z.null(),
  }),
  {
    period: '2026-10',
    state: 'final',
    closing: EXAMPLE_CLOSING,
    bill_usd: '1200',
    items: [
      { owner: { team: 'search' }, amount_usd: '1150', basis: 'metered', reason: 'metered' },
      { owner: {}, amount_usd: '50', basis: 'unattributed', reason: 'no_owner' },
    ],
    next_cursor: null,
  },
)

export const statementMails = component(
  'StatementMails',
  z.object({
    items: z.array(
      z.object({
        mail_id: text,
        period: text,
        closing: count,
        owner,
        to: text.openapi({ description: 'Name of a sink, or an address' }),
        format: text,
        state: z.enum(STATEMENT_MAIL_STATES),
        created_at: instant,
        attempts: count,
        next_at: instant.nullable(),
        last_error: text.nullable(),
        ended_at: instant.nullable(),
        statement_id: text.nullable(),
        statement_sha256: text.nullable(),
      }),
    ),
    next_cursor: text.nullable(),
  }),
  {
    items: [
      {
        mail_id: '4b1f7c2d9e0a4b1f7c2d9e0a4b1f7c2d',
        period: '2026-10',
        closing: 1,
        owner: null,
        to: 'finance@example.com',
        format: 'pdf',
        state: 'delivered',
        created_at: EXAMPLE_AT,
        attempts: 0,
        next_at: null,
        last_error: null,
        ended_at: EXAMPLE_AT,
        statement_id: EXAMPLE_ID,
        statement_sha256: EXAMPLE_SHA,
      },
    ],
    next_cursor: null,
  },
)
