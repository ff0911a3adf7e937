// `users`: create, list, disable, and a login link for one of them. Only an admin gets here.

import { z } from '@hono/zod-openapi'
import { unknownUser } from '../people/access-problem.ts'
import { ROLES } from '../people/roles.ts'
import type { UserService } from '../people/users.ts'
import type { Access } from '../people/access.ts'
import { accessRefusal, reason, reasonBody } from './access-answers.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer, scopeSchema } from './schemas.ts'
import { loginLink, makeLoginLink } from './session-routes.ts'

export type UserRouteDeps = AuthenticationDeps & {
  readonly users: UserService
  readonly access: Access
}

const writtenScope = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .nullable()
  .default(null)
  .openapi({ description: 'Dimension to a value or several; lead and viewer need one' })
const newUser = component(
  'NewUser',
  z.strictObject({ name: z.string(), role: z.enum(ROLES), scope: writtenScope, reason }),
  { name: 'mia', role: 'lead', scope: { team: ['search', 'support'], environment: 'prod' } },
)
const user = component(
  'User',
  z.object({
    name: z.string(),
    role: z.enum(ROLES),
    scope: scopeSchema,
    created_at: instant,
    disabled_at: instant.nullable(),
  }),
  {
    name: 'mia',
    role: 'lead',
    scope: { team: ['search', 'support'] },
    created_at: '2026-10-14T12:00:00.000Z',
    disabled_at: null,
  },
)
const userList = component('UserList', z.object({ items: z.array(user), next_cursor: z.null() }), {
  items: [],
  next_cursor: null,
})

const path = '/api/v1/users'
const common = { tags: ['users'], audience: 'users.manage' } as const
const named = z.object({ name: z.string() })
const nameOf = (c: ApiContext): string => c.req.param('name') ?? ''
const NO_SUCH_USER = problemAnswer('No such user.')

export function addUserRoutes(api: Api, deps: UserRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      ...common,
      method: 'get',
      path,
      summary: 'All users, also disabled ones',
      responses: { 200: jsonAnswer('All users, by name.', userList) },
    },
    async (c) => c.json({ items: await deps.users.list(), next_cursor: null }),
  )
  addCreation(api, deps)
  addDisabling(api, deps)
  addLink(api, deps)
}

function addCreation(api: Api, deps: UserRouteDeps): void {
  const route: Route = {
    ...common,
    method: 'post',
    path,
    summary: 'Create a user',
    request: jsonBody(newUser),
    responses: {
      201: jsonAnswer('The user, who has no token yet.', user),
      400: problemAnswer('Every fault of the user.'),
      409: problemAnswer('The name was given out before.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newUser)
    if (!body.ok) return body.problem
    const made = await deps.users.create(c.get('actor'), body.value)
    return made.ok ? c.json(made.value, 201) : accessRefusal(made.problem)
  })
}

function addDisabling(api: Api, deps: UserRouteDeps): void {
  const disable = async (c: ApiContext): Promise<Response> => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const done = await deps.users.disable(c.get('actor').name, nameOf(c), body.value.reason)
    return done.ok ? c.json(done.value) : accessRefusal(done.problem)
  }
  const route = {
    ...common,
    summary: 'Disable a user',
    description: 'Tokens, sessions and open streams of the user end with it. The name stays taken.',
    request: { params: named, ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Disabled.', user),
      404: NO_SUCH_USER,
      409: problemAnswer('It is the last admin.'),
    },
  }
  addRoute(api, deps, { ...route, method: 'post', path: `${path}/{name}/disable` }, disable)
  addRoute(api, deps, { ...route, method: 'delete', path: `${path}/{name}` }, disable)
}

function addLink(api: Api, deps: UserRouteDeps): void {
  const route: Route = {
    ...common,
    method: 'post',
    path: `${path}/{name}/links`,
    summary: 'A dashboard link with a one-time code for a user',
    request: { params: named },
    responses: { 201: jsonAnswer('Ten minutes, single use.', loginLink), 404: NO_SUCH_USER },
  }
  addRoute(api, deps, route, async (c) => {
    const name = nameOf(c)
    const users = await deps.users.list()
    const isThere = users.some((one) => one.name === name && one.disabled_at === null)
    if (!isThere) return accessRefusal(unknownUser(name))
    return c.json(await makeLoginLink(deps, c.get('actor'), name), 201)
  })
}
