// Outcomes as the API takes and shows them.

import { z } from '@hono/zod-openapi'
import { OUTCOME_NAME_RULE, OUTCOME_REFUSALS } from '../outcomes/outcome-check.ts'
import { OUTCOMES_SENT_MAX } from '../outcomes/outcomes.ts'
import { component, count, instant, usd } from './schemas.ts'

const text = z.string()
const amount = z.union([text, z.int()])

const EXAMPLE = {
  name: 'tickets_solved',
  at: '2026-10-14T12:00:00Z',
  quantity: '1',
  value_usd: '4.5',
  team: 'support',
  feature: 'answers',
  idempotency_key: 'ticket-48213',
} as const

/** Describes; each is read and refused by itself. */
const newOutcome = component(
  'NewOutcome',
  z
    .object({
      name: text.openapi({ description: OUTCOME_NAME_RULE }),
      at: text.openapi({ description: 'A date or a timestamp' }),
      quantity: amount.openapi({ description: 'A decimal of at most twelve places, from 0 on' }),
      value_usd: amount.nullish().openapi({ description: 'What they are worth' }),
      idempotency_key: text.openapi({ description: 'The same key again counts once' }),
    })
    .catchall(text.nullable().openapi({ description: 'A dimension' })),
  EXAMPLE,
)

export const newOutcomes = z.union([
  newOutcome,
  component('NewOutcomes', z.object({ outcomes: z.array(newOutcome).max(OUTCOMES_SENT_MAX) }), {
    outcomes: [EXAMPLE],
  }),
])

export const outcomesTaken = component(
  'OutcomesTaken',
  z.object({
    accepted: count,
    duplicate: count.openapi({ description: 'There already, and the same' }),
    rejected: z.array(z.object({ index: count, code: z.enum(OUTCOME_REFUSALS), message: text })),
  }),
  {
    accepted: 1,
    duplicate: 0,
    rejected: [
      {
        index: 1,
        code: 'idempotency_conflict',
        message: 'this idempotency_key was used before, for something else',
      },
    ],
  },
)

export const outcomeList = component(
  'OutcomeList',
  z.object({
    items: z.array(
      z.object({
        name: text,
        entries: count,
        quantity: text,
        value_usd: usd.nullable().openapi({ description: 'null: nobody said what any is worth' }),
        first_at: instant,
        last_at: instant,
      }),
    ),
    next_cursor: z.null(),
  }),
  {
    items: [
      {
        name: 'tickets_solved',
        entries: 1204,
        quantity: '1204',
        value_usd: null,
        first_at: '2026-10-01T00:12:00.000Z',
        last_at: '2026-10-14T12:00:00.000Z',
      },
    ],
    next_cursor: null,
  },
)
