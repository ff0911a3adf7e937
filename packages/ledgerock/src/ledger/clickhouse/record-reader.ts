// A row of `calls` as the call record it was, exactly, with two kinds of canonical form: every declared dimension is there
// (`unknown` where it was missing), and money is the shortest decimal.

import {
  UNKNOWN,
  type BudgetChargeLine,
  type CallRecord,
  type ChargeLine,
} from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { formatUsd, parseUsd } from '../../kernel/money.ts'
import { dimensionColumn, dimensionsWithColumns, NO_UUID, SAME_COLUMNS } from './call-columns.ts'

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
  'budget_charge_names',
  'budget_charge_froms',
  'budget_charge_counters',
  'budget_charge_units',
  'budget_charge_amounts',
  'saved_usd',
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
  const awsRequestId = (row['aws_request_uuid'] ?? row['aws_request_text']) as string | null
  return {
    ...same,
    logical_id: logicalIdFrom(row),
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(startedMs + (row['ended_after_ms'] as number)).toISOString(),
    aws_request_id: awsRequestId,
    trace_id: traceIdFrom(row),
    other_usage: Object.fromEntries(pairsFrom(row, 'other_usage')) as CallRecord['other_usage'],
    cost_usd: moneyFrom(row['cost_usd']),
    charges: chargesFrom(row),
    client_cost_usd: moneyFrom(row['client_cost_usd']),
    dimensions: dimensionsFrom(row, declared),
    attributes: Object.fromEntries(pairsFrom(row, 'attributes')) as CallRecord['attributes'],
    provenance: Object.fromEntries(listFrom(text('provenance')) as [string, string][]),
    conflicts: listFrom(text('conflicts')) as CallRecord['conflicts'],
    bound_usd: moneyFrom(row['bound_usd']),
    budget_remaining_usd: moneyFrom(row['budget_remaining_usd']),
    budget_charges: budgetChargesFrom(row),
    saved_usd: moneyFrom(row['saved_usd']),
    evidence: evidenceFrom(text('evidence'), text('call_id'), awsRequestId),
  }
}

function dimensionsFrom(row: Row, declared: readonly string[]): Readonly<Record<string, string>> {
  const shown = new Set(declared)
  const columns = dimensionsWithColumns(declared)
    .map((name) => [name, row[dimensionColumn(name)] as string] as const)
    // A default dimension that is not declared is shown only where somebody set it.
    .filter(([name, value]) => shown.has(name) || value !== UNKNOWN)
  const others = pairsFrom(row, 'other_dimensions') as readonly (readonly [string, string])[]
  return Object.fromEntries([...others, ...columns])
}

function pairsFrom(
  row: Row,
  name: (typeof MAP_COLUMNS)[number],
): readonly (readonly [string, unknown])[] {
  const values = row[`${name}_values`] as readonly unknown[]
  const names = row[`${name}_names`] as readonly string[]
  return names.map((one, index) => [one, values[index]] as const)
}

function logicalIdFrom(row: Row): string {
  if (row['logical_text'] !== '') return row['logical_text'] as string
  const uuid = row['logical_uuid'] as string
  return uuid === NO_UUID ? (row['call_id'] as string) : uuid
}

function traceIdFrom(row: Row): string | null {
  const uuid = row['trace_uuid'] as string | null
  return uuid === null ? (row['trace_text'] as string | null) : uuid.replaceAll('-', '')
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

function budgetChargesFrom(row: Row): readonly BudgetChargeLine[] {
  const froms = row['budget_charge_froms'] as readonly number[]
  const counters = row['budget_charge_counters'] as readonly (string | null)[]
  const units = row['budget_charge_units'] as readonly string[]
  const amounts = row['budget_charge_amounts'] as readonly string[]
  return (row['budget_charge_names'] as readonly string[]).map((budget, index) => {
    const amount = moneyFrom(amounts[index]) as string
    const inTokens = units[index] === 'tokens'
    return {
      budget,
      period: new Date(froms[index] as number).toISOString(),
      counter: counters[index] as string | null,
      usd: inTokens ? null : amount,
      tokens: inTokens ? Number(amount) : null,
    }
  })
}

/** No second element stands for the call id, a number for AWS's request id. */
function evidenceFrom(
  text: string,
  callId: string,
  awsRequestId: string | null,
): CallRecord['evidence'] {
  const short = listFrom(text) as readonly [CallRecord['source'], (string | number)?][]
  return short.map(([source, id]) => ({
    source,
    native_id: id === undefined ? callId : typeof id === 'number' ? (awsRequestId ?? '') : id,
  }))
}

function listFrom(text: string): readonly unknown[] {
  return text === '' ? [] : (JSON.parse(text) as readonly unknown[])
}

function moneyFrom(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const parsed = parseUsd(value)
  if (!parsed.ok) throw new Fault('ledger_damaged', parsed.problem)
  return formatUsd(parsed.value)
}
