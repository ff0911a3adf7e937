// The answer to "who spent what": rows of measures over any dimensions, and their total over the same calls.

export const SPEND_MEASURES = [
  'calls',
  'logical_calls',
  'refused_calls',
  'errors',
  'throttled',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
  'input_usd',
  'output_usd',
  'cache_usd',
  'other_usd',
  'unpriced_calls',
  'latency_ms_p50',
  'latency_ms_p95',
  'first_byte_ms_p50',
  'first_byte_ms_p95',
] as const
export type SpendMeasure = (typeof SPEND_MEASURES)[number]

/** What `spend?per=outcome:NAME` adds to a row: decimals as text, null where nothing true can be said. */
export const OUTCOME_MEASURES = ['outcomes', 'outcome_value_usd', 'usd_per_unit'] as const
export type OutcomeMeasure = (typeof OUTCOME_MEASURES)[number]

/** What spend can be grouped and filtered by besides the declared dimensions. */
export const CALL_FIELDS = [
  'model_id',
  'model_requested',
  'region',
  'account_id',
  'operation',
  'scope',
  'tier',
  'stream',
  'key_name',
  'principal_arn',
  'source',
  'via',
  'status',
  'refusal',
  'inference_profile',
  'kind',
] as const
export type CallField = (typeof CALL_FIELDS)[number]

export const GRANULARITIES = ['total', 'hour', 'day', 'week', 'month'] as const
export type Granularity = (typeof GRANULARITIES)[number]

/** Counts are numbers, money is a decimal string, a percentile without a sample is null. Group keys stand beside them. */
export type SpendRow = Readonly<Record<string, string | number | null>>

export type SpendAnswer = { readonly rows: readonly SpendRow[]; readonly total: SpendRow }
