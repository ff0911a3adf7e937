// The columns of the table `calls`, with the codecs that keep a call under 150 bytes at rest. Ids that are UUIDs take 16
// bytes (a text column beside each holds the others), small vocabularies are LowCardinality, and what is nearly always empty
// costs nothing. Every declared dimension is a column of its own; a new one is added by ALTER.

import { DEFAULT_DIMENSIONS, UNKNOWN, type CallRecord } from '@ledgerock/contract'
import { assert } from '../../kernel/assert.ts'
import { literal } from './literal.ts'

export type Column = {
  readonly name: string
  readonly type: string
  readonly codec?: string
  /** `DEFAULT …`, `MATERIALIZED …` */
  readonly computed?: string
  /** Filled by the engine, not by us. */
  readonly ours?: boolean
}

const WORD = 'LowCardinality(String)'
const WORD_OR_NULL = 'LowCardinality(Nullable(String))'
const MONEY = 'Decimal(38, 12)'
const TIME = "DateTime64(3, 'UTC')"
const PLAIN = 'ZSTD(3)'
const SMALL_NUMBERS = 'T64, ZSTD(3)'
const RISING_NUMBERS = 'Delta, ZSTD(3)'

const words = (...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ name, type: WORD, codec: PLAIN }))
const optionalWords = (...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ name, type: WORD_OR_NULL, codec: PLAIN }))
const column = (name: string, type: string, codec = PLAIN): Column => ({ name, type, codec })

export const TOKEN_COLUMNS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_30m_tokens',
  'cache_write_1h_tokens',
] as const

/** Columns that hold a field of the record as it is. */
export const SAME_COLUMNS = [
  'call_id',
  'attempt',
  'source',
  'via',
  'status',
  'interrupted_by',
  'refusal',
  'error_type',
  'http_status',
  'latency_ms',
  'first_byte_ms',
  'gateway_overhead_us',
  'region',
  'operation',
  'model_requested',
  'tier',
  'usage_source',
  'endpoint',
  'account_id',
  'inference_region',
  'model_id',
  'inference_profile',
  'scope',
  'stream',
  'changes',
  ...TOKEN_COLUMNS,
  'raw_usage',
  'unpriced_reason',
  'key_name',
  'principal_arn',
  'billed_principal_arn',
  'billed_account_id',
  'budget_name',
  'node_id',
  'journal_id',
  'seq',
  'policy_version',
  'price_book_version',
  'version',
  'corrects',
] as const satisfies readonly (keyof CallRecord)[]

/** Stands for "no UUID here". */
export const NO_UUID = '00000000-0000-0000-0000-000000000000'

/** What a call is charged to its budgets, element by element: tokens stand in whole numbers beside dollars. */
const BUDGET_CHARGE_COLUMNS: readonly Column[] = [
  column('budget_charge_names', `Array(${WORD})`),
  column('budget_charge_froms', 'Array(Int64)'),
  column('budget_charge_counters', `Array(${WORD_OR_NULL})`),
  column('budget_charge_units', `Array(${WORD})`),
  column('budget_charge_amounts', `Array(${MONEY})`),
]

/** Came with version 2 of the schema. */
export const BUDGET_COLUMNS: readonly Column[] = [
  ...BUDGET_CHARGE_COLUMNS,
  column('saved_usd', `Nullable(${MONEY})`),
]

const FIXED_COLUMNS: readonly Column[] = [
  column('sign', 'Int8'),
  column('call_id', 'UUID'),
  // Both empty: the call's own id.
  column('logical_uuid', 'UUID'),
  column('logical_text', 'String'),
  column('attempt', 'UInt32'),
  ...words('source', 'via', 'status'),
  ...optionalWords('interrupted_by', 'refusal', 'error_type'),
  column('http_status', 'Nullable(UInt16)'),
  column('started_at', TIME, RISING_NUMBERS),
  column('ended_after_ms', 'Int64', SMALL_NUMBERS),
  column('latency_ms', 'Float64'),
  column('first_byte_ms', 'Nullable(Float64)'),
  column('gateway_overhead_us', 'Nullable(Float64)'),
  ...words('region', 'operation', 'model_requested', 'tier', 'usage_source', 'endpoint'),
  ...optionalWords('account_id', 'inference_region', 'model_id', 'inference_profile', 'scope'),
  column('stream', 'Bool'),
  column('aws_request_uuid', 'Nullable(UUID)'),
  column('aws_request_text', 'Nullable(String)'),
  column('trace_uuid', 'Nullable(UUID)'),
  column('trace_text', 'Nullable(String)'),
  column('changes', `Array(${WORD})`),
  ...TOKEN_COLUMNS.map((name) => column(name, 'UInt64', SMALL_NUMBERS)),
  column('other_usage', `Map(${WORD}, Float64)`),
  column('raw_usage', 'Nullable(String)', 'ZSTD(6)'),
  column('cost_usd', `Nullable(${MONEY})`),
  ...optionalWords('unpriced_reason'),
  column('charge_kinds', `Array(${WORD})`),
  column('charge_quantities', 'Array(Float64)'),
  column('charge_rates', `Array(${WORD})`),
  column('charge_amounts', `Array(${MONEY})`),
  column('charge_rate_ids', `Array(${WORD})`),
  column('client_cost_usd', `Nullable(${MONEY})`),
  ...optionalWords('key_name', 'principal_arn', 'billed_principal_arn', 'billed_account_id'),
  column('other_dimensions', `Map(${WORD}, String)`),
  column('attributes', `Map(${WORD}, String)`),
  ...words('provenance'),
  column('conflicts', 'String'),
  column('bound_usd', `Nullable(${MONEY})`),
  ...optionalWords('budget_name'),
  column('budget_remaining_usd', `Nullable(${MONEY})`),
  ...BUDGET_COLUMNS,
  ...words('node_id', 'journal_id'),
  column('seq', 'UInt64', RISING_NUMBERS),
  column('policy_version', 'UInt64'),
  ...words('price_book_version'),
  column('evidence', 'String'),
  column('version', 'UInt32'),
  column('corrects', 'Nullable(String)'),
]

const ENGINE_COLUMNS: readonly Column[] = [
  {
    name: 'ingested_at',
    type: TIME,
    codec: RISING_NUMBERS,
    computed: "DEFAULT now64(3, 'UTC')",
    ours: false,
  },
  {
    name: 'hour',
    type: "DateTime('UTC')",
    codec: RISING_NUMBERS,
    computed: 'MATERIALIZED toStartOfHour(started_at)',
    ours: false,
  },
]

/** The column of a declared dimension. Only the eight default ones stand under their bare name. */
export function dimensionColumn(name: string): string {
  assert(/^[a-z][a-z0-9_]{0,63}$/.test(name), `not a name of a dimension: ${JSON.stringify(name)}`)
  return (DEFAULT_DIMENSIONS as readonly string[]).includes(name) ? name : `dim_${name}`
}

/** All dimensions that are columns: the default ones first, whether or not they are declared. */
export function dimensionsWithColumns(declared: readonly string[]): readonly string[] {
  return [...new Set([...DEFAULT_DIMENSIONS, ...declared])]
}

/** Calls from before the dimension was declared carry it among the others, if at all. */
export function dimensionColumnOf(name: string): Column {
  const others = `other_dimensions[${literal(name)}]`
  const carried = `mapContains(other_dimensions, ${literal(name)})`
  const computed = `DEFAULT if(${carried}, ${others}, ${literal(UNKNOWN)})`
  return { name: dimensionColumn(name), type: WORD, codec: PLAIN, computed }
}

/** What an insert names, in this order. */
export function insertedColumns(declared: readonly string[]): readonly Column[] {
  return [...FIXED_COLUMNS, ...dimensionsWithColumns(declared).map(dimensionColumnOf)]
}

export function callColumns(declared: readonly string[]): readonly Column[] {
  return [...insertedColumns(declared), ...ENGINE_COLUMNS]
}
