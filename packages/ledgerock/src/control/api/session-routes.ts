// `session`: a one-time code buys a cookie for the dashboard. The code travels in a link's fragment, which browsers send nowhere;
// the page posts it here. The token itself never enters a browser.

import { z } from '@hono/zod-openapi'
import type { Access } from '../people/access.ts'
import type { Maker } from '../people/access-person.ts'
import { browserRefusal } from '../people/browser-guard.ts'
import { ROLES } from '../people/roles.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { refuse } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer, scopeSchema } from './schemas.ts'
import { sessionCookie } from './session-cookie.ts'

export type SessionRouteDeps = AuthenticationDeps & {
  readonly access: Access
  readonly version: string
}

const loginCode = component('LoginCode', z.strictObject({ code: z.string() }), { code: 'x' })
const session = component(
  'Session',
  z.object({
    user: z.string(),
    role: z.enum(ROLES),
    scope: scopeSchema,
    expires_at: instant.nullable().openapi({ description: 'Null for a token' }),
    version: z.string().openapi({ description: 'The version of Ledgerock that runs here' }),
  }),
  {
    user: 'admin',
    role: 'admin',
    scope: null,
    expires_at: '2026-10-15T00:00:00.000Z',
    version: '0.1.0',
  },
)
export const loginLink = component(
  'LoginLink',
  z.object({ url: z.string(), expires_at: instant }),
  {
    url: 'http://127.0.0.1:8081/#code=x',
    expires_at: '2026-10-14T12:10:00.000Z',
  },
)

const tags = ['session']
const path = '/api/v1/session'

export function addSessionRoutes(api: Api, deps: SessionRouteDeps): void {
  addLogIn(api, deps)
  addWhoAmI(api, deps)
  addLogOut(api, deps)
  addLoginLink(api, deps)
}

function addLogIn(api: Api, deps: SessionRouteDeps): void {
  const route: Route = {
    method: 'post',
    path,
    summary: 'Log in with a one-time code',
    tags,
    audience: 'anyone',
    request: jsonBody(loginCode),
    responses: {
      200: jsonAnswer('Logged in; the cookie is set.', session),
      401: problemAnswer('The code is unknown, used or too old.'),
      403: problemAnswer('The request comes from another page.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const refusal = loginRefusal(c, deps.origins())
    if (refusal !== null) return refuse(403, 'forbidden', refusal)
    const body = await readBody(c, loginCode)
    if (!body.ok) return body.problem
    const opened = await deps.access.openSession(body.value.code)
    if (opened === null) {
      return refuse(401, 'unauthenticated', 'the code is unknown, used or too old')
    }
    const { cookie, user, expiresAt } = opened
    sessionCookie.write(c, cookie, expiresAt, isSecure(deps.origins(), c))
    const { version } = deps
    const { name, role, scope } = user
    return c.json({ user: name, role, scope, expires_at: expiresAt, version })
  })
}

function addWhoAmI(api: Api, deps: SessionRouteDeps): void {
  const route: Route = {
    method: 'get',
    path,
    summary: 'Who am I',
    tags,
    audience: 'session.own',
    responses: { 200: jsonAnswer('The holder of the credential.', session) },
  }
  addRoute(api, deps, route, async (c) => {
    const { name: user, role, scope, by } = c.get('actor')
    const cookie = by === 'session' ? sessionCookie.read(c) : undefined
    const found = cookie === undefined ? null : await deps.access.bySession(cookie)
    const expiresAt = found?.expiresAt ?? null
    return c.json({ user, role, scope, expires_at: expiresAt, version: deps.version })
  })
}

function addLogOut(api: Api, deps: SessionRouteDeps): void {
  const route: Route = {
    method: 'delete',
    path,
    summary: 'Log out',
    tags,
    audience: 'session.own',
    responses: { 204: { description: 'Logged out.' } },
  }
  addRoute(api, deps, route, async (c) => {
    const cookie = sessionCookie.read(c)
    if (cookie !== undefined) await deps.access.closeSession(cookie)
    sessionCookie.remove(c, isSecure(deps.origins(), c))
    return c.body(null, 204)
  })
}

function addLoginLink(api: Api, deps: SessionRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/links`,
    summary: 'A dashboard link with a one-time code',
    tags,
    audience: 'session.link',
    responses: { 201: jsonAnswer('Ten minutes, single use.', loginLink) },
  }
  addRoute(api, deps, route, async (c) => {
    const actor = c.get('actor')
    return c.json(await makeLoginLink(deps, actor, actor.name), 201)
  })
}

/** A link with which this user gets into the dashboard, once. */
export async function makeLoginLink(deps: AuthenticationDeps, maker: Maker, userName: string) {
  const { code, expiresAt } = await deps.access.createLoginCode(maker, userName)
  return { url: loginUrl(deps.origins(), code), expires_at: expiresAt }
}

/** The dashboard's address with the code in its fragment. The first origin is the one to show people. */
function loginUrl(origins: readonly string[], code: string): string {
  return `${origins[0] ?? ''}/#code=${code}`
}

/** A program without a browser sends no Origin; a browser always does. */
function loginRefusal(c: ApiContext, origins: readonly string[]): string | null {
  const host = c.req.header('host')
  const origin = c.req.header('origin') ?? origins[0]
  const site = c.req.header('sec-fetch-site')
  return browserRefusal({ method: 'POST', host, origin, site }, origins)
}

/** Over TLS the cookie is bound to it; on a plain loopback address browsers would drop it. */
function isSecure(origins: readonly string[], c: ApiContext): boolean {
  const host = c.req.header('host')?.toLowerCase()
  return origins.some((origin) => origin.startsWith('https:') && new URL(origin).host === host)
}
