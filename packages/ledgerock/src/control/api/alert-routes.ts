// `alerts` and `alert-sinks`: what fires and fired, who sees to it, what is muted; and whether a sink can be told.

import { z } from '@hono/zod-openapi'
import type { AlertPageQuestion, AlertProblem, AlertService } from '../alerts/alert-service.ts'
import { alertAnswer, alertPage, muteBody, sinkList, sinkTest } from './alert-schema.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { readerScope } from './governance-answers.ts'
import { invalidRequest, refuse, type ProblemStatus } from './problem.ts'
import { one, parseLimit } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, optional, problemAnswer } from './schemas.ts'

export type AlertRouteDeps = AuthenticationDeps & {
  readonly alerts: AlertService
  readonly dimensions: () => readonly string[]
}

const path = '/api/v1/alerts'
const tags = ['alerts']
const STATUSES = ['firing', 'resolved'] as const
const NO_SUCH_ALERT = problemAnswer('No such alert within the asker’s scope.')

const STATUS_OF: Readonly<Record<AlertProblem['code'], ProblemStatus>> = {
  alert_unknown: 404,
  alert_sink_unknown: 404,
  invalid_request: 400,
}

export function addAlertRoutes(api: Api, deps: AlertRouteDeps): void {
  addList(api, deps)
  addOne(api, deps)
  addAcknowledging(api, deps)
  addMuting(api, deps)
  addSinks(api, deps)
}

function addList(api: Api, deps: AlertRouteDeps): void {
  const route: Route = {
    method: 'get',
    path,
    summary: 'Alerts, newest first',
    tags,
    audience: 'alerts.read',
    request: {
      query: z.object({
        status: optional(`One of ${STATUSES.join(', ')}. Default: both`),
        cursor: optional('`next_cursor` of the page before'),
        limit: optional('1 to 1000. Default: 100'),
      }),
    },
    responses: {
      200: jsonAnswer('One page of those within the asker’s scope.', alertPage),
      400: problemAnswer('Every fault of the question.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const own = readerScope(c, deps.dimensions(), ['status', 'cursor', 'limit'])
    if (!own.ok) return own.problem
    const question = questionOf(c)
    if (question instanceof Response) return question
    const page = await deps.alerts.list(own.value, question)
    return page.ok ? c.json(page.value) : refusal(page.problem)
  })
}

function addOne(api: Api, deps: AlertRouteDeps): void {
  const route: Route = {
    method: 'get',
    path: `${path}/{id}`,
    summary: 'One alert',
    tags,
    audience: 'alerts.read',
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: jsonAnswer('The alert.', alertAnswer), 404: NO_SUCH_ALERT },
  }
  addRoute(api, deps, route, async (c) => {
    const own = readerScope(c, deps.dimensions())
    if (!own.ok) return own.problem
    const found = await deps.alerts.find(own.value, c.req.param('id') ?? '')
    return found.ok ? c.json(found.value) : refusal(found.problem)
  })
}

function questionOf(c: ApiContext): AlertPageQuestion | Response {
  const query = c.req.queries()
  const errors: { path: string; message: string }[] = []
  const status = one(query, 'status', errors) ?? null
  const cursor = one(query, 'cursor', errors) ?? null
  const limit = parseLimit(one(query, 'limit', errors), errors)
  if (status !== null && !isStatus(status)) {
    errors.push({ path: 'status', message: `must be one of ${STATUSES.join(', ')}` })
  }
  if (errors.length > 0) return invalidRequest(errors)
  return { cursor, limit, status: status !== null && isStatus(status) ? status : null }
}

function isStatus(text: string): text is (typeof STATUSES)[number] {
  return (STATUSES as readonly string[]).includes(text)
}

function addAcknowledging(api: Api, deps: AlertRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/acknowledge`,
    summary: 'Say that somebody sees to it',
    tags,
    audience: 'alerts.handle',
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: jsonAnswer('The alert.', alertAnswer), 404: NO_SUCH_ALERT },
  }
  addRoute(api, deps, route, async (c) => {
    const done = await deps.alerts.acknowledge(c.get('actor'), c.req.param('id') ?? '')
    return done.ok ? c.json(done.value) : refusal(done.problem)
  })
}

function addMuting(api: Api, deps: AlertRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/mute`,
    summary: 'Tell nobody when the same fires again, until a time',
    description:
      'What is muted still shows here. What still fires when the time comes is told then; the end of what was told before is told at once.',
    tags,
    audience: 'alerts.handle',
    request: { params: z.object({ id: z.string() }), ...jsonBody(muteBody) },
    responses: {
      200: jsonAnswer('The alert.', alertAnswer),
      400: problemAnswer('The time is not ahead, or too far.'),
      404: NO_SUCH_ALERT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, muteBody)
    if (!body.ok) return body.problem
    const { until } = body.value
    const done = await deps.alerts.mute(c.get('actor'), c.req.param('id') ?? '', until)
    return done.ok ? c.json(done.value) : refusal(done.problem)
  })
}

function addSinks(api: Api, deps: AlertRouteDeps): void {
  const sinksPath = '/api/v1/alert-sinks'
  const list: Route = {
    method: 'get',
    path: sinksPath,
    summary: 'Who can be told, and how that goes',
    description: 'Declared in the configuration file and changed there.',
    tags,
    audience: 'alerts.sinks',
    responses: { 200: jsonAnswer('All of them.', sinkList) },
  }
  addRoute(api, deps, list, async (c) => {
    const own = readerScope(c, deps.dimensions())
    if (!own.ok) return own.problem
    return c.json({ items: await deps.alerts.sinks(), next_cursor: null })
  })
  const test: Route = {
    method: 'post',
    path: `${sinksPath}/{name}/test`,
    summary: 'Tell a sink that nothing is wrong',
    description: 'At once, also in quiet hours, and only once. Answers whether it was taken.',
    tags,
    audience: 'alerts.test',
    request: { params: z.object({ name: z.string() }) },
    responses: {
      200: jsonAnswer('How it went.', sinkTest),
      404: problemAnswer('No such sink.'),
    },
  }
  addRoute(api, deps, test, async (c) => {
    const done = await deps.alerts.test(c.get('actor'), c.req.param('name') ?? '')
    return done.ok ? c.json(done.value) : refusal(done.problem)
  })
}

function refusal({ code, detail }: AlertProblem): Response {
  return refuse(STATUS_OF[code], code, detail)
}
