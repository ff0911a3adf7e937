// `ledgerock.yaml` as a schema: every key, its type, its default and its reason. `config schema` prints it as JSON Schema,
// docs/reference/configuration.md is checked against it, and what waits for its feature is refused, not ignored.

import * as z from 'zod'
import { ASSERTERS, MAX_VALUES_DEFAULT } from '../../attribution/dimension-rule.ts'
import { compileValuePattern } from '../../attribution/value-pattern.ts'
import { alerts } from './alert-schema.ts'
import { bedrock } from './bedrock-schema.ts'
import { billing, imports } from './billing-schema.ts'
import { budgets } from './budget-schema.ts'
import { parseDuration } from '../duration.ts'
import {
  byteSize,
  choice,
  dimensionValue,
  host,
  kept,
  onlyForever,
  onlyNull,
  portNumber,
  textOf,
  url,
  variableName,
  wholeNumber,
  yesOrNo,
} from '../field.ts'
import { gateway } from './gateway-schema.ts'
import { access, guardrails, limits } from './governance-schema.ts'
import { prices } from './price-schema.ts'
import { owners, routes } from './rule-schema.ts'

export const DIMENSION_NAME = /^[a-z][a-z0-9_]{0,39}$/
const DIMENSION_NAME_WANTED = 'must be a-z, 0-9 and _, starting with a letter, at most 40 long'
const KEY_NAME_WANTED = 'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore'
const HEADER_WANTED = 'must be a header name of at most 64 characters'
const SAMPLE_WANTED = 'must be a number from 0 to 1'
const REQUIREMENT_WANTED = 'must be false, report or true'

const control = z.strictObject({
  host: host.default('127.0.0.1').meta({ description: 'Address of control API and dashboard.' }),
  port: portNumber
    .default(8081)
    .meta({ description: 'Port of the control API; 0 picks a free one.' }),
  tls: onlyNull('TLS on the control API').default(null),
  insecure: yesOrNo
    .default(false)
    .meta({ description: 'Says that plain HTTP off the loopback interface is meant.' }),
  public_url: url(['http:', 'https:'], 'must be null or an http or https URL')
    .nullable()
    .default(null)
    .meta({
      description: 'How people reach the control API, where that differs from host and port.',
    }),
  auth: z
    .strictObject({
      mode: choice(['local'], ['oidc'])
        .default('local')
        .meta({ description: 'Who knows the users; oidc: not supported yet.' }),
    })
    .prefault({}),
})

const LEDGER_STORE_WANTED = 'must be embedded or an http or https URL of ClickHouse'
const CONTROL_STORE_WANTED = 'must be embedded or a postgres:// URL'

const stores = z.strictObject({
  ledger: z
    .union([z.literal('embedded'), url(['http:', 'https:'], LEDGER_STORE_WANTED)], {
      error: LEDGER_STORE_WANTED,
    })
    .default('embedded')
    .meta({ description: 'Where calls are kept: embedded (chDB) or the URL of a ClickHouse.' }),
  control: z
    .union([z.literal('embedded'), url(['postgres:', 'postgresql:'], CONTROL_STORE_WANTED)], {
      error: CONTROL_STORE_WANTED,
    })
    .default('embedded')
    .meta({
      description: 'Where keys and users are kept: embedded (SQLite) or a postgres:// URL.',
    }),
})

const journal = z.strictObject({
  sync: textOf(/^(each|[0-9]{1,12}(ms|s))$/, 'must be each, or an interval from 1ms to 10s')
    .refine((written) => written === 'each' || between(parseDuration(written), 1, 10_000), {
      error: 'must be each, or an interval from 1ms to 10s',
    })
    .default('20ms')
    .meta({
      description: 'How often the disk is synced: each (before a response ends) or an interval.',
    }),
  max_size: byteSize
    .refine((bytes) => bytes >= 2 ** 26, { error: 'must be at least 64MiB' })
    .prefault('10GiB')
    .meta({
      description: 'Room for calls the ledger store has not taken; when full, calls are refused.',
    }),
})

const retention = z.strictObject({
  calls: kept.prefault('400d').meta({ description: 'Calls, one row each.' }),
  raw_usage: kept
    .prefault('30d')
    .meta({ description: "The provider's own usage object of a call." }),
  bill: onlyForever('Imported bill lines').default('forever'),
  audit: onlyForever('The audit trail').default('forever'),
})

const telemetry = z.strictObject({
  traces: z
    .strictObject({
      endpoint: url(['http:', 'https:'], 'must be an http or https URL').meta({
        description: 'Where spans go: OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces.',
      }),
      headers_env: variableName.nullable().default(null).meta({
        description: 'The variable that holds headers for it: name=value,name=value.',
      }),
      sample: z
        .number({ error: SAMPLE_WANTED })
        .min(0, { error: SAMPLE_WANTED })
        .max(1, { error: SAMPLE_WANTED })
        .default(1)
        .meta({ description: 'Share of calls that are traced, from 0 to 1.' }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'OpenTelemetry traces, without prompts and answers; null: none.' }),
})

const dimension = z.strictObject({
  required: z.literal([false, true, 'report'], { error: REQUIREMENT_WANTED }).default(false).meta({
    description: 'false: may be missing; report: counted; true: a call without it is refused.',
  }),
  values: z
    .array(dimensionValue, { error: 'must be a list of values' })
    .min(1, { error: 'must name at least one value' })
    .max(10_000, { error: 'must name at most 10000 values' })
    .nullable()
    .default(null)
    .meta({ description: 'The allowed values; null: any.' }),
  pattern: z
    .string({ error: 'must be a regular expression' })
    .check((context) => {
      const compiled = compileValuePattern(context.value)
      if (compiled.ok) return
      context.issues.push({ code: 'custom', message: compiled.problem, input: context.value })
    })
    .nullable()
    .default(null)
    .meta({ description: 'A regular expression the whole value must match; null: any.' }),
  max_values: wholeNumber(1, 10_000_000).default(MAX_VALUES_DEFAULT).meta({
    description: 'Distinct values kept; more become __overflow__ so that reports stay usable.',
  }),
  aliases: z
    .array(textOf(DIMENSION_NAME, DIMENSION_NAME_WANTED), { error: 'must be a list of names' })
    .default([])
    .meta({ description: 'Other names clients send this dimension under.' }),
  headers: z
    .array(textOf(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, HEADER_WANTED), {
      error: 'must be a list of header names',
    })
    .default([])
    .meta({ description: 'Request headers that carry this dimension besides x-ledgerock-<name>.' }),
  aws_tags: z
    .array(textOf(/^.{1,128}$/, 'must be a tag key of at most 128 characters'), {
      error: 'must be a list of tag keys',
    })
    .default([])
    .meta({ description: 'AWS tag keys on the bill that carry this dimension, in any case.' }),
  assert: z
    .array(z.enum(ASSERTERS, { error: `must be ${ASSERTERS.join(', ')}` }), {
      error: `must be a list of ${ASSERTERS.join(', ')}`,
    })
    .min(1, { error: 'must name at least one source' })
    .default([...ASSERTERS])
    .meta({
      description: 'Who may say the value; the others are recorded as conflicts, not obeyed.',
    }),
  default: dimensionValue
    .nullable()
    .default(null)
    .meta({ description: 'The value where nobody says one; null: unknown.' }),
})

const key = z.strictObject({
  name: textOf(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, KEY_NAME_WANTED).meta({
    description: 'Name of the key; reports show it as key_name.',
  }),
  secret_env: variableName.meta({
    description:
      'The variable that holds the secret: 32 characters or more. Never the secret itself.',
  }),
  bind: z
    .record(z.string(), dimensionValue, { error: 'must be a map of dimension: value' })
    .default({})
    .meta({ description: 'Dimensions this key decides, whatever a request says.' }),
})

export const configSchema = z.strictObject({
  data_dir: textOf(/^[^\0]{1,1024}$/, 'must be a path')
    .nullable()
    .default(null)
    .meta({
      description:
        'Journal, stores and tokens; relative to this file. null: data in the current directory.',
    }),
  gateway: gateway.prefault({}),
  control: control.prefault({}),
  stores: stores.prefault({}),
  journal: journal.prefault({}),
  retention: retention.prefault({}),
  bedrock: bedrock.prefault({}),
  telemetry: telemetry.prefault({}),
  dimensions: z
    .record(textOf(DIMENSION_NAME, DIMENSION_NAME_WANTED), dimension, { error: 'must be a map' })
    .default({})
    .meta({ description: 'Merged over the eight defaults.' }),
  keys: z
    .array(key, { error: 'must be a list' })
    .max(10_000, { error: 'must be at most 10000 keys' })
    .default([])
    .meta({ description: 'Keys declared here are read-only in API and dashboard.' }),
  owners,
  routes,
  prices: prices.prefault({}),
  budgets,
  limits,
  access,
  guardrails,
  billing: billing.prefault({}),
  imports,
  alerts: alerts.prefault({}),
})

export type ConfigFile = z.output<typeof configSchema>

/** What `config schema` prints: the file's own shape, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })
}

function between(value: number | null, min: number, max: number): boolean {
  return value !== null && value >= min && value <= max
}
