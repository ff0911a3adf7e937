// A spend plan as SQL. Each stretch of time gives partial sums from its own source under the same names; the outer SELECT
// adds them up. Distinct logical calls cannot be added up, so they are always counted over the calls, reading three columns.
// As soon as kinds are asked for, the unit is the charge line, and what is per call is counted on one line of each call.

import { UNKNOWN } from '@ledgerock/contract'
import type { Condition } from '../question.ts'
import type { Segment } from '../rollup.ts'
import { ROLLUPS } from '../rollup.ts'
import type { SpendPlan } from '../spend-plan.ts'
import { NO_UUID } from './call-columns.ts'
import { conditionOnCall, conditionOnRollup, fieldExpression } from './fields.ts'
import { arrayOf, identifier, inList, instant, literal } from './literal.ts'
import {
  CACHE_WRITE_TOKENS,
  ENTRIES,
  HISTOGRAMS,
  MEASURES,
  signedHistogram,
  signedSum,
  type Measure,
} from './measures.ts'
import { CALLS, tableName, timeColumn } from './schema.ts'

export type SpendSql = {
  readonly groups: string
  readonly logical: string
  /** Null where the total is the sum of the groups. */
  readonly total: string | null
  readonly logicalTotal: string
}

export function spendSql(database: string, plan: SpendPlan): SpendSql {
  const whole: SpendPlan = { ...plan, keys: [], byKind: false, bucketStarts: null }
  return {
    groups: sums(database, plan),
    logical: logicalCalls(database, plan),
    total: plan.byKind || plan.kinds !== null ? sums(database, whole) : null,
    logicalTotal: logicalCalls(database, whole),
  }
}

function sums(database: string, plan: SpendPlan): string {
  const unfolded = plan.byKind || plan.kinds !== null
  const parts = plan.segments.map((segment) =>
    segment.source === 'calls'
      ? sumsOfCalls(database, plan, segment, unfolded)
      : sumsOfRollup(database, plan, segment),
  )
  const groups = groupNames(plan)
  const selected = [
    ...groups,
    ...MEASURES.map(({ name }) => `sum(${name}) AS sum_${name}`),
    ...(unfolded ? ['sum(quantity) AS sum_quantity'] : []),
    ...HISTOGRAMS.map(({ name }) => `sumMap(${name}) AS sum_${name}`),
  ]
  const rest = groups.filter((name) => name !== 'bucket')
  const order = [...(plan.bucketStarts === null ? [] : ['bucket']), 'sum_cost_usd DESC', ...rest]
  return (
    `SELECT ${selected.join(', ')} FROM (${parts.join(' UNION ALL ')})` +
    (groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`) +
    ` HAVING sum(${ENTRIES}) != 0` +
    ` ORDER BY ${order.join(', ')} LIMIT ${plan.rowsMax + 1}`
  )
}

function groupNames(plan: SpendPlan): readonly string[] {
  return [
    ...(plan.bucketStarts === null ? [] : ['bucket']),
    ...plan.keys.map((_, index) => `key${index}`),
    ...(plan.byKind ? ['kind'] : []),
  ]
}

function sumsOfRollup(database: string, plan: SpendPlan, segment: Segment): string {
  const rollup = ROLLUPS.find(({ name }) => name === segment.source)
  if (rollup === undefined) throw new RangeError(`no such rollup: ${segment.source}`)
  const time = timeColumn(rollup).name
  const border = (ms: number): string =>
    rollup.grain === 'hour' ? `toDateTime(${ms / 1_000}, 'UTC')` : `toDate(${ms / 86_400_000})`
  const conditions = [
    `${time} >= ${border(segment.fromMs)}`,
    `${time} < ${border(segment.toMs)}`,
    ...plan.where.map(conditionOnRollup),
  ]
  const seconds =
    rollup.grain === 'hour' ? `toUnixTimestamp(${time})` : `toUInt32(toUInt16(${time}) * 86400)`
  const selected = [
    ...bucketColumn(plan, `toInt64(${seconds}) * 1000`),
    ...plan.keys.map((key, index) => `${identifier(key)} AS key${index}`),
    ...MEASURES.map(({ name }) => `sum(r.${name}) AS ${name}`),
    ...HISTOGRAMS.map(({ name }) => `sumMap(r.${name}) AS ${name}`),
  ]
  return select(selected, `${tableName(database, rollup.name)} AS r`, conditions, groupNames(plan))
}

function sumsOfCalls(
  database: string,
  plan: SpendPlan,
  segment: Segment,
  unfolded: boolean,
): string {
  const once = unfolded ? onceOf(plan) : '1'
  const sum = (measure: Measure): string => (unfolded ? lineSum(measure, once) : signedSum(measure))
  const selected = [
    ...callGroups(plan),
    ...MEASURES.map((measure) => `${sum(measure)} AS ${measure.name}_`),
    ...(unfolded ? ['sum(sign * line_quantity) AS quantity_'] : []),
    ...HISTOGRAMS.map((histogram) => `${signedHistogram(histogram, once)} AS ${histogram.name}_`),
  ]
  const inner = select(
    selected,
    callsFrom(database, unfolded),
    callConditions(plan, segment.fromMs, segment.toMs),
    groupNames(plan),
  )
  const names = [
    ...MEASURES.map(({ name }) => name),
    ...(unfolded ? ['quantity'] : []),
    ...HISTOGRAMS.map(({ name }) => name),
  ]
  // Renamed outside, so that an alias never shadows a column of the same name.
  const outer = [...groupNames(plan), ...names.map((name) => `${name}_ AS ${name}`)]
  return `SELECT ${outer.join(', ')} FROM (${inner})`
}

function logicalCalls(database: string, plan: SpendPlan): string {
  const unfolded = plan.byKind || plan.kinds !== null
  const groups = groupNames(plan)
  const logical = ['logical', 'logical_words']
  const inner = select(
    [
      ...callGroups(plan),
      `if(logical_uuid = toUUID('${NO_UUID}') AND logical_text = '', call_id, logical_uuid)` +
        ' AS logical',
      'logical_text AS logical_words',
    ],
    callsFrom(database, unfolded),
    [...callConditions(plan, plan.fromMs, plan.toMs), "status != 'refused'"],
    [...groups, ...logical],
  )
  return (
    `SELECT ${[...groups, 'count() AS logical_calls'].join(', ')}` +
    ` FROM (${inner} HAVING sum(sign) > 0)` +
    (groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`)
  )
}

function callGroups(plan: SpendPlan): readonly string[] {
  return [
    ...bucketColumn(plan, 'toUnixTimestamp64Milli(started_at)'),
    ...plan.keys.map((key, index) => `${fieldExpression(key)} AS key${index}`),
    ...(plan.byKind ? ['line_kind AS kind'] : []),
  ]
}

function bucketColumn(plan: SpendPlan, ms: string): readonly string[] {
  if (plan.bucketStarts === null) return []
  const starts = literal(arrayOf(plan.bucketStarts.map((start) => BigInt(start))))
  return [`toInt64(roundDown(${ms}, CAST(${starts}, 'Array(Int64)'))) AS bucket`]
}

function callConditions(plan: SpendPlan, fromMs: number, toMs: number): readonly string[] {
  return [
    ...withinTime(fromMs, toMs),
    ...plan.where.map((condition: Condition) => conditionOnCall(condition)),
    ...(plan.kinds === null ? [] : [`line_kind IN ${inList(plan.kinds)}`]),
  ]
}

/** Said of the instant and of its hour: partitions are cut by the one, the primary key by the other. */
export function withinTime(fromMs: number, toMs: number): readonly string[] {
  const from = literal(instant(fromMs))
  const to = literal(instant(toMs))
  return [
    `started_at >= ${from}`,
    `started_at < ${to}`,
    `hour >= toStartOfHour(${from})`,
    `hour <= toStartOfHour(${to})`,
  ]
}

const KINDS = `if(empty(charge_kinds), ['${UNKNOWN}'], arrayMap(k -> toString(k), charge_kinds))`

/** A call without charge lines stands as one line of kind `unknown`, so that it is not lost from the answer. */
function callsFrom(database: string, unfolded: boolean): string {
  const table = tableName(database, CALLS)
  if (!unfolded) return table
  return (
    `${table} ARRAY JOIN ${KINDS} AS line_kind,` +
    ' if(empty(charge_amounts), [toDecimal128(0, 12)], charge_amounts) AS line_amount,' +
    ' if(empty(charge_quantities), [0.], charge_quantities) AS line_quantity,' +
    ` arrayEnumerate(${KINDS}) AS line_index`
  )
}

const FIRST_OF_ITS_KIND = `line_index = indexOf(${KINDS}, line_kind)`

/** On which line a call is counted: once per kind where kinds are groups, else once. */
function onceOf(plan: SpendPlan): string {
  if (plan.byKind || plan.kinds === null) return FIRST_OF_ITS_KIND
  return `line_index = arrayFirstIndex(k -> k IN ${inList(plan.kinds)}, ${KINDS})`
}

/** The kinds of line that a token column belongs to; a call without lines shows all its tokens. */
const TOKENS_OF_LINE: Readonly<Record<string, string>> = {
  input_tokens: "if(line_kind IN ('input', 'unknown'), input_tokens, 0)",
  output_tokens: "if(line_kind IN ('output', 'unknown'), output_tokens, 0)",
  cache_read_tokens: "if(line_kind IN ('cache_read', 'unknown'), cache_read_tokens, 0)",
  cache_write_tokens:
    "multiIf(line_kind = 'cache_write_5m', cache_write_5m_tokens," +
    " line_kind = 'cache_write_30m', cache_write_30m_tokens," +
    " line_kind = 'cache_write_1h', cache_write_1h_tokens," +
    " line_kind = 'cache_write', toUInt64(other_usage['cache_write'])," +
    ` line_kind = 'unknown', ${CACHE_WRITE_TOKENS}, 0)`,
}

const KIND_OF_DOLLARS: Readonly<Record<string, string>> = {
  cost_usd: '1',
  input_usd: "line_kind = 'input'",
  output_usd: "line_kind = 'output'",
  cache_usd: "startsWith(line_kind, 'cache_')",
  other_usd: "line_kind NOT IN ('input', 'output') AND NOT startsWith(line_kind, 'cache_')",
}

function lineSum(measure: Measure, once: string): string {
  const kind = KIND_OF_DOLLARS[measure.name]
  if (kind !== undefined) return `sumIf(sign * line_amount, cost_usd IS NOT NULL AND ${kind})`
  const tokens = TOKENS_OF_LINE[measure.name]
  if (tokens !== undefined) return `sumIf(toInt64(sign) * toInt64(${tokens}), ${FIRST_OF_ITS_KIND})`
  return signedSum(measure, once)
}

function select(
  columns: readonly string[],
  from: string,
  conditions: readonly string[],
  groups: readonly string[],
): string {
  const grouped = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`
  return `SELECT ${columns.join(', ')} FROM ${from} WHERE ${conditions.join(' AND ')}${grouped}`
}
