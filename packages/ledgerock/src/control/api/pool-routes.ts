// `pools`: how costs that no one call makes are shared out. A change is shown in dollars of each team before it is made.

import { z } from '@hono/zod-openapi'
import { SPLITS } from '../../reconciliation/pool.ts'
import { POOL_THINGS } from '../month/pool-terms.ts'
import type { PoolService } from '../month/pools.ts'
import { billRefusal } from './bill-refusal.ts'
import { readBody } from './body.ts'
import { text } from './price-schema.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, instant, jsonAnswer, jsonBody, problemAnswer, textMap, usd } from './schemas.ts'

export type PoolRouteDeps = AuthenticationDeps & { readonly pools: PoolService }

const REASON_CHARS_MAX = 500
const SHARES_MAX = 1_000
const CHANGES_MAX = 100

const usageType = text.regex(
  /^[\u0021-\u007e]{1,512}$/,
  'must be a usage type; * is any text: *-Guardrail-*',
)
const share = z.strictObject({
  owner: textMap,
  share: text.regex(/^\d{1,3}(\.\d{1,9})?%?$/, 'must be a share such as 33.3%'),
})
const terms = {
  match: z
    .union([z.enum(POOL_THINGS), z.strictObject({ usage_type: usageType })])
    .openapi({ description: 'A kind of charge, or a usage type in which * is any text' }),
  split: z.enum(SPLITS),
  shares: z
    .array(share)
    .max(SHARES_MAX)
    .nullable()
    .default(null)
    .openapi({ description: 'With split fixed: together 100%' }),
  owner: textMap
    .nullable()
    .default(null)
    .openapi({ description: 'With split owner: who pays; null: whom each line itself names' }),
  from: text.nullable().default(null).openapi({ description: 'Inclusive; null: always' }),
  to: text.nullable().default(null).openapi({ description: 'Exclusive; null: for good' }),
}
const EXAMPLE_TERMS = { match: 'tax', split: 'even', from: '2026-11-01' } as const
const poolTerms = component(
  'PoolTerms',
  z.strictObject({ ...terms, reason: text.max(REASON_CHARS_MAX).nullable().default(null) }),
  { ...EXAMPLE_TERMS, reason: 'agreed with the teams' },
)
const previewQuestion = component(
  'PoolPreviewQuestion',
  z.strictObject({
    period: text.openapi({ description: 'A month that has a bill' }),
    set: z
      .array(z.strictObject({ name: text, ...terms }))
      .max(CHANGES_MAX)
      .default([]),
    remove: z.array(text).max(CHANGES_MAX).default([]),
  }),
  { period: '2026-10', set: [{ name: 'tax', match: 'tax', split: 'even' }] },
)
const EXAMPLE_POOL = {
  name: 'tax',
  match: 'tax',
  split: 'even',
  shares: null,
  owner: null,
  from: '2026-11-01T00:00:00.000Z',
  to: null,
  source: 'api',
  set_at: '2026-10-14T12:00:00.000Z',
  set_by: 'finance-1',
} as const
const pool = component(
  'Pool',
  z.object({
    name: text,
    match: z.union([text, z.object({ usage_type: text })]),
    split: z.enum(SPLITS),
    shares: z.array(z.object({ owner: textMap, share: text })).nullable(),
    owner: textMap.nullable(),
    from: instant.nullable(),
    to: instant.nullable(),
    source: z.enum(['file', 'api']),
    set_at: instant.nullable(),
    set_by: text.nullable(),
  }),
  EXAMPLE_POOL,
)
const list = component('PoolList', z.object({ items: z.array(pool) }), { items: [EXAMPLE_POOL] })
const preview = component(
  'PoolPreview',
  z.object({
    period: text,
    cost: text,
    bill_usd: usd,
    moved: z.array(
      z.object({
        team: text
          .nullable()
          .openapi({ description: 'Null: without a team, kept apart, or nobody’s' }),
        before_usd: usd,
        after_usd: usd,
        difference_usd: usd,
      }),
    ),
  }),
  {
    period: '2026-10',
    cost: 'net',
    bill_usd: '1200',
    moved: [
      { team: 'search', before_usd: '900', after_usd: '850', difference_usd: '-50' },
      { team: 'support', before_usd: '300', after_usd: '350', difference_usd: '50' },
    ],
  },
)
const removal = component(
  'PoolRemoval',
  z.strictObject({
    from: text
      .nullable()
      .default(null)
      .openapi({ description: 'Since when it is gone; null: it should never have been' }),
    reason: text.max(REASON_CHARS_MAX).nullable().default(null),
  }),
  { from: '2026-11-01', reason: 'tax is booked elsewhere' },
)

const path = '/api/v1/pools'
const tags = ['bill']
const CONFLICT = problemAnswer(
  'The file says it (`declared_in_file`), or a closed month would change (`period_closed`).',
)

export function addPoolRoutes(api: Api, deps: PoolRouteDeps): void {
  addList(api, deps)
  addPreview(api, deps)
  addChanges(api, deps)
}

function addList(api: Api, deps: PoolRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'Pools, of file and API, in the order in which they are asked',
      tags,
      audience: 'bill.read',
      responses: { 200: jsonAnswer('The first that fits a charge holds.', list) },
    },
    async (c) => c.json({ items: await deps.pools.list() }),
  )
}

function addPreview(api: Api, deps: PoolRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: `${path}/preview`,
      summary: 'What other pools would move, in dollars of each team',
      tags,
      audience: 'bill.read',
      request: jsonBody(previewQuestion),
      responses: {
        200: jsonAnswer('Both sides add up to the bill.', preview),
        400: problemAnswer('Every fault of the pools.'),
        404: problemAnswer('There is no bill of this month, or no such pool.'),
        409: problemAnswer('The file says it.'),
      },
    },
    async (c) => {
      const body = await readBody(c, previewQuestion)
      if (!body.ok) return body.problem
      const { period, set, remove } = body.value
      const done = await deps.pools.preview(period, set, remove)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
}

function addChanges(api: Api, deps: PoolRouteDeps): void {
  const params = z.object({ name: text })
  addRoute(
    api,
    deps,
    {
      method: 'put',
      path: `${path}/{name}`,
      summary: 'Set a pool, in place of what its name had at that time',
      tags,
      audience: 'bill.manage',
      request: { params, ...jsonBody(poolTerms) },
      responses: {
        200: jsonAnswer('The name’s pools by time.', list),
        400: problemAnswer('Every fault of the pool.'),
        409: CONFLICT,
      },
    },
    async (c) => {
      const body = await readBody(c, poolTerms)
      if (!body.ok) return body.problem
      const { reason, ...said } = body.value
      const written = { name: c.req.param('name') ?? '', ...said }
      const done = await deps.pools.set(c.get('actor').name, written, reason)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'delete',
      path: `${path}/{name}`,
      summary: 'End a pool',
      tags,
      audience: 'bill.manage',
      request: { params, ...jsonBody(removal, false) },
      responses: {
        200: jsonAnswer('What is left of it.', list),
        404: problemAnswer('No such pool.'),
        409: CONFLICT,
      },
    },
    async (c) => {
      const body = await readBody(c, removal)
      if (!body.ok) return body.problem
      const { from, reason } = body.value
      const pooled = c.req.param('name') ?? ''
      const done = await deps.pools.remove(c.get('actor').name, pooled, from, reason)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
}
