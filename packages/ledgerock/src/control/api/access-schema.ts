// How rules of model access, grants and requests look in the reference.

import { z } from '@hono/zod-openapi'
import { SCOPES, TIERS } from '@ledgerock/contract'
import { REQUEST_STATES } from '../rules/decide-request.ts'
import {
  delivery,
  EXAMPLE_AT,
  EXAMPLE_DELIVERY,
  EXAMPLE_ID,
  requiredReason,
  ruleScope,
  writtenRuleScope,
} from './governance-answers.ts'
import { component, count, instant } from './schemas.ts'

const UNTIL = '2026-11-14T12:00:00.000Z'
const EXAMPLE_ASK = {
  model: 'anthropic.claude-opus-4-6-v1',
  scope: { team: ['support'] },
  until: UNTIL,
  reason: 'a trial for the new assistant',
}

const rule = component(
  'AccessRule',
  z.object({
    name: z.string(),
    scope: ruleScope,
    allow: z.array(z.string()).openapi({ description: 'Patterns of base models; empty: all' }),
    deny: z.array(z.string()).openapi({ description: 'Stronger than `allow`' }),
    scopes: z.array(z.enum(SCOPES)).nullable(),
    tiers: z.array(z.enum(TIERS)).nullable(),
    max_output_tokens: count.nullable(),
    streaming: z.boolean(),
    rerouting: z.boolean().openapi({ description: 'false: no route changes these calls by `to`' }),
    shadow: z.boolean().openapi({ description: 'Refuses nothing, only reports' }),
    source: z.literal('file'),
  }),
  {
    name: 'access-1',
    scope: { team: ['support'] },
    allow: ['amazon.nova-*'],
    deny: [],
    scopes: ['in-region', 'geo'],
    tiers: null,
    max_output_tokens: 4096,
    streaming: true,
    rerouting: true,
    shadow: false,
    source: 'file',
  },
)
const EXAMPLE_GRANT = {
  request_id: EXAMPLE_ID,
  model: EXAMPLE_ASK.model,
  scope: EXAMPLE_ASK.scope,
  from: EXAMPLE_AT,
  to: UNTIL,
}
const grant = component(
  'AccessGrant',
  z.object({
    request_id: z.string(),
    model: z.string(),
    scope: ruleScope,
    from: instant,
    to: instant,
  }),
  EXAMPLE_GRANT,
)
export const accessInForce = component(
  'AccessInForce',
  z.object({ items: z.array(rule), grants: z.array(grant), next_cursor: z.null() }),
  { items: [], grants: [EXAMPLE_GRANT], next_cursor: null },
)

export const newAccessRequest = component(
  'NewAccessRequest',
  z.strictObject({
    model: z.string().openapi({ description: 'A model id, or a pattern of base models with *' }),
    scope: writtenRuleScope,
    until: z.string().openapi({
      description: 'A date, a timestamp or a time from now such as 30d; at most a year ahead',
    }),
    reason: requiredReason,
  }),
  { ...EXAMPLE_ASK, until: '30d' },
)
const fields = {
  request_id: z.string(),
  model: z.string(),
  scope: ruleScope,
  until: instant,
  reason: z.string(),
  state: z.enum(REQUEST_STATES),
  asked_at: instant,
  asked_by: z.string(),
  decided_at: instant.nullable(),
  decided_by: z.string().nullable(),
  decision_reason: z.string().nullable(),
}
const PENDING = {
  request_id: EXAMPLE_ID,
  ...EXAMPLE_ASK,
  state: 'pending',
  asked_at: EXAMPLE_AT,
  asked_by: 'mia',
  decided_at: null,
  decided_by: null,
  decision_reason: null,
} as const
export const accessRequest = component('AccessRequest', z.object(fields), PENDING)
export const accessRequestPage = component(
  'AccessRequestPage',
  z.object({ items: z.array(accessRequest), next_cursor: z.string().nullable() }),
  { items: [PENDING], next_cursor: null },
)
export const deliveredAccessRequest = component(
  'DeliveredAccessRequest',
  z.object({ ...fields, ...delivery }),
  {
    ...PENDING,
    state: 'approved',
    decided_at: EXAMPLE_AT,
    decided_by: 'joe',
    decision_reason: 'for the trial',
    ...EXAMPLE_DELIVERY,
  },
)
export const decisionBody = component('Decision', z.strictObject({ reason: requiredReason }), {
  reason: 'for the trial',
})
