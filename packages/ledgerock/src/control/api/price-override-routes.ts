// `prices/overrides`: contract prices people set, beside those the configuration file declares.

import { z } from '@hono/zod-openapi'
import type { PriceService } from '../prices/prices.ts'
import { readBody } from './body.ts'
import { EXAMPLE_AT, EXAMPLE_PUBLISHED, priceRefusal, published, text } from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { one, unexpected } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, jsonAnswer, jsonBody, optional, problemAnswer } from './schemas.ts'

export type PriceOverrideRouteDeps = AuthenticationDeps & {
  readonly prices: Pick<PriceService, 'overrides'>
}

const REASON_CHARS_MAX = 500

const said = text.nullable().optional()
const newOverride = component(
  'NewPriceOverride',
  z.strictObject({
    name: text.regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must be 1 to 64 letters, digits, dots, dashes or underscores',
    ),
    account_id: said.openapi({ description: 'Default: every account of the organisation' }),
    models: text.default('*').openapi({ description: 'Base models; * is any text' }),
    regions: text.default('*').openapi({ description: 'Source regions; * is any text' }),
    scope: said,
    tier: said,
    kind: said.openapi({ description: 'Default: all; a fixed price needs one' }),
    percent: said.openapi({ description: 'Change of the list price: -12.5. Or price' }),
    price: said.openapi({ description: 'USD for what one unit of the list buys. Or percent' }),
    unit: said,
    variant: said,
    context_above: z.int().nonnegative().nullable().optional(),
    from: said.openapi({ description: 'Inclusive; default: always' }),
    to: said.openapi({ description: 'Exclusive; default: no end' }),
    reason: text.max(REASON_CHARS_MAX).nullable().optional(),
    replace: z.boolean().default(false).openapi({
      description: 'Whether it may take the place of the one of its name that is in force',
    }),
  }),
  { name: 'edp', models: 'anthropic.*', percent: '-12.5', from: '2026-10-01' },
)
const EXAMPLE_OVERRIDE = {
  override_id: 'o0000000000000',
  name: 'edp',
  origin: 'api',
  account_id: null,
  models: 'anthropic.*',
  regions: '*',
  scope: null,
  tier: null,
  kind: null,
  percent: '-12.5',
  price: null,
  unit: null,
  variant: null,
  context_above: null,
  from: '2026-10-01T00:00:00.000Z',
  to: null,
  reason: null,
  in_force: true,
  set_at: EXAMPLE_AT,
  set_by: 'admin',
  removed_at: null,
  removed_by: null,
} as const
const override = component(
  'PriceOverride',
  z.object({
    override_id: text,
    name: text,
    origin: z.enum(['file', 'api']),
    account_id: text.nullable(),
    models: text,
    regions: text,
    scope: text.nullable(),
    tier: text.nullable(),
    kind: text.nullable(),
    percent: text.nullable(),
    price: text.nullable(),
    unit: text.nullable(),
    variant: text.nullable(),
    context_above: z.int().nullable(),
    from: text.nullable(),
    to: text.nullable(),
    reason: text.nullable(),
    in_force: z.boolean(),
    set_at: text,
    set_by: text,
    removed_at: text.nullable(),
    removed_by: text.nullable(),
  }),
  EXAMPLE_OVERRIDE,
)
const list = component('PriceOverrideList', z.object({ items: z.array(override) }), {
  items: [EXAMPLE_OVERRIDE],
})
const set = component('SetPriceOverride', z.object({ override, ...published }), {
  override: EXAMPLE_OVERRIDE,
  ...EXAMPLE_PUBLISHED,
})
const removed = component(
  'RemovedPriceOverride',
  z.object({ name: text, removed_at: text, ...published }),
  { name: 'edp', removed_at: EXAMPLE_AT, ...EXAMPLE_PUBLISHED },
)
const removal = component(
  'PriceOverrideRemoval',
  z.strictObject({ reason: text.max(REASON_CHARS_MAX).nullable().default(null) }),
  { reason: 'the contract ended' },
)

const path = '/api/v1/prices/overrides'
const tags = ['prices']
const IN_FILE = problemAnswer('It is declared in the configuration file.')

export function addPriceOverrideRoutes(api: Api, deps: PriceOverrideRouteDeps): void {
  addList(api, deps)
  addChanges(api, deps)
}

function addList(api: Api, deps: PriceOverrideRouteDeps): void {
  const { overrides } = deps.prices
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'Overrides in force, of API and file',
      tags,
      audience: 'prices.read',
      request: { query: z.object({ removed: optional('true: also those out of force') }) },
      responses: { 200: jsonAnswer('By name.', list) },
    },
    async (c) => {
      const query = c.req.queries()
      const errors = unexpected(query, ['removed'])
      const also = one(query, 'removed', errors) ?? 'false'
      if (also !== 'true' && also !== 'false') {
        errors.push({ path: 'removed', message: 'must be true or false' })
      }
      if (errors.length > 0) return invalidRequest(errors)
      return c.json({ items: await overrides.list(also === 'true') })
    },
  )
}

function addChanges(api: Api, deps: PriceOverrideRouteDeps): void {
  const { overrides } = deps.prices
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path,
      summary: 'Set an override, or replace the one of its name',
      tags,
      audience: 'prices.change',
      request: jsonBody(newOverride),
      responses: {
        200: jsonAnswer('In force.', set),
        400: problemAnswer('Every fault of the override.'),
        409: problemAnswer('One of its name is in force (not `replace`), or stands in the file.'),
      },
    },
    async (c) => {
      const body = await readBody(c, newOverride)
      if (!body.ok) return body.problem
      const { replace, ...terms } = body.value
      const done = await overrides.set(c.get('actor').name, present(terms), replace)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'delete',
      path: `${path}/{name}`,
      summary: 'End an override',
      tags,
      audience: 'prices.change',
      request: { params: z.object({ name: text }), ...jsonBody(removal, false) },
      responses: {
        200: jsonAnswer('Out of force.', removed),
        404: problemAnswer('No such override is in force.'),
        409: IN_FILE,
      },
    },
    async (c) => {
      const body = await readBody(c, removal)
      if (!body.ok) return body.problem
      const name = c.req.param('name') ?? ''
      const done = await overrides.remove(c.get('actor').name, name, body.value.reason)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
}

/** What was left out or is null is not said. */
function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null))
}
