// The validated file and the overrides, turned into the settings the program works with.

import { DEFAULT_DIMENSIONS } from '@ledgerock/contract'
import { parseDuration } from './duration.ts'
import type { Overrides } from './override.ts'
import { configSchema, type ConfigFile } from './schema.ts'
import { Secret } from './secret.ts'
import type {
  Config,
  ControlStoreConfig,
  DimensionConfig,
  JournalSync,
  KeyConfig,
  LedgerStoreConfig,
} from './settings.ts'

export type Surroundings = {
  readonly path: string | null
  readonly dataDir: string
  readonly overrides: Overrides
  readonly env: Readonly<Record<string, string | undefined>>
}

export function settingsOfFile(file: ConfigFile, around: Surroundings): Config {
  const { overrides } = around
  const config: Config = {
    path: around.path,
    dataDir: around.dataDir,
    masterKey: overrides.masterKey === null ? null : new Secret(overrides.masterKey),
    gateway: gatewayOf(file.gateway, overrides),
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
    bedrock: {
      region: file.bedrock.region,
      accountId: file.bedrock.account_id,
      endpoint: file.bedrock.endpoint,
      identity: { mode: file.bedrock.identity.mode },
      injectMetadata: file.bedrock.inject_metadata,
      onClientDisconnect: file.bedrock.on_client_disconnect,
    },
    dimensions: dimensionsOf(file.dimensions),
    keys: file.keys.map((key) => keyOf(key, around.env)),
  }
  return frozen(config)
}

function gatewayOf(gateway: ConfigFile['gateway'], overrides: Overrides): Config['gateway'] {
  return {
    host: gateway.host,
    port: overrides.gatewayPort ?? gateway.port,
    workers: overrides.workers ?? gateway.workers,
    tls: null,
    insecure: gateway.insecure,
    maxPolicyAgeMs: gateway.max_policy_age,
    drainTimeoutMs: gateway.drain_timeout,
    anonymous: gateway.anonymous,
    limits: {
      headerBytesMax: gateway.limits.header_bytes,
      bodyBytesMax: gateway.limits.body_bytes,
      connectionsMax: gateway.limits.connections,
      headerTimeoutMs: gateway.limits.header_timeout,
      idleTimeoutMs: gateway.limits.idle_timeout,
      callTimeoutMs: gateway.limits.call_timeout,
    },
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
