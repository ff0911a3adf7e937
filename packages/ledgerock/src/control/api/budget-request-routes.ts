// `budgets/…/raises/requests`: more of a budget, once: ask, approve, deny, withdraw.

import { z } from '@hono/zod-openapi'
import type { BudgetRequestService } from '../budgets/budget-requests.ts'
import { reasonBody } from './access-answers.ts'
import { decisionBody } from './access-schema.ts'
import { readBody } from './body.ts'
import {
  budgetRequest,
  budgetRequestPage,
  deliveredBudgetRequest,
  newBudgetRequest,
} from './budget-request-schema.ts'
import type { ApiContext } from './context.ts'
import { governanceRefusal, readerScope } from './governance-answers.ts'
import { REQUEST_PAGE_QUERY, requestPage } from './request-page.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type BudgetRequestRouteDeps = AuthenticationDeps & {
  readonly budgetRequests: BudgetRequestService
  readonly dimensions: () => readonly string[]
}

const path = '/api/v1/budgets/raises/requests'
const tags = ['budgets']
const params = z.object({ id: z.string() })
const idOf = (c: ApiContext): string => c.req.param('id') ?? ''
const NO_SUCH_REQUEST = problemAnswer('No such request.')
const CONFLICT = problemAnswer(
  'It was decided before, is over, the budget is another, or the same person asked for it.',
)

export function addBudgetRequestRoutes(api: Api, deps: BudgetRequestRouteDeps): void {
  addList(api, deps)
  addAsking(api, deps)
  addApproval(api, deps)
  addDenial(api, deps)
  addWithdrawal(api, deps)
}

function addList(api: Api, deps: BudgetRequestRouteDeps): void {
  const route: Route = {
    method: 'get',
    path,
    summary: 'Requests for more of a budget, newest first',
    tags,
    audience: 'rules.read',
    request: { query: REQUEST_PAGE_QUERY },
    responses: {
      200: jsonAnswer('One page of those within the asker’s scope.', budgetRequestPage),
      400: problemAnswer('Every fault of the question.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const own = readerScope(c, deps.dimensions(), ['state', 'cursor', 'limit'])
    if (!own.ok) return own.problem
    return requestPage(c, await deps.budgetRequests.list(own.value))
  })
}

function addAsking(api: Api, deps: BudgetRequestRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/budgets/{name}/raises/requests',
    summary: 'Ask for more of a budget, once, until a day',
    tags,
    audience: 'budgets.ask',
    request: { params: z.object({ name: z.string() }), ...jsonBody(newBudgetRequest) },
    responses: {
      201: jsonAnswer('The request, which waits for an admin.', budgetRequest),
      400: problemAnswer('Every fault of the request.'),
      403: problemAnswer('Not within the asker’s scope.'),
      404: problemAnswer('No such budget.'),
      409: problemAnswer('Too many requests of the asker wait.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, newBudgetRequest)
    if (!body.ok) return body.problem
    const name = c.req.param('name') ?? ''
    const asked = await deps.budgetRequests.ask(c.get('actor'), name, body.value)
    return asked.ok ? c.json(asked.value, 201) : governanceRefusal(asked.problem)
  })
}

function addApproval(api: Api, deps: BudgetRequestRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/approve`,
    summary: 'Raise the budget until the day that was asked for',
    description: 'By another person than the one who asked. Answers when the workers have it.',
    tags,
    audience: 'budgets.decide',
    request: { params, ...jsonBody(decisionBody) },
    responses: {
      200: jsonAnswer('Approved.', deliveredBudgetRequest),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, decisionBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.budgetRequests.approve(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}

function addDenial(api: Api, deps: BudgetRequestRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: `${path}/{id}/deny`,
    summary: 'Say no to a request',
    tags,
    audience: 'budgets.decide',
    request: { params, ...jsonBody(decisionBody) },
    responses: {
      200: jsonAnswer('Denied.', budgetRequest),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, decisionBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.budgetRequests.deny(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}

function addWithdrawal(api: Api, deps: BudgetRequestRouteDeps): void {
  const route: Route = {
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Withdraw a request, also an approved one',
    description: 'By whoever asked, or an admin. The limit is the old one when the answer comes.',
    tags,
    audience: 'budgets.ask',
    request: { params, ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Withdrawn.', deliveredBudgetRequest),
      403: problemAnswer('Somebody else asked.'),
      404: NO_SUCH_REQUEST,
      409: CONFLICT,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.budgetRequests.withdraw(c.get('actor'), idOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}
