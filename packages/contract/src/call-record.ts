// One attempt to call a model: the journal's reader, the ledger's rows, the API and exports all hold this shape.
// Identity is `call_id`, then (`account_id`, `region`, `aws_request_id`); `logical_id` only groups attempts and never removes
// one. Money is a decimal string in USD, times are ISO 8601 UTC with milliseconds, token counts are whole numbers.

import type { Scope, Tier, UnpricedReason } from './model-terms.ts'
import type { RefusalCode } from './refusal.ts'
import type { UsageKind } from './usage-kind.ts'

export const CALL_SOURCES = [
  'gateway',
  'sdk',
  'otel',
  'invocation_log',
  'cloudtrail',
  'batch',
  'litellm',
  'portkey',
  'api_gateway',
  'log',
] as const
export type CallSource = (typeof CALL_SOURCES)[number]

export const CALL_VIAS = ['gateway', 'direct', 'other_gateway', 'unknown'] as const
export type CallVia = (typeof CALL_VIAS)[number]

export const CALL_STATUSES = [
  'ok',
  'client_error',
  'throttled',
  'upstream_error',
  'interrupted',
  'refused',
] as const
export type CallStatus = (typeof CALL_STATUSES)[number]

export const INTERRUPTERS = ['client', 'upstream', 'gateway'] as const
export type Interrupter = (typeof INTERRUPTERS)[number]

/** Where the token counts come from, best first. `estimated` counts are replaced when better evidence arrives. */
export const USAGE_SOURCES = [
  'response',
  'drained',
  'estimated',
  'invocation_log',
  'cloudtrail',
  'client',
] as const
export type UsageSource = (typeof USAGE_SOURCES)[number]

/** One line of a call's cost: `quantity` × `rate_usd` per unit, rounded once to a picodollar. */
export type ChargeLine = {
  readonly kind: UsageKind
  readonly quantity: number
  readonly rate_usd: string
  readonly amount_usd: string
  readonly rate_id: string
}

/** What a call is charged to one counter of a budget, in the budget's own unit: the other amount is null. */
export type BudgetChargeLine = {
  readonly budget: string
  /** The instant at which the charged period begins. */
  readonly period: string
  /** The value of the dimension that the budget counts by, or null where it has one counter. */
  readonly counter: string | null
  readonly usd: string | null
  readonly tokens: number | null
}

/** A higher-ranked source said something else than a lower one, which was not obeyed. */
export type DimensionConflict = {
  readonly dimension: string
  readonly kept: string
  readonly kept_source: string
  readonly ignored: string
  readonly ignored_source: string
}

export type CallRecord = {
  readonly call_id: string
  readonly logical_id: string
  readonly attempt: number
  readonly source: CallSource
  readonly via: CallVia
  readonly status: CallStatus
  readonly interrupted_by: Interrupter | null
  readonly refusal: RefusalCode | null
  readonly http_status: number | null
  readonly error_type: string | null
  readonly started_at: string
  readonly ended_at: string
  readonly latency_ms: number
  readonly first_byte_ms: number | null
  readonly gateway_overhead_us: number | null
  readonly account_id: string | null
  readonly region: string
  readonly inference_region: string | null
  readonly operation: string
  readonly stream: boolean
  readonly model_requested: string
  /** The base model id, or null where the requested id could not be resolved. */
  readonly model_id: string | null
  readonly inference_profile: string | null
  readonly scope: Scope | null
  readonly tier: Tier
  readonly aws_request_id: string | null
  readonly trace_id: string | null
  readonly changes: readonly string[]

  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_5m_tokens: number
  readonly cache_write_30m_tokens: number
  readonly cache_write_1h_tokens: number
  readonly other_usage: Readonly<Record<string, number>>
  readonly usage_source: UsageSource
  /** The provider's own usage object, as JSON text, or null. */
  readonly raw_usage: string | null

  readonly cost_usd: string | null
  readonly unpriced_reason: UnpricedReason | null
  readonly charges: readonly ChargeLine[]
  readonly client_cost_usd: string | null

  readonly key_name: string | null
  readonly principal_arn: string | null
  readonly billed_principal_arn: string | null
  readonly billed_account_id: string | null
  /** The declared dimensions. In API answers and exports they stand as top-level fields. */
  readonly dimensions: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
  readonly provenance: Readonly<Record<string, string>>
  readonly conflicts: readonly DimensionConflict[]
  /** The most the attempt could cost, where a budget covers it; of a refused one what it would have needed. */
  readonly bound_usd: string | null
  /** The budget that refused the call, or the one that had the least left. */
  readonly budget_name: string | null
  readonly budget_remaining_usd: string | null
  readonly budget_charges: readonly BudgetChargeLine[]
  /** What the model asked for would have cost more than the one a route chose, or null where no route did. */
  readonly saved_usd: string | null

  readonly node_id: string
  readonly journal_id: string
  /** The sequence number of the settled line in its journal. */
  readonly seq: number
  readonly endpoint: 'runtime' | 'mantle'
  readonly policy_version: number
  readonly price_book_version: string
  readonly evidence: readonly { readonly source: CallSource; readonly native_id: string }[]
  readonly version: number
  readonly corrects: string | null
}
