// `GET limits`: the limits in force, with what each worker last asked of them and the share it has.

import { z } from '@hono/zod-openapi'
import type { RuleViews } from '../rules/rule-views.ts'
import { readerScope, ruleScope } from './governance-answers.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer } from './schemas.ts'

export type LimitRouteDeps = AuthenticationDeps & {
  readonly rules: RuleViews
  readonly dimensions: () => readonly string[]
}

const limit = component(
  'Limit',
  z.object({
    name: z.string(),
    scope: ruleScope,
    per: z.string().nullable().openapi({
      description: 'A dimension whose every value has the limit for itself',
    }),
    requests_per_minute: z.number().nullable(),
    tokens_per_minute: z.number().nullable(),
    concurrent_calls: count.nullable(),
    shadow: z.boolean().openapi({ description: 'Refuses nothing, only reports' }),
    source: z.literal('file'),
    workers: z.array(
      z.object({
        worker: z.string(),
        asked: count.openapi({ description: 'Calls in the last second, refused or not' }),
        running: count.openapi({ description: 'Calls that hold a place' }),
        share: z.number().openapi({ description: 'Of requests and tokens per minute, 0 to 1' }),
        slots: count.nullable().openapi({ description: 'Calls at a time' }),
      }),
    ),
  }),
  {
    name: 'limits-1',
    scope: { team: ['research'] },
    per: null,
    requests_per_minute: 600,
    tokens_per_minute: 2_000_000,
    concurrent_calls: 50,
    shadow: false,
    source: 'file',
    workers: [{ worker: 'worker-1', asked: 12, running: 4, share: 0.62, slots: 31 }],
  },
)
const limitList = component(
  'LimitList',
  z.object({ items: z.array(limit), next_cursor: z.null() }),
  {
    items: [],
    next_cursor: null,
  },
)

export function addLimitRoutes(api: Api, deps: LimitRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/limits',
      summary: 'Limits of requests, tokens and calls at a time',
      description: 'Declared in the configuration file and changed there.',
      tags: ['limits'],
      audience: 'rules.read',
      responses: { 200: jsonAnswer('What concerns the asker.', limitList) },
    },
    (c) => {
      const own = readerScope(c, deps.dimensions())
      if (!own.ok) return own.problem
      return c.json({ items: deps.rules.limits(own.value), next_cursor: null })
    },
  )
}
