// `budgets`: how each stands, counter by counter.

import { z } from '@hono/zod-openapi'
import type { BudgetRow } from '../budgets/budget-view.ts'
import type { BudgetService } from '../budgets/budgets.ts'
import { budgetDetail, budgetPage } from './budget-schema.ts'
import type { ApiContext } from './context.ts'
import { readerScope } from './governance-answers.ts'
import { invalidRequest, refuse } from './problem.ts'
import { one, parseLimit } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { jsonAnswer, optional, problemAnswer } from './schemas.ts'

export type BudgetRouteDeps = AuthenticationDeps & {
  readonly budgets: BudgetService
  readonly dimensions: () => readonly string[]
}

const path = '/api/v1/budgets'
const tags = ['budgets']
const PAGE = ['cursor', 'limit']
const query = z.object({
  cursor: optional('`next_cursor` of the page before'),
  limit: optional('1 to 1000. Default: 100'),
})
const description = `A row for each counter. Whoever sees a part of the whole sees the budgets that
concern it; what was spent is told only of counters that lie within it.`

export function addBudgetRoutes(api: Api, deps: BudgetRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'How budgets stand',
      description,
      tags,
      audience: 'rules.read',
      request: { query },
      responses: {
        200: jsonAnswer('One page, by name and counter.', budgetPage),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    (c) => {
      const own = readerScope(c, deps.dimensions(), PAGE)
      if (!own.ok) return own.problem
      return answer(c, deps.budgets.list(own.value), {})
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: `${path}/{name}`,
      summary: 'One budget: its terms and how its counters stand',
      tags,
      audience: 'rules.read',
      request: { params: z.object({ name: z.string() }), query },
      responses: {
        200: jsonAnswer('The budget, with one page of its counters.', budgetDetail),
        400: problemAnswer('Every fault of the question.'),
        404: problemAnswer('No such budget.'),
      },
    },
    (c) => {
      const own = readerScope(c, deps.dimensions(), PAGE)
      if (!own.ok) return own.problem
      const name = c.req.param('name') ?? ''
      const found = deps.budgets.find(own.value, name)
      if (found === null) return refuse(404, 'budget_unknown', `no budget is named ${name}`)
      return answer(c, found.rows, found.terms)
    },
  )
}

/** A page goes on after the row its cursor names, also where that row is gone since. */
function answer(c: ApiContext, all: readonly BudgetRow[], beside: object): Response {
  const asked = c.req.queries()
  const errors: { path: string; message: string }[] = []
  const cursor = one(asked, 'cursor', errors)
  const limit = parseLimit(one(asked, 'limit', errors), errors)
  if (cursor?.includes('/') === false) {
    errors.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' })
  }
  if (errors.length > 0) return invalidRequest(errors)
  const rest = cursor === undefined ? all : all.filter((row) => isAfter(row, cursor))
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  const next = rest.length > limit && last !== undefined ? cursorOf(last) : null
  return c.json({ ...beside, items, next_cursor: next })
}

/** Names of budgets have no slash. */
function cursorOf({ name, counter }: BudgetRow): string {
  return `${name}/${counter ?? ''}`
}

function isAfter({ name, counter }: BudgetRow, cursor: string): boolean {
  const slash = cursor.indexOf('/')
  const [at, value] = [cursor.slice(0, slash), cursor.slice(slash + 1)]
  return name === at ? (counter ?? '') > value : name > at
}
