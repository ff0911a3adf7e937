// A call of the ledger as rules are tried on it.

import { UNKNOWN, type CallRecord, type RefusalCode } from '@ledgerock/contract'
import { OPERATIONS, type Operation } from '../../bedrock/operation.ts'
import type { PastCall } from '../../governance/trial/past-call.ts'
import { parseUsd, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'

/** Said by the rules; what was refused for another reason never came so far, or would have gone on if it had been served. */
const BY_RULES: ReadonlySet<RefusalCode> = new Set([
  'paused',
  'model_access',
  'guardrail_required',
  'rate_limit',
  'concurrency',
  'budget',
  'budget_unavailable',
])

/** Null: it never was for rules to judge. */
export function pastCallOf(record: CallRecord): PastCall | null {
  const { refusal, model_requested: modelRequested } = record
  const wasRefused = record.status === 'refused'
  if (wasRefused && (refusal === null || !BY_RULES.has(refusal))) return null
  const inputTokens =
    record.input_tokens +
    record.cache_read_tokens +
    record.cache_write_5m_tokens +
    record.cache_write_30m_tokens +
    record.cache_write_1h_tokens +
    (record.other_usage['cache_write'] ?? 0)
  return {
    dimensions: record.dimensions,
    keyName: record.key_name,
    modelRequested,
    modelId: record.model_id,
    callId: record.call_id,
    startedMs: Date.parse(record.started_at),
    endedMs: Date.parse(record.ended_at),
    operation: operationOf(record.operation),
    callsModel: modelRequested !== UNKNOWN,
    profileScope: record.scope,
    tier: record.tier,
    stream: record.stream,
    cost: wasRefused ? NOTHING : dollarsOf(record.cost_usd),
    isCounted: record.usage_source !== 'estimated',
    bound: dollarsOf(record.bound_usd),
    tokens: inputTokens + record.output_tokens,
    inputTokens,
    outputTokens: record.output_tokens,
    wasRefused,
    isOurs: record.source === 'gateway',
  }
}

const NOTHING = mustOk(parseUsd('0'))

function dollarsOf(text: string | null): Picodollars | null {
  return text === null ? null : mustOk(parseUsd(text))
}

/** Other sources have words of their own; what they mean is a call that costs. */
function operationOf(text: string): Operation {
  return OPERATIONS.find((operation) => operation === text) ?? 'invoke'
}
