// A call record as a row of `calls` and back, exactly: what goes in comes out, with two kinds of canonical form. Every declared
// dimension is present (`unknown` where it was missing), and money is the shortest decimal. A record that has no such form is
// a Fault `row_invalid`, before anything is sent.

import { UNKNOWN, type CallRecord, type ChargeLine } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { isUuid } from '../../kernel/ids.ts'
import { formatUsd, parseUsd } from '../../kernel/money.ts'
import type { LedgerEntry } from '../entry.ts'
import {
  dimensionColumn,
  dimensionsWithColumns,
  insertedColumns,
  TOKEN_COLUMNS,
} from './call-columns.ts'

const NO_UUID = '00000000-0000-0000-0000-000000000000'

type Values = Readonly<Record<string, unknown>>

/** The values of an insert, in the order of `insertedColumns`. */
export function rowOf(entry: LedgerEntry, declared: readonly string[]): readonly unknown[] {
  const values = { ...valuesOf(entry), ...dimensionValues(entry.record, declared) }
  return insertedColumns(declared).map((name) => values[name] ?? null)
}

/** Columns that are read back as they were written. */
const SAME_COLUMNS = [
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

const OTHER_COLUMNS = [
  'logical_uuid',
  'logical_text',
  'ended_after_ms',
  'aws_request_uuid',
  'aws_request_text',
  'trace_uuid',
  'trace_text',
  'cost_usd',
  'charge_kinds',
  'charge_quantities',
  'charge_rates',
  'charge_amounts',
  'charge_rate_ids',
  'client_cost_usd',
  'provenance',
  'conflicts',
  'bound_usd',
  'budget_remaining_usd',
  'budget_charges',
  'evidence',
] as const

/** Read as two lists each: names from outside are values, never JSON keys, which V8 can misread (nodejs/node#63785). */
const MAP_COLUMNS = ['other_usage', 'attributes', 'other_dimensions'] as const

/** What a SELECT names so that `recordOf` can read its rows. */
export function recordColumns(declared: readonly string[]): readonly string[] {
  return [
    ...SAME_COLUMNS,
    ...OTHER_COLUMNS,
    ...MAP_COLUMNS.flatMap((name) => [
      `mapKeys(${name}) AS ${name}_names`,
      `mapValues(${name}) AS ${name}_values`,
    ]),
    'toUnixTimestamp64Milli(started_at) AS started_ms',
    ...dimensionsWithColumns(declared).map(dimensionColumn),
  ]
}

type Row = Readonly<Record<string, unknown>>

export function recordOf(row: Row, declared: readonly string[]): CallRecord {
  const text = (name: string): string => row[name] as string
  const startedMs = row['started_ms'] as number
  const same = Object.fromEntries(SAME_COLUMNS.map((name) => [name, row[name]])) as Pick<
    CallRecord,
    (typeof SAME_COLUMNS)[number]
  >
  const aws = row['aws_request_uuid'] ?? row['aws_request_text']
  const trace = row['trace_uuid']
  return {
    ...same,
    logical_id: logicalIdOf(row),
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(startedMs + (row['ended_after_ms'] as number)).toISOString(),
    aws_request_id: aws as string | null,
    trace_id: (trace === null ? row['trace_text'] : text('trace_uuid').replaceAll('-', '')) as
      string | null,
    other_usage: Object.fromEntries(pairsFrom<number>(row, 'other_usage')),
    cost_usd: moneyFrom(row['cost_usd']),
    charges: chargesFrom(row),
    client_cost_usd: moneyFrom(row['client_cost_usd']),
    dimensions: dimensionsFrom(row, declared),
    attributes: Object.fromEntries(pairsFrom<string>(row, 'attributes')),
    provenance: Object.fromEntries(listFrom<readonly [string, string]>(text('provenance'))),
    conflicts: listFrom(text('conflicts')),
    bound_usd: moneyFrom(row['bound_usd']),
    budget_remaining_usd: moneyFrom(row['budget_remaining_usd']),
    budget_charges: listFrom(text('budget_charges')),
    evidence: evidenceFrom(text('evidence'), text('call_id'), aws as string | null),
  }
}

function valuesOf({ sign, record }: LedgerEntry): Values {
  if (!isUuid(record.call_id)) throw invalid(record, 'call_id is not a UUID')
  if (record.logical_id === '') throw invalid(record, 'logical_id is empty')
  const startedMs = instantOf(record, record.started_at)
  const ownLogical = record.logical_id === record.call_id
  const logicalUuid = !ownLogical && isUuid(record.logical_id) && record.logical_id !== NO_UUID
  const awsUuid = record.aws_request_id !== null && isUuid(record.aws_request_id)
  const traceUuid = record.trace_id !== null && /^[0-9a-f]{32}$/.test(record.trace_id)
  return {
    ...Object.fromEntries(SAME_COLUMNS.map((name) => [name, wellFormed(record[name])])),
    sign,
    logical_uuid: logicalUuid ? record.logical_id : NO_UUID,
    logical_text: ownLogical || logicalUuid ? '' : record.logical_id.toWellFormed(),
    started_at: new Date(startedMs).toISOString().replace('T', ' ').replace('Z', ''),
    ended_after_ms: instantOf(record, record.ended_at) - startedMs,
    aws_request_uuid: awsUuid ? record.aws_request_id : null,
    aws_request_text: awsUuid ? null : wellFormed(record.aws_request_id),
    trace_uuid: traceUuid ? dashed(record.trace_id as string) : null,
    trace_text: traceUuid ? null : wellFormed(record.trace_id),
    cost_usd: money(record, record.cost_usd),
    charge_kinds: record.charges.map((charge) => charge.kind),
    charge_quantities: record.charges.map((charge) => charge.quantity),
    charge_rates: record.charges.map((charge) => charge.rate_usd),
    charge_amounts: record.charges.map((charge) => money(record, charge.amount_usd)),
    charge_rate_ids: record.charges.map((charge) => charge.rate_id),
    client_cost_usd: money(record, record.client_cost_usd),
    other_usage: record.other_usage,
    attributes: wellFormed(record.attributes),
    provenance: list(Object.entries(record.provenance)),
    conflicts: list(record.conflicts),
    bound_usd: money(record, record.bound_usd),
    budget_remaining_usd: money(record, record.budget_remaining_usd),
    budget_charges: list(record.budget_charges),
    evidence: evidence(record),
  }
}

function dimensionValues(record: CallRecord, declared: readonly string[]): Values {
  const names = dimensionsWithColumns(declared)
  const others = Object.entries(record.dimensions).filter(([name]) => !names.includes(name))
  return {
    ...Object.fromEntries(
      names.map((name) => [
        dimensionColumn(name),
        wellFormed(own(record.dimensions, name) ?? UNKNOWN),
      ]),
    ),
    other_dimensions: wellFormed(Object.fromEntries(others)),
  }
}

function dimensionsFrom(row: Row, declared: readonly string[]): Readonly<Record<string, string>> {
  const shown = new Set(declared)
  const columns = dimensionsWithColumns(declared)
    .map((name) => [name, row[dimensionColumn(name)] as string] as const)
    // A default dimension that is not declared is shown only where somebody set it.
    .filter(([name, value]) => shown.has(name) || value !== UNKNOWN)
  return Object.fromEntries([...pairsFrom<string>(row, 'other_dimensions'), ...columns])
}

function pairsFrom<Value>(
  row: Row,
  name: (typeof MAP_COLUMNS)[number],
): readonly (readonly [string, Value])[] {
  const values = row[`${name}_values`] as readonly Value[]
  const names = row[`${name}_names`] as readonly string[]
  return names.map((one, index) => [one, values[index] as Value] as const)
}

function logicalIdOf(row: Row): string {
  if (row['logical_text'] !== '') return row['logical_text'] as string
  const uuid = row['logical_uuid'] as string
  return uuid === NO_UUID ? (row['call_id'] as string) : uuid
}

function chargesFrom(row: Row): readonly ChargeLine[] {
  const amounts = row['charge_amounts'] as readonly string[]
  const rates = row['charge_rates'] as readonly string[]
  const quantities = row['charge_quantities'] as readonly number[]
  const rateIds = row['charge_rate_ids'] as readonly string[]
  return (row['charge_kinds'] as readonly ChargeLine['kind'][]).map((kind, index) => ({
    kind,
    quantity: quantities[index] as number,
    rate_usd: rates[index] as string,
    amount_usd: moneyFrom(amounts[index]) as string,
    rate_id: rateIds[index] as string,
  }))
}

// An evidence's native id is nearly always an id that stands in the row already: no second element means the call id, a
// number means AWS's request id.

function evidence(record: CallRecord): string {
  const short = record.evidence.map(({ source, native_id: id }) => {
    if (id === record.call_id) return [source]
    return id === record.aws_request_id ? [source, 1] : [source, id]
  })
  return list(short)
}

function evidenceFrom(
  text: string,
  callId: string,
  awsRequestId: string | null,
): CallRecord['evidence'] {
  const short = listFrom<readonly [CallRecord['source'], (string | number)?]>(text)
  return short.map(([source, id]) => ({
    source,
    native_id: id === undefined ? callId : typeof id === 'number' ? (awsRequestId ?? '') : id,
  }))
}

function list(items: readonly unknown[]): string {
  return items.length === 0 ? '' : json(items)
}

function listFrom<Item>(text: string): readonly Item[] {
  return text === '' ? [] : (JSON.parse(text) as readonly Item[])
}

function json(value: unknown): string {
  return JSON.stringify(value).toWellFormed()
}

/** Lone surrogates have no UTF-8 form. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]),
  )
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function money(record: CallRecord, usd: string | null): string | null {
  if (usd === null) return null
  const parsed = parseUsd(usd)
  if (!parsed.ok) throw invalid(record, parsed.problem)
  return formatUsd(parsed.value)
}

function moneyFrom(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const parsed = parseUsd(String(value))
  if (!parsed.ok) throw new Fault('ledger_damaged', parsed.problem)
  return formatUsd(parsed.value)
}

function instantOf(record: CallRecord, iso: string): number {
  const ms = Date.parse(iso)
  // The engine's DateTime covers 1970 to 2106.
  const inRange = ms >= 0 && ms < 4_294_944_000_000
  if (!inRange) throw invalid(record, `not an instant the ledger can hold: ${iso}`)
  return ms
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function invalid(record: CallRecord, reason: string): Fault {
  return new Fault('row_invalid', `call ${record.call_id}: ${reason}`)
}
