// What is kept of every call served: the ground truth a test compares a gateway and a ledger with. A draft is filled while
// the call runs, in plain numbers; it is priced and written out only when somebody asks. Prompts are never kept.

import type { ResolvedTier } from './answer.ts'
import type { Performance, ServiceTier } from './ask.ts'
import { costOf, formatUsd } from './cost.ts'
import type { PriceTier } from './price-table.ts'
import type { RequestMetadata } from './request-metadata.ts'
import type { ResolvedModel, Scope } from './resolve-model.ts'
import type { Operation } from './route.ts'
import type { Usage } from './usage.ts'

/** Headers of the request that tests look for. */
export const RECORDED_HEADERS = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'user-agent',
  'x-amzn-bedrock-request-metadata',
] as const
export type RecordedHeader = (typeof RECORDED_HEADERS)[number]

export type CallDraft = {
  ordinal: number
  readonly requestId: string
  readonly atMs: number
  readonly protocol: 'http/1.1' | 'h2c'
  readonly operation: Operation
  readonly modelPath: string
  readonly accountId: string
  readonly stream: boolean
  readonly headers: { readonly [Name in RecordedHeader]: string | null }
  readonly requestSha256: string
  readonly requestBytes: number
  auth: 'sigv4' | 'bearer' | 'none'
  accessKeyId: string | null
  keyFingerprint: string | null
  region: string
  modelRequested: string | null
  resolved: ResolvedModel | null
  tierAsked: ServiceTier | null
  tierResolved: ResolvedTier | null
  performance: Performance | null
  requestMetadata: RequestMetadata | null
  fault: string | null
  /** 0 until a response head goes out. */
  status: number
  errorType: string | null
  /** Null: nothing is billed. */
  usage: Usage | null
  responseSha256: string | null
  responseBytes: number
  completed: boolean
}

export type SimulatedUsage = {
  readonly input: number
  readonly output: number
  readonly cache_read: number
  readonly cache_write_5m: number
  readonly cache_write_1h: number
}

export type SimulatedCall = {
  /** Counts calls from 1, in order of arrival. */
  readonly ordinal: number
  readonly request_id: string
  readonly at: string
  readonly protocol: 'http/1.1' | 'h2c'
  readonly operation: Operation
  /** As it came, still encoded. */
  readonly model_path: string
  readonly model_requested: string | null
  /** The base model; null when it could not be resolved. */
  readonly model_id: string | null
  readonly inference_profile: string | null
  readonly scope: Scope | null
  readonly account_id: string
  readonly region: string
  readonly tier_asked: ServiceTier | null
  readonly tier_resolved: ResolvedTier | null
  /** The tier that prices the call. */
  readonly tier: PriceTier | null
  readonly stream: boolean
  readonly status: number
  readonly error_type: string | null
  readonly fault: string | null
  readonly usage: SimulatedUsage | null
  readonly cost_usd: string | null
  readonly headers: { readonly [Name in RecordedHeader]: string | null }
  readonly request_metadata: RequestMetadata | null
  readonly request_sha256: string
  readonly request_bytes: number
  readonly response_sha256: string | null
  readonly response_bytes: number
  /** The whole response was handed over; false when either side cut it short. */
  readonly completed: boolean
  readonly auth: 'sigv4' | 'bearer' | 'none'
  readonly access_key_id: string | null
  readonly key_fingerprint: string | null
}

export function toSimulatedCall(draft: CallDraft): SimulatedCall {
  const { resolved, usage } = draft
  const tier = priceTierOf(draft)
  return {
    ordinal: draft.ordinal,
    request_id: draft.requestId,
    at: new Date(draft.atMs).toISOString(),
    protocol: draft.protocol,
    operation: draft.operation,
    model_path: draft.modelPath,
    model_requested: draft.modelRequested,
    model_id: resolved?.model.id ?? null,
    inference_profile: resolved?.inferenceProfile ?? null,
    scope: resolved?.scope ?? null,
    account_id: draft.accountId,
    region: draft.region,
    tier_asked: draft.tierAsked,
    tier_resolved: draft.tierResolved,
    tier,
    stream: draft.stream,
    status: draft.status,
    error_type: draft.errorType,
    fault: draft.fault,
    usage: usage === null ? null : toSimulatedUsage(usage),
    cost_usd: costUsdOf(draft, tier),
    headers: draft.headers,
    request_metadata: draft.requestMetadata,
    request_sha256: draft.requestSha256,
    request_bytes: draft.requestBytes,
    response_sha256: draft.responseSha256,
    response_bytes: draft.responseBytes,
    completed: draft.completed,
    auth: draft.auth,
    access_key_id: draft.accessKeyId,
    key_fingerprint: draft.keyFingerprint,
  }
}

function toSimulatedUsage(usage: Usage): SimulatedUsage {
  return {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
  }
}

function priceTierOf({ tierResolved, performance }: CallDraft): PriceTier | null {
  if (tierResolved === null) return null
  if (performance === 'optimized') return 'latency-optimized'
  return tierResolved === 'default' ? 'standard' : tierResolved
}

function costUsdOf({ resolved, region, usage }: CallDraft, tier: PriceTier | null): string | null {
  if (resolved === null || usage === null || tier === null) return null
  const model = resolved.model.id
  const cost = costOf({ model, region, scope: resolved.scope, tier, usage })
  return cost === null ? null : formatUsd(cost)
}
