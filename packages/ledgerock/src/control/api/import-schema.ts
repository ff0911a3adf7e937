// Imports as the API takes and shows them.

import { z } from '@hono/zod-openapi'
import { IMPORT_KINDS } from '../imports/import-rules.ts'
import { IMPORT_STAGES, IMPORT_STATES } from '../store/import-table.ts'
import { component, count, instant, usd } from './schemas.ts'

const text = z.string()
const rowsAndUsd = z.object({ rows: count, usd })
const measure = z.object({ done: count, total: count.nullable() })

const EXAMPLE_ID = '01a4d1f0-0000-7000-8000-000000000000'
const EXAMPLE_AT = '2026-11-03T06:00:00.000Z'
const EXAMPLE_NOTHING = { rows: 0, usd: '0' }

const importedVersion = z.object({
  period: text,
  bill: text.openapi({ description: 'The name it was imported under' }),
  version: count,
  state: z.enum(['imported', 'unchanged']),
  currency: text.openapi({ description: 'Of the bill; amounts here are in USD' }),
  rows: count.openapi({ description: 'Of Bedrock' }),
  usd,
  net_usd: usd,
  unmapped: rowsAndUsd,
  rate_mismatches: rowsAndUsd.openapi({
    description: 'Lines whose amount × rate is not their cost',
  }),
  difference: z
    .object({ added: count, removed: count, changed: count, unchanged: count, usd })
    .nullable()
    .openapi({ description: 'Row by row against the version before' }),
})

const importReport = component(
  'ImportReport',
  z.object({
    import_id: text,
    read: count,
    new: count,
    duplicate: count,
    changed: count,
    removed: count,
    rejected: z.array(z.object({ file: text, row: count.nullable(), reason: text, detail: text })),
    left_aside: rowsAndUsd.openapi({ description: 'Of other services than Bedrock' }),
    usd,
    periods: z.array(text),
    versions: z.array(importedVersion),
  }),
  {
    import_id: EXAMPLE_ID,
    read: 1200,
    new: 600,
    duplicate: 0,
    changed: 0,
    removed: 0,
    rejected: [],
    left_aside: { rows: 600, usd: '120.5' },
    usd: '80.25',
    periods: ['2026-10'],
    versions: [
      {
        period: '2026-10',
        bill: 'cur',
        version: 1,
        state: 'imported',
        currency: 'USD',
        rows: 600,
        usd: '80.25',
        net_usd: '78',
        unmapped: EXAMPLE_NOTHING,
        rate_mismatches: EXAMPLE_NOTHING,
        difference: null,
      },
    ],
  },
)

const EXAMPLE_IMPORT = {
  import_id: EXAMPLE_ID,
  name: 'cur',
  kind: 'cur',
  source: 's3://acme-billing/exports/ledgerock',
  period: null,
  state: 'running',
  progress: {
    stage: 'bringing',
    files: { done: 1, total: 4 },
    bytes: { done: 1_048_576, total: 4_194_304 },
  },
  report: null,
  problem: null,
  created_at: EXAMPLE_AT,
  created_by: 'admin',
  ended_at: null,
} as const

export const importShape = component(
  'Import',
  z.object({
    import_id: text,
    name: text,
    kind: text,
    source: text.nullable().openapi({ description: 'null: files that were sent' }),
    period: text.nullable(),
    state: z.enum(IMPORT_STATES).openapi({
      description: 'open: takes files; refused: nothing was taken, and the report says why',
    }),
    progress: z.object({ stage: z.enum(IMPORT_STAGES), files: measure, bytes: measure }),
    report: importReport.nullable(),
    problem: text.nullable().openapi({ description: 'Why it failed' }),
    created_at: instant,
    created_by: text,
    ended_at: instant.nullable(),
  }),
  EXAMPLE_IMPORT,
)

export const importPage = component(
  'ImportPage',
  z.object({ items: z.array(importShape), next_cursor: text.nullable() }),
  { items: [EXAMPLE_IMPORT], next_cursor: null },
)

export const newImport = component(
  'NewImport',
  z.strictObject({
    kind: z.enum(IMPORT_KINDS),
    name: text.optional().openapi({
      description:
        'Default: the kind. Of a bill: deliveries of one name replace each other, month by month',
    }),
    period: text.nullable().default(null).openapi({ description: 'Only this month' }),
    source: text.nullable().default(null).openapi({
      description:
        'A path or s3:// prefix below billing.roots or imports; null: files will be sent',
    }),
  }),
  { kind: 'cur', name: 'cur', period: '2026-10', source: null },
)

export const uploadedFile = component('ImportedFile', z.object({ path: text, bytes: count }), {
  path: 'data/BILLING_PERIOD=2026-10/cur-00001.csv.gz',
  bytes: 1_048_576,
})

export const recurringImports = component(
  'RecurringImports',
  z.object({
    items: z.array(
      z.object({
        name: text,
        kind: text,
        from: text,
        every_ms: count.nullable(),
        next_at: instant.nullable().openapi({ description: 'null: only when asked' }),
        last: z
          .object({
            import_id: text,
            state: z.enum(IMPORT_STATES),
            problem: text.nullable(),
            created_at: instant,
            created_by: text,
            ended_at: instant.nullable(),
          })
          .nullable(),
      }),
    ),
    next_cursor: text.nullable(),
  }),
  {
    items: [
      {
        name: 'cur',
        kind: 'cur',
        from: 's3://acme-billing/exports/ledgerock',
        every_ms: 3_600_000,
        next_at: EXAMPLE_AT,
        last: null,
      },
    ],
    next_cursor: null,
  },
)
