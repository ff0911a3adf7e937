// `GET prices…`: the rates of every layer with their source and date, one rate by its id, where layers differ, which book is in
// force.

import { z } from '@hono/zod-openapi'
import type { Clock } from '../../kernel/time.ts'
import type { PriceService } from '../prices/prices.ts'
import { priceProblem } from '../prices/price-problem.ts'
import { parseDiffQuery, parseRatesQuery } from './price-query.ts'
import {
  EXAMPLE_AT,
  EXAMPLE_RATE,
  layer,
  priceRefusal,
  rate,
  rateDiff,
  text,
} from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer, optional, problemAnswer } from './schemas.ts'

export type PriceBookRouteDeps = AuthenticationDeps & {
  readonly prices: Pick<PriceService, 'views'>
  readonly clock: Clock
}

const page = component(
  'PriceRatesPage',
  z.object({ items: z.array(rate), next_cursor: text.nullable() }),
  { items: [EXAMPLE_RATE], next_cursor: null },
)
const differences = component('PriceDifferences', z.object({ items: z.array(rateDiff) }), {
  items: [],
})
const book = component(
  'PriceBook',
  z.object({
    version: text.openapi({ description: 'Calls keep it as price_book_version' }),
    layers: z.array(
      z.object({
        layer,
        version: text,
        source: text,
        date: text,
        rates: count,
        active_since: text.nullable(),
        by: text.nullable(),
        documents: z.array(
          z.object({
            document_id: text,
            period: text.nullable().openapi({ description: 'Of learned rates' }),
            published_at: text.nullable(),
            active_since: text.nullable(),
            by: text.nullable(),
          }),
        ),
      }),
    ),
    overrides: count,
  }),
  {
    version: '0123456789abcdef',
    layers: [
      {
        layer: 'price_list',
        version: 'fedcba9876543210',
        source: 'AWS',
        date: '2026-10-01',
        rates: 12,
        active_since: EXAMPLE_AT,
        by: 'admin',
        documents: [
          {
            document_id: 'd00000000000',
            period: null,
            published_at: '2026-10-01',
            active_since: EXAMPLE_AT,
            by: 'admin',
          },
        ],
      },
    ],
    overrides: 1,
  },
)

const AT = optional('As of that time: a date, a timestamp or -7d. Default: now')
const BAD_QUESTION = problemAnswer('Every fault of the question.')

export function addPriceBookRoutes(api: Api, deps: PriceBookRouteDeps): void {
  const { views } = deps.prices
  const common = { method: 'get', tags: ['prices'], audience: 'prices.read' } as const
  addList(api, deps)
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/api/v1/prices/rates/{rate_id}',
      summary: 'One rate, by the id a charge carries, also when it is long out of force',
      request: { params: z.object({ rate_id: text }) },
      responses: { 200: jsonAnswer('The rate.', rate), 404: problemAnswer('No such rate.') },
    },
    async (c) => {
      const id = c.req.param('rate_id') ?? ''
      const found = await views.rate(id)
      if (found !== null) return c.json(found)
      return priceRefusal(priceProblem('rate_unknown', `no rate ever had the id ${id}`))
    },
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/api/v1/prices/diff',
      summary: 'Where two layers differ',
      request: {
        query: z.object({
          layer: optional('Default: price_list'),
          against: optional('Default: snapshot'),
          at: AT,
        }),
      },
      responses: {
        200: jsonAnswer('Rates changed, added, missing.', differences),
        400: BAD_QUESTION,
      },
    },
    (c) => {
      const asked = parseDiffQuery(c.req.queries(), deps.clock.now())
      if (!asked.ok) return invalidRequest(asked.problem)
      const { layer: one, against, atMs } = asked.value
      return c.json({ items: views.diff(one, against, atMs) })
    },
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/api/v1/prices/book',
      summary: 'The price book in force',
      responses: { 200: jsonAnswer('Its version and layers.', book) },
    },
    async (c) => c.json(await views.book()),
  )
}

function addList(api: Api, deps: PriceBookRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/prices',
      summary: 'Rates, with layer, source and date',
      tags: ['prices'],
      audience: 'prices.read',
      request: {
        query: z.object({
          model: optional('Base model id; * is any text'),
          region: optional('What applies in this region'),
          scope: optional('Only this scope'),
          tier: optional('Only this tier'),
          kind: optional('Only this usage kind'),
          layer: optional('Only this layer'),
          at: AT,
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('1 to 1000. Default: 100'),
        }),
      },
      responses: { 200: jsonAnswer('One page.', page), 400: BAD_QUESTION },
    },
    (c) => {
      const asked = parseRatesQuery(c.req.queries(), deps.clock.now())
      if (!asked.ok) return invalidRequest(asked.problem)
      const { filter, cursor, limit } = asked.value
      const found = deps.prices.views.list(filter, cursor, limit)
      if (found !== null) return c.json(found)
      const message = 'is of other prices than those in force; begin again'
      return invalidRequest([{ path: 'cursor', message }])
    },
  )
}
