// How requests for more of a budget look in the reference.

import { z } from '@hono/zod-openapi'
import { REQUEST_STATES } from '../rules/decide-request.ts'
import { reason } from './access-answers.ts'
import { amountFields, EXAMPLE_AMOUNT } from './budget-schema.ts'
import {
  delivery,
  EXAMPLE_AT,
  EXAMPLE_DELIVERY,
  EXAMPLE_ID,
  ruleScope,
} from './governance-answers.ts'
import { component, instant } from './schemas.ts'

const UNTIL = '2026-11-01T00:00:00.000Z'
const REASON = 'the launch brings more traffic'

export const newBudgetRequest = component(
  'NewBudgetRequest',
  z.strictObject({
    amount_usd: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,12})?$/, 'must be a decimal amount of dollars')
      .nullable()
      .default(null)
      .openapi({ description: 'How much more, of a budget in dollars' }),
    amount_tokens: z.int().positive().nullable().default(null).openapi({
      description: 'How much more, of a budget in tokens',
    }),
    counter: z.string().min(1).max(1_024).nullable().default(null).openapi({
      description: 'Of the dimension the budget counts `per`; left out: every counter',
    }),
    until: z.string().openapi({
      description: 'A date, a timestamp or a time from now such as 30d; at most a year ahead',
    }),
    carry_over: z.boolean().default(false).openapi({
      description: 'What is left of it goes on into the next period, until its end',
    }),
    reason,
  }),
  { amount_usd: '250', until: '2026-11-01', reason: REASON },
)

const fields = {
  request_id: z.string(),
  budget: z.string(),
  counter: z.string().nullable(),
  scope: ruleScope,
  ...amountFields('amount', 'How much more'),
  until: instant,
  carry_over: z.boolean(),
  reason: z.string().nullable(),
  state: z.enum(REQUEST_STATES),
  asked_at: instant,
  asked_by: z.string(),
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
  decision_reason: z.string().nullable(),
}
const PENDING = {
  request_id: EXAMPLE_ID,
  budget: 'search-monthly',
  counter: null,
  scope: { team: ['search'] },
  ...EXAMPLE_AMOUNT,
  until: UNTIL,
  carry_over: false,
  reason: REASON,
  state: 'pending' as const,
  asked_at: EXAMPLE_AT,
  asked_by: 'mia',
  decided_at: null,
  decided_by: null,
  decision_reason: null,
}
export const budgetRequest = component('BudgetRequest', z.object(fields), PENDING)
export const budgetRequestPage = component(
  'BudgetRequestPage',
  z.object({ items: z.array(budgetRequest), next_cursor: z.string().nullable() }),
  { items: [PENDING], next_cursor: null },
)
export const deliveredBudgetRequest = component(
  'DeliveredBudgetRequest',
  z.object({ ...fields, ...delivery }),
  {
    ...PENDING,
    state: 'approved',
    decided_at: EXAMPLE_AT,
    decided_by: 'joe',
    decision_reason: 'for the launch',
    ...EXAMPLE_DELIVERY,
  },
)
