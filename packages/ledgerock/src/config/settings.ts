// The configuration as the program sees it: one frozen object, every default filled in, in camelCase with the unit in the
// name. `ledgerock.yaml` and its snake_case keys exist only in `schema.ts`. Text that may hold a password is a `Secret`.

import type { DimensionRule } from '../attribution/dimension-rule.ts'
import type { Secret } from './secret.ts'

/** What the file says about a dimension is exactly what attribution works with. */
export type DimensionConfig = DimensionRule

export type KeyConfig = {
  readonly name: string
  readonly secretEnv: string
  /** Null only where the configuration was loaded with `secrets: 'optional'` and the variable is not set. */
  readonly secret: Secret | null
  readonly bind: Readonly<Record<string, string>>
}

/** `each`: synced before a response ends. `interval`: at most this much is lost with the machine's power. */
export type JournalSync =
  { readonly kind: 'each' } | { readonly kind: 'interval'; readonly intervalMs: number }

export type LedgerStoreConfig =
  { readonly kind: 'embedded' } | { readonly kind: 'clickhouse'; readonly url: Secret }

export type ControlStoreConfig =
  { readonly kind: 'embedded' } | { readonly kind: 'postgres'; readonly url: Secret }

export type GatewayConfig = {
  readonly host: string
  readonly port: number
  readonly workers: number
  readonly tls: null
  readonly insecure: boolean
  readonly maxPolicyAgeMs: number
  readonly drainTimeoutMs: number
  readonly anonymous: { readonly mode: 'deny'; readonly from: readonly string[] }
  readonly limits: {
    readonly headerBytesMax: number
    readonly bodyBytesMax: number
    readonly connectionsMax: number
    readonly headerTimeoutMs: number
    readonly idleTimeoutMs: number
    readonly callTimeoutMs: number
  }
}

export type ControlConfig = {
  readonly host: string
  readonly port: number
  readonly tls: null
  readonly insecure: boolean
  readonly publicUrl: string | null
  readonly auth: { readonly mode: 'local' }
}

export type BedrockConfig = {
  readonly region: string
  readonly accountId: string | null
  readonly endpoint: string | null
  readonly identity: { readonly mode: 'gateway' }
  readonly injectMetadata: false
  readonly onClientDisconnect: { readonly unary: 'drain'; readonly stream: 'cancel' }
}

/** How long things are kept, in milliseconds; null is for ever. */
export type RetentionConfig = {
  readonly callsMs: number | null
  readonly rawUsageMs: number | null
}

export type Config = {
  /** The absolute path of the file it was read from, or null: defaults, environment and flags only. */
  readonly path: string | null
  /** Absolute. */
  readonly dataDir: string
  /** 32 bytes as hex or base64, validated; null: `<data>/master-key` is used. */
  readonly masterKey: Secret | null
  readonly gateway: GatewayConfig
  readonly control: ControlConfig
  readonly stores: { readonly ledger: LedgerStoreConfig; readonly control: ControlStoreConfig }
  readonly journal: { readonly sync: JournalSync; readonly maxBytes: number }
  readonly retention: RetentionConfig
  readonly bedrock: BedrockConfig
  /** The eight defaults first, then the declared ones in file order. */
  readonly dimensions: readonly DimensionConfig[]
  readonly keys: readonly KeyConfig[]
}
