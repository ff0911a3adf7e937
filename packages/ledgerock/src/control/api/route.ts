// One way to add a route: its OpenAPI description, who may use it, and its handler, together, so that none of the three can be
// forgotten. Without a role list nothing is served.

import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import type { Access, Actor } from '../access.ts'
import { browserRefusal } from '../browser-guard.ts'
import type { Role } from '../store/access-tables.ts'
import { BODY_BYTES_MAX } from './body.ts'
import type { ApiContext, ApiEnv } from './context.ts'
import { refuse } from './problem.ts'
import { problemAnswer } from './schemas.ts'
import { sessionCookie } from './session-cookie.ts'

export type Api = OpenAPIHono<ApiEnv>

/** `anyone`: no proof needed. Roles whose view is a part of the whole are let in when parts can be shown. */
export type Audience = 'anyone' | readonly Role[]
export const READERS: readonly Role[] = ['admin', 'finance']
export const ADMINS: readonly Role[] = ['admin']

export type AuthenticationDeps = {
  readonly access: Access
  /** Every `scheme://host:port` a browser may reach this server by; known once it listens. */
  readonly origins: () => readonly string[]
}

export type Handler = (c: ApiContext) => Response | Promise<Response>
export type Route = Pick<RouteConfig, 'method' | 'path' | 'summary' | 'description' | 'request'> & {
  readonly tags: readonly string[]
  readonly audience: Audience
  readonly responses: RouteConfig['responses']
}

const SECURITY = [{ token: [] }, { session: [] }]

export function addRoute(api: Api, deps: AuthenticationDeps, route: Route, handler: Handler): void {
  const { audience, tags, responses, ...described } = route
  const open = audience === 'anyone'
  api.openAPIRegistry.registerPath({
    ...described,
    tags: [...tags],
    ...(open ? {} : { security: SECURITY }),
    responses: {
      ...responses,
      ...(open ? {} : { 401: problemAnswer('No valid credential.') }),
      ...(open ? {} : { 403: problemAnswer('The credential may not do this.') }),
      default: problemAnswer('Any other refusal or failure.'),
    },
  })
  const path = described.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const limit = bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: () => refuse(413, 'body_too_large', `the body is longer than ${BODY_BYTES_MAX} bytes`),
  })
  api.on(described.method, path, limit, async (c) => {
    if (audience === 'anyone') return handler(c)
    const actor = await authenticate(c, deps)
    if (actor instanceof Response) return actor
    if (!audience.includes(actor.role)) {
      return refuse(403, 'forbidden', `the role ${actor.role} may not do this`)
    }
    c.set('actor', actor)
    return handler(c)
  })
}

/** Who asks, or the answer that turns them away. A bad token is never overlooked in favour of a good cookie. */
export async function authenticate(
  c: ApiContext,
  deps: AuthenticationDeps,
): Promise<Actor | Response> {
  const inside = c.env?.inProcess
  if (inside !== undefined) return inside
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) {
    const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
    const actor = token === undefined ? null : await deps.access.byToken(token)
    return actor ?? unauthenticated('the token is not valid')
  }
  const cookie = sessionCookie.read(c)
  if (cookie === undefined) return unauthenticated('send Authorization: Bearer lra_… or log in')
  const refusal = browserRefusal(
    {
      method: c.req.method,
      host: c.req.header('host'),
      origin: c.req.header('origin'),
      site: c.req.header('sec-fetch-site'),
    },
    deps.origins(),
  )
  if (refusal !== null) return refuse(403, 'forbidden', refusal)
  const session = await deps.access.bySession(cookie)
  return session?.actor ?? unauthenticated('the session has ended; log in again')
}

function unauthenticated(detail: string): Response {
  return refuse(401, 'unauthenticated', detail)
}
