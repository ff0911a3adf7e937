// The configuration as the program sees it: one frozen object, every default filled in, in camelCase with the unit in the
// name. `ledgerock.yaml` and its snake_case keys exist only in `schema.ts`. Text that may hold a password is a `Secret`.

import type { Scope, Tier } from '@ledgerock/contract'
import type { DimensionRule } from '../../attribution/dimension-rule.ts'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { AnonymousRule } from '../../governance/policy.ts'
import type { AlertsConfig } from './alert-settings.ts'
import type { BillingConfig, ImportConfig } from './billing-settings.ts'
import type { GovernanceConfig } from './governance-settings.ts'
import type { Secret } from '../secret.ts'
import type { DISCONNECT_POLICIES, SESSION_FAILURES } from '../schema/bedrock-schema.ts'

/** Dimensions and the values a call must have for a rule to hold; empty: every call. */
export type When = Readonly<Record<string, string>>

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

/** PEM files, absolute. They are read again when they change, so their text is no part of the configuration. */
export type TlsConfig = { readonly certFile: string; readonly keyFile: string }

export type GatewayConfig = {
  readonly host: string
  readonly port: number
  readonly workers: number
  readonly tls: TlsConfig | null
  readonly insecure: boolean
  /** What the signed header `x-ledgerock-gateway` of an AWS identity must say; null: AWS identities are refused. */
  readonly audience: string | null
  readonly maxPolicyAgeMs: number
  readonly drainTimeoutMs: number
  readonly anonymous: AnonymousRule
  readonly limits: {
    readonly headerBytesMax: number
    readonly bodyBytesMax: number
    /** Of all request bodies one worker holds at once. */
    readonly heldBytesMax: number
    readonly connectionsMax: number
    /** Per HTTP/2 connection. */
    readonly streamsMax: number
    /** In flight per worker; more are refused as `overload`. */
    readonly callsMax: number
    readonly headerTimeoutMs: number
    /** So long a client may send no byte of a body it owes, or take none of an answer that waits for it. */
    readonly bodyTimeoutMs: number
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

/** As whom Bedrock is called, which is what the bill will name. */
export type IdentityConfig =
  | { readonly mode: 'gateway' }
  | {
      readonly mode: 'session'
      readonly roleArn: string
      /** Text with dimensions in it: `lr-{team}`. */
      readonly sessionName: string
      /** Tag key to the dimension whose value it gets. */
      readonly tags: Readonly<Record<string, string>>
      readonly onFailure: (typeof SESSION_FAILURES)[number]
    }
  | { readonly mode: 'profiles'; readonly map: readonly ProfileRule[] }

/** The first rule whose dimensions and model are a call's gives the application inference profile it goes through. */
export type ProfileRule = { readonly when: When; readonly model: string; readonly arn: string }

/** An account in a region. Of a region's targets the first whose `when` holds takes the call; the last one has none. */
export type TargetConfig = {
  readonly name: string
  readonly region: string
  readonly accountId: string | null
  readonly endpoint: string | null
  readonly mantleEndpoint: string | null
  readonly when: When
  readonly identity: IdentityConfig
}

export type DisconnectPolicy = (typeof DISCONNECT_POLICIES)[number]

export type DisconnectRule = {
  readonly scope: When
  readonly unary: DisconnectPolicy
  readonly stream: DisconnectPolicy
}

export type BedrockConfig = {
  /** Where calls go that name no region; a target is there. */
  readonly defaultRegion: string
  /** One or more, in the order they are tried. */
  readonly targets: readonly TargetConfig[]
  readonly injectMetadata: boolean
  /** The first whose scope holds decides; the last one's is empty. */
  readonly onClientDisconnect: readonly DisconnectRule[]
  /** What reading answers nobody waits for may cost: time per call, calls per worker. */
  readonly drain: { readonly timeMs: number; readonly max: number }
  /** `attempts` counts the first one; `budgetPercent` is the share of calls that may be retries. */
  readonly retry: { readonly attempts: number; readonly budgetPercent: number }
}

/** Each part that is null stays as the call has it; one is not null. */
export type Fallback = {
  readonly region: string | null
  readonly scope: Scope | null
  readonly model: string | null
}

/** What is asked of Bedrock instead. Each part that is null stays as the call has it; one is not null. */
export type Reroute = Fallback & { readonly tier: Tier | null }

/** A budget that is declared, and the percent of its limit from which on a route holds. */
export type RouteBudget = { readonly name: string; readonly above: number }

/**
 * For calls of these dimensions and models, and where a budget is named only while the counter that covers the call is used up to
 * `above` percent. The first such route with a `to` says what the call becomes; the first with a `fallback` where it is tried
 * next when Bedrock cannot serve it. Each has one of the two at least.
 */
export type RouteRule = {
  readonly when: When
  /** Null: whatever was spent. */
  readonly budget: RouteBudget | null
  /** Model ids as asked for, or base ids, with `*` for any text. */
  readonly from: string
  /** The first that may be taken is. */
  readonly to: readonly Reroute[]
  readonly fallback: readonly Fallback[]
}

export type TracesConfig = {
  /** OTLP over HTTP: `https://collector:4318/v1/traces`. */
  readonly endpoint: string
  /** What the collector wants to be told, by header name. */
  readonly headers: Readonly<Record<string, Secret>>
  readonly sampleRatio: number
}

/** How long things are kept, in milliseconds; null is for ever. */
export type RetentionConfig = {
  readonly callsMs: number | null
  readonly rawUsageMs: number | null
}

/** One rule as the API takes it too (`pricing` reads both), with the names of the file. */
export type PriceOverrideTerms = Readonly<Record<string, string | number>>

export type PricesConfig = { readonly overrides: readonly PriceOverrideTerms[] }

export type Config = GovernanceConfig & {
  /** The absolute path of the file it was read from, or null: defaults, environment and flags only. */
  readonly path: string | null
  /** Absolute. */
  readonly dataDir: string
  /** `AWS_ENDPOINT_URL_STS`, as the AWS SDKs have it: where STS is asked instead of AWS's own hosts; null: those. */
  readonly stsEndpoint: string | null
  /** 32 bytes as hex or base64, validated; null: `<data>/master-key` is used. */
  readonly masterKey: Secret | null
  readonly gateway: GatewayConfig
  readonly control: ControlConfig
  readonly stores: { readonly ledger: LedgerStoreConfig; readonly control: ControlStoreConfig }
  readonly journal: { readonly sync: JournalSync; readonly maxBytes: number }
  readonly retention: RetentionConfig
  readonly bedrock: BedrockConfig
  readonly telemetry: { readonly traces: TracesConfig | null }
  /** The eight defaults first, then the declared ones in file order. */
  readonly dimensions: readonly DimensionConfig[]
  readonly keys: readonly KeyConfig[]
  /** Who owns which principal, account, profile, project or key, and when. */
  readonly owners: readonly OwnerRule[]
  readonly routes: readonly RouteRule[]
  readonly prices: PricesConfig
  readonly alerts: AlertsConfig
  readonly billing: BillingConfig
  readonly imports: readonly ImportConfig[]
}
