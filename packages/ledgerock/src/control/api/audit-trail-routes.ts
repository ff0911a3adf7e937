// `GET audit-trail`: every change, who made it, what was before and after, and why; newest first. The hashes are there too, so
// that a reader who keeps them elsewhere can tell later whether the trail is still the same.

import { z } from '@hono/zod-openapi'
import type { AuditEntry } from '../store/audit-chain.ts'
import type { AuditReads } from '../store/audit-trail.ts'
import { parseAuditQuery } from './audit-query.ts'
import { invalidRequest } from './problem.ts'
import type { QueryContext } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import {
  component,
  count,
  instant,
  jsonAnswer,
  optional,
  problemAnswer,
  TIME_PARAMETERS,
} from './schemas.ts'

export type AuditTrailRouteDeps = AuthenticationDeps & {
  readonly auditTrail: Pick<AuditReads, 'page'>
  readonly queryContext: () => QueryContext
}

const entry = component(
  'AuditEntry',
  z.object({
    seq: count.openapi({ description: 'From 1, without gaps' }),
    at: instant,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    reason: z.string().nullable(),
    previous_hash: z.string(),
    hash: z.string(),
  }),
  {
    seq: 2,
    at: '2026-10-14T12:00:00.000Z',
    actor: 'admin',
    action: 'user.create',
    subject: 'mia',
    before: null,
    after: { role: 'viewer', scope: { team: ['search'] }, disabled_at: null },
    reason: 'joined',
    previous_hash: '0'.repeat(64),
    hash: '1'.repeat(64),
  },
)
const auditPage = component(
  'AuditTrailPage',
  z.object({ items: z.array(entry), next_cursor: z.string().nullable() }),
  { items: [], next_cursor: null },
)

export function addAuditTrailRoutes(api: Api, deps: AuditTrailRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/audit-trail',
      summary: 'Every change, newest first',
      tags: ['audit trail'],
      audience: 'audit.read',
      request: {
        query: z.object({
          ...TIME_PARAMETERS,
          actor: optional('Who did it'),
          action: optional('Such as key.create'),
          subject: optional('The name of what was changed'),
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('1 to 1000. Default: 100'),
        }),
      },
      responses: {
        200: jsonAnswer('One page.', auditPage),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const filter = parseAuditQuery(c.req.queries(), deps.queryContext())
      if (!filter.ok) return invalidRequest(filter.problem)
      const { limit } = filter.value
      // One more than a page tells whether there is another.
      const found = await deps.auditTrail.page({ ...filter.value, limit: limit + 1 })
      const items = found.slice(0, limit)
      const more = found.length > limit ? String(items.at(-1)?.seq) : null
      return c.json({ items: items.map(entryJson), next_cursor: more })
    },
  )
}

function entryJson({ previousHash, ...entryFields }: AuditEntry) {
  const { hash, ...said } = entryFields
  return { ...said, previous_hash: previousHash, hash }
}
