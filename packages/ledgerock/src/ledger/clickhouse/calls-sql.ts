// Single calls out of `calls`. A version is in force unless its reversal stands beside it; reversals are few, so they are
// looked up as a set. Lists are found by their places first and read in full afterwards, because rows are wide.

import type { ArrivalPlace, CallsFilter } from '../store.ts'
import type { Condition } from '../question.ts'
import { isUuid, timeOfUuidV7 } from '../../kernel/ids.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { NO_UUID } from './call-columns.ts'
import { conditionOnCall } from './fields.ts'
import { instant, literal } from './literal.ts'
import { recordColumns } from './record-reader.ts'
import { CALLS, tableName } from './schema.ts'
import { withinTime } from './spend-sql.ts'

type Tables = { readonly database: string; readonly declared: readonly string[] }

const PLACE = 'team, hour, started_at, call_id, version'

export function callsPageSql(tables: Tables, filter: CallsFilter): string {
  const { before } = filter
  const time = withinTime(filter.fromMs, filter.toMs)
  const cursor =
    before === null
      ? []
      : [`(started_at, call_id) < (${literal(instant(before.startedMs))}, ${uuid(before.callId)})`]
  const conditions = [...time, ...cursor, ...filter.where.map(conditionOnCall)]
  return readInFull(tables, {
    conditions: [...conditions, ...inForce(tables, time)],
    time,
    order: 'started_at DESC, call_id DESC',
    limit: filter.limit,
  })
}

/** Every version that was ever entered, newest first; the hour that a version 7 id names is tried first. */
export function versionsSql(tables: Tables, callId: string): readonly string[] {
  const all = (time: readonly string[]): string =>
    `SELECT ${columns(tables)} FROM ${table(tables)}` +
    ` WHERE ${[...time, `call_id = ${uuid(callId)}`, 'sign = 1'].join(' AND ')}` +
    ' ORDER BY version DESC LIMIT 1 BY version'
  const made = callId[14] === '7' ? timeOfUuidV7(callId) : null
  const near =
    made === null ? [] : [all(withinTime(Math.max(0, made - MS_PER_HOUR), made + MS_PER_HOUR))]
  return [...near, all([])]
}

export function attemptsSql(tables: Tables, logicalId: string, limit: number): string {
  const same = isUuid(logicalId)
    ? `((logical_uuid = ${uuid(logicalId)} AND logical_text = '')` +
      ` OR (call_id = ${uuid(logicalId)}` +
      ` AND logical_uuid = toUUID('${NO_UUID}') AND logical_text = ''))`
    : `logical_text = ${literal(logicalId)}`
  return (
    `SELECT ${columns(tables)} FROM ${table(tables)}` +
    ` WHERE ${[same, ...inForce(tables, [same])].join(' AND ')}` +
    ` ORDER BY started_at, attempt, call_id LIMIT ${limit}`
  )
}

/**
 * Calls in the order of their arrival. What arrived in the last moment may not all be visible yet where several nodes write,
 * so the newest `settleMs` are left for the next question.
 */
export function arrivalsSql(
  tables: Tables,
  after: ArrivalPlace,
  where: readonly Condition[],
  limit: number,
  settleMs: number,
): string {
  const since = literal(instant(after.ingestedMs))
  const place = `(ingested_at, call_id) > (${since}, ${uuid(after.callId)})`
  const settled =
    settleMs === 0 ? [] : [`ingested_at <= now64(3, 'UTC') - INTERVAL ${settleMs} MILLISECOND`]
  const time = [`ingested_at >= ${since}`]
  return readInFull(tables, {
    conditions: [
      ...time,
      place,
      ...settled,
      ...where.map(conditionOnCall),
      ...inForce(tables, time),
    ],
    time,
    order: 'ingested_at, call_id',
    limit,
  })
}

/** The place of the newest arrival. */
export function lastArrivalSql(tables: Tables): string {
  return (
    `SELECT toUnixTimestamp64Milli(ingested_at) AS ingested_ms, toString(call_id) AS call_id` +
    ` FROM ${table(tables)} ORDER BY ingested_at DESC, call_id DESC LIMIT 1`
  )
}

export function lastSeqsSql(database: string, journalIds: readonly string[]): string {
  const journals = journalIds.map((id) => literal(id)).join(', ')
  return (
    `SELECT journal_id, max(seq) AS seq FROM ${tableName(database, CALLS)}` +
    ` WHERE journal_id IN (${journals}) GROUP BY journal_id`
  )
}

export function seqsSql(database: string, journalId: string, first: number, last: number): string {
  return (
    `SELECT DISTINCT seq FROM ${tableName(database, CALLS)}` +
    ` WHERE journal_id = ${literal(journalId)} AND seq >= ${first} AND seq <= ${last} AND sign = 1`
  )
}

type Reading = {
  readonly conditions: readonly string[]
  /** Bounds that hold for every row wanted. */
  readonly time: readonly string[]
  readonly order: string
  readonly limit: number
}

function readInFull(tables: Tables, reading: Reading): string {
  const places =
    `SELECT ${PLACE} FROM ${table(tables)} WHERE ${reading.conditions.join(' AND ')}` +
    ` ORDER BY ${reading.order} LIMIT ${reading.limit}`
  return (
    `SELECT ${columns(tables)}, toUnixTimestamp64Milli(ingested_at) AS ingested_ms` +
    ` FROM ${table(tables)}` +
    ` WHERE ${[...reading.time, 'sign = 1', `(${PLACE}) IN (${places})`].join(' AND ')}` +
    ` ORDER BY ${reading.order} LIMIT ${reading.limit}`
  )
}

/** `bounds` must hold for a reversal if they hold for what it reverses: it says the same and arrives later. */
function inForce(tables: Tables, bounds: readonly string[]): readonly string[] {
  const reversed =
    `SELECT call_id, version FROM ${table(tables)}` +
    ` WHERE ${[...bounds, 'sign = -1'].join(' AND ')}`
  return ['sign = 1', `(call_id, version) NOT IN (${reversed})`]
}

function columns(tables: Tables): string {
  return recordColumns(tables.declared).join(', ')
}

function table(tables: Tables): string {
  return tableName(tables.database, CALLS)
}

function uuid(id: string): string {
  return `toUUID(${literal(id)})`
}
