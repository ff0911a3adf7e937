// Re-rating as SQL over `calls`. What decides a call's rates is a group of columns; its hash names the group, so that a row finds
// its new rates in the plan by one number. The groups themselves are made by the columns, and two groups with one hash are
// noticed (`rerate-groups.ts`).
//
// Amounts are quantity × picodollars / units in whole numbers, half-even, as pricing's `amountOf` does it.

import type { RerateSlice } from '../rerate-plan.ts'
import { insertedColumns, TOKEN_COLUMNS } from './call-columns.ts'
import { identifier, instant, literal } from './literal.ts'
import { CACHE_KINDS } from './measures.ts'
import { CALLS, tableName } from './schema.ts'
import { withinTime } from './spend-sql.ts'

export const PLAN = 'rerate_plan'

export function stagingOf(table: string): string {
  return `${table}_rerated`
}

const NULLABLE = [
  'billed_account_id',
  'model_id',
  'inference_profile',
  'scope',
  'unpriced_reason',
] as const
const WORDS = ['model_requested', 'region', 'tier', 'price_book_version'] as const
const PROMPT = [
  ...['input', 'cache_read', 'cache_write_5m', 'cache_write_30m', 'cache_write_1h'].map(
    (kind) => `${kind}_tokens`,
  ),
  "toUInt64(other_usage['cache_write'])",
].join(' + ')

/** What a price depends on besides the words above, by name. */
function derived(slice: RerateSlice): Readonly<Record<string, string>> {
  const bits = TOKEN_COLUMNS.map((name, index) => `(${name} > 0) * ${2 ** index}`)
  const bands = slice.contextBorders.map((border) => `(prompt > ${literal(border)})`)
  const times = slice.timeBorders.map((border) => `(started_at >= ${literal(instant(border))})`)
  return {
    no_cost: 'cost_usd IS NULL',
    used_bits: bits.join(' + '),
    other_kinds: 'arrayFilter((k, v) -> v > 0, mapKeys(other_usage), mapValues(other_usage))',
    is_broken: 'arrayExists(v -> v != floor(v) OR v < 0, mapValues(other_usage))',
    band: bands.length === 0 ? '0' : bands.join(' + '),
    period: times.length === 0 ? '0' : times.join(' + '),
  }
}

const DERIVED = ['no_cost', 'used_bits', 'other_kinds', 'is_broken', 'band', 'period'] as const

/** Over a row with the derived names. Each word is hashed apart, which the engine does once for each of its values. */
const KEY = `cityHash64(${[
  ...NULLABLE.flatMap((name) => [`isNull(${name})`, `cityHash64(ifNull(${name}, ''))`]),
  ...WORDS.map((name) => `cityHash64(${name})`),
  'cityHash64(arrayMap(x -> cityHash64(x), charge_rate_ids))',
  'cityHash64(arrayMap(x -> cityHash64(x), other_kinds))',
  'no_cost',
  'used_bits',
  'is_broken',
  'band',
  'period',
].join(', ')})`

function derivedColumns(slice: RerateSlice): string {
  const named = Object.entries(derived(slice)).map(([name, sql]) => `${sql} AS ${name}`)
  return [`${PROMPT} AS prompt`, ...named].join(', ')
}

/** Calls in force. A reversal has the time of what it reverses, so it is looked for in the same stretch. */
function conditions(database: string, slice: RerateSlice): string {
  const time = [...withinTime(slice.fromMs, slice.toMs)]
  const reversed =
    `SELECT call_id, version FROM ${tableName(database, CALLS)}` +
    ` WHERE ${[...time, 'sign = -1'].join(' AND ')}`
  const arrived = `ingested_at < ${literal(instant(slice.arrivedBeforeMs))}`
  return [...time, arrived, 'sign = 1', `(call_id, version) NOT IN (${reversed})`].join(' AND ')
}

export function hoursSql(database: string, fromMs: number, toMs: number): string {
  return (
    'SELECT toUnixTimestamp(hour) AS hour_s, toFloat64(count()) AS rows' +
    ` FROM ${tableName(database, CALLS)}` +
    ` WHERE ${withinTime(fromMs, toMs).join(' AND ')} GROUP BY hour ORDER BY hour`
  )
}

export function groupsSql(database: string, slice: RerateSlice): string {
  const keys = [...NULLABLE, ...WORDS, 'charge_rate_ids', ...DERIVED]
  const example = [
    'toUnixTimestamp64Milli(started_at)',
    ...TOKEN_COLUMNS,
    'mapKeys(other_usage)',
    'mapValues(other_usage)',
    'charge_kinds',
    'charge_rates',
  ].join(', ')
  const sums = TOKEN_COLUMNS.map((name) => `toString(sum(${name})) AS sum_${name}`)
  const others =
    'sumMapIf(mapApply((k, v) -> (toString(k), toInt128(v)), other_usage), notEmpty(other_usage))'
  return (
    `SELECT *, toString(${KEY}) AS key FROM (SELECT ${keys.join(', ')}, team,` +
    ' toFloat64(count()) AS calls, sum(cost_usd) AS before,' +
    ` ${sums.join(', ')}, ${others} AS others, mapKeys(others) AS sum_other_kinds,` +
    ' arrayMap(v -> toString(v), mapValues(others)) AS sum_other_counts,' +
    ` any(tuple(${example})) AS example` +
    ` FROM (SELECT *, ${derivedColumns(slice)} FROM ${tableName(database, CALLS)}` +
    ` WHERE ${conditions(database, slice)}) GROUP BY ${keys.join(', ')}, team)`
  )
}

/** Plain texts in the arrays: the engine is slow at joining arrays of LowCardinality. */
export const PLAN_COLUMNS = [
  { name: 'plan_key', type: 'UInt64' },
  { name: 'to_model_id', type: 'LowCardinality(Nullable(String))' },
  { name: 'to_profile', type: 'LowCardinality(Nullable(String))' },
  { name: 'to_scope', type: 'LowCardinality(Nullable(String))' },
  { name: 'to_reason', type: 'LowCardinality(Nullable(String))' },
  { name: 'to_kinds', type: 'Array(String)' },
  { name: 'to_rates', type: 'Array(String)' },
  { name: 'to_rate_ids', type: 'Array(String)' },
  { name: 'to_picodollars', type: 'Array(String)' },
  { name: 'to_units', type: 'Array(String)' },
  { name: 'to_parts', type: 'Array(String)' },
  { name: 'to_positions', type: 'Array(String)' },
  { name: 'moves', type: 'Bool' },
] as const

/** Amounts are wholly inside of 128 bits where a unit costs whole picodollars, and 256 bits hold all others. */
export type Arithmetic = 'whole' | 'fraction'

const SMALL = ['to_parts', 'to_positions']

function planOf(database: string, arithmetic: Arithmetic): string {
  const plain = PLAN_COLUMNS.map(({ name }) => name)
    .filter((name) => !['to_picodollars', 'to_units', ...SMALL].includes(name))
    .join(', ')
  const numbers = arithmetic === 'whole' ? 'toInt128' : 'toInt256'
  return (
    `SELECT ${plain}, arrayMap(x -> ${numbers}(x), to_picodollars) AS to_picodollars,` +
    ` arrayMap(x -> ${numbers}(x), to_units) AS to_units,` +
    ` ${SMALL.map((name) => `arrayMap(x -> toUInt8(x), ${name}) AS ${name}`).join(', ')}` +
    ` FROM ${tableName(database, PLAN)}`
  )
}

const TOKEN_KINDS = TOKEN_COLUMNS.map((name) => name.replace(/_tokens$/, ''))
const TOKENS = `[${TOKEN_COLUMNS.join(', ')}]`
/** Few calls use anything but tokens, and a map is dear to look into. */
const QUANTITIES =
  `if(has(to_positions, 0), arrayMap((k, i) -> if(i = 0, toUInt64(other_usage[k]), ${TOKENS}[greatest(i, 1)]), to_kinds, to_positions),` +
  ` arrayMap(i -> ${TOKENS}[greatest(i, 1)], to_positions)) AS quantities`

/** The place of a kind among the token columns, from 1; 0 for every other kind. */
export function positionOf(kind: string): number {
  return TOKEN_KINDS.indexOf(kind) + 1
}

const PICODOLLAR = "toDecimal128('0.000000000001', 12)"
const HALF_EVEN =
  'intDiv(q * p, u) + if(2 * modulo(q * p, u) > u' +
  ' OR (2 * modulo(q * p, u) = u AND modulo(intDiv(q * p, u), 2) = 1), 1, 0)'

function amounts(arithmetic: Arithmetic): string {
  return arithmetic === 'whole'
    ? `arrayMap((q, p) -> toDecimal128(q * p, 0) * ${PICODOLLAR}, quantities, to_picodollars) AS amounts`
    : `arrayMap((q, p, u) -> toDecimal128(${HALF_EVEN}, 0) * ${PICODOLLAR}, quantities, to_picodollars, to_units) AS amounts`
}

/** Rows of `calls` beside their orders. */
function ordered(
  database: string,
  slice: RerateSlice,
  arithmetic: Arithmetic,
  moves: boolean | null,
): string {
  const wanted = moves === null ? '' : ` WHERE moves = ${moves ? 'true' : 'false'}`
  return (
    `(SELECT *, hour, ingested_at, ${KEY} AS plan_key FROM (` +
    `SELECT *, hour, ingested_at, ${derivedColumns(slice)} FROM ${tableName(database, CALLS)}` +
    ` WHERE ${conditions(database, slice)})) AS c` +
    ` INNER JOIN (SELECT * FROM (${planOf(database, arithmetic)})${wanted}) AS p ON c.plan_key = p.plan_key`
  )
}

const NO_MONEY = 'toDecimal128(0, 12)'
const COST = 'if(to_reason IS NULL, arraySum(amounts), NULL)'

/** As the journal charges a call (`budgetCharge`): its cost where that was counted, else its bound. Tokens have no price. */
const CHARGED =
  "arrayMap((unit, amount) -> if(unit != 'usd', amount, " +
  `if(usage_source = 'estimated', greatest(ifNull(${COST}, ${NO_MONEY}), ifNull(bound_usd, ${NO_MONEY})),` +
  ` ifNull(${COST}, ifNull(bound_usd, ${NO_MONEY})))), budget_charge_units, budget_charge_amounts)`

export function costsSql(database: string, slice: RerateSlice): string {
  return (
    `WITH ${QUANTITIES}, ${amounts('fraction')} SELECT team, sum(arraySum(amounts)) AS usd` +
    ` FROM ${ordered(database, slice, 'fraction', null)} WHERE to_reason IS NULL GROUP BY team`
  )
}

/**
 * What a reversal does not repeat: no question sums or selects by it, and the reversed version still says it. It would be the
 * larger half of the row.
 */
const NOT_REVERSED: ReadonlySet<string> = new Set([
  'raw_usage',
  'attributes',
  'conflicts',
  'evidence',
  'aws_request_uuid',
  'aws_request_text',
  'trace_uuid',
  'trace_text',
])

export type StageSql = {
  readonly database: string
  readonly declared: readonly string[]
  readonly slice: RerateSlice
  readonly rerateId: string
  readonly bookVersion: string
  readonly arithmetic: Arithmetic
  readonly moves: boolean
}

/** Both signs name the re-rating (`corrects`), so that after a crash it can be told what of it is there. */
export function reversalsSql(stage: StageSql): string {
  const { database, slice, arithmetic, moves } = stage
  const columns = [
    ...insertedColumns(stage.declared).map(({ name }) => name),
    'ingested_at',
  ].filter((name) => !NOT_REVERSED.has(name))
  const changed: Readonly<Record<string, string>> = {
    sign: '-1',
    corrects: literal(stage.rerateId),
  }
  return insertSelect(
    stage,
    columns,
    changed,
    `FROM ${ordered(database, slice, arithmetic, moves)}`,
  )
}

export function correctionsSql(stage: StageSql): string {
  const { database, slice, arithmetic, moves } = stage
  const columns = [...insertedColumns(stage.declared).map(({ name }) => name), 'ingested_at']
  const changed: Readonly<Record<string, string>> = {
    sign: '1',
    corrects: literal(stage.rerateId),
    version: 'version + 1',
    model_id: 'to_model_id',
    inference_profile: 'to_profile',
    scope: 'to_scope',
    unpriced_reason: 'to_reason',
    cost_usd: COST,
    budget_charge_amounts: CHARGED,
    charge_kinds: 'to_kinds',
    charge_quantities: 'arrayMap(q -> toFloat64(q), quantities)',
    charge_rates: 'to_rates',
    charge_amounts: 'amounts',
    charge_rate_ids: 'to_rate_ids',
    price_book_version: literal(stage.bookVersion),
  }
  const from = `FROM ${ordered(database, slice, arithmetic, moves)}`
  return insertSelect(stage, columns, changed, from, `WITH ${QUANTITIES}, ${amounts(arithmetic)} `)
}

function insertSelect(
  { database }: StageSql,
  columns: readonly string[],
  changed: Readonly<Record<string, string>>,
  from: string,
  beforehand = '',
): string {
  const values = columns.map((name) => changed[name] ?? `c.${identifier(name)}`)
  return (
    `INSERT INTO ${tableName(database, stagingOf(CALLS))} (${columns.map(identifier).join(', ')})` +
    ` ${beforehand}SELECT ${values.join(', ')} ${from}`
  )
}

/** The columns of a rollup that a new price moves, in the order of `PARTS`. */
export const PART_MEASURES = ['input_usd', 'output_usd', 'cache_usd', 'other_usd'] as const

/** Which of them a kind belongs to, as its index. */
export function partOf(kind: string): number {
  if (kind === 'input') return 0
  if (kind === 'output') return 1
  return (CACHE_KINDS as readonly string[]).includes(kind) ? 2 : 3
}

const cacheKinds = CACHE_KINDS.map((kind) => `'${kind}'`).join(', ')
const OLD_PARTS = `arrayMap(k -> multiIf(k = 'input', 0, k = 'output', 1, k IN (${cacheKinds}), 2, 3), charge_kinds) AS old_parts`

/** By how much each call's dollars change: one narrow row for each, which every rollup is then summed from. */
export const DELTAS = 'rerate_deltas'

export function createDeltas(database: string, fields: readonly string[]): string {
  return (
    `CREATE TABLE ${tableName(database, DELTAS)} (hour DateTime('UTC'),` +
    ` ${fields.map((field) => `key_${field} LowCardinality(String)`).join(', ')},` +
    ` ${['cost_usd', ...PART_MEASURES].map((name) => `${name} Decimal(38, 12)`).join(', ')},` +
    ' unpriced_calls Int64) ENGINE = MergeTree ORDER BY tuple()'
  )
}

export function deltasSql(stage: StageSql, fields: readonly string[]): string {
  const { database, slice, arithmetic, moves } = stage
  const zero = 'toDecimal128(0, 12)'
  // Multiplied by a truth: cheaper than an `if` that the engine evaluates for chosen rows only.
  const parts = PART_MEASURES.map((name, index) => {
    const sum = (values: string, of: string): string =>
      `arraySum((a, i) -> a * (i = ${index}), ${values}, ${of})`
    return (
      `(to_reason IS NULL) * ${sum('amounts', 'to_parts')}` +
      ` - (cost_usd IS NOT NULL) * ${sum('charge_amounts', 'old_parts')} AS d_${name}`
    )
  })
  const keys = fields.map((field) => `ifNull(toString(c.${identifier(field)}), 'unknown')`)
  return (
    `INSERT INTO ${tableName(database, DELTAS)} WITH ${QUANTITIES}, ${amounts(arithmetic)}, ${OLD_PARTS}` +
    ` SELECT hour, ${keys.join(', ')}, ifNull(${COST}, ${zero}) - ifNull(cost_usd, ${zero}), ${parts.join(', ')},` +
    " if(status = 'refused', 0, toInt64(to_reason IS NOT NULL) - toInt64(cost_usd IS NULL))" +
    ` FROM ${ordered(database, slice, arithmetic, moves)}`
  )
}
