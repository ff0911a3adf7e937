// One way to add a route: its OpenAPI description, what it does (which decides who may), and its handler, together, so that none
// of the three can be forgotten. A reader who sees only a part comes with his scope; without one he sees nothing.

import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Access } from '../people/access.ts'
import type { Actor } from '../people/actor.ts'
import { browserRefusal } from '../people/browser-guard.ts'
import type { KeyCheck } from '../keys/key-holder.ts'
import { extentOf, type Action } from '../people/roles.ts'
import { sameScope, undeclared, type UserScope } from '../people/scope.ts'
import { BODY_BYTES_MAX } from './body.ts'
import type { ApiContext, ApiEnv } from './context.ts'
import { keyHeld } from './key-held.ts'
import { refuse } from './problem.ts'
import { problemAnswer } from './schemas.ts'
import { sessionCookie } from './session-cookie.ts'

export type Api = OpenAPIHono<ApiEnv>

/** `anyone`: no proof needed. Else what the route does; the table of roles says who may. */
export type Audience = 'anyone' | Action

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
  /** Of the body; default `BODY_BYTES_MAX`. Null: the handler takes it as a stream and knows its bound itself. */
  readonly bodyBytesMax?: number | null
  /** Opens the route to gateway keys, too. */
  readonly keys?: KeyCheck
}

const SECURITY = [{ token: [] }, { session: [] }]
const SECURITY_WITH_KEYS = [...SECURITY, { key: [] }]

export function addRoute(api: Api, deps: AuthenticationDeps, route: Route, handler: Handler): void {
  const { audience, tags, responses, keys, bodyBytesMax = BODY_BYTES_MAX, ...described } = route
  const open = audience === 'anyone'
  api.openAPIRegistry.registerPath({
    ...described,
    tags: [...tags],
    ...(open
      ? {}
      : {
          security: keys === undefined ? SECURITY : SECURITY_WITH_KEYS,
          'x-ledgerock-action': audience,
        }),
    responses: {
      ...responses,
      ...(open ? {} : { 401: problemAnswer('No valid credential.') }),
      ...(open ? {} : { 403: problemAnswer('The credential may not do this.') }),
      default: problemAnswer('Any other refusal or failure.'),
    },
  })
  const path = described.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const limit =
    bodyBytesMax === null
      ? (_c: unknown, next: () => Promise<void>) => next()
      : bodyLimit({
          maxSize: bodyBytesMax,
          onError: () =>
            refuse(413, 'body_too_large', `the body is longer than ${bodyBytesMax} bytes`),
        })
  api.on(described.method, path, limit, async (c) => {
    if (audience === 'anyone') return handler(c)
    const key = keys === undefined ? null : keyHeld(c, keys)
    if (key instanceof Response) return key
    if (key !== null) {
      c.set('key', key)
      return handler(c)
    }
    const actor = await authenticate(c, deps)
    if (actor instanceof Response) return actor
    const refusal = refusalOf(actor, audience)
    if (refusal !== null) return refusal
    c.set('actor', actor)
    c.set('scope', extentOf(actor.role, audience) === 'own' ? actor.scope : null)
    return handler(c)
  })
}

/** Why this actor may not, or null. */
export function refusalOf(actor: Actor, action: Action): Response | null {
  const extent = extentOf(actor.role, action)
  if (extent === 'none') return refuse(403, 'forbidden', `the role ${actor.role} may not do this`)
  const isEmpty = actor.scope === null || Object.keys(actor.scope).length === 0
  if (extent === 'own' && isEmpty) {
    return refuse(403, 'forbidden', `the user ${actor.name} has no scope, so nothing is his own`)
  }
  return null
}

/** For an answer that goes on for long: whether its credential still opens what it opened when it began. */
export function sameAsBefore(c: ApiContext, deps: AuthenticationDeps): () => Promise<boolean> {
  const before = c.get('actor')
  return async () => {
    const now = await authenticate(c, deps)
    if (now instanceof Response) return false
    return (
      now.name === before.name && now.role === before.role && sameScope(now.scope, before.scope)
    )
  }
}

/** The part of the ledger the asker may see, or the answer that says why nothing can be shown. */
export function scopeOf(
  c: ApiContext,
  declared: readonly string[],
): Result<UserScope | null, Response> {
  const scope = c.get('scope')
  const gone = undeclared(scope, declared)
  if (gone.length === 0) return ok(scope)
  const names = gone.join(', ')
  const detail = `your scope names ${names}, which is declared no more; ask an admin for another`
  return err(refuse(403, 'forbidden', detail))
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
