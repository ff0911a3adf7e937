// Metered use as SQL. Calls that differ in nothing that is asked have the same kinds of charges in the same order, so they are added
// up list by list first and taken apart into kinds afterwards: what is dear per call is then done per group. An entry's sign is part of
// its group and is applied in the end.

import { UNKNOWN } from '@ledgerock/contract'
import type { MeteredUseRow } from '../metered-use.ts'
import { dimensionColumn, TOKEN_COLUMNS } from './call-columns.ts'
import { arrayOf, identifier, literal } from './literal.ts'
import { CALLS, tableName } from './schema.ts'
import { withinTime } from './spend-sql.ts'

/** Of a cell, in the order in which rows stand within their hour; owners come after them. */
const CELL: Readonly<Record<string, string>> = {
  account_id: "ifNull(toString(billed_account_id), '')",
  region: 'toString(region)',
  model_id: 'ifNull(toString(model_id), toString(model_requested))',
  scope: "ifNull(toString(scope), '')",
  tier: 'toString(tier)',
  principal: "ifNull(toString(billed_principal_arn), '')",
}
/** Known once charges are taken apart. */
const LINE = ['kind', 'sort', 'unpriced'] as const
/** Would make every call an owner of its own. */
const NO_OWNER = 'user_id'

/** A row's place: its hour, and the text of every key in their order. */
export type UsePlace = { readonly hourMs: number; readonly keys: readonly string[] }

export type UseSlice = {
  readonly database: string
  readonly declared: readonly string[]
  readonly fromMs: number
  readonly toMs: number
  readonly after: UsePlace | null
  /** Rates that are for something special, and what. */
  readonly sorts: ReadonlyMap<string, string>
  readonly limit: number
}

export function ownerDimensions(declared: readonly string[]): readonly string[] {
  return declared.filter((name) => name !== NO_OWNER)
}

function keysOf(declared: readonly string[]): readonly string[] {
  const cell = Object.keys(CELL).map((name) => `k_${name}`)
  return [...cell, ...ownerDimensions(declared).map((_, index) => `d_${index}`), ...LINE]
}

export function meteredSql(slice: UseSlice): string {
  const { after, declared, limit } = slice
  const keys = ['use_hour', ...keysOf(declared)]
  const later =
    after === null
      ? ''
      : ` WHERE (${keys.join(', ')}) > (${[hourOf(after.hourMs), ...after.keys.map((key) => literal(key))].join(', ')})`
  return (
    `SELECT toUnixTimestamp(use_hour) AS hour_s, ${keys.slice(1).join(', ')},` +
    ' sum(signed * line_tokens) AS tokens, sumIf(signed * line_tokens, estimated) AS estimated_tokens,' +
    ` toString(sum(signed * line_amount)) AS usd FROM (${linesSql(slice)})${later}` +
    ` GROUP BY ${keys.join(', ')} HAVING sum(signed * toInt64(entries)) != 0` +
    ` ORDER BY ${keys.join(', ')} LIMIT ${limit}`
  )
}

/** A line for each charge, and one for each kind that was used and not charged. */
function linesSql(slice: UseSlice): string {
  const keys = ['use_hour', ...keysOf(slice.declared).filter((name) => !isOfLine(name))]
  const tokens = TOKEN_COLUMNS.map(
    (name) => `(${literal(name.replace(/_tokens$/, ''))}, toInt64(s_${name}))`,
  )
  const used =
    `arrayConcat([${tokens.join(', ')}],` +
    ' arrayMap((k, v) -> (k, toInt64(round(v))), mapKeys(s_other), mapValues(s_other)))'
  const charged =
    'arrayMap((k, r, q, a) -> (k, r, toInt64(round(q)), a), kinds, rates, quantities, amounts)'
  const uncharged =
    "arrayMap(u -> (u.1, '', u.2, toDecimal128(0, 12))," +
    ` arrayFilter(u -> u.2 != 0 AND NOT has(kinds, u.1), ${used}))`
  return (
    `SELECT ${keys.join(', ')}, signed, estimated, entries, arrayJoin(arrayConcat(${charged}, ${uncharged})) AS line,` +
    ` line.1 AS kind, ${sortSql('line.2', slice.sorts)} AS sort, line.3 AS line_tokens, line.4 AS line_amount,` +
    ` toString(is_unpriced) AS unpriced FROM (${sumsSql(slice)})`
  )
}

function isOfLine(name: string): boolean {
  return (LINE as readonly string[]).includes(name)
}

function sumsSql({ database, declared, fromMs, toMs }: UseSlice): string {
  const keys = {
    use_hour: 'toStartOfHour(started_at)',
    ...Object.fromEntries(Object.entries(CELL).map(([name, sql]) => [`k_${name}`, sql])),
    ...Object.fromEntries(
      ownerDimensions(declared).map((name, index) => [
        `d_${index}`,
        `toString(${identifier(dimensionColumn(name))})`,
      ]),
    ),
    kinds: 'arrayMap(k -> toString(k), charge_kinds)',
    rates: 'arrayMap(r -> toString(r), charge_rate_ids)',
    is_unpriced: 'isNull(cost_usd)',
    estimated: "usage_source = 'estimated'",
    signed: 'toInt64(sign)',
  }
  const sums = [
    'count() AS entries',
    'sumForEach(charge_quantities) AS quantities',
    'sumForEach(charge_amounts) AS amounts',
    ...TOKEN_COLUMNS.map((name) => `sum(${name}) AS s_${name}`),
    'sumMapIf(mapApply((k, v) -> (toString(k), v), other_usage), notEmpty(other_usage)) AS s_other',
  ]
  return (
    `SELECT ${Object.entries(keys)
      .map(([name, sql]) => `${sql} AS ${name}`)
      .join(', ')}, ${sums.join(', ')} FROM ${tableName(database, CALLS)}` +
    ` WHERE ${[...withinTime(fromMs, toMs), "status != 'refused'"].join(' AND ')}` +
    ` GROUP BY ${Object.keys(keys).join(', ')}`
  )
}

function sortSql(rateId: string, sorts: ReadonlyMap<string, string>): string {
  if (sorts.size === 0) return "''"
  const [ids, said] = [arrayOf([...sorts.keys()]), arrayOf([...sorts.values()])]
  return `transform(${rateId}, ${literal(ids)}, ${literal(said)}, '')`
}

function hourOf(ms: number): string {
  return `toDateTime(${ms / 1_000}, 'UTC')`
}

/** Every rate that calls of the stretch were charged by. */
export function ratesSql(database: string, fromMs: number, toMs: number): string {
  return (
    `SELECT DISTINCT toString(arrayJoin(charge_rate_ids)) AS rate_id FROM ${tableName(database, CALLS)}` +
    ` WHERE ${withinTime(fromMs, toMs).join(' AND ')}`
  )
}

/** Entries by hour, in order. */
export function entriesSql(database: string, fromMs: number, toMs: number): string {
  return (
    `SELECT toUnixTimestamp(hour) AS hour_s, count() AS entries FROM ${tableName(database, CALLS)}` +
    ` WHERE ${withinTime(fromMs, toMs).join(' AND ')} GROUP BY hour ORDER BY hour`
  )
}

export type UseRow = Readonly<Record<string, unknown>> & {
  readonly hour_s: number
  readonly kind: string
  readonly sort: string
  readonly unpriced: string
  readonly tokens: number
  readonly estimated_tokens: number
  readonly usd: string
}

export function placeOf(row: UseRow, declared: readonly string[]): UsePlace {
  const keys = keysOf(declared).map((name) => row[name] as string)
  return { hourMs: row.hour_s * 1_000, keys }
}

export function keyCount(declared: readonly string[]): number {
  return keysOf(declared).length
}

export function useOf(row: UseRow, declared: readonly string[]): MeteredUseRow {
  const text = (name: string): string => row[`k_${name}`] as string
  const owner: Record<string, string> = {}
  ownerDimensions(declared).forEach((name, index) => {
    const value = row[`d_${index}`] as string
    if (value !== UNKNOWN) owner[name] = value
  })
  return {
    account_id: text('account_id') === '' ? null : text('account_id'),
    region: text('region'),
    model_id: text('model_id'),
    kind: row.kind,
    scope: text('scope') === '' ? null : text('scope'),
    tier: text('tier'),
    sort: row.sort,
    principal: text('principal'),
    hour: new Date(row.hour_s * 1_000).toISOString(),
    owner,
    tokens: row.tokens,
    estimated_tokens: row.estimated_tokens,
    usd: row.unpriced === '1' ? null : row.usd,
  }
}
