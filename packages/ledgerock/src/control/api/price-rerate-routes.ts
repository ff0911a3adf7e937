// `POST prices/rerate`: the past by the prices in force; `POST prices/capacity`: who used what is paid by the hour.

import { z } from '@hono/zod-openapi'
import type { ProblemError } from '@ledgerock/contract'
import type { Clock } from '../../kernel/time.ts'
import type { PriceService } from '../prices/prices.ts'
import { IDLE_SPLITS } from '../prices/price-tools.ts'
import { billRows, period, readBillBody } from './bill-body.ts'
import { readBody, UPLOAD_BYTES_MAX } from './body.ts'
import { invalidQuestion } from './invalid-question.ts'
import { EXAMPLE_AT, priceRefusal, text } from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer, jsonBody, problemAnswer, usd } from './schemas.ts'
import { parseTime } from './time-argument.ts'

export type PriceRerateRouteDeps = AuthenticationDeps & {
  readonly prices: Pick<PriceService, 'rerate' | 'capacity'>
  readonly clock: Clock
}

const TOKENS_MAX = 1_000_000_000_000

const rerateQuestion = component(
  'RerateQuestion',
  z.strictObject({
    from: text.openapi({ description: 'Inclusive: a date, a timestamp or -7d' }),
    to: text.openapi({ description: 'Exclusive' }),
    dry_run: z.boolean().default(false),
    reason: text.max(500).nullable().default(null),
  }),
  { from: '2026-10-01', to: '2026-11-01', dry_run: true },
)
const sums = {
  calls: count,
  changed: count,
  before_usd: usd,
  after_usd: usd,
  difference_usd: usd,
}
const EXAMPLE_SUMS = {
  calls: 1200,
  changed: 1200,
  before_usd: '10',
  after_usd: '8.75',
  difference_usd: '-1.25',
}
const rerateReport = component(
  'RerateReport',
  z.object({
    rerate_id: text,
    dry_run: z.boolean(),
    book_version: text,
    from: text,
    to: text,
    ...sums,
    newly_priced: count,
    newly_unpriced: count,
    by: z.array(z.object({ team: text, ...sums })),
    unpriced: z.array(
      z.object({
        reason: text,
        model_id: text.nullable(),
        model_requested: text,
        calls: count,
      }),
    ),
    kept: z.array(z.object({ model_id: text.nullable(), calls: count })),
    closed: z.array(z.object({ period: text, changed: count, difference_usd: usd })),
  }),
  {
    rerate_id: 'rr00000000000',
    dry_run: true,
    book_version: '0123456789abcdef',
    from: '2026-10-01T00:00:00.000Z',
    to: EXAMPLE_AT,
    ...EXAMPLE_SUMS,
    newly_priced: 0,
    newly_unpriced: 0,
    by: [{ team: 'search', ...EXAMPLE_SUMS }],
    unpriced: [],
    kept: [],
    closed: [],
  },
)
const capacityQuestion = component(
  'CapacityQuestion',
  z.strictObject({
    period,
    by: text.default('team').openapi({ description: 'Dimension or field: whose use' }),
    split: z
      .enum(IDLE_SPLITS)
      .default('proportional')
      .openapi({ description: 'Who pays for what nobody used' }),
    tokens_per_minute: z
      .record(text, z.int().positive().max(TOKENS_MAX))
      .default({})
      .openapi({ description: 'What provisioned throughput can take, by its ARN' }),
    rows: billRows,
  }),
  { period: '2026-10', by: 'team', rows: [] },
)
const anyObject = z.record(text, z.unknown())
const capacityReport = component(
  'CapacityReport',
  z.object({
    pools: z.array(anyObject),
    owners: z.array(anyObject),
    unmatched: z.array(anyObject),
    unread: z.array(anyObject),
    total: anyObject,
  }),
  {
    pools: [],
    owners: [],
    unmatched: [],
    unread: [],
    total: { cost_usd: '0', used_usd: '0', idle_usd: '0', apart_usd: '0' },
  },
)

const tags = ['prices']

export function addPriceRerateRoutes(api: Api, deps: PriceRerateRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/prices/rerate',
      summary: 'Price past calls by the book in force',
      description: 'Calls that cost something else get a new version; the old ones stay readable.',
      tags,
      audience: 'prices.change',
      request: jsonBody(rerateQuestion),
      responses: {
        200: jsonAnswer('What changed, or would.', rerateReport),
        400: problemAnswer('Every fault of the question.'),
        409: problemAnswer('The ledger has other prices at this moment, or is re-rating.'),
      },
    },
    async (c) => {
      const body = await readBody(c, rerateQuestion)
      if (!body.ok) return body.problem
      const { from, to, dry_run: dryRun, reason } = body.value
      const range = rangeOf(from, to, deps.clock.now())
      if (range.errors.length > 0) return invalidRequest(range.errors)
      const { fromMs, toMs } = range
      const terms = { fromMs, toMs, dryRun, reason }
      const done = await deps.prices.rerate(c.get('actor').name, terms)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/prices/capacity',
      summary: 'Provisioned and reserved capacity by who used it',
      description: 'The bill’s lines as JSON, or as text/csv (gzip too) with the rest as query.',
      tags,
      audience: 'prices.read',
      bodyBytesMax: UPLOAD_BYTES_MAX,
      request: jsonBody(capacityQuestion),
      responses: {
        200: jsonAnswer('Each pool by owner, idle apart.', capacityReport),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const body = await readBillBody(c, capacityQuestion)
      if (!body.ok) return body.problem
      const { question, rows } = body.value
      const { period: month, by, split, tokens_per_minute: tokensPerMinute } = question
      const terms = { period: month, split, tokensPerMinute }
      const done = await deps.prices.capacity(rows, by, terms)
      return done.ok ? c.json(done.value) : invalidQuestion(done.problem)
    },
  )
}

function rangeOf(
  from: string,
  to: string,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number; readonly errors: readonly ProblemError[] } {
  const errors: ProblemError[] = []
  const read = (path: string, written: string): number => {
    const parsed = parseTime(written, 'UTC', nowMs)
    if (!parsed.ok) errors.push({ path, message: parsed.problem })
    return parsed.ok ? parsed.value : 0
  }
  const [fromMs, toMs] = [read('from', from), read('to', to)]
  if (errors.length === 0 && fromMs >= toMs) {
    errors.push({ path: 'from', message: 'must be before to' })
  }
  return { fromMs, toMs, errors }
}
