// How budgets and their counters look in the reference.

import { z } from '@hono/zod-openapi'
import { BUDGET_MODES, BUDGET_UNITS, MISSING_MAX_TOKENS } from '../../governance/budget/budget.ts'
import type { WrittenAmount } from '../budgets/budget-amount.ts'
import { EXAMPLE_AT, EXAMPLE_ID, ruleScope } from './governance-answers.ts'
import { component, count, instant, usd } from './schemas.ts'

/** Both ways to write an amount; the one that is not the budget's unit is null. */
export function amountFields<Name extends string>(name: Name, description: string) {
  const fields = {
    [`${name}_usd`]: usd.nullable().openapi({ description }),
    [`${name}_tokens`]: count.nullable().openapi({ description }),
  }
  return fields as unknown as Readonly<
    Record<`${Name}_usd`, z.ZodNullable<typeof usd>> &
      Record<`${Name}_tokens`, z.ZodNullable<typeof count>>
  >
}

export const EXAMPLE_AMOUNT: WrittenAmount<'amount'> = { amount_usd: '250', amount_tokens: null }
const UNTIL = '2026-11-01T00:00:00.000Z'

const raise = z.object({
  request_id: z.string(),
  counter: z.string().nullable(),
  ...amountFields('amount', 'How much more'),
  from: instant,
  to: instant,
  carry_over: z.boolean(),
})
const rowFields = {
  name: z.string(),
  scope: ruleScope,
  per: z.string().nullable().openapi({ description: 'Each value of it has the limit to itself' }),
  counter: z.string().nullable().openapi({ description: 'The value of `per` this row is about' }),
  mode: z.enum(BUDGET_MODES),
  shadow: z.boolean().openapi({ description: 'Refuses nothing, only reports' }),
  unit: z.enum(BUDGET_UNITS),
  period: z.object({
    kind: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year', 'total', 'rolling']),
    days: count.nullable().openapi({ description: 'Of a rolling period' }),
    from: instant.nullable(),
    to: instant.nullable(),
  }),
  ...amountFields('limit', 'With raises in force and what was carried over'),
  ...amountFields('spent', 'By anybody; null: not known, or also of others'),
  ...amountFields('reserved', 'Held by calls in flight and idle in leases, lost ones included'),
  ...amountFields('remaining', 'Never below zero'),
  ...amountFields('forecast', 'At the end of the period on a straight line; null: too early'),
  ...amountFields('exposure', 'What nodes that are cut off may still spend; part of reserved'),
  resets_at: instant.nullable(),
  exhausted_at: instant.nullable().openapi({
    description: 'On a straight line; since when, where a hard budget refuses calls already',
  }),
  raises: z.array(raise).openapi({ description: 'In force now' }),
}
const EXAMPLE_ROW = {
  name: 'search-monthly',
  scope: { team: ['search'] },
  per: null,
  counter: null,
  mode: 'hard' as const,
  shadow: false,
  unit: 'usd' as const,
  period: { kind: 'month' as const, days: null, from: '2026-10-01T00:00:00.000Z', to: UNTIL },
  limit_usd: '750',
  limit_tokens: null,
  spent_usd: '412.25',
  spent_tokens: null,
  reserved_usd: '12.5',
  reserved_tokens: null,
  remaining_usd: '325.25',
  remaining_tokens: null,
  forecast_usd: '910.3',
  forecast_tokens: null,
  exposure_usd: '0',
  exposure_tokens: null,
  resets_at: UNTIL,
  exhausted_at: '2026-10-26T08:12:00.000Z',
  raises: [
    {
      request_id: EXAMPLE_ID,
      counter: null,
      ...EXAMPLE_AMOUNT,
      from: EXAMPLE_AT,
      to: UNTIL,
      carry_over: false,
    },
  ],
}
const row = component('BudgetRow', z.object(rowFields), EXAMPLE_ROW)
const page = { items: z.array(row), next_cursor: z.string().nullable() }
const EXAMPLE_PAGE = { items: [EXAMPLE_ROW], next_cursor: null }

export const budgetPage = component('BudgetPage', z.object(page), EXAMPLE_PAGE)
export const budgetDetail = component(
  'BudgetDetail',
  z.object({
    name: z.string(),
    time_zone: z.string(),
    missing_max_tokens: z.enum(MISSING_MAX_TOKENS).openapi({
      description: 'What a call that states no maximum of output is held to',
    }),
    unpriced_reserve_usd: usd.openapi({ description: 'What a call without a price is charged' }),
    alert_at: z.array(count).openapi({ description: 'Percent of the limit' }),
    alert_forecast_at: count.nullable().openapi({ description: 'Percent of the limit' }),
    carry_over: z.boolean().openapi({ description: 'What is left goes on into the next period' }),
    source: z.enum(['file', 'api']).openapi({ description: 'api: people made it' }),
    ...page,
  }),
  {
    name: 'search-monthly',
    time_zone: 'UTC',
    missing_max_tokens: 'model_max',
    unpriced_reserve_usd: '1',
    alert_at: [50, 80, 100],
    alert_forecast_at: null,
    carry_over: false,
    source: 'file',
    ...EXAMPLE_PAGE,
  },
)
