// How a budget that people make looks in the reference. The fields are the file's, and are read by the file's own rules: here they are
// only described.

import { z } from '@hono/zod-openapi'
import { BUDGET_MODES, MISSING_MAX_TOKENS } from '../../governance/budget/budget.ts'
import {
  delivery,
  EXAMPLE_AT,
  EXAMPLE_DELIVERY,
  ruleScope,
  writtenRuleScope,
} from './governance-answers.ts'
import { reason } from './access-answers.ts'
import { component, count, instant, usd } from './schemas.ts'

const period = z
  .union([
    z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year', 'total']),
    z.strictObject({ rolling_days: count }),
  ])
  .openapi({ description: 'How long the limit is for' })
const startsOn = z.union([count, z.string()]).nullable().openapi({
  description: 'A day of the month, a weekday, or MM-DD; null: as in the calendar',
})
const terms = {
  per: z.string().nullable().openapi({ description: 'Each value of it has the limit to itself' }),
  period,
  starts_on: startsOn,
  time_zone: z.string().openapi({ description: 'IANA name; default UTC' }),
  limit_usd: usd.nullable().openapi({ description: 'Either this or limit_tokens' }),
  limit_tokens: count.nullable().openapi({ description: 'Either this or limit_usd' }),
  mode: z.enum(BUDGET_MODES).openapi({ description: 'Default notify' }),
  alert_at: z.array(count).openapi({ description: 'Percents of the limit; default 80 and 100' }),
  alert_forecast_at: count.nullable().openapi({ description: 'Percent of the limit' }),
  carry_over: z.boolean().openapi({ description: 'What is left goes on into the next period' }),
  missing_max_tokens: z.enum(MISSING_MAX_TOKENS).openapi({
    description: 'What a call that states no maximum of output is held to',
  }),
  unpriced_reserve_usd: usd.openapi({ description: 'What a call without a price is charged' }),
  shadow: z.boolean().openapi({ description: 'Refuses nothing, only reports' }),
}
const EXAMPLE_TERMS = {
  name: 'search-trial',
  scope: { team: ['search'], environment: ['trial'] },
  per: null,
  period: 'month' as const,
  starts_on: 1,
  time_zone: 'UTC',
  limit_usd: '500',
  limit_tokens: null,
  mode: 'hard' as const,
  alert_at: [80, 100],
  alert_forecast_at: null,
  carry_over: false,
  missing_max_tokens: 'model_max' as const,
  unpriced_reserve_usd: '1',
  shadow: false,
}

/** The rest is read by the rules of the file, names of fields included; a name in the body could contradict the path’s. */
export const changeReason = z.object({
  name: z.undefined({ error: 'stands in the path' }).optional(),
  reason,
})
export const newBudget = component(
  'NewBudget',
  z
    .strictObject({ scope: writtenRuleScope, ...terms, reason })
    .partial()
    .required({ period: true }),
  {
    scope: { team: 'search', environment: 'trial' },
    period: 'month',
    limit_usd: '500',
    mode: 'hard',
    reason: 'the trial',
  },
)
export const setBudget = component(
  'SetBudget',
  z.object({
    name: z.string(),
    scope: ruleScope,
    ...terms,
    source: z.literal('api'),
    set_at: instant,
    set_by: z.string(),
    ...delivery,
  }),
  { ...EXAMPLE_TERMS, source: 'api', set_at: EXAMPLE_AT, set_by: 'mia', ...EXAMPLE_DELIVERY },
)
export const deletedBudget = component(
  'DeletedBudget',
  z.object({ name: z.string(), removed_at: instant, ...delivery }),
  { name: 'search-trial', removed_at: EXAMPLE_AT, ...EXAMPLE_DELIVERY },
)
