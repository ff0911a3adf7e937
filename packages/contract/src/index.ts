// The shapes of Ledgerock that are seen from outside, shared by server, SDK and dashboard so that none imports another.

export {
  CALL_SOURCES,
  CALL_STATUSES,
  CALL_VIAS,
  INTERRUPTERS,
  USAGE_SOURCES,
  type CallRecord,
  type CallSource,
  type CallStatus,
  type CallVia,
  type BudgetChargeLine,
  type ChargeLine,
  type DimensionConflict,
  type Interrupter,
  type UsageSource,
} from './call-record.ts'
export { DEFAULT_DIMENSIONS, OVERFLOW, UNKNOWN } from './dimension.ts'
export {
  BUDGET_REMAINING_TOKENS_HEADER,
  BUDGET_REMAINING_USD_HEADER,
  BUDGET_WARNING_HEADER,
  CALL_ID_HEADER,
  COST_HEADER,
  HEADER_PREFIX,
  REFUSAL_HEADER,
  ROUTE_HEADER,
  REQUEST_ID_HEADER,
  TRACE_ID_HEADER,
} from './header.ts'
export {
  SCOPES,
  TIERS,
  UNPRICED_REASONS,
  type Scope,
  type Tier,
  type UnpricedReason,
} from './model-terms.ts'
export { type Problem, type ProblemError } from './problem.ts'
export { REFUSAL_CODES, type RefusalCode } from './refusal.ts'
export {
  CALL_FIELDS,
  GRANULARITIES,
  OUTCOME_MEASURES,
  SPEND_MEASURES,
  type CallField,
  type Granularity,
  type OutcomeMeasure,
  type SpendAnswer,
  type SpendMeasure,
  type SpendRow,
} from './spend.ts'
export { isUsageKind, USAGE_KINDS, type UsageKind } from './usage-kind.ts'
