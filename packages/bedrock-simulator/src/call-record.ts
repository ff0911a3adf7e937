// What is kept of every call served: the ground truth a test compares a gateway and a ledger with. A draft is filled while
// the call runs, in plain numbers; it is priced and written out only when somebody asks. Prompts are never kept.

import type { ResolvedTier } from './answer.ts'
import type { Performance, ServiceTier } from './ask.ts'
import { costOf, formatUsd } from './cost.ts'
import { guardrailCostOf } from './guardrail-cost.ts'
import type { Protocol } from './exchange.ts'
import type { PriceTier } from './price-row.ts'
import type { RequestMetadata } from './request-metadata.ts'
import type { ResolvedModel, Scope } from './resolve-model.ts'
import type { SessionTags } from './sessions.ts'
import type { ApiFamily, Endpoint, Operation } from './route.ts'
import type { OtherUsage, Usage } from './usage.ts'

/** Headers of the request that tests look for. */
const RECORDED_HEADERS = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'user-agent',
  'x-amzn-bedrock-request-metadata',
  'anthropic-beta',
  'anthropic-version',
  'anthropic-workspace',
  'anthropic-workspace-id',
  'openai-project',
] as const
export type RecordedHeader = (typeof RECORDED_HEADERS)[number]

export type CallDraft = {
  ordinal: number
  readonly requestId: string
  readonly atMs: number
  readonly protocol: Protocol
  readonly operation: Operation
  readonly family: ApiFamily
  readonly endpoint: Endpoint
  readonly modelPath: string
  readonly headers: { readonly [Name in RecordedHeader]: string | null }
  readonly requestSha256: string
  readonly requestBytes: number
  stream: boolean
  auth: 'sigv4' | 'bearer' | 'none'
  accessKeyId: string | null
  keyFingerprint: string | null
  principalArn: string | null
  sessionTags: SessionTags
  accountId: string
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
  variant: string | null
  /** Whose prices apply: the model's, the guardrails', or nobody's, because the operation costs nothing. */
  priced: 'by_model' | 'by_guardrail' | 'free'
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
  /** What is no text token or has no word above: `images`, `video_seconds`, `text_units_content`, `cache_write_30m` … */
  readonly other: OtherUsage
  /** What a price can depend on beside the kind: size and quality of an image, resolution of a video. */
  readonly variant: string | null
}

export type SimulatedCall = {
  /** Counts calls from 1, in order of arrival. */
  readonly ordinal: number
  readonly request_id: string
  readonly at: string
  readonly protocol: Protocol
  readonly operation: Operation
  /** Whose shape the route speaks. */
  readonly api: ApiFamily
  readonly endpoint: Endpoint
  /** As it came, still encoded; empty where the body names the model. */
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
  /** Who the bill will name. */
  readonly principal_arn: string | null
  readonly session_tags: SessionTags
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
    api: draft.family,
    endpoint: draft.endpoint,
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
    usage: usage === null ? null : toSimulatedUsage(usage, draft.variant),
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
    principal_arn: draft.principalArn,
    session_tags: draft.sessionTags,
  }
}

function toSimulatedUsage(usage: Usage, variant: string | null): SimulatedUsage {
  return {
    input: usage.input,
    output: usage.output,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
    other: usage.other,
    variant,
  }
}

function priceTierOf({ tierResolved, performance }: CallDraft): PriceTier | null {
  if (tierResolved === null) return null
  if (performance === 'optimized') return 'latency-optimized'
  return tierResolved === 'default' ? 'standard' : tierResolved
}

function costUsdOf(draft: CallDraft, tier: PriceTier | null): string | null {
  const { resolved, region, usage, variant, priced } = draft
  if (usage === null) return null
  if (priced === 'free') return '0'
  if (priced === 'by_guardrail')
    return formattedOrNull(guardrailCostOf(draft.operation, usage.other))
  if (resolved === null || tier === null) return null
  const model = resolved.model.id
  const { scope } = resolved
  return formattedOrNull(costOf({ model, region, scope, tier, usage, variant }))
}

function formattedOrNull(picodollars: bigint | null): string | null {
  return picodollars === null ? null : formatUsd(picodollars)
}
