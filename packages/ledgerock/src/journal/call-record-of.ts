// The two lines of a call as the one record that the ledger, the API and exports hold.

import type { BudgetChargeLine, CallRecord, ChargeLine, UsageKind } from '@ledgerock/contract'
import { formatUsd, type Picodollars } from '../kernel/money.ts'
import { isoTime } from '../kernel/time.ts'
import { budgetCharge } from './budget-charge.ts'
import type { OpenedLine, SettledCharge, SettledLine } from './line.ts'
import type { SettledCall } from './pairing.ts'

/** Kinds with a column of their own; every other kind stands in `other_usage`. */
const COLUMN_KINDS = [
  'input',
  'output',
  'cache_read',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
] as const satisfies readonly UsageKind[]
const HAS_COLUMN: ReadonlySet<string> = new Set(COLUMN_KINDS)

export type JournalPlace = { readonly nodeId: string; readonly journalId: string }

export function callRecordOf(call: SettledCall, place: JournalPlace): CallRecord {
  const { opened, settled, seq } = call
  return {
    call_id: opened.callId,
    logical_id: opened.logicalId,
    attempt: opened.attempt,
    source: 'gateway',
    via: 'gateway',
    status: settled.status,
    interrupted_by: settled.interruptedBy,
    refusal: settled.refusal,
    http_status: settled.httpStatus,
    error_type: settled.errorType,
    started_at: isoTime(opened.startedAt),
    ended_at: isoTime(settled.endedAt),
    latency_ms: settled.latencyMs,
    first_byte_ms: settled.firstByteMs,
    gateway_overhead_us: settled.gatewayOverheadUs,
    account_id: opened.accountId,
    region: opened.region,
    inference_region: settled.inferenceRegion,
    operation: opened.operation,
    stream: opened.stream,
    model_requested: opened.modelRequested,
    model_id: opened.modelId,
    inference_profile: opened.inferenceProfile,
    scope: opened.scope,
    tier: settled.tier ?? opened.tier,
    aws_request_id: settled.awsRequestId,
    trace_id: opened.traceId,
    changes: settled.changes,
    ...usageColumns(settled.usage),
    usage_source: settled.usageSource,
    raw_usage: settled.rawUsage,
    cost_usd: usdOrNull(settled.cost),
    unpriced_reason: settled.unpricedReason,
    charges: settled.charges.map(chargeLine),
    client_cost_usd: null,
    key_name: opened.keyName,
    principal_arn: opened.principalArn,
    billed_principal_arn: opened.billedPrincipalArn,
    billed_account_id: opened.billedAccountId,
    dimensions: opened.dimensions,
    attributes: opened.attributes,
    provenance: opened.provenance,
    conflicts: opened.conflicts,
    bound_usd: usdOrNull(opened.boundUsd),
    budget_name: settled.budgetName,
    budget_remaining_usd: usdOrNull(settled.budgetRemaining),
    budget_charges: budgetCharges(opened, settled),
    saved_usd: usdOrNull(settled.saved),
    node_id: place.nodeId,
    journal_id: place.journalId,
    seq,
    endpoint: opened.endpoint,
    policy_version: opened.policyVersion,
    price_book_version: settled.priceBookVersion,
    evidence: [{ source: 'gateway', native_id: opened.callId }],
    version: 1,
    corrects: null,
  }
}

type UsageColumns = Pick<
  CallRecord,
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_read_tokens'
  | 'cache_write_5m_tokens'
  | 'cache_write_30m_tokens'
  | 'cache_write_1h_tokens'
  | 'other_usage'
>

function usageColumns(usage: SettledLine['usage']): UsageColumns {
  return {
    input_tokens: usage.input ?? 0,
    output_tokens: usage.output ?? 0,
    cache_read_tokens: usage.cache_read ?? 0,
    cache_write_5m_tokens: usage.cache_write_5m ?? 0,
    cache_write_30m_tokens: usage.cache_write_30m ?? 0,
    cache_write_1h_tokens: usage.cache_write_1h ?? 0,
    other_usage: otherUsage(usage),
  }
}

function chargeLine(charge: SettledCharge): ChargeLine {
  return {
    kind: charge.kind,
    quantity: charge.quantity,
    rate_usd: charge.rate,
    amount_usd: formatUsd(charge.amount),
    rate_id: charge.rateId,
  }
}

/** Every budget of a unit is charged the same. */
function budgetCharges(opened: OpenedLine, settled: SettledLine): readonly BudgetChargeLine[] {
  if (opened.budgets.length === 0) return []
  const charge = budgetCharge(opened, settled)
  const usd = formatUsd(charge.usd)
  const tokens = Number(charge.tokens)
  return opened.budgets.map(({ budget, fromMs, per, unit }) => ({
    budget,
    period: isoTime(fromMs),
    counter: per,
    usd: unit === 'usd' ? usd : null,
    tokens: unit === 'tokens' ? tokens : null,
  }))
}

function usdOrNull(amount: Picodollars | null): string | null {
  return amount === null ? null : formatUsd(amount)
}

function otherUsage(usage: SettledLine['usage']): Readonly<Record<string, number>> {
  const others: Record<string, number> = {}
  for (const [kind, quantity] of Object.entries(usage)) {
    if (quantity !== undefined && !HAS_COLUMN.has(kind)) others[kind] = quantity
  }
  return others
}
