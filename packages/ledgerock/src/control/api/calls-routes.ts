// `GET calls` and `GET calls/{id}`: the per-request ledger, and one call explained.

import { z } from '@hono/zod-openapi'
import { isUuid } from '../../kernel/ids.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { callJson } from '../call-json.ts'
import { callExplained, callsPage } from './call-schema.ts'
import { invalidQuestion } from './invalid-question.ts'
import { invalidRequest, refuse } from './problem.ts'
import { parseCallsQuery, type QueryContext } from './query.ts'
import { addRoute, READERS, type Api, type AuthenticationDeps } from './route.ts'
import { jsonAnswer, optional, problemAnswer, TIME_PARAMETERS, WHERE_PARAMETER } from './schemas.ts'

export type CallsRouteDeps = AuthenticationDeps & {
  readonly ledger: Pick<Ledger, 'calls' | 'call'>
  readonly queryContext: () => QueryContext
}

export function addCallsRoutes(api: Api, deps: CallsRouteDeps): void {
  const common = { method: 'get', tags: ['calls'], audience: READERS } as const
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
      const page = await deps.ledger.calls(question.value)
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
        404: problemAnswer('No such call.'),
      },
    },
    async (c) => {
      const id = (c.req.param('call_id') ?? '').toLowerCase()
      const explained = isUuid(id) ? await deps.ledger.call(id) : null
      if (explained === null) return refuse(404, 'not_found', `no call has the id ${id}`)
      const { dimensions } = deps.queryContext()
      return c.json({
        call: callJson(explained.call, dimensions),
        attempts: explained.attempts.map((call) => callJson(call, dimensions)),
        versions: explained.versions.map((call) => callJson(call, dimensions)),
        bill_cell: null,
      })
    },
  )
}
