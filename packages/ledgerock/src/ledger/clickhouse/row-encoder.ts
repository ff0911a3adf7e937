// A call record as the line of one row of `calls`, its fields in the order of the columns. A record that has no exact form there
// is a Fault `row_invalid`, before anything is sent. This runs for every call, so a table of functions is made once and used
// for all rows.

import { UNKNOWN, type BudgetChargeLine, type CallRecord } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { isUuid } from '../../kernel/ids.ts'
import { formatUsd, parseUsd } from '../../kernel/money.ts'
import type { LedgerEntry } from '../entry.ts'
import {
  dimensionColumn,
  dimensionsWithColumns,
  insertedColumns,
  NO_UUID,
  SAME_COLUMNS,
} from './call-columns.ts'
import { fieldWriter, type FieldWriter } from './tab-separated.ts'

type Draft = {
  readonly record: CallRecord
  readonly sign: 1 | -1
  readonly startedMs: number
}
type Value = (draft: Draft) => unknown
type Field = { readonly column: string; readonly value: Value; readonly write: FieldWriter }

export type RowEncoder = {
  readonly columns: readonly string[]
  /** Ends with a line feed. */
  readonly lineOf: (entry: LedgerEntry) => string
}

export function createRowEncoder(declared: readonly string[]): RowEncoder {
  const names = dimensionsWithColumns(declared)
  const columnsOf = new Set(names)
  const values = new Map<string, Value>([
    ...SAME_COLUMNS.map((name): [string, Value] => [name, ({ record }) => record[name]]),
    ...Object.entries(VALUES),
    ...names.map((name): [string, Value] => [
      dimensionColumn(name),
      ({ record }) => dimensionOf(record, name),
    ]),
    ['other_dimensions', ({ record }) => otherDimensions(record, columnsOf)],
  ])
  const fields = insertedColumns(declared).map(({ name: column, type }): Field => {
    const value = values.get(column)
    if (value === undefined) throw new RangeError(`no value for the column ${column}`)
    return { column, value, write: fieldWriter(type) }
  })
  return {
    columns: fields.map(({ column }) => column),
    lineOf: ({ record, sign }) => {
      if (!isUuid(record.call_id)) throw invalid(record, 'call_id is not a UUID')
      if (record.logical_id === '') throw invalid(record, 'logical_id is empty')
      const draft = { record, sign, startedMs: instantOf(record, record.started_at) }
      return `${fields.map((field) => written(field, draft)).join('\t')}\n`
    },
  }
}

function written({ column, value, write }: Field, draft: Draft): string {
  try {
    return write(value(draft))
  } catch (error) {
    if (error instanceof RangeError) throw invalid(draft.record, `${column} is ${error.message}`)
    throw error
  }
}

const VALUES: Readonly<Record<string, Value>> = {
  sign: ({ sign }) => sign,
  logical_uuid: ({ record }) => (hasLogicalUuid(record) ? record.logical_id : NO_UUID),
  logical_text: ({ record }) =>
    hasLogicalUuid(record) || record.logical_id === record.call_id ? '' : record.logical_id,
  started_at: ({ startedMs }) => new Date(startedMs).toISOString().slice(0, -1).replace('T', ' '),
  ended_after_ms: ({ record, startedMs }) => instantOf(record, record.ended_at) - startedMs,
  aws_request_uuid: ({ record: { aws_request_id: id } }) => (id !== null && isUuid(id) ? id : null),
  aws_request_text: ({ record: { aws_request_id: id } }) => (id === null || isUuid(id) ? null : id),
  trace_uuid: ({ record: { trace_id: id } }) => (id !== null && isHex(id) ? dashed(id) : null),
  trace_text: ({ record: { trace_id: id } }) => (id === null || isHex(id) ? null : id),
  other_usage: ({ record }) => Object.entries(record.other_usage),
  cost_usd: ({ record }) => money(record, record.cost_usd),
  charge_kinds: ({ record }) => record.charges.map((charge) => charge.kind),
  charge_quantities: ({ record }) => record.charges.map((charge) => charge.quantity),
  charge_rates: ({ record }) => record.charges.map((charge) => charge.rate_usd),
  charge_amounts: ({ record }) => record.charges.map((charge) => money(record, charge.amount_usd)),
  charge_rate_ids: ({ record }) => record.charges.map((charge) => charge.rate_id),
  client_cost_usd: ({ record }) => money(record, record.client_cost_usd),
  attributes: ({ record }) => Object.entries(record.attributes),
  provenance: ({ record }) => list(Object.entries(record.provenance)),
  conflicts: ({ record }) => list(record.conflicts),
  bound_usd: ({ record }) => money(record, record.bound_usd),
  budget_remaining_usd: ({ record }) => money(record, record.budget_remaining_usd),
  budget_charge_names: ({ record }) => record.budget_charges.map(({ budget }) => budget),
  budget_charge_froms: ({ record }) =>
    record.budget_charges.map(({ period }) => periodMs(record, period)),
  budget_charge_counters: ({ record }) => record.budget_charges.map(({ counter }) => counter),
  budget_charge_units: ({ record }) =>
    record.budget_charges.map(({ usd }) => (usd === null ? 'tokens' : 'usd')),
  budget_charge_amounts: ({ record }) =>
    record.budget_charges.map((charge) => chargedAmount(record, charge)),
  saved_usd: ({ record }) => money(record, record.saved_usd),
  evidence: ({ record }) => evidence(record),
}

function hasLogicalUuid({ logical_id: id, call_id }: CallRecord): boolean {
  return id !== call_id && id !== NO_UUID && isUuid(id)
}

function dimensionOf(record: CallRecord, name: string): string {
  const value = Object.hasOwn(record.dimensions, name) ? record.dimensions[name] : undefined
  return value ?? UNKNOWN
}

function otherDimensions(record: CallRecord, columns: ReadonlySet<string>): unknown {
  return Object.entries(record.dimensions).filter(([name]) => !columns.has(name))
}

/** An evidence's native id is nearly always one that stands in the row already: see `evidenceFrom`. */
function evidence(record: CallRecord): string {
  const short = record.evidence.map(({ source, native_id: id }) => {
    if (id === record.call_id) return [source]
    return id === record.aws_request_id ? [source, 1] : [source, id]
  })
  return list(short)
}

function list(items: readonly unknown[]): string {
  return items.length === 0 ? '' : JSON.stringify(items)
}

/** Most amounts come in their shortest form, and need no sums to be brought into it. */
const SHORTEST_USD = /^-?(?:0|[1-9]\d{0,25})(?:\.\d{0,11}[1-9])?$/

function money(record: CallRecord, usd: string | null): string | null {
  if (usd === null || SHORTEST_USD.test(usd)) return usd
  const parsed = parseUsd(usd)
  if (!parsed.ok) throw invalid(record, parsed.problem)
  return formatUsd(parsed.value)
}

/** In one unit, and only one. */
function chargedAmount(record: CallRecord, { usd, tokens }: BudgetChargeLine): string | null {
  const inOneUnit = (usd === null) !== (tokens === null)
  const isWhole = tokens === null || Number.isSafeInteger(tokens)
  if (!inOneUnit || !isWhole)
    throw invalid(record, 'a charge to a budget is dollars or whole tokens')
  return usd === null ? String(tokens) : money(record, usd)
}

/** Not bounded by the engine: a period may have begun before its time. */
function periodMs(record: CallRecord, iso: string): number {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) throw invalid(record, `not an instant: ${iso}`)
  return ms
}

/** The engine's DateTime ends in February 2106. */
export const LAST_MS = 4_294_944_000_000

function instantOf(record: CallRecord, iso: string): number {
  const ms = Date.parse(iso)
  const inRange = ms >= 0 && ms < LAST_MS
  if (!inRange) throw invalid(record, `not an instant the ledger can hold: ${iso}`)
  return ms
}

function isHex(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id)
}

function dashed(hex: string): string {
  const part = (from: number, to?: number): string => hex.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20)}`
}

function invalid(record: CallRecord, reason: string): Fault {
  return new Fault('row_invalid', `call ${record.call_id}: ${reason}`)
}
