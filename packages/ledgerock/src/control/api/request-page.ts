// One page of requests that wait, or waited, for somebody's decision: by state, newest first.

import { z } from '@hono/zod-openapi'
import { REQUEST_STATES, type RequestState } from '../rules/decide-request.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest } from './problem.ts'
import { one, parseLimit } from './query.ts'
import { optional } from './schemas.ts'

type Listed = { readonly request_id: string; readonly state: RequestState }

export const REQUEST_PAGE_QUERY = z.object({
  state: optional(`One of ${REQUEST_STATES.join(', ')}. Default: all`),
  cursor: optional('`next_cursor` of the page before'),
  limit: optional('1 to 1000. Default: 100'),
})

/** A page begins after the request its cursor names. */
export function requestPage(c: ApiContext, all: readonly Listed[]): Response {
  const query = c.req.queries()
  const errors: { path: string; message: string }[] = []
  const state = one(query, 'state', errors)
  const cursor = one(query, 'cursor', errors)
  const limit = parseLimit(one(query, 'limit', errors), errors)
  if (state !== undefined && !(REQUEST_STATES as readonly string[]).includes(state)) {
    const message = `must be one of ${REQUEST_STATES.join(', ')}`
    errors.push({ path: 'state', message })
  }
  const before = all.findIndex((request) => request.request_id === cursor)
  if (cursor !== undefined && before < 0) {
    errors.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' })
  }
  if (errors.length > 0) return invalidRequest(errors)
  const rest = all
    .slice(before + 1)
    .filter((request) => state === undefined || request.state === state)
  const items = rest.slice(0, limit)
  const next = rest.length > limit ? (items.at(-1)?.request_id ?? null) : null
  return c.json({ items, next_cursor: next })
}
