// The validated file and the overrides, turned into the settings the program works with.

import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import path from 'node:path'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import { alertsOf } from './alert-settings.ts'
import { bedrockOf } from './bedrock-settings.ts'
import { billingOf, importsOf } from './billing-settings.ts'
import { parseDuration } from '../duration.ts'
import { governanceOf } from './governance-settings.ts'
import type { Overrides } from '../override.ts'
import { routeOf } from './route-settings.ts'
import { configSchema, type ConfigFile } from '../schema/schema.ts'
import { Secret } from '../secret.ts'
import { parseTraceHeaders } from '../trace-headers.ts'
import type {
  Config,
  ControlStoreConfig,
  DimensionConfig,
  JournalSync,
  KeyConfig,
  LedgerStoreConfig,
  PriceOverrideTerms,
  TracesConfig,
} from './settings.ts'

export type Surroundings = {
  readonly path: string | null
  readonly dataDir: string
  readonly overrides: Overrides
  readonly env: Readonly<Record<string, string | undefined>>
}

export function settingsOfFile(file: ConfigFile, around: Surroundings): Config {
  const { overrides } = around
  const beside = (written: string): string => besideFile(around.path, written)
  const config: Config = {
    path: around.path,
    dataDir: around.dataDir,
    stsEndpoint: around.env['AWS_ENDPOINT_URL_STS'] ?? null,
    masterKey: overrides.masterKey === null ? null : new Secret(overrides.masterKey),
    gateway: gatewayOf(file.gateway, around),
    control: {
      host: file.control.host,
      port: overrides.controlPort ?? file.control.port,
      tls: null,
      insecure: file.control.insecure,
      publicUrl: file.control.public_url,
      auth: file.control.auth,
    },
    stores: {
      ledger: storeOf(file.stores.ledger, 'clickhouse') as LedgerStoreConfig,
      control: storeOf(file.stores.control, 'postgres') as ControlStoreConfig,
    },
    journal: { sync: syncOf(file.journal.sync), maxBytes: file.journal.max_size },
    retention: {
      callsMs: file.retention.calls,
      rawUsageMs: file.retention.raw_usage,
    },
    bedrock: bedrockOf(file.bedrock),
    telemetry: { traces: tracesOf(file.telemetry.traces, around.env) },
    dimensions: dimensionsOf(file.dimensions),
    keys: file.keys.map((key) => keyOf(key, around.env)),
    owners: file.owners.map(ownerOf),
    routes: file.routes.map(routeOf),
    ...governanceOf(file),
    prices: { overrides: file.prices.overrides.map(termsOf) },
    alerts: alertsOf(file.alerts, around.env),
    billing: billingOf(file.billing, beside),
    imports: importsOf(file.imports, beside),
  }
  return frozen(config)
}

function gatewayOf(
  gateway: ConfigFile['gateway'],
  { overrides, path: file }: Surroundings,
): Config['gateway'] {
  const { tls } = gateway
  return {
    host: gateway.host,
    port: overrides.gatewayPort ?? gateway.port,
    workers: overrides.workers ?? gateway.workers,
    tls:
      tls === null
        ? null
        : { certFile: besideFile(file, tls.cert), keyFile: besideFile(file, tls.key) },
    insecure: gateway.insecure,
    audience: gateway.audience,
    maxPolicyAgeMs: gateway.max_policy_age,
    drainTimeoutMs: gateway.drain_timeout,
    anonymous: gateway.anonymous,
    limits: {
      headerBytesMax: gateway.limits.header_bytes,
      bodyBytesMax: gateway.limits.body_bytes,
      heldBytesMax: gateway.limits.held_bytes,
      connectionsMax: gateway.limits.connections,
      streamsMax: gateway.limits.streams,
      callsMax: gateway.limits.calls,
      headerTimeoutMs: gateway.limits.header_timeout,
      bodyTimeoutMs: gateway.limits.body_timeout,
      idleTimeoutMs: gateway.limits.idle_timeout,
      callTimeoutMs: gateway.limits.call_timeout,
    },
  }
}

/** What a file says about another file is meant from where it lies. */
export function besideFile(file: string | null, written: string): string {
  return path.resolve(file === null ? '.' : path.dirname(file), written)
}

export function ownerOf({ match, ...rule }: ConfigFile['owners'][number]): OwnerRule {
  if (typeof match === 'string') return { match: { principal: match }, ...rule }
  const [[key, pattern] = ['principal', '']] = Object.entries(match)
  return { match: { [key]: pattern }, ...rule }
}

/** What is not said is not there, as in the API's form of the same rule. */
function termsOf(override: ConfigFile['prices']['overrides'][number]): PriceOverrideTerms {
  return Object.fromEntries(
    Object.entries(override).flatMap(([key, value]) => (value == null ? [] : [[key, value]])),
  )
}

function tracesOf(
  traces: ConfigFile['telemetry']['traces'],
  env: Surroundings['env'],
): TracesConfig | null {
  if (traces === null) return null
  const { endpoint, headers_env: variable, sample } = traces
  const written = variable === null ? undefined : env[variable]
  const headers = Object.entries(parseTraceHeaders(written ?? '') ?? {})
  return {
    endpoint,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, new Secret(value)])),
    sampleRatio: sample,
  }
}

function storeOf(
  written: string,
  kind: 'clickhouse' | 'postgres',
): LedgerStoreConfig | ControlStoreConfig {
  return written === 'embedded' ? { kind: 'embedded' } : { kind, url: new Secret(written) }
}

function syncOf(written: string): JournalSync {
  const intervalMs = parseDuration(written)
  return intervalMs === null ? { kind: 'each' } : { kind: 'interval', intervalMs }
}

/** The eight defaults first, then the declared ones in file order. */
export function dimensionsOf(declared: ConfigFile['dimensions']): readonly DimensionConfig[] {
  const names = new Set<string>([...DEFAULT_DIMENSIONS, ...Object.keys(declared)])
  return [...names].map((name) => {
    const rules = declared[name] ?? untouchedDimension
    return {
      name,
      required: rules.required,
      values: rules.values,
      pattern: rules.pattern,
      maxValues: rules.max_values,
      aliases: rules.aliases,
      headers: rules.headers.map((header) => header.toLowerCase()),
      awsTags: rules.aws_tags,
      assert: rules.assert,
      default: rules.default,
    }
  })
}

const untouchedDimension = configSchema.shape.dimensions.unwrap().valueType.parse({})

function keyOf(
  key: ConfigFile['keys'][number],
  env: Readonly<Record<string, string | undefined>>,
): KeyConfig {
  const text = env[key.secret_env]
  return {
    name: key.name,
    secretEnv: key.secret_env,
    secret: text === undefined ? null : new Secret(text),
    bind: key.bind,
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
