// `periods/{period}/reconcile` and `periods/{period}/reconciliation`: a month of the bill beside the ledger, every difference explained.

import { z } from '@hono/zod-openapi'
import { ok, err, type Result } from '../../kernel/result.ts'
import { COSTS, type Cost } from '../../reconciliation/cell.ts'
import type { ReconciliationService } from '../month/reconciliations.ts'
import { billRefusal } from './bill-refusal.ts'
import type { ApiContext } from './context.ts'
import { text } from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { one, unexpected } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, instant, jsonAnswer, problemAnswer, textMap, usd } from './schemas.ts'

export type ReconciliationRouteDeps = AuthenticationDeps & {
  readonly reconciliations: Pick<ReconciliationService, 'reconcile' | 'report'>
}

const exactUsd = text.openapi({ description: 'USD, all digits' })
const EXAMPLE = {
  period: '2026-10',
  bill_version: 3,
  cost: 'net' as const,
  bill_usd: '1200',
  allocated_usd: '1150',
  shared_usd: '0',
  unattributed_usd: '50',
  left_aside: { rows: 4120, usd: '30211.7' },
  invoices: [
    { invoice_id: '', issuer: 'Amazon Web Services, Inc.', bill_usd: '1200', tax_usd: '0' },
  ],
  coverage: { bill_tokens: 1000000, metered_tokens: 998100, ratio: '0.9981' },
  variance: [
    {
      cell: {
        account_id: '111122223333',
        region: 'us-east-1',
        model_id: 'amazon.nova-pro-v1:0',
        kind: 'input',
        scope: 'geo',
        tier: 'standard',
        principal: 'arn:aws:iam::111122223333:role/batch',
        day: '2026-10-14',
      },
      bill_tokens: 1900,
      metered_tokens: 0,
      bill_usd: '50',
      metered_usd: '0',
      difference_usd: '50',
      cause: 'unmetered',
    },
  ],
  allocation: [
    { owner: { team: 'search' }, amount_usd: '1150', basis: 'metered', reason: 'metered' },
    { owner: {}, amount_usd: '50', basis: 'unattributed', reason: 'no_owner' },
  ],
  pools: [],
  findings: [],
  unexplained_usd: '0',
  tolerance_usd: '1',
  identity: { sum_of_allocation_usd: '1200', difference_usd: '0' },
  exchange: [],
  inputs_hash: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  price_book_version: '0123456789abcdef',
  reconciled_at: '2026-11-03T08:00:00.000Z',
  reconciled_by: 'finance-1',
}

const nullable = text.nullable()
const cell = z.object({
  account_id: nullable,
  region: nullable,
  model_id: nullable,
  kind: nullable,
  scope: nullable,
  tier: nullable,
  principal: nullable,
  day: nullable,
})
const reconciliation = component(
  'Reconciliation',
  z.object({
    period: text,
    bill_version: count.openapi({ description: 'The newest in force' }),
    cost: z.enum(COSTS),
    bill_usd: usd,
    allocated_usd: usd.openapi({ description: 'All that has an owner, shared costs included' }),
    shared_usd: usd.openapi({ description: 'What pools keep apart' }),
    unattributed_usd: usd,
    left_aside: z.object({ rows: count, usd }),
    invoices: z.array(z.object({ invoice_id: text, issuer: text, bill_usd: usd, tax_usd: usd })),
    coverage: z.object({
      bill_tokens: count,
      metered_tokens: count,
      ratio: nullable.openapi({ description: 'Never rounded up; null: no tokens on the bill' }),
    }),
    variance: z.array(
      z.object({
        cell,
        bill_tokens: count,
        metered_tokens: count,
        bill_usd: exactUsd,
        metered_usd: usd,
        difference_usd: exactUsd,
        cause: text,
      }),
    ),
    allocation: z.array(z.object({ owner: textMap, amount_usd: usd, basis: text, reason: text })),
    pools: z.array(z.object({ name: text, split: text, amount_usd: usd, apart_usd: usd })),
    findings: z.array(
      z.object({
        code: text,
        principal: text,
        owners: z.array(textMap),
        usd,
        tokens: z.int(),
        since: text,
      }),
    ),
    unexplained_usd: usd,
    tolerance_usd: usd.openapi({ description: 'billing.tolerance, else as FOCUS has it, by rows' }),
    identity: z.object({ sum_of_allocation_usd: usd, difference_usd: usd }),
    exchange: z
      .array(z.object({ bill: text, currency: text, usd_per_unit: text, rate_date: text }))
      .openapi({
        description: 'Bills that are not in USD, and the rate of which day they were read at',
      }),
    inputs_hash: text.openapi({ description: 'Of everything that went in' }),
    price_book_version: text,
    reconciled_at: instant,
    reconciled_by: text,
  }),
  EXAMPLE,
)

const COST_PARAMETER = z
  .string()
  .optional()
  .openapi({ description: 'net (default: what is paid), unblended or list' })
const request = {
  params: z.object({ period: text.openapi({ example: '2026-10' }) }),
  query: z.object({ cost: COST_PARAMETER }),
}
const responses = {
  200: jsonAnswer('What everybody owes, and every difference with its cause.', reconciliation),
  400: problemAnswer('Every fault of the question.'),
  404: problemAnswer('There is no bill of this month (`bill_unknown`).'),
  409: problemAnswer('The bill is in a currency without a rate (`exchange_missing`).'),
}
const tags = ['bill']

export function addReconciliationRoutes(api: Api, deps: ReconciliationRouteDeps): void {
  const { reconciliations } = deps
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/periods/{period}/reconcile',
      summary: 'Lay the bill of a month beside the ledger, anew',
      description: 'The sum of what is given out is the bill, or there is no answer.',
      tags,
      audience: 'bill.manage',
      request,
      responses,
    },
    async (c) => {
      const cost = costOf(c)
      if (!cost.ok) return cost.problem
      const period = c.req.param('period') ?? ''
      const done = await reconciliations.reconcile(c.get('actor').name, period, cost.value)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/periods/{period}/reconciliation',
      summary: 'How a month of the bill and the ledger agree',
      description: 'Of the last run, and worked out anew where something changed since.',
      tags,
      audience: 'bill.read',
      request,
      responses,
    },
    async (c) => {
      const cost = costOf(c)
      if (!cost.ok) return cost.problem
      const done = await reconciliations.report(c.req.param('period') ?? '', cost.value)
      return done.ok ? c.json(done.value) : billRefusal(done.problem)
    },
  )
}

function costOf(c: ApiContext): Result<Cost, Response> {
  const query = c.req.queries()
  const errors = unexpected(query, ['cost'])
  const said = one(query, 'cost', errors) ?? 'net'
  const cost = COSTS.find((known) => known === said)
  if (cost === undefined)
    errors.push({ path: 'cost', message: `must be one of ${COSTS.join(', ')}` })
  return cost === undefined || errors.length > 0 ? err(invalidRequest(errors)) : ok(cost)
}
