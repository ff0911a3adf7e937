// `GET calls` and `GET calls/{id}`: the per-request ledger, and one call explained.

import { z } from '@hono/zod-openapi'
import { isUuid } from '../../kernel/ids.ts'
import { callJson } from '../call-json.ts'
import { ledgerWithin, type LedgerReads } from '../people/scoped-ledger.ts'
import { callExplained, callsPage } from './call-schema.ts'
import { invalidQuestion } from './invalid-question.ts'
import { invalidRequest, refuse } from './problem.ts'
import { parseCallsQuery, type QueryContext } from './query.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import { jsonAnswer, optional, problemAnswer, TIME_PARAMETERS, WHERE_PARAMETER } from './schemas.ts'

export type CallsRouteDeps = AuthenticationDeps & {
  readonly ledger: LedgerReads
  readonly queryContext: () => QueryContext
}

export function addCallsRoutes(api: Api, deps: CallsRouteDeps): void {
  const common = { method: 'get', tags: ['calls'], audience: 'calls.read' } as const
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/api/v1/calls',
      summary: 'Calls, newest first',
      request: {
        query: z.object({
          ...TIME_PARAMETERS,
          where: WHERE_PARAMETER,
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('1 to 1000. Default: 100'),
        }),
      },
      responses: {
        200: jsonAnswer('One page.', callsPage),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const context = deps.queryContext()
      const question = parseCallsQuery(c.req.queries(), context)
      if (!question.ok) return invalidRequest(question.problem)
      const scope = scopeOf(c, context.dimensions)
      if (!scope.ok) return scope.problem
      const page = await ledgerWithin(deps.ledger, scope.value).calls(question.value)
      if (!page.ok) return invalidQuestion(page.problem)
      const items = page.value.items.map((call) => callJson(call, context.dimensions))
      return c.json({ items, next_cursor: page.value.next_cursor })
    },
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/api/v1/calls/{call_id}',
      summary: 'One call explained',
      request: { params: z.object({ call_id: z.string() }) },
      responses: {
        200: jsonAnswer('The call, its attempts and its earlier versions.', callExplained),
        404: problemAnswer('No such call, or none within the asker’s scope.'),
      },
    },
    async (c) => {
      const id = (c.req.param('call_id') ?? '').toLowerCase()
      const { dimensions } = deps.queryContext()
      const scope = scopeOf(c, dimensions)
      if (!scope.ok) return scope.problem
      const ledger = ledgerWithin(deps.ledger, scope.value)
      const explained = isUuid(id) ? await ledger.call(id) : null
      // A call of somebody else’s is answered word for word like one that never was.
      if (explained === null) return refuse(404, 'not_found', `no call has the id ${id}`)
      return c.json({
        call: callJson(explained.call, dimensions),
        attempts: explained.attempts.map((call) => callJson(call, dimensions)),
        versions: explained.versions.map((call) => callJson(call, dimensions)),
        bill_cell: null,
      })
    },
  )
}
