// `GET routes`: where calls go instead of where they were sent.

import { z } from '@hono/zod-openapi'
import type { RuleViews } from '../rules/rule-views.ts'
import { readerScope, ruleScope } from './governance-answers.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer } from './schemas.ts'

export type ReroutingRouteDeps = AuthenticationDeps & {
  readonly rules: RuleViews
  readonly dimensions: () => readonly string[]
}

const place = {
  model: z.string().nullable(),
  scope: z.string().nullable(),
  region: z.string().nullable(),
}
const routeView = component(
  'Route',
  z.object({
    when: ruleScope,
    budget: z.object({ name: z.string(), above: count }).nullable().openapi({
      description: 'Only while the counter that covers the call is used up to so many percent',
    }),
    from: z.string().openapi({ description: 'Model ids; * is any text' }),
    to: z.array(z.object({ ...place, tier: z.string().nullable() })),
    fallback: z.array(z.object(place)),
    source: z.literal('file'),
  }),
  {
    when: { team: ['search'] },
    budget: { name: 'search-monthly', above: 80 },
    from: 'anthropic.claude-opus-*',
    to: [{ model: 'anthropic.claude-sonnet-4-6', scope: null, region: null, tier: null }],
    fallback: [],
    source: 'file',
  },
)
const routeList = component(
  'RouteList',
  z.object({ items: z.array(routeView), next_cursor: z.null() }),
  { items: [], next_cursor: null },
)

export function addReroutingRoutes(api: Api, deps: ReroutingRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/routes',
      summary: 'Where calls go instead, and where when Bedrock cannot serve them',
      description:
        'Declared in the configuration file and changed there, in the order of the file.',
      tags: ['routes'],
      audience: 'rules.read',
      responses: { 200: jsonAnswer('What concerns the asker.', routeList) },
    },
    (c) => {
      const own = readerScope(c, deps.dimensions())
      if (!own.ok) return own.problem
      return c.json({ items: deps.rules.routes(own.value), next_cursor: null })
    },
  )
}
