// `keys`: create, list, rotate, revoke. The only answers that hold a secret are those that just made it. Who sees a part sees and
// changes the keys whose bindings lie within his scope; the others do not exist for him.

import { z } from '@hono/zod-openapi'
import { KEY_SOURCES } from '../../governance/policy.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { KEY_STATES, type KeyView } from '../keys/key-view.ts'
import {
  ROTATION_OVERLAP_MAX_MS,
  ROTATION_OVERLAP_MS,
  unknownKey,
  type KeyProblem,
  type KeyService,
} from '../keys/keys.ts'
import { bindFaults, isWithin } from '../people/scope.ts'
import { reason, reasonBody } from './access-answers.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest, refuse, type ProblemStatus } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer, textMap } from './schemas.ts'

export type KeyRouteDeps = AuthenticationDeps & { readonly keys: KeyService }

const STATUS: Record<KeyProblem['code'], ProblemStatus> = {
  invalid_request: 400,
  key_unknown: 404,
  key_name_taken: 409,
  key_declared_in_file: 409,
  key_revoked: 409,
}
const refusal = (problem: KeyProblem): Response =>
  refuse(STATUS[problem.code], problem.code, problem.detail, problem.errors)

const delivery = { acked: z.array(z.string()), missing: z.array(z.string()) }
const minting = {
  ...delivery,
  not_published: z.string().nullable().openapi({
    description: 'Why the workers may not have it yet; it is tried again',
  }),
}
const EXAMPLE_DELIVERY = { acked: ['worker-1', 'worker-2'], missing: [] }
const EXAMPLE_KEY = `lrk_${'0'.repeat(12)}_${'0'.repeat(49)}`
const EXAMPLE_PAIR = {
  access_key_id: `LRKA${'A'.repeat(16)}`,
  secret_access_key: '0'.repeat(40),
}
const EXAMPLE_AT = '2026-10-14T12:00:00.000Z'

/** Of a key that was made with `sigv4`; else both are left out. */
const pair = {
  access_key_id: z.string().optional(),
  secret_access_key: z.string().optional().openapi({ description: 'Shown once' }),
}

const newKey = component(
  'NewKey',
  z.strictObject({
    name: z.string(),
    bind: textMap.default({}),
    region: z.string().nullable().default(null),
    expires: z.string().nullable().default(null).openapi({
      description: 'A date, a timestamp or a time from now such as 90d; null: never',
    }),
    sigv4: z.boolean().default(false).openapi({
      description: 'Also make a pair of access key id and secret, for clients that sign (SigV4)',
    }),
    reason,
  }),
  { name: 'search-prod', bind: { team: 'search' }, expires: '90d' },
)
const rotation = component(
  'KeyRotation',
  z.strictObject({
    immediately: z.boolean().default(false).openapi({ description: 'End the old secret now' }),
    overlap_hours: z
      .number()
      .min(0)
      .max(ROTATION_OVERLAP_MAX_MS / MS_PER_HOUR)
      .optional()
      .openapi({
        description: `How long the old secret goes on working. Default: ${ROTATION_OVERLAP_MS / MS_PER_HOUR}`,
      }),
    reason,
  }),
  { overlap_hours: 1 },
)
const createdKey = component(
  'CreatedKey',
  z.object({
    name: z.string(),
    key: z.string().openapi({ description: 'Shown once' }),
    ...pair,
    bind: textMap,
    expires_at: instant.nullable(),
    ...minting,
  }),
  {
    name: 'search-prod',
    key: EXAMPLE_KEY,
    ...EXAMPLE_PAIR,
    bind: { team: 'search' },
    expires_at: null,
    ...EXAMPLE_DELIVERY,
    not_published: null,
  },
)
const rotatedKey = component(
  'RotatedKey',
  z.object({
    name: z.string(),
    key: z.string(),
    ...pair,
    bind: textMap,
    old_secret_until: instant,
    ...minting,
  }),
  {
    name: 'search-prod',
    key: EXAMPLE_KEY,
    ...EXAMPLE_PAIR,
    bind: { team: 'search' },
    old_secret_until: EXAMPLE_AT,
    ...EXAMPLE_DELIVERY,
    not_published: null,
  },
)
const revokedKey = component(
  'RevokedKey',
  z.object({ name: z.string(), revoked_at: instant, ...delivery }),
  { name: 'search-prod', revoked_at: EXAMPLE_AT, ...EXAMPLE_DELIVERY },
)
const keyView = component(
  'Key',
  z.object({
    name: z.string(),
    key_id: z.string(),
    key_prefix: z.string().nullable(),
    access_key_id: z.string().nullable(),
    source: z.enum(KEY_SOURCES),
    state: z.enum(KEY_STATES),
    bind: textMap,
    region: z.string().nullable(),
    created_at: instant.nullable(),
    created_by: z.string().nullable(),
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
    old_secret_until: instant.nullable(),
  }),
  {
    name: 'search-prod',
    key_id: '000000000000',
    key_prefix: 'lrk_000000000000',
    access_key_id: null,
    source: 'api',
    state: 'active',
    bind: { team: 'search' },
    region: null,
    created_at: EXAMPLE_AT,
    created_by: 'admin',
    expires_at: null,
    revoked_at: null,
    old_secret_until: null,
  },
)
const keyList = component('KeyList', z.object({ items: z.array(keyView), next_cursor: z.null() }), {
  items: [],
  next_cursor: null,
})

const nameParameter = z.object({ name: z.string() })
const nameOf = (c: ApiContext): string => c.req.param('name') ?? ''
const NO_SUCH_KEY = problemAnswer('No such key.')
const CONFLICT = problemAnswer('The key is revoked or declared in the file.')

const tags = ['keys']

export function addKeyRoutes(api: Api, deps: KeyRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/keys',
      summary: 'All keys, without their secrets',
      tags,
      audience: 'keys.read',
      responses: { 200: jsonAnswer('All keys, by name.', keyList) },
    },
    async (c) => c.json({ items: await visibleKeys(c, deps), next_cursor: null }),
  )
  addCreation(api, deps)
  addRotation(api, deps)
  addRevocation(api, deps)
}

async function visibleKeys(c: ApiContext, deps: KeyRouteDeps): Promise<readonly KeyView[]> {
  const scope = c.get('scope')
  return (await deps.keys.list()).filter((key) => isWithin(scope, key.bind))
}

/** The answer where the key is not the asker's to see, the same as where there is none; a key never changes its bindings. */
async function hiddenKey(c: ApiContext, deps: KeyRouteDeps): Promise<Response | null> {
  if (c.get('scope') === null) return null
  const name = nameOf(c)
  const keys = await visibleKeys(c, deps)
  return keys.some((key) => key.name === name) ? null : refusal(unknownKey(name))
}

function addCreation(api: Api, deps: KeyRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/keys',
    summary: 'Create a key',
    tags,
    audience: 'keys.manage',
    request: jsonBody(newKey),
    responses: {
      201: jsonAnswer('The key, this once.', createdKey),
      400: problemAnswer('Every fault of the key.'),
      403: problemAnswer('Not within the asker’s scope.'),
      409: problemAnswer('The name was given out before.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newKey)
    if (!body.ok) return body.problem
    const outside = bindFaults(c.get('scope'), body.value.bind)
    if (outside.length > 0) {
      const detail = 'a key of yours must be bound to values within your scope'
      return refuse(403, 'forbidden', detail, outside)
    }
    const made = await deps.keys.create(c.get('actor').name, body.value)
    return made.ok ? c.json(made.value, 201) : refusal(made.problem)
  })
}

function addRotation(api: Api, deps: KeyRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/keys/{name}/rotate',
    summary: 'Give a key another secret',
    tags,
    audience: 'keys.manage',
    request: { params: nameParameter, ...jsonBody(rotation, false) },
    responses: {
      200: jsonAnswer('The new secret, this once.', rotatedKey),
      404: NO_SUCH_KEY,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, rotation)
    if (!body.ok) return body.problem
    const { immediately, overlap_hours: hours } = body.value
    if (immediately && hours !== undefined) {
      const message = 'is given together with immediately'
      return invalidRequest([{ path: 'overlap_hours', message }])
    }
    const wanted = hours === undefined ? ROTATION_OVERLAP_MS : Math.round(hours * MS_PER_HOUR)
    const overlapMs = immediately ? 0 : wanted
    const hidden = await hiddenKey(c, deps)
    if (hidden !== null) return hidden
    const { name: actor } = c.get('actor')
    const rotated = await deps.keys.rotate(actor, nameOf(c), overlapMs, body.value.reason)
    return rotated.ok ? c.json(rotated.value) : refusal(rotated.problem)
  })
}

function addRevocation(api: Api, deps: KeyRouteDeps): void {
  const revoke = async (c: ApiContext): Promise<Response> => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const hidden = await hiddenKey(c, deps)
    if (hidden !== null) return hidden
    const { reason: why } = body.value
    const revoked = await deps.keys.revoke(c.get('actor').name, nameOf(c), why)
    return revoked.ok ? c.json(revoked.value) : refusal(revoked.problem)
  }
  const route = {
    summary: 'Revoke a key',
    description: 'Answers when every connected worker refuses the key; `missing` names the others.',
    tags,
    audience: 'keys.manage' as const,
    request: { params: nameParameter, ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Revoked.', revokedKey),
      404: NO_SUCH_KEY,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, { ...route, method: 'post', path: '/api/v1/keys/{name}/revoke' }, revoke)
  addRoute(api, deps, { ...route, method: 'delete', path: '/api/v1/keys/{name}' }, revoke)
}
