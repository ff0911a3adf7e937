// `owners`: who owns which principal, account, profile, project or key, and when. An answer to a change comes when the workers have it.

import { z } from '@hono/zod-openapi'
import type { OwnerService } from '../month/owners.ts'
import { reason } from './access-answers.ts'
import { billRefusal } from './bill-refusal.ts'
import { readBody } from './body.ts'
import { delivery, EXAMPLE_AT, EXAMPLE_DELIVERY, EXAMPLE_ID } from './governance-answers.ts'
import { invalidRequest } from './problem.ts'
import { one, unexpected } from './query.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import {
  component,
  instant,
  jsonAnswer,
  jsonBody,
  optional,
  problemAnswer,
  textMap,
} from './schemas.ts'

export type OwnerRouteDeps = AuthenticationDeps & {
  readonly owners: Pick<OwnerService, 'list' | 'assign' | 'remove'>
  readonly dimensions: () => readonly string[]
}

const match = z.union([z.string(), textMap]).openapi({
  description: 'A principal ARN, or one of account, profile, project, key_name; * is any text',
})
const ARN = 'arn:aws:sts::*:assumed-role/search-api/*'
const newOwner = component(
  'NewOwner',
  z.strictObject({
    match,
    set: textMap.openapi({ description: 'Dimensions of what it owns' }),
    from: z.string().openapi({ description: 'Inclusive: a date, a timestamp or -7d' }),
    to: z.string().nullable().default(null).openapi({ description: 'Exclusive; default: no end' }),
    reason,
  }),
  { match: ARN, set: { team: 'platform' }, from: '2026-10-14', reason: 're-organisation' },
)
const removal = component(
  'OwnerRemoval',
  z.strictObject({
    from: z.string().nullable().default(null).openapi({
      description: 'It ends then, and what lies before stays. Default: it goes whole, as a mistake',
    }),
    reason,
  }),
  { from: '2026-11-01', reason: 'the service was shut down' },
)
const EXAMPLE = {
  owner_id: EXAMPLE_ID,
  match: ARN,
  set: { team: 'platform' },
  from: '2026-10-14T00:00:00.000Z',
  to: null,
  source: 'api',
  reason: 're-organisation',
  assigned_at: EXAMPLE_AT,
  assigned_by: 'mia',
  removed_at: null,
  removed_by: null,
} as const
const fields = {
  owner_id: z.string(),
  match,
  set: textMap,
  from: z.string().nullable(),
  to: z.string().nullable(),
  source: z.enum(['file', 'api']),
  reason: z.string().nullable(),
  assigned_at: instant.nullable(),
  assigned_by: z.string().nullable(),
  removed_at: instant.nullable(),
  removed_by: z.string().nullable(),
}
const view = component('Owner', z.object(fields), EXAMPLE)
const list = component('OwnerList', z.object({ items: z.array(view), next_cursor: z.null() }), {
  items: [EXAMPLE],
  next_cursor: null,
})
const assigned = component(
  'AssignedOwner',
  z.object({
    ...fields,
    ended: z.string().nullable().openapi({ description: 'The owner that ends where this begins' }),
    ...delivery,
  }),
  { ...EXAMPLE, ended: null, ...EXAMPLE_DELIVERY },
)
const removed = component('RemovedOwner', z.object({ ...fields, ...delivery }), {
  ...EXAMPLE,
  removed_at: EXAMPLE_AT,
  removed_by: 'mia',
  ...EXAMPLE_DELIVERY,
})

const path = '/api/v1/owners'
const tags = ['owners']

export function addOwnerRoutes(api: Api, deps: OwnerRouteDeps): void {
  addList(api, deps)
  addAssigning(api, deps)
  addRemoving(api, deps)
}

function addList(api: Api, deps: OwnerRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'Owners of the file and assigned ones',
      description:
        'In the order in which they are asked: the first that says a dimension is believed.',
      tags,
      audience: 'owners.read',
      request: { query: z.object({ removed: optional('true: also those that were removed') }) },
      responses: { 200: jsonAnswer('Those set to what lies within the asker’s scope.', list) },
    },
    async (c) => {
      const query = c.req.queries()
      const errors = unexpected(query, ['removed'])
      const also = one(query, 'removed', errors) ?? 'false'
      if (also !== 'true' && also !== 'false') {
        errors.push({ path: 'removed', message: 'must be true or false' })
      }
      if (errors.length > 0) return invalidRequest(errors)
      const own = scopeOf(c, deps.dimensions())
      if (!own.ok) return own.problem
      const items = await deps.owners.list(own.value, also === 'true')
      return c.json({ items, next_cursor: null })
    },
  )
}

function addAssigning(api: Api, deps: OwnerRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path,
      summary: 'Assign an owner from an instant on',
      description:
        'What had no end and began earlier ends there, and keeps what lies before. Answers when every connected ' +
        'worker has it; `missing` names the others.',
      tags,
      audience: 'owners.manage',
      request: jsonBody(newOwner),
      responses: {
        201: jsonAnswer('Assigned, or there already.', assigned),
        400: problemAnswer('Every fault of the owner.'),
        409: problemAnswer('The same has another owner at that time, or the file says another.'),
      },
    },
    async (c) => {
      const body = await readBody(c, newOwner)
      if (!body.ok) return body.problem
      const done = await deps.owners.assign(c.get('actor').name, body.value)
      return done.ok ? c.json(done.value, 201) : billRefusal(done.problem)
    },
  )
}

function addRemoving(api: Api, deps: OwnerRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'delete',
      path: `${path}/{id}`,
      summary: 'End an assigned owner, or take it back whole',
      tags,
      audience: 'owners.manage',
      request: { params: z.object({ id: z.string() }), ...jsonBody(removal, false) },
      responses: {
        200: jsonAnswer('Ended or removed.', removed),
        404: problemAnswer('No such owner is assigned.'),
        409: problemAnswer('It is declared in the configuration file.'),
      },
    },
    async (c) => {
      const body = await readBody(c, removal)
      if (!body.ok) return body.problem
      const id = c.req.param('id') ?? ''
      const done = await deps.owners.remove(c.get('actor').name, id, body.value)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
}
