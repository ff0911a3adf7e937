// `billing` and `imports` in the file: how a month's bill is shared out, and where bills come from. What several keys say together is
// checked in `check-billing.ts`, so that every fault has its place.

import * as z from 'zod'
import { PRECEDENCE } from '../../reconciliation/evidence.ts'
import { percentWeight } from '../../reconciliation/declared-pool.ts'
import { SPLITS } from '../../reconciliation/pool.ts'
import {
  byteSize,
  choice,
  dimensionValue,
  durationBetween,
  oneOf,
  textOf,
  validity,
} from '../field.ts'
import { ruleName } from '../rule-field.ts'

/** What no call makes, by name; anything else by its usage type. */
export const POOL_MATCHES = [
  'provisioned',
  'reserved',
  'storage',
  'guardrail',
  'credit',
  'refund',
  'tax',
  'support',
  'discount',
  'fee',
  'other',
] as const

/** Splits that say all there is to say in one word. */
export const PLAIN_SPLITS = ['proportional', 'even', 'owner', 'apart'] as const

export const STATEMENT_FORMATS = ['csv', 'json', 'html', 'pdf', 'focus', 'focus-parquet'] as const

const IMPORT_KINDS_LATER = [
  'focus',
  'invocation-logs',
  'cloudtrail',
  'cloudwatch',
  'batch-output',
  'litellm',
  'portkey',
  'otel',
  'sdk',
  'api-gateway',
  'logs',
]

const MATCH_WANTED = `must be ${POOL_MATCHES.join(', ')}, or { usage_type: … }`
const SOURCE_WANTED =
  'must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash)'
const PERCENT_WANTED = 'must be a share from 0% to 100% with at most 9 decimals, such as 33.3%'
const RATE_WANTED = 'must be a decimal in quotes above 0: USD for one unit, such as "1.0842"'

const S3_PREFIX = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/(?!\/)[^\0]*)?$/

export function isS3(source: string): boolean {
  return /^s3:/i.test(source)
}

const source = z
  .string({ error: SOURCE_WANTED })
  .min(1, { error: SOURCE_WANTED })
  .max(2048, { error: SOURCE_WANTED })
  .refine((written) => (isS3(written) ? S3_PREFIX.test(written) : !/^[a-z]{2,}:/i.test(written)), {
    error: SOURCE_WANTED,
  })

const ownerMap = z.record(z.string(), dimensionValue, {
  error: 'must be a map of dimension: value',
})

/** Somebody: at least one dimension. */
const somebody = ownerMap.refine((values) => Object.keys(values).length > 0, {
  error: 'must name a dimension',
})

const share = z.strictObject({
  owner: somebody.meta({ description: 'Whose share it is.' }),
  share: textOf(/^[0-9.]{1,13}%$/, PERCENT_WANTED)
    .refine((text) => percentWeight(text.slice(0, -1)) !== null, { error: PERCENT_WANTED })
    .transform((text) => text.slice(0, -1))
    .meta({ description: 'Part of the cost; all of a pool add up to 100%.' }),
})

const pool = z.strictObject({
  name: ruleName.meta({ description: 'Name of the pool; statements show it.' }),
  match: z
    .union(
      [
        oneOf(POOL_MATCHES),
        z.strictObject({
          usage_type: textOf(
            /^[\u0021-\u007e]{1,512}$/,
            'must be a usage type; * is any text: *-Guardrail-*',
          ).meta({ description: 'Usage type of the lines; * is any text.' }),
        }),
      ],
      { error: MATCH_WANTED },
    )
    .meta({ description: 'Which lines: a kind of charge, or a usage type.' }),
  split: oneOf(SPLITS).meta({ description: 'How their cost is shared out.' }),
  shares: z
    .array(share, { error: 'must be a list of { owner, share }' })
    .min(1, { error: 'must have at least one share' })
    .max(1000, { error: 'must be at most 1000 shares' })
    .nullable()
    .default(null)
    .meta({ description: 'With split: fixed: who pays which part.' }),
  owner: somebody
    .nullable()
    .default(null)
    .meta({ description: 'With split: owner: who pays; null: whom each line itself names.' }),
  ...validity,
})

const exchange = z.strictObject({
  currency: textOf(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR').meta({
    description: 'Currency of the bill.',
  }),
  rate: textOf(/^\d{1,9}(\.\d{1,12})?$/, RATE_WANTED)
    .refine((text) => /[1-9]/.test(text), { error: RATE_WANTED })
    .meta({ description: 'USD for one unit of it.' }),
  ...validity,
})

const statement = z.strictObject({
  owner: ownerMap.default({}).meta({ description: 'Whose statement; empty: of the whole.' }),
  to: z
    .array(z.string({ error: 'must be the name of an email sink, or a mail address' }), {
      error: 'must be a list of email sinks and mail addresses',
    })
    .min(1, { error: 'must name at least one receiver' })
    .max(50, { error: 'must be at most 50 receivers' })
    .meta({ description: 'Who gets it: names of email sinks, or mail addresses.' }),
  format: oneOf(STATEMENT_FORMATS).default('pdf').meta({ description: 'As what it is sent.' }),
})

const splitByDefault = z.enum(PLAIN_SPLITS, {
  error: ({ input }) =>
    input === 'fixed'
      ? 'must be a split without shares; fixed shares are for a pool'
      : `must be ${PLAIN_SPLITS.join(' or ')}`,
})

export const billing = z.strictObject({
  gateway_principals: z
    .array(
      textOf(
        /^(arn:|\*)[\u0021-\u007e]{0,2044}$/,
        'must be a principal ARN; * is any text: arn:aws:sts::*:assumed-role/ledgerock/*',
      ),
      { error: 'must be a list of principal ARNs' },
    )
    .max(1000, { error: 'must be at most 1000 principals' })
    .default([])
    .meta({
      description: 'Principals on the bill that are a gateway: nobody else owns their use.',
    }),
  pools: z
    .array(pool, { error: 'must be a list of pools' })
    .max(1000, { error: 'must be at most 1000 pools' })
    .default([])
    .meta({ description: 'How costs that no call makes are shared out; the first that fits.' }),
  default_split: splitByDefault
    .nullable()
    .default(null)
    .meta({ description: 'Split of costs that no pool takes; null: proportional.' }),
  shared_costs: splitByDefault
    .nullable()
    .default(null)
    .meta({ description: 'Short for default_split.' }),
  precedence: z
    .array(oneOf(PRECEDENCE), { error: `must be a list of ${PRECEDENCE.join(', ')}` })
    .min(1, { error: 'must name at least one' })
    .default([...PRECEDENCE])
    .meta({
      description: 'Which evidence of an owner is believed first; what is left out is not asked.',
    }),
  grace: durationBetween('0d', '28d')
    .prefault('5d')
    .meta({ description: 'So long after its end a period waits for late deliveries.' }),
  tolerance: textOf(/^\d{1,9}(\.\d{1,12})?$/, 'must be dollars in quotes, such as "0.50"')
    .nullable()
    .default(null)
    .meta({ description: 'Unexplained USD that are still fine; null: as FOCUS has it, by rows.' }),
  exchange: z
    .array(exchange, { error: 'must be a list of exchange rates' })
    .max(1000, { error: 'must be at most 1000 rates' })
    .default([])
    .meta({ description: 'Rates for bills in other currencies than USD.' }),
  roots: z
    .array(
      source.refine((written) => !written.includes('*'), { error: 'must be a folder, not a glob' }),
      { error: 'must be a list of folders and S3 prefixes' },
    )
    .max(100, { error: 'must be at most 100' })
    .default([])
    .meta({ description: 'Folders and S3 prefixes that imports may be asked to read.' }),
  upload_size: byteSize
    .refine((bytes) => bytes >= 2 ** 20, { error: 'must be at least 1MiB' })
    .prefault('64GiB')
    .meta({ description: 'The most that the files of one uploaded import may have together.' }),
  statements: z
    .array(statement, { error: 'must be a list of statements' })
    .max(1000, { error: 'must be at most 1000 statements' })
    .default([])
    .meta({ description: 'Statements that are sent when a period is closed.' }),
})

const recurring = z.strictObject({
  name: ruleName.meta({ description: 'Name of the import, and of the bill it brings.' }),
  kind: choice(['cur', 'outcomes'], IMPORT_KINDS_LATER).meta({
    description:
      'What it brings: cur (CUR 2.0 and the legacy report), outcomes (CSV or NDJSON of results).',
  }),
  from: source.meta({
    description: 'Folder or glob, relative to this file, or an S3 prefix: s3://bucket/prefix.',
  }),
  every: durationBetween('1m', '31d')
    .nullable()
    .default(null)
    .meta({ description: 'How often it looks there; null: only when asked.' }),
})

export const imports = z
  .array(recurring, { error: 'must be a list of imports' })
  .max(100, { error: 'must be at most 100 imports' })
  .default([])
  .meta({ description: 'Where bills come from, again and again.' })

export type WrittenBilling = z.output<typeof billing>
export type WrittenImports = z.output<typeof imports>
