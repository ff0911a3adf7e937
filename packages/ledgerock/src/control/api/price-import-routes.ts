// `POST prices/import`: AWS Price List files or a price document become the price_list layer, all of it or nothing.

import { z } from '@hono/zod-openapi'
import type { PriceService } from '../prices/prices.ts'
import { readBody, readJson, UPLOAD_BYTES_MAX } from './body.ts'
import {
  changed,
  EXAMPLE_CHANGED,
  EXAMPLE_PUBLISHED,
  priceReason,
  priceRefusal,
  published,
  text,
  withdrawn,
} from './price-schema.ts'
import { invalidRequest } from './problem.ts'
import { one, unexpected } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer, jsonBody, optional, problemAnswer } from './schemas.ts'

export type PriceImportRouteDeps = AuthenticationDeps & {
  readonly prices: Pick<PriceService, 'documents'>
}

const imported = component(
  'ImportedPrices',
  z.object({
    document_id: text.nullable().openapi({ description: 'null: a dry run, or nothing new' }),
    report: z.record(text, z.unknown()).nullable().openapi({
      description:
        'What was read of AWS’s files and what was not, with examples; null of a document',
    }),
    changed,
    unpriced_calls: count.nullable().openapi({
      description: 'Calls of this month without a price, which a re-rating may give one',
    }),
    ...published,
  }),
  {
    document_id: 'd00000000000',
    report: { offers: [], skus: 0, rates: 0, unread: [] },
    changed: EXAMPLE_CHANGED,
    unpriced_calls: 0,
    ...EXAMPLE_PUBLISHED,
  },
)

export function addPriceImportRoutes(api: Api, deps: PriceImportRouteDeps): void {
  addWithdrawal(api, deps)
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: '/api/v1/prices/import',
      summary: 'Take AWS Price List files or a price document',
      description:
        'The body is one file of the AWS Price List, a JSON array of them, or a ledgerock-prices/1 document.',
      tags: ['prices'],
      audience: 'prices.change',
      bodyBytesMax: UPLOAD_BYTES_MAX,
      request: {
        query: z.object({ dry_run: optional('true: only say what would change') }),
        ...jsonBody(z.unknown().openapi({ description: 'See above' })),
      },
      responses: {
        200: jsonAnswer('What changed, and who has it.', imported),
        400: problemAnswer('Every fault; the prices in force stay.'),
      },
    },
    async (c) => {
      const query = c.req.queries()
      const errors = unexpected(query, ['dry_run'])
      const dryRun = one(query, 'dry_run', errors) ?? 'false'
      if (dryRun !== 'true' && dryRun !== 'false') {
        errors.push({ path: 'dry_run', message: 'must be true or false' })
      }
      if (errors.length > 0) return invalidRequest(errors)
      const body = await readJson(c)
      if (!body.ok) return body.problem
      const { name } = c.get('actor')
      const taken = await deps.prices.documents.importPrices(name, body.value, dryRun === 'true')
      return taken.ok ? c.json(taken.value) : priceRefusal(taken.problem)
    },
  )
}

function addWithdrawal(api: Api, deps: PriceImportRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'delete',
      path: '/api/v1/prices/documents/{document_id}',
      summary: 'Take a price document out of force',
      description: 'What it priced stays explained. `prices/book` names the documents in force.',
      tags: ['prices'],
      audience: 'prices.change',
      request: { params: z.object({ document_id: text }), ...jsonBody(priceReason, false) },
      responses: {
        200: jsonAnswer('Out of force.', withdrawn),
        404: problemAnswer('No such document is in force.'),
        409: problemAnswer('Overrides of the configuration file need it.'),
      },
    },
    async (c) => {
      const body = await readBody(c, priceReason)
      if (!body.ok) return body.problem
      const id = c.req.param('document_id') ?? ''
      const { documents } = deps.prices
      const done = await documents.withdraw(c.get('actor').name, id, body.value.reason)
      return done.ok ? c.json(done.value) : priceRefusal(done.problem)
    },
  )
}
