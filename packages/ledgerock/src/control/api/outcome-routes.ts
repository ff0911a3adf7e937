// `outcomes`: what came of the calls, told by people or by the programs that know, with a token or with a gateway key.

import { plainDecimal } from '../../reconciliation/outcome-cost.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { KeyCheck } from '../keys/key-holder.ts'
import { OUTCOMES_SENT_MAX, type OutcomeService } from '../outcomes/outcomes.ts'
import { ledgerWithin, type LedgerReads } from '../people/scoped-ledger.ts'
import { readJson } from './body.ts'
import { newOutcomes, outcomeList, outcomesTaken } from './outcome-schema.ts'
import { invalidRequest } from './problem.ts'
import { unexpected, type QueryContext } from './query.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type OutcomeRouteDeps = AuthenticationDeps & {
  readonly outcomes: OutcomeService
  readonly keyCheck: KeyCheck
  readonly ledger: LedgerReads
  readonly queryContext: () => QueryContext
}

const tags = ['outcomes']
const path = '/api/v1/outcomes'

export function addOutcomeRoutes(api: Api, deps: OutcomeRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path,
      summary: 'Tell what came of the calls',
      description:
        `One outcome, or up to ${OUTCOMES_SENT_MAX} of them. What a gateway key binds outranks what is sent. ` +
        'What is refused is named by its place in the list and does not keep the rest out.',
      tags,
      audience: 'outcomes.record',
      keys: deps.keyCheck,
      request: jsonBody(newOutcomes),
      responses: {
        200: jsonAnswer('What became of each.', outcomesTaken),
        400: problemAnswer('No list of outcomes.'),
      },
    },
    async (c) => {
      const body = await readJson(c)
      if (!body.ok) return body.problem
      const entries = entriesOf(body.value)
      if (!entries.ok) return entries.problem
      const bind = c.get('key')?.bind ?? null
      const { accepted, duplicate, rejected } = await deps.outcomes.record(
        bind,
        entries.value.map((entry) => ({ entry, place: null })),
      )
      return c.json({ accepted, duplicate, rejected })
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'Outcomes by name, with what they come to',
      tags,
      audience: 'costs.read',
      responses: { 200: jsonAnswer('All names in use.', outcomeList) },
    },
    async (c) => {
      const faults = unexpected(c.req.queries(), [])
      if (faults.length > 0) return invalidRequest(faults)
      const scope = scopeOf(c, deps.queryContext().dimensions)
      if (!scope.ok) return scope.problem
      const all = { from: null, to: null, where: [], recordedBefore: null }
      const totals = await ledgerWithin(deps.ledger, scope.value).outcomeTotals(all)
      const items = totals.map(({ name, outcomes, quantity, value_usd: value, ...times }) => ({
        name,
        entries: outcomes,
        quantity: plainDecimal(quantity),
        value_usd: value === null ? null : plainDecimal(value),
        ...times,
      }))
      return c.json({ items, next_cursor: null })
    },
  )
}

function entriesOf(body: unknown): Result<readonly unknown[], Response> {
  if (typeof body !== 'object' || body === null || !('outcomes' in body)) return ok([body])
  const { outcomes, ...more } = body
  const errors = Object.keys(more).map((field) => ({
    path: field,
    message: 'is not known beside outcomes',
  }))
  if (!Array.isArray(outcomes)) errors.push({ path: 'outcomes', message: 'must be a list' })
  else if (outcomes.length > OUTCOMES_SENT_MAX) {
    errors.push({ path: 'outcomes', message: `takes at most ${OUTCOMES_SENT_MAX}` })
  }
  return errors.length > 0 ? err(invalidRequest(errors)) : ok(outcomes as readonly unknown[])
}
