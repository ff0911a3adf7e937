// `GET guardrails`: which scopes must call with which Bedrock guardrail, or get it added.

import { z } from '@hono/zod-openapi'
import { GUARDRAIL_MODES } from '../../governance/guardrail-rule.ts'
import type { RuleViews } from '../rules/rule-views.ts'
import { readerScope, ruleScope } from './governance-answers.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, jsonAnswer } from './schemas.ts'

export type GuardrailRouteDeps = AuthenticationDeps & {
  readonly rules: RuleViews
  readonly dimensions: () => readonly string[]
}

const guardrail = component(
  'Guardrail',
  z.object({
    name: z.string(),
    scope: ruleScope,
    id: z.string(),
    version: z.string(),
    mode: z.enum(GUARDRAIL_MODES),
    shadow: z.boolean().openapi({ description: 'Refuses and adds nothing, only reports' }),
    source: z.literal('file'),
  }),
  {
    name: 'guardrails-1',
    scope: { environment: ['prod'] },
    id: 'gr-1',
    version: '3',
    mode: 'require',
    shadow: false,
    source: 'file',
  },
)
const guardrailList = component(
  'GuardrailList',
  z.object({ items: z.array(guardrail), next_cursor: z.null() }),
  { items: [], next_cursor: null },
)

export function addGuardrailRoutes(api: Api, deps: GuardrailRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/guardrails',
      summary: 'Guardrails that calls must name, or get added',
      description: 'Declared in the configuration file and changed there.',
      tags: ['guardrails'],
      audience: 'rules.read',
      responses: { 200: jsonAnswer('What concerns the asker.', guardrailList) },
    },
    (c) => {
      const own = readerScope(c, deps.dimensions())
      if (!own.ok) return own.problem
      return c.json({ items: deps.rules.guardrails(own.value), next_cursor: null })
    },
  )
}
