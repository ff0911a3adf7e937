// `access`: the rules and grants in force, and requests for a model that a rule keeps closed: ask, approve, deny, withdraw. Rules
// themselves are declared in the file.

import { z } from '@hono/zod-openapi'
import type { AccessRequestService } from '../rules/access-requests.ts'
import type { RuleViews } from '../rules/rule-views.ts'
import { reasonBody } from './access-answers.ts'
import {
  accessInForce,
  accessRequest,
  accessRequestPage,
  decisionBody,
  deliveredAccessRequest,
  newAccessRequest,
} from './access-schema.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { governanceRefusal, readerScope } from './governance-answers.ts'
import { REQUEST_PAGE_QUERY, requestPage } from './request-page.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type AccessRouteDeps = AuthenticationDeps & {
  readonly accessRequests: AccessRequestService
  readonly rules: RuleViews
  readonly dimensions: () => readonly string[]
}

const path = '/api/v1/access/requests'
const tags = ['access']
const params = z.object({ id: z.string() })
const idOf = (c: ApiContext): string => c.req.param('id') ?? ''
const NO_SUCH_REQUEST = problemAnswer('No such request.')
const CONFLICT = problemAnswer('It was decided before, is over, or the same person asked for it.')

export function addAccessRoutes(api: Api, deps: AccessRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/access',
      summary: 'Rules of model access in force, and what was opened beside them',
      description: 'Rules are declared in the configuration file and changed there.',
      tags,
      audience: 'rules.read',
      responses: { 200: jsonAnswer('What concerns the asker.', accessInForce) },
    },
    async (c) => {
      const own = readerScope(c, deps.dimensions())
      if (!own.ok) return own.problem
      return c.json({ ...(await deps.rules.access(own.value)), next_cursor: null })
    },
  )
  addList(api, deps)
  addAsking(api, deps)
  addApproval(api, deps)
  addDenial(api, deps)
  addWithdrawal(api, deps)
}

function addList(api: Api, deps: AccessRouteDeps): void {
  const route: Route = {
    method: 'get',
    path,
    summary: 'Requests for access, newest first',
    tags,
    audience: 'rules.read',
    request: { query: REQUEST_PAGE_QUERY },
    responses: {
      200: jsonAnswer('One page of those within the asker’s scope.', accessRequestPage),
      400: problemAnswer('Every fault of the question.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const own = readerScope(c, deps.dimensions(), ['state', 'cursor', 'limit'])
    if (!own.ok) return own.problem
    return requestPage(c, await deps.accessRequests.list(own.value))
  })
}

function addAsking(api: Api, deps: AccessRouteDeps): void {
  const route: Route = {
    method: 'post',
    path,
    summary: 'Ask for access to a model',
    tags,
    audience: 'access.ask',
    request: jsonBody(newAccessRequest),
    responses: {
      201: jsonAnswer('The request, which waits for an admin.', accessRequest),
      400: problemAnswer('Every fault of the request.'),
      403: problemAnswer('Not within the asker’s scope.'),
      409: problemAnswer('Too many requests of the asker wait.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newAccessRequest)
    if (!body.ok) return body.problem
    const asked = await deps.accessRequests.ask(c.get('actor'), body.value)
    return asked.ok ? c.json(asked.value, 201) : governanceRefusal(asked.problem)
  })
}

function addApproval(api: Api, deps: AccessRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/approve`,
    summary: 'Open the model until the day that was asked for',
    description: 'By another person than the one who asked. Answers when the workers have it.',
    tags,
    audience: 'access.decide',
    request: { params, ...jsonBody(decisionBody) },
    responses: {
      200: jsonAnswer('Approved.', deliveredAccessRequest),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, decisionBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.accessRequests.approve(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}

function addDenial(api: Api, deps: AccessRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/deny`,
    summary: 'Say no to a request',
    tags,
    audience: 'access.decide',
    request: { params, ...jsonBody(decisionBody) },
    responses: {
      200: jsonAnswer('Denied.', accessRequest),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, decisionBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.accessRequests.deny(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}

function addWithdrawal(api: Api, deps: AccessRouteDeps): void {
  const route: Route = {
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Withdraw a request, also an approved one',
    description: 'By whoever asked, or an admin. What it opened is closed when the answer comes.',
    tags,
    audience: 'access.ask',
    request: { params, ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Withdrawn.', deliveredAccessRequest),
      403: problemAnswer('Somebody else asked.'),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.accessRequests.withdraw(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}
