// Prices as the API shows them: one rate of one layer, where two layers differ, and who has a change.

import { z } from '@hono/zod-openapi'
import { LAYER_NAMES } from '../../pricing/rate.ts'
import { PRICE_UNITS } from '../../pricing/price-unit.ts'
import type { PriceProblem } from '../prices/price-problem.ts'
import { refuse, type ProblemStatus } from './problem.ts'
import { component, count } from './schemas.ts'

const STATUS: Record<PriceProblem['code'], ProblemStatus> = {
  invalid_request: 400,
  rate_unknown: 404,
  override_unknown: 404,
  override_declared_in_file: 409,
  override_exists: 409,
  document_unknown: 404,
  document_in_use: 409,
  overrides_misfit: 409,
  proposal_unknown: 404,
  price_book_differs: 409,
  rerate_running: 409,
}

export function priceRefusal({ code, detail, errors }: PriceProblem): Response {
  return refuse(STATUS[code], code, detail, errors)
}

export const text = z.string()
export const layer = z.enum(LAYER_NAMES)

/** Of a rate that the snapshot names, so that examples can be tried. */
export const EXAMPLE_AT = '2026-10-14T12:00:00.000Z'
const EXAMPLE_PLACE = {
  model_id: 'anthropic.claude-sonnet-4-6',
  region: 'us-east-1',
  scope: 'in-region',
  tier: 'standard',
  kind: 'input',
  unit: 'token',
  medium: 'text',
  variant: null,
  context_above: 0,
} as const
const place = {
  model_id: text.openapi({ description: 'Base model; * is what is sold beside any model' }),
  region: text.openapi({ description: 'Source region; * is every commercial one without its own' }),
  scope: text,
  tier: text,
  kind: text,
  unit: z.enum(PRICE_UNITS).nullable(),
  medium: text.nullable(),
  variant: text.nullable(),
  context_above: count.nullable().openapi({ description: 'For more prompt tokens than this' }),
}

export const EXAMPLE_RATE = {
  rate_id: 'r0000000000000',
  layer: 'snapshot',
  ...EXAMPLE_PLACE,
  price_usd: '3',
  per: 1_000_000,
  rate_usd: '0.000003',
  percent: null,
  account_id: null,
  from: null,
  to: null,
  source: 'example',
  source_date: '2026-10-01',
  derived_by: null,
  base_source: null,
  base_source_date: null,
  in_force: true,
} as const
export const rate = component(
  'PriceRate',
  z.object({
    rate_id: text,
    layer,
    ...place,
    price_usd: text.nullable().openapi({ description: 'USD for `per` units' }),
    per: count.nullable(),
    rate_usd: text.nullable().openapi({ description: 'USD for one unit, exact' }),
    percent: text.nullable().openapi({ description: 'Of an override: the change of list prices' }),
    account_id: text.nullable().openapi({ description: 'Of an override for one account' }),
    from: text.nullable(),
    to: text.nullable(),
    source: text,
    source_date: text,
    derived_by: text.nullable(),
    base_source: text
      .nullable()
      .openapi({ description: 'Of a percentage: where its list price is from' }),
    base_source_date: text.nullable(),
    in_force: z.boolean(),
  }),
  EXAMPLE_RATE,
)

export const rateDiff = component(
  'PriceDifference',
  z.object({
    ...place,
    layer,
    price_usd: text.nullable(),
    against: layer,
    against_usd: text.nullable(),
    ratio: text.nullable().openapi({ description: 'price_usd / against_usd' }),
    change: z.enum(['changed', 'added', 'missing']),
    rate_id: text.nullable(),
    against_rate_id: text.nullable(),
    source: text.nullable(),
    source_date: text.nullable(),
  }),
  {
    ...EXAMPLE_PLACE,
    layer: 'price_list',
    price_usd: '2.7',
    against: 'snapshot',
    against_usd: '3',
    ratio: '0.9',
    change: 'changed',
    rate_id: 'r0000000000001',
    against_rate_id: 'r0000000000000',
    source: 'example',
    source_date: '2026-10-01',
  },
)

export const published = {
  book_version: text,
  acked: z.array(text).openapi({ description: 'Processes that have the new prices' }),
  missing: z.array(text).openapi({ description: 'Processes that did not say so within a second' }),
}
export const EXAMPLE_PUBLISHED = {
  book_version: '0123456789abcdef',
  acked: ['worker-1', 'worker-2', 'ledger'],
  missing: [],
}
export const changed = z.object({ added: count, changed: count, removed: count })
export const EXAMPLE_CHANGED = { added: 2, changed: 1, removed: 0 }

export const priceReason = component(
  'PriceReason',
  z.strictObject({ reason: text.max(500).nullable().default(null) }),
  { reason: 'agreed with finance' },
)
export const withdrawn = component(
  'WithdrawnPrices',
  z.object({ document_id: text, ...published }),
  { document_id: 'd00000000000', ...EXAMPLE_PUBLISHED },
)
