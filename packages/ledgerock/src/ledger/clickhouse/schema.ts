// The ledger's tables as data, and the statements that make them. Every statement can be repeated, so a crash in the middle
// of setting up is finished by the next start.

import { UNKNOWN } from '@ledgerock/contract'
import { ROLLUPS, type Rollup } from '../rollup.ts'
import { BUDGET_COLUMNS, callColumns, dimensionColumnOf, type Column } from './call-columns.ts'
import { engineClause, onCluster, tableSettings, type Engine } from './engine.ts'
import { identifier } from './literal.ts'
import {
  HISTOGRAM_TYPE,
  HISTOGRAMS,
  MEASURES,
  signedHistogram,
  signedSum,
  type Measure,
} from './measures.ts'

export type Retention = {
  readonly callsDays: number | null
  readonly rawUsageDays: number | null
}

export type SchemaParameters = {
  readonly database: string
  readonly engine: Engine
}

export const CALLS = 'calls'
export const SCHEMA_VERSIONS = 'schema_versions'

/** Tables whose inserts must be durable and recognised when repeated. */
export const BOOKS: readonly string[] = [CALLS, ...ROLLUPS.map((rollup) => rollup.name)]

export function tableName(database: string, table: string): string {
  return `${identifier(database)}.${identifier(table)}`
}

export function createDatabase(schema: SchemaParameters): string {
  return `CREATE DATABASE IF NOT EXISTS ${identifier(schema.database)}${onCluster(schema.engine)}`
}

export function createSchemaVersions(schema: SchemaParameters): string {
  return createTable(schema, SCHEMA_VERSIONS, 'MergeTree', {
    columns: ['version UInt32', "applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')"],
    orderBy: 'version',
  })
}

export function createCalls(schema: SchemaParameters): string {
  return createTable(schema, CALLS, 'MergeTree', {
    columns: [
      ...callColumns([]).map(columnDefinition),
      'INDEX call_id_bloom call_id TYPE bloom_filter(0.025) GRANULARITY 1',
      'INDEX logical_bloom logical_uuid TYPE bloom_filter(0.025) GRANULARITY 1',
      'INDEX ingested_minmax ingested_at TYPE minmax GRANULARITY 1',
    ],
    partitionBy: 'toYYYYMM(started_at)',
    // The engine sorts UUIDs by their second half, so time is said before the id.
    orderBy: 'team, hour, started_at, call_id',
  })
}

export function createRollup(schema: SchemaParameters, rollup: Rollup, table?: string): string {
  const time = timeColumn(rollup)
  return createTable(schema, table ?? rollup.name, 'SummingMergeTree', {
    columns: [
      columnDefinition(time),
      ...rollup.fields.map((field) => `${identifier(field)} LowCardinality(String) CODEC(ZSTD(3))`),
      ...MEASURES.map((measure) => `${measure.name} ${measure.type} CODEC(${codecOf(measure)})`),
      ...HISTOGRAMS.map(({ name }) => `${name} ${HISTOGRAM_TYPE} CODEC(ZSTD(3))`),
    ],
    partitionBy: `toYYYYMM(${time.name})`,
    orderBy: [time.name, ...rollup.fields.map(identifier)].join(', '),
  })
}

/**
 * What feeds the rollups. Each row of `calls` is measured once, into a table that keeps nothing, and every rollup sums up
 * from there: measuring is the dear part of an insert, and five views over `calls` would each do it again.
 */
export function createFeeds(schema: SchemaParameters): readonly string[] {
  const { database, engine } = schema
  const feed = tableName(database, FEED)
  const cluster = onCluster(engine)
  const columns = [
    "hour DateTime('UTC')",
    ...FEED_FIELDS.map((field) => `key_${field} String`),
    ...MEASURES.map((measure) => `sum_${measure.name} ${measure.type}`),
    ...HISTOGRAMS.map(({ name }) => `sum_${name} Map(Int16, Int64)`),
  ]
  const view = (name: string, target: string, select: string): string =>
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${tableName(database, name)}${cluster}` +
    ` TO ${target} AS ${select}`
  return [
    `CREATE TABLE IF NOT EXISTS ${feed}${cluster} (${columns.join(', ')}) ENGINE = Null`,
    ...ROLLUPS.map((rollup) =>
      view(feedName(rollup), tableName(database, rollup.name), selectFromFeed(database, rollup)),
    ),
    // Last, so that nothing flows before every rollup listens.
    view(`${FEED}_view`, feed, measuredCalls(database, 'hour', FEED_FIELDS)),
  ]
}

const FEED = 'spend_feed'
const FEED_FIELDS = [...new Set(ROLLUPS.flatMap((rollup) => rollup.fields))]

export function feedName(rollup: Rollup): string {
  return `${rollup.name}_view`
}

function selectFromFeed(database: string, rollup: Rollup): string {
  const time = timeColumn(rollup).name
  const columns = [
    `${rollup.grain === 'hour' ? 'hour' : 'toDate(hour)'} AS ${time}`,
    ...rollup.fields.map((field) => `key_${field} AS ${identifier(field)}`),
    ...MEASURES.map(({ name }) => `sum(sum_${name}) AS ${name}`),
    ...HISTOGRAMS.map(({ name }) => `sumMap(sum_${name}) AS ${name}`),
  ]
  const keys = [time, ...rollup.fields.map((field) => `key_${field}`)].join(', ')
  return `SELECT ${columns.join(', ')} FROM ${tableName(database, FEED)} GROUP BY ${keys}`
}

/** Calls measured and summed by hour or day and fields: `key_…` and `sum_…`. */
function measuredCalls(
  database: string,
  grain: Rollup['grain'],
  fields: readonly string[],
  where?: string,
  table = CALLS,
): string {
  const time = grain === 'hour' ? 'toStartOfHour(started_at) AS hour' : 'toDate(started_at) AS day'
  const columns = [
    time,
    ...fields.map((field) => `${rollupFieldExpression(field)} AS key_${field}`),
    ...MEASURES.map((measure) => `${signedSum(measure)} AS sum_${measure.name}`),
    ...HISTOGRAMS.map((histogram) => `${signedHistogram(histogram)} AS sum_${histogram.name}`),
  ]
  return (
    `SELECT ${columns.join(', ')} FROM ${tableName(database, table)}` +
    (where === undefined ? '' : ` WHERE ${where}`) +
    ` GROUP BY ${[grain, ...fields.map((field) => `key_${field}`)].join(', ')}`
  )
}

/** The rows of a rollup computed from the calls, or from a table of the same shape; `where` narrows the calls. */
export function rollupSelect(
  database: string,
  rollup: Rollup,
  where?: string,
  table?: string,
): string {
  // Renamed outside: inside, an alias equal to a column's name would shadow the column in the other expressions.
  const columns = [
    timeColumn(rollup).name,
    ...rollup.fields.map((field) => `key_${field} AS ${identifier(field)}`),
    ...[...MEASURES, ...HISTOGRAMS].map(({ name }) => `sum_${name} AS ${name}`),
  ]
  const measured = measuredCalls(database, rollup.grain, rollup.fields, where, table)
  return `SELECT ${columns.join(', ')} FROM (${measured})`
}

export function timeColumn(rollup: Rollup): Column {
  return rollup.grain === 'hour'
    ? { name: 'hour', type: "DateTime('UTC')", codec: 'Delta, ZSTD(3)' }
    : { name: 'day', type: 'Date', codec: 'Delta, ZSTD(3)' }
}

function rollupFieldExpression(field: string): string {
  return `ifNull(toString(${identifier(field)}), '${UNKNOWN}')`
}

export function addDimension(schema: SchemaParameters, name: string): string {
  const table = tableName(schema.database, CALLS)
  const definition = columnDefinition(dimensionColumnOf(name))
  return `ALTER TABLE ${table}${onCluster(schema.engine)} ADD COLUMN IF NOT EXISTS ${definition}`
}

/** Charges to budgets as columns that can be summed, in place of the text they were. */
export function budgetColumns(schema: SchemaParameters): readonly string[] {
  const alter = `ALTER TABLE ${tableName(schema.database, CALLS)}${onCluster(schema.engine)}`
  const added = BUDGET_COLUMNS.map((one) => `ADD COLUMN IF NOT EXISTS ${columnDefinition(one)}`)
  return [`${alter} ${added.join(', ')}`, `${alter} DROP COLUMN IF EXISTS budget_charges`]
}

/** What must be said so that rows and raw usage go when their time is over. Kept a day longer than asked, so that no question
 * inside the retention ever meets a half-deleted day. */
export function retentionStatements(
  schema: SchemaParameters,
  retention: Retention,
): readonly { readonly table: string; readonly ttl: string | null; readonly statement: string }[] {
  const { database, engine } = schema
  const alter = (table: string): string =>
    `ALTER TABLE ${tableName(database, table)}${onCluster(engine)}`
  const rows = (table: string, time: string) => {
    const ttl = retention.callsDays === null ? null : ttlOf(time, retention.callsDays)
    const change = ttl === null ? 'REMOVE TTL' : `MODIFY TTL ${ttl}`
    return { table, ttl, statement: `${alter(table)} ${change}` }
  }
  return [
    rows(CALLS, 'toDateTime(started_at)'),
    ...ROLLUPS.map((rollup) => rows(rollup.name, timeColumn(rollup).name)),
  ]
}

export function rawUsageRetention(
  schema: SchemaParameters,
  days: number | null,
): { readonly ttl: string | null; readonly statement: string } {
  const alter = `ALTER TABLE ${tableName(schema.database, CALLS)}${onCluster(schema.engine)}`
  const type = 'raw_usage Nullable(String) CODEC(ZSTD(6))'
  const ttl = days === null ? null : ttlOf('toDateTime(started_at)', days)
  const change =
    ttl === null ? 'MODIFY COLUMN raw_usage REMOVE TTL' : `MODIFY COLUMN ${type} TTL ${ttl}`
  return { ttl, statement: `${alter} ${change}` }
}

/** As the engine prints it back, so that what is in force can be compared. */
function ttlOf(time: string, days: number): string {
  return `${time} + toIntervalDay(${days + 1})`
}

function codecOf(measure: Measure): string {
  return measure.type === 'Int64' ? 'T64, ZSTD(3)' : 'ZSTD(3)'
}

function columnDefinition(column: Column): string {
  const computed = column.computed === undefined ? '' : ` ${column.computed}`
  const codec = column.codec === undefined ? '' : ` CODEC(${column.codec})`
  return `${identifier(column.name)} ${column.type}${computed}${codec}`
}

type TableShape = {
  readonly columns: readonly string[]
  readonly partitionBy?: string
  readonly orderBy: string
}

function createTable(
  { database, engine }: SchemaParameters,
  table: string,
  family: 'MergeTree' | 'SummingMergeTree',
  shape: TableShape,
): string {
  const settings = Object.entries(tableSettings(engine)).map(
    ([name, value]) => `${name} = ${value}`,
  )
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(database, table)}${onCluster(engine)}`,
    `(${shape.columns.join(', ')})`,
    `ENGINE = ${engineClause(engine, family)}`,
    ...(shape.partitionBy === undefined ? [] : [`PARTITION BY ${shape.partitionBy}`]),
    `ORDER BY (${shape.orderBy})`,
    `SETTINGS ${settings.join(', ')}`,
  ].join(' ')
}
