// `PUT` and `DELETE budgets/{name}`: budgets people make, beside those of the configuration file.

import { z } from '@hono/zod-openapi'
import type { BudgetChanges } from '../budgets/budget-changes.ts'
import { reasonBody } from './access-answers.ts'
import { readBody, readJson } from './body.ts'
import { changeReason, deletedBudget, newBudget, setBudget } from './budget-change-schema.ts'
import type { ApiContext } from './context.ts'
import { governanceRefusal } from './governance-answers.ts'
import { invalidRequest } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type BudgetChangeRouteDeps = AuthenticationDeps & { readonly budgetChanges: BudgetChanges }

const path = '/api/v1/budgets/{name}'
const tags = ['budgets']
const params = z.object({ name: z.string() })
const nameOf = (c: ApiContext): string => c.req.param('name') ?? ''
const NOT_YOURS = problemAnswer('Not within the asker’s scope, or set by an admin.')
const IN_FILE = problemAnswer('It is declared in the configuration file.')

export function addBudgetChangeRoutes(api: Api, deps: BudgetChangeRouteDeps): void {
  addSetting(api, deps)
  addDeleting(api, deps)
}

function addSetting(api: Api, deps: BudgetChangeRouteDeps): void {
  const route: Route = {
    method: 'put',
    path,
    summary: 'Set a budget, whole',
    description: `The fields are those of a budget in the configuration file, with its defaults and
its checks, beside every other budget. Answers when the workers count and hold it.`,
    tags,
    audience: 'budgets.manage',
    request: { params, ...jsonBody(newBudget) },
    responses: {
      200: jsonAnswer('In force.', setBudget),
      400: problemAnswer('Every fault of the budget.'),
      403: NOT_YOURS,
      409: problemAnswer('The name stands in the file or is another’s, or there are too many.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readJson(c)
    if (!body.ok) return body.problem
    const told = changeReason.loose().safeParse(body.value)
    if (!told.success) {
      return invalidRequest(told.error.issues.map(({ path: at, message }) => fault(at, message)))
    }
    const { reason, name: _none, ...terms } = told.data
    const done = await deps.budgetChanges.set(c.get('actor'), nameOf(c), terms, reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}

function fault(at: readonly PropertyKey[], message: string) {
  return { path: at.map(String).join('.'), message }
}

function addDeleting(api: Api, deps: BudgetChangeRouteDeps): void {
  const route: Route = {
    method: 'delete',
    path,
    summary: 'Delete a budget that was set here',
    description: 'What was spent stays in the ledger. The workers hold it no more at the answer.',
    tags,
    audience: 'budgets.manage',
    request: { params, ...jsonBody(reasonBody, false) },
    responses: {
      200: jsonAnswer('Gone.', deletedBudget),
      400: problemAnswer('Every fault of the body.'),
      403: NOT_YOURS,
      404: problemAnswer('No such budget.'),
      409: IN_FILE,
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, reasonBody)
    if (!body.ok) return body.problem
    const { reason } = body.value
    const done = await deps.budgetChanges.remove(c.get('actor'), nameOf(c), reason)
    return done.ok ? c.json(done.value) : governanceRefusal(done.problem)
  })
}
