// `prices/learn` and `prices/learned`: what the bill says a unit costs is proposed with its support, and prices calls only once
// somebody accepted it.

import { z } from '@hono/zod-openapi'
import type { PriceService } from '../prices/prices.ts'
import { priceProblem } from '../prices/price-problem.ts'
import { DOCUMENT_STATES } from '../store/price-tables.ts'
import { billRows, period, readBillBody } from './bill-body.ts'
import { readBody, UPLOAD_BYTES_MAX } from './body.ts'
import {
  changed,
  EXAMPLE_AT,
  EXAMPLE_CHANGED,
  EXAMPLE_PUBLISHED,
  priceReason,
  priceRefusal,
  published,
  text,
  withdrawn,
} from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer, jsonBody, problemAnswer, usd } from './schemas.ts'

export type PriceLearnRouteDeps = AuthenticationDeps & {
  readonly prices: Pick<PriceService, 'documents'>
}

const question = component('LearnQuestion', z.strictObject({ period, rows: billRows }), {
  period: '2026-10',
  rows: [],
})
const anyObject = z.record(text, z.unknown())
const proposal = component(
  'LearnedProposal',
  z.looseObject({
    document_id: text.nullable().openapi({ description: 'null: nothing can be accepted' }),
    period: text,
    rates: z.array(anyObject),
    unread: z.array(anyObject),
    apart: z.array(anyObject),
    total: z.object({ lines: count, usd }),
  }),
  {
    document_id: 'd00000000000',
    period: '2026-10',
    rates: [],
    unread: [],
    apart: [],
    total: { lines: 0, usd: '0' },
  },
)
const learned = component(
  'LearnedList',
  z.object({
    items: z.array(
      z.object({
        period: text,
        state: z.enum(DOCUMENT_STATES),
        document_id: text,
        rates: count,
        lines: count,
        usd,
        created_at: text,
        created_by: text,
        decided_at: text.nullable(),
        decided_by: text.nullable(),
      }),
    ),
  }),
  {
    items: [
      {
        period: '2026-10',
        state: 'proposed',
        document_id: 'd00000000000',
        rates: 2,
        lines: 48,
        usd: '120.5',
        created_at: EXAMPLE_AT,
        created_by: 'admin',
        decided_at: null,
        decided_by: null,
      },
    ],
  },
)
const accepted = component(
  'AcceptedRates',
  z.object({ period: text, document_id: text, changed, ...published }),
  {
    period: '2026-10',
    document_id: 'd00000000000',
    changed: EXAMPLE_CHANGED,
    ...EXAMPLE_PUBLISHED,
  },
)

const tags = ['prices']
const params = z.object({ period: text })
const NO_PROPOSAL = problemAnswer('Nothing was learned of this month.')

export function addPriceLearnRoutes(api: Api, deps: PriceLearnRouteDeps): void {
  const { documents } = deps.prices
  addLearn(api, deps)
  addWithdrawal(api, deps)
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/prices/learned',
      summary: 'What was learned, month by month',
      tags,
      audience: 'prices.read',
      responses: { 200: jsonAnswer('Everything that was ever proposed, oldest first.', learned) },
    },
    async (c) => c.json({ items: await documents.learned() }),
  )
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/prices/learned/{period}',
      summary: 'The newest proposal of a month, with its support',
      tags,
      audience: 'prices.read',
      request: { params },
      responses: { 200: jsonAnswer('The proposal.', proposal), 404: NO_PROPOSAL },
    },
    async (c) => {
      const month = c.req.param('period') ?? ''
      const found = await documents.proposal(month)
      if (found !== null) return c.json(found)
      return priceRefusal(priceProblem('proposal_unknown', `nothing was learned of ${month}`))
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/prices/learned/{period}/accept',
      summary: 'Put the learned rates of a month in force',
      tags,
      audience: 'prices.change',
      request: { params, ...jsonBody(priceReason, false) },
      responses: { 200: jsonAnswer('In force.', accepted), 404: NO_PROPOSAL },
    },
    async (c) => {
      const month = period.safeParse(c.req.param('period') ?? '')
      if (!month.success) {
        return invalidRequest([{ path: 'period', message: 'must be a month such as 2026-10' }])
      }
      const body = await readBody(c, priceReason)
      if (!body.ok) return body.problem
      const done = await documents.accept(c.get('actor').name, month.data, body.value.reason)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
}

function addWithdrawal(api: Api, deps: PriceLearnRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'delete',
      path: '/api/v1/prices/learned/{period}',
      summary: 'Take the learned rates of a month back',
      description: 'Those in force, else the proposal. What they priced stays explained.',
      tags,
      audience: 'prices.change',
      request: { params, ...jsonBody(priceReason, false) },
      responses: {
        200: jsonAnswer('Out of force.', withdrawn),
        404: NO_PROPOSAL,
        409: problemAnswer('Overrides of the configuration file need them.'),
      },
    },
    async (c) => {
      const body = await readBody(c, priceReason)
      if (!body.ok) return body.problem
      const month = c.req.param('period') ?? ''
      const { documents } = deps.prices
      const done = await documents.withdrawLearned(c.get('actor').name, month, body.value.reason)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
}

function addLearn(api: Api, deps: PriceLearnRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/prices/learn',
      summary: 'Learn effective rates from lines of the bill',
      description:
        'The lines as JSON, or a cost and usage report as text/csv (gzip too) with ?period. What is learned waits to be accepted.',
      tags,
      audience: 'prices.change',
      bodyBytesMax: UPLOAD_BYTES_MAX,
      request: jsonBody(question),
      responses: {
        200: jsonAnswer('What was learned, from how many lines and dollars.', proposal),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const body = await readBillBody(c, question)
      if (!body.ok) return body.problem
      const { question: asked, rows } = body.value
      const done = await deps.prices.documents.learn(c.get('actor').name, asked.period, rows)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
}
