// `POST price`: what a call would cost, charge line by charge line, without making it.

import { z } from '@hono/zod-openapi'
import { SCOPES, TIERS, UNPRICED_REASONS, type ProblemError } from '@ledgerock/contract'
import type { Result } from '../../kernel/result.ts'
import type { PriceAnswer, PriceQuestion } from '../../pricing/price-question.ts'
import { LAYER_NAMES } from '../../pricing/rate.ts'
import { readBody } from './body.ts'
import { invalidRequest } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer, usd } from './schemas.ts'

export type PriceRouteDeps = AuthenticationDeps & {
  readonly price: (question: PriceQuestion) => Result<PriceAnswer, readonly ProblemError[]>
}

const text = z.string()
const question = component(
  'PriceQuestion',
  z.strictObject({
    model: text,
    region: text.optional(),
    tier: text.optional(),
    scope: text.optional(),
    variant: text.optional(),
    at: text.optional(),
    account: text.optional().openapi({ description: 'The account the call is billed to' }),
    usage: z.union([text, z.record(text, z.number())]).openapi({
      description: 'A count per usage kind, as an object or as kind=N,…',
    }),
  }),
  { model: 'us.anthropic.claude-sonnet-4-6', region: 'us-east-1', usage: { input: 1200 } },
)

const charge = z.object({
  kind: text,
  quantity: z.number(),
  rate_usd: text,
  amount_usd: usd,
  rate_id: text,
  layer: z.enum(LAYER_NAMES),
  source: text,
  source_date: text,
  derived_by: text.nullable(),
  base_source: text.nullable(),
  base_source_date: text.nullable(),
})
const answer = component(
  'Price',
  z.object({
    cost_usd: usd.nullable(),
    unpriced_reason: z.enum(UNPRICED_REASONS).nullable(),
    charges: z.array(charge),
    unpriced_kinds: z.array(text),
    model_requested: text,
    model_id: text.nullable(),
    inference_profile: text.nullable(),
    region: text,
    scope: z.enum(SCOPES).nullable(),
    tier: z.enum(TIERS),
    account: text.nullable(),
    at: instant,
    price_book_version: text,
    suggestions: z.array(text),
    variants: z.array(text),
  } satisfies Record<keyof PriceAnswer, z.ZodType>),
  {
    cost_usd: '0.0036',
    unpriced_reason: null,
    charges: [
      {
        kind: 'input',
        quantity: 1200,
        rate_usd: '0.000003',
        amount_usd: '0.0036',
        rate_id: 'example-input',
        layer: 'snapshot',
        source: 'example',
        source_date: '2026-10-01',
        derived_by: null,
        base_source: null,
        base_source_date: null,
      },
    ],
    unpriced_kinds: [],
    model_requested: 'us.anthropic.claude-sonnet-4-6',
    model_id: 'anthropic.claude-sonnet-4-6',
    inference_profile: 'us.anthropic.claude-sonnet-4-6',
    region: 'us-east-1',
    scope: 'geo',
    tier: 'standard',
    account: null,
    at: '2026-10-14T12:00:00.000Z',
    price_book_version: 'example',
    suggestions: [],
    variants: [],
  },
)

export function addPriceRoutes(api: Api, deps: PriceRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/price',
      summary: 'Price a call',
      tags: ['prices'],
      audience: 'prices.read',
      request: jsonBody(question),
      responses: {
        200: jsonAnswer('Its cost, or why it has none.', answer),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const body = await readBody(c, question)
      if (!body.ok) return body.problem
      const { model, usage, ...rest } = body.value
      const priced = deps.price({ model, usage: usageText(usage), ...present(rest) })
      return priced.ok ? c.json(priced.value) : invalidRequest(priced.problem)
    },
  )
}

/** Pricing reads usage as the command line writes it, and finds its faults. */
function usageText(usage: string | Readonly<Record<string, number>>): string {
  if (typeof usage === 'string') return usage
  return Object.entries(usage)
    .map(([kind, quantity]) => `${kind}=${quantity}`)
    .join(',')
}

/** Fields that were not sent are not there, rather than undefined. */
function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(isPresent))
}

function isPresent(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined
}
