// The tables of an export: their columns, how a row of the API becomes a row of a file, and how files are partitioned. Files and the
// warehouse's table definitions are both written from this.

import { DEFAULT_DIMENSIONS, UNKNOWN } from '@ledgerock/contract'
import { FOCUS_PARQUET_COLUMNS } from '../../control/statements/focus-parquet.ts'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { ParquetColumn, ParquetType, ParquetValue } from '../../platform/parquet-file.ts'
import type { Row } from '../answer-format.ts'

export type ExportTable = {
  readonly name: string
  /** Folders `period=2026-10`, and below it `day=2026-10-31`. */
  readonly partitions: readonly ('period' | 'day')[]
  readonly columns: readonly ParquetColumn[]
}

const USD: ParquetType = { decimal: 12 }
const all = (type: ParquetType, ...names: readonly string[]): readonly ParquetColumn[] =>
  names.map((name) => ({ name, type, nullable: true }))

const DIMENSIONS = all('string', ...DEFAULT_DIMENSIONS)
/** Dimensions that were declared beside the usual ones. */
const OTHER_DIMENSIONS: ParquetColumn = { name: 'dimensions', type: 'words', nullable: true }

const CALLS: ExportTable = {
  name: 'calls',
  partitions: ['period', 'day'],
  columns: [
    ...all('string', 'call_id', 'logical_id'),
    ...all('long', 'attempt'),
    ...all('string', 'source', 'via', 'status', 'interrupted_by', 'refusal'),
    ...all('long', 'http_status'),
    ...all('string', 'error_type'),
    ...all('time', 'started_at', 'ended_at'),
    ...all('double', 'latency_ms', 'first_byte_ms', 'gateway_overhead_us'),
    ...all('string', 'account_id', 'region', 'inference_region', 'operation'),
    ...all('boolean', 'stream'),
    ...all('string', 'model_requested', 'model_id', 'inference_profile', 'scope', 'tier'),
    ...all('string', 'aws_request_id', 'trace_id'),
    ...all('json', 'changes'),
    ...all('long', 'input_tokens', 'output_tokens', 'cache_read_tokens'),
    ...all('long', 'cache_write_5m_tokens', 'cache_write_30m_tokens', 'cache_write_1h_tokens'),
    ...all('json', 'other_usage'),
    ...all('string', 'usage_source', 'raw_usage'),
    ...all(USD, 'cost_usd'),
    ...all('string', 'unpriced_reason'),
    ...all('json', 'charges'),
    ...all(USD, 'client_cost_usd'),
    ...all('string', 'key_name', 'principal_arn', 'billed_principal_arn', 'billed_account_id'),
    ...DIMENSIONS,
    OTHER_DIMENSIONS,
    ...all('words', 'attributes', 'provenance'),
    ...all('json', 'conflicts'),
    ...all(USD, 'bound_usd'),
    ...all('string', 'budget_name'),
    ...all(USD, 'budget_remaining_usd'),
    ...all('json', 'budget_charges'),
    ...all(USD, 'saved_usd'),
    ...all('string', 'node_id', 'journal_id'),
    ...all('long', 'seq'),
    ...all('string', 'endpoint'),
    ...all('long', 'policy_version'),
    ...all('string', 'price_book_version'),
    ...all('json', 'evidence'),
    ...all('long', 'version'),
    ...all('string', 'corrects'),
  ],
}

const ALLOCATION: ExportTable = {
  name: 'allocation',
  partitions: ['period'],
  columns: [
    ...DIMENSIONS,
    OTHER_DIMENSIONS,
    ...all('string', 'basis', 'reason'),
    ...all(USD, 'amount_usd'),
  ],
}

/** Lines of every team's statement, with a row each for its shared costs and its adjustments. */
const STATEMENTS: ExportTable = {
  name: 'statements',
  partitions: ['period'],
  columns: [
    ...all('string', 'team', 'application', 'feature', 'workflow_id', 'tenant_id', 'model_id'),
    ...all('string', 'basis'),
    ...all(USD, 'metered_usd', 'billed_usd', 'list_usd'),
  ],
}

/** The bill in FOCUS, line by line with its owners. */
const FOCUS: ExportTable = {
  name: 'focus',
  partitions: ['period'],
  columns: FOCUS_PARQUET_COLUMNS,
}

export const EXPORT_TABLES = {
  calls: CALLS,
  allocation: ALLOCATION,
  statements: STATEMENTS,
  focus: FOCUS,
} as const

/** A row of the API in the table's columns; what is no column stands among the other dimensions, if the table has those. */
export function exportedRow({ columns }: ExportTable, row: Row): readonly ParquetValue[] {
  const known = new Set(columns.map(({ name }) => name))
  return columns.map((column) => {
    if (column !== OTHER_DIMENSIONS) return valueOf(column.type, row[column.name])
    const others = Object.entries(row).filter(
      ([name, value]) => !known.has(name) && typeof value === 'string' && value !== UNKNOWN,
    )
    return Object.fromEntries(others) as Readonly<Record<string, string>>
  })
}

function valueOf(type: ParquetType, value: unknown): ParquetValue {
  if (value === null || value === undefined) return null
  if (typeof type !== 'string') return mustOk(parseUsd(value as string))
  switch (type) {
    case 'json':
      return JSON.stringify(value)
    case 'long':
      return BigInt(value as number)
    case 'time':
      return new Date(value as string)
    case 'string':
    case 'double':
    case 'boolean':
    case 'words':
      return value as ParquetValue
  }
}

/** `calls/period=2026-10/day=2026-10-31/part-0.parquet` */
export function partitionFile(table: ExportTable, period: string, day: string | null): string {
  const folders = table.partitions.map((name) => `${name}=${name === 'day' ? day : period}`)
  return [table.name, ...folders, 'part-0.parquet'].join('/')
}
