// `tokens`: create, list, revoke. The only answer that holds a token is the one that just made it. Only an admin gets here.

import { z } from '@hono/zod-openapi'
import { TOKEN_STATES, type TokenService } from '../people/tokens.ts'
import { accessRefusal, reason, reasonBody } from './access-answers.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type TokenRouteDeps = AuthenticationDeps & { readonly tokens: TokenService }

const EXAMPLE_ID = '0'.repeat(12)
const EXAMPLE_AT = '2026-10-14T12:00:00.000Z'

const newToken = component(
  'NewToken',
  z.strictObject({
    user: z.string(),
    expires: z.string().nullable().default(null).openapi({
      description: 'A date, a timestamp or a time from now such as 90d; null: never',
    }),
    reason,
  }),
  { user: 'mia', expires: '90d' },
)
const createdToken = component(
  'CreatedToken',
  z.object({
    token: z.string().openapi({ description: 'Shown once' }),
    token_id: z.string(),
    user: z.string(),
    expires_at: instant.nullable(),
  }),
  {
    token: `lra_${EXAMPLE_ID}_${'0'.repeat(49)}`,
    token_id: EXAMPLE_ID,
    user: 'mia',
    expires_at: null,
  },
)
const token = component(
  'Token',
  z.object({
    token_id: z.string(),
    token_prefix: z.string(),
    name: z.string(),
    user: z.string(),
    state: z.enum(TOKEN_STATES),
    created_at: instant,
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
  }),
  {
    token_id: EXAMPLE_ID,
    token_prefix: `lra_${EXAMPLE_ID}`,
    name: 'api',
    user: 'mia',
    state: 'active',
    created_at: EXAMPLE_AT,
    expires_at: null,
    revoked_at: null,
  },
)
const tokenList = component(
  'TokenList',
  z.object({ items: z.array(token), next_cursor: z.null() }),
  { items: [], next_cursor: null },
)

const path = '/api/v1/tokens'
const common = { tags: ['tokens'], audience: 'users.manage' } as const

export function addTokenRoutes(api: Api, deps: TokenRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      ...common,
      method: 'get',
      path,
      summary: 'All API tokens, without their secrets',
      responses: { 200: jsonAnswer('All tokens, newest first.', tokenList) },
    },
    async (c) => c.json({ items: await deps.tokens.list(), next_cursor: null }),
  )
  addCreation(api, deps)
  addRevocation(api, deps)
}

function addCreation(api: Api, deps: TokenRouteDeps): void {
  const route: Route = {
    ...common,
    method: 'post',
    path,
    summary: 'Create an API token for a user',
    request: jsonBody(newToken),
    responses: {
      201: jsonAnswer('The token, this once.', createdToken),
      400: problemAnswer('Every fault of the token.'),
      404: problemAnswer('No such user.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newToken)
    if (!body.ok) return body.problem
    const made = await deps.tokens.create(c.get('actor'), body.value)
    return made.ok ? c.json(made.value, 201) : accessRefusal(made.problem)
  })
}

function addRevocation(api: Api, deps: TokenRouteDeps): void {
  const revoke = async (c: ApiContext): Promise<Response> => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const id = c.req.param('id') ?? ''
    const done = await deps.tokens.revoke(c.get('actor').name, id, body.value.reason)
    return done.ok ? c.json(done.value) : accessRefusal(done.problem)
  }
  const route = {
    ...common,
    summary: 'Revoke an API token',
    description: 'It works no more; the user’s sessions end too, since it may have opened them.',
    request: { params: z.object({ id: z.string() }), ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Revoked.', token),
      404: problemAnswer('No such token.'),
    },
  }
  addRoute(api, deps, { ...route, method: 'post', path: `${path}/{id}/revoke` }, revoke)
  addRoute(api, deps, { ...route, method: 'delete', path: `${path}/{id}` }, revoke)
}
