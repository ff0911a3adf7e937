// `pauses`: list, pause, resume. An answer to a change comes when the workers have it.

import { z } from '@hono/zod-openapi'
import type { PauseService } from '../rules/pauses.ts'
import { reason, reasonBody } from './access-answers.ts'
import { readBody } from './body.ts'
import {
  delivery,
  EXAMPLE_AT,
  EXAMPLE_DELIVERY,
  EXAMPLE_ID,
  governanceRefusal,
  readerScope,
  ruleScope,
  writtenRuleScope,
} from './governance-answers.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type PauseRouteDeps = AuthenticationDeps & {
  readonly pauses: PauseService
  readonly dimensions: () => readonly string[]
}

const newPause = component('NewPause', z.strictObject({ scope: writtenRuleScope, reason }), {
  scope: { team: 'search', environment: ['prod'] },
  reason: 'a runaway agent',
})
const fields = {
  pause_id: z.string(),
  scope: ruleScope,
  reason: z.string().nullable(),
  paused_at: instant,
  paused_by: z.string(),
}
const EXAMPLE = {
  pause_id: EXAMPLE_ID,
  scope: { team: ['search'] },
  reason: 'a runaway agent',
  paused_at: EXAMPLE_AT,
  paused_by: 'mia',
}
const pauseView = component('Pause', z.object(fields), EXAMPLE)
const pauseList = component(
  'PauseList',
  z.object({ items: z.array(pauseView), next_cursor: z.null() }),
  { items: [EXAMPLE], next_cursor: null },
)
const paused = component('Paused', z.object({ ...fields, ...delivery }), {
  ...EXAMPLE,
  ...EXAMPLE_DELIVERY,
})
const resumed = component('Resumed', z.object({ ...fields, resumed_at: instant, ...delivery }), {
  ...EXAMPLE,
  resumed_at: EXAMPLE_AT,
  ...EXAMPLE_DELIVERY,
})

const path = '/api/v1/pauses'
const tags = ['pauses']
const OUTSIDE = problemAnswer('Not within the asker’s scope, or paused by an admin.')

export function addPauseRoutes(api: Api, deps: PauseRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'The pauses in force',
      tags,
      audience: 'rules.read',
      responses: { 200: jsonAnswer('Those that concern the asker, oldest first.', pauseList) },
    },
    async (c) => {
      const own = readerScope(c, deps.dimensions())
      if (!own.ok) return own.problem
      return c.json({ items: await deps.pauses.list(own.value), next_cursor: null })
    },
  )
  addPausing(api, deps)
  addResuming(api, deps)
}

function addPausing(api: Api, deps: PauseRouteDeps): void {
  const route: Route = {
    method: 'post',
    path,
    summary: 'Pause a scope: its calls are refused from now on',
    description:
      'Answers when every connected worker refuses such calls; `missing` names the others. A scope that is ' +
      'paused already keeps its pause, but an admin takes over a lead’s.',
    tags,
    audience: 'pauses.manage',
    request: jsonBody(newPause),
    responses: {
      201: jsonAnswer('The pause in force.', paused),
      400: problemAnswer('Every fault of the scope.'),
      403: problemAnswer('Not within the asker’s scope.'),
      409: problemAnswer('Too many pauses are in force.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newPause)
    if (!body.ok) return body.problem
    const done = await deps.pauses.pause(c.get('actor'), body.value)
    return done.ok ? c.json(done.value, 201) : governanceRefusal(done.problem)
  })
}

function addResuming(api: Api, deps: PauseRouteDeps): void {
  const route: Route = {
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Resume what was paused',
    tags,
    audience: 'pauses.manage',
    request: { params: z.object({ id: z.string() }), ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Resumed.', resumed),
      403: OUTSIDE,
      404: problemAnswer('No such pause in force.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const id = c.req.param('id') ?? ''
    const done = await deps.pauses.resume(c.get('actor'), id, body.value.reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}
