// `GET spend`: who spent what, grouped and filtered by anything a call carries.

import { z } from '@hono/zod-openapi'
import {
  CALL_FIELDS,
  GRANULARITIES,
  SPEND_MEASURES,
  type ProblemError,
  type SpendMeasure,
} from '@ledgerock/contract'
import { invalidQuestion } from './invalid-question.ts'
import { invalidRequest } from './problem.ts'
import { parsePer, parseSpendQuery, type QueryContext } from './query.ts'
import { ledgerWithin, type LedgerReads } from '../people/scoped-ledger.ts'
import { withOutcomes } from '../outcomes/outcome-costs.ts'
import type { Result } from '../../kernel/result.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import {
  component,
  count,
  jsonAnswer,
  optional,
  problemAnswer,
  repeatable,
  TIME_PARAMETERS,
  usd,
  WHERE_PARAMETER,
} from './schemas.ts'

export type SpendRouteDeps = AuthenticationDeps & {
  readonly ledger: LedgerReads
  readonly queryContext: () => QueryContext
}

const DOLLARS = new Set<SpendMeasure>([
  'cost_usd',
  'input_usd',
  'output_usd',
  'cache_usd',
  'other_usd',
])
const isPercentile = (measure: SpendMeasure): boolean => /_p\d\d$/.test(measure)

function measureSchema(measure: SpendMeasure): z.ZodType {
  if (DOLLARS.has(measure)) return usd
  return isPercentile(measure) ? z.number().nullable() : count
}

const EXAMPLE_TOTAL = {
  calls: 2,
  logical_calls: 2,
  refused_calls: 0,
  errors: 0,
  throttled: 0,
  input_tokens: 2400,
  output_tokens: 310,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: '0.01185',
  input_usd: '0.0072',
  output_usd: '0.00465',
  cache_usd: '0',
  other_usd: '0',
  unpriced_calls: 0,
  latency_ms_p50: 812,
  latency_ms_p95: 934,
  first_byte_ms_p50: null,
  first_byte_ms_p95: null,
} as const satisfies Record<SpendMeasure, string | number | null>

const spendRow = component(
  'SpendRow',
  z
    .object(Object.fromEntries(SPEND_MEASURES.map((name) => [name, measureSchema(name)])))
    .catchall(z.union([z.string(), z.number(), z.null()])),
  { team: 'search', ...EXAMPLE_TOTAL },
)

export const spendAnswer = component(
  'Spend',
  z.object({ rows: z.array(spendRow), total: spendRow }),
  { rows: [{ team: 'search', ...EXAMPLE_TOTAL }], total: EXAMPLE_TOTAL },
)

export function addSpendRoutes(api: Api, deps: SpendRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/spend',
      summary: 'Spend by anything',
      tags: ['spend'],
      audience: 'costs.read',
      request: {
        query: z.object({
          by: repeatable(`Any dimension or ${CALL_FIELDS.join(', ')}; also comma-separated`),
          ...TIME_PARAMETERS,
          granularity: optional(`One of ${GRANULARITIES.join(', ')}. Default: total`),
          where: WHERE_PARAMETER,
          per: optional('outcome:NAME adds what came of it and what one cost'),
        }),
      },
      responses: {
        200: jsonAnswer('Rows and their total.', spendAnswer),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const context = deps.queryContext()
      const [question, per] = [parseSpendQuery(c.req.queries(), context), parsePer(c.req.queries())]
      if (!question.ok || !per.ok) return invalidRequest([...faultsOf(question), ...faultsOf(per)])
      const scope = scopeOf(c, context.dimensions)
      if (!scope.ok) return scope.problem
      const ledger = ledgerWithin(deps.ledger, scope.value)
      const answer = await ledger.spend(question.value)
      if (!answer.ok) return invalidQuestion(answer.problem)
      if (per.value === null) return c.json(answer.value)
      const { dimensions } = context
      const beside = await withOutcomes(ledger, dimensions, question.value, answer.value, per.value)
      if (beside.ok) return c.json(beside.value)
      const known = beside.problem.length === 0 ? 'there is none yet' : beside.problem.join(', ')
      const message = `there is no outcome ${per.value}; known are: ${known}`
      return invalidRequest([{ path: 'per', message }])
    },
  )
}

function faultsOf(parsed: Result<unknown, readonly ProblemError[]>): readonly ProblemError[] {
  return parsed.ok ? [] : parsed.problem
}
