// `ledgerock.yaml` as a schema: every key, its type, its default and its reason. `config schema` prints it as JSON Schema,
// docs/reference/configuration.md is checked against it, and what is written here with `notYet` is refused, not ignored.

import * as z from 'zod'
import { ASSERTERS, MAX_VALUES_DEFAULT } from '../attribution/dimension-rule.ts'
import { compileValuePattern } from '../attribution/value-pattern.ts'
import { parseDuration } from './duration.ts'
import {
  addressRange,
  byteSize,
  choice,
  dimensionValue,
  durationBetween,
  host,
  kept,
  NOT_YET,
  notYet,
  onlyFalse,
  onlyForever,
  onlyNull,
  portNumber,
  textOf,
  url,
  wholeNumber,
} from './field.ts'

export const DIMENSION_NAME = /^[a-z][a-z0-9_]{0,39}$/
const DIMENSION_NAME_WANTED = 'must be a-z, 0-9 and _, starting with a letter, at most 40 long'
const KEY_NAME_WANTED = 'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore'
const HEADER_WANTED = 'must be a header name of at most 64 characters'
const REQUIREMENT_WANTED = 'must be false, report or true'

const limits = z.strictObject({
  header_bytes: wholeNumber(1024, 1_048_576)
    .default(32_768)
    .meta({ description: 'Largest request head; larger is refused by the parser.' }),
  body_bytes: wholeNumber(1024, 268_435_456).default(26_214_400).meta({
    description: 'Largest request body (Bedrock itself takes 25 MB); larger answers 413.',
  }),
  connections: wholeNumber(1, 1_000_000)
    .default(10_000)
    .meta({ description: 'Connections open at once; more are closed on arrival.' }),
  header_timeout: durationBetween('100ms', '10m')
    .prefault('10s')
    .meta({ description: 'How long a client may take to send its request head.' }),
  idle_timeout: durationBetween('1s', '24h').prefault('350s').meta({
    description: 'How long an unused connection stays; as AWS load balancers keep theirs.',
  }),
  call_timeout: durationBetween('1s', '24h')
    .prefault('60m')
    .meta({ description: 'Longest call; Bedrock itself allows 60 minutes.' }),
})

const gateway = z.strictObject({
  host: host.default('127.0.0.1').meta({ description: 'Address the gateway listens on.' }),
  port: portNumber.default(8080).meta({ description: 'Port of the gateway; 0 picks a free one.' }),
  workers: wholeNumber(1, 256)
    .default(2)
    .meta({ description: 'Gateway processes; about one per core that may be kept busy.' }),
  tls: onlyNull('TLS on the gateway').default(null),
  insecure: z
    .boolean({ error: 'must be true or false' })
    .default(false)
    .meta({ description: 'Says that plain HTTP off the loopback interface is meant.' }),
  max_policy_age: durationBetween('1m', '365d')
    .prefault('24h')
    .meta({ description: 'How long a worker cut off from control goes on with its last policy.' }),
  drain_timeout: durationBetween('0s', '24h')
    .prefault('30s')
    .meta({ description: 'How long running calls may take to finish after SIGTERM.' }),
  anonymous: z
    .strictObject({
      mode: choice(['deny'], ['record']).default('deny').meta({
        description: 'What happens to calls without a credential; record: not supported yet.',
      }),
      from: z
        .array(addressRange)
        .default(['127.0.0.0/8'])
        .meta({ description: 'Addresses that anonymous calls may come from.' }),
    })
    .prefault({}),
  limits: limits.prefault({}),
})

const control = z.strictObject({
  host: host.default('127.0.0.1').meta({ description: 'Address of control API and dashboard.' }),
  port: portNumber
    .default(8081)
    .meta({ description: 'Port of the control API; 0 picks a free one.' }),
  tls: onlyNull('TLS on the control API').default(null),
  insecure: z
    .boolean({ error: 'must be true or false' })
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
    .literal('embedded')
    .or(url(['http:', 'https:'], LEDGER_STORE_WANTED))
    .default('embedded')
    .meta({ description: 'Where calls are kept: embedded (chDB) or the URL of a ClickHouse.' }),
  control: z
    .literal('embedded')
    .or(url(['postgres:', 'postgresql:'], CONTROL_STORE_WANTED))
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

const bedrock = z.strictObject({
  region: textOf(/^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/, 'must be a region such as us-east-1')
    .default('us-east-1')
    .meta({ description: 'Region of calls that name none.' }),
  account_id: textOf(/^\d{12}$/, 'must be null or an account id: 12 digits in quotes')
    .nullable()
    .default(null)
    .meta({ description: 'Account that pays; null: asked from STS, once.' }),
  endpoint: url(['http:', 'https:'], 'must be null or an http or https URL')
    .nullable()
    .default(null)
    .meta({ description: 'A simulator, VPC endpoint or proxy; null: AWS itself.' }),
  identity: z
    .strictObject({
      mode: choice(['gateway'], ['session', 'profiles']).default('gateway').meta({
        description: 'Whose AWS identity calls Bedrock; session and profiles: not supported yet.',
      }),
      role_arn: notYet('Session identities'),
      session_name: notYet('Session identities'),
      tags: notYet('Session identities'),
      on_failure: notYet('Session identities'),
      map: notYet('Inference profile identities'),
    })
    .prefault({}),
  inject_metadata: onlyFalse('Adds the call id to Bedrock request metadata').default(false),
  on_client_disconnect: z
    .strictObject(
      {
        unary: choice(['drain'], ['cancel']).default('drain').meta({
          description: 'A client that left: a unary call cannot be un-run, its answer is read.',
        }),
        stream: choice(['cancel'], ['drain']).default('cancel').meta({
          description: 'A client that left: a stream is stopped, its usage so far is kept.',
        }),
      },
      {
        error: (issue) => {
          if (issue.code !== 'invalid_type') return undefined
          return Array.isArray(issue.input)
            ? 'rules by scope are not supported yet'
            : 'must be a map'
        },
      },
    )
    .prefault({}),
  retry: notYet('Retries by the gateway'),
  targets: notYet('Several accounts and regions'),
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
    .max(0, { error: NOT_YET })
    .default([])
    .meta({ description: `AWS tags on principals that carry this dimension: ${NOT_YET}.` }),
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
  secret_env: textOf(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'must be the name of an environment variable',
  ).meta({
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
  dimensions: z
    .record(textOf(DIMENSION_NAME, DIMENSION_NAME_WANTED), dimension, { error: 'must be a map' })
    .default({})
    .meta({ description: 'Merged over the eight defaults.' }),
  keys: z
    .array(key, { error: 'must be a list' })
    .max(10_000, { error: 'must be at most 10000 keys' })
    .default([])
    .meta({ description: 'Keys declared here are read-only in API and dashboard.' }),
  owners: notYet('Owner rules'),
  budgets: notYet('Budgets'),
  limits: notYet('Rate limits'),
  access: notYet('Model access rules'),
  routes: notYet('Routes'),
  guardrails: notYet('Guardrail rules'),
  billing: notYet('Billing rules'),
  imports: notYet('Recurring imports'),
  alerts: notYet('Alerts'),
})

export type ConfigFile = z.output<typeof configSchema>

/** What `config schema` prints: the file's own shape, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })
}

function between(value: number | null, min: number, max: number): boolean {
  return value !== null && value >= min && value <= max
}
