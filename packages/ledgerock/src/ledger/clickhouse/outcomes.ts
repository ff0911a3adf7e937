// Outcomes in the store: entered once by their id, added up by dimensions and time. Two nodes may enter the same one in the same moment,
// so the first that was recorded counts, here and in every sum.

import { createHash } from 'node:crypto'
import { UNKNOWN } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { bucketStarts } from '../bucket.ts'
import {
  OUTCOMES_AT_ONCE,
  type Outcome,
  type OutcomeBooks,
  type OutcomeQuestion,
  type OutcomesRecorded,
  type OutcomeSum,
  type OutcomeTotal,
  type OutcomeTotalsQuestion,
} from '../outcome.ts'
import type { Condition } from '../question.ts'
import type { Database, Session } from './database.ts'
import { engineClause, onCluster, tableSettings } from './engine.ts'
import { arrayOf, inList, instant, literal } from './literal.ts'
import { tableName, type SchemaParameters } from './schema.ts'
import { fieldWriter } from './tab-separated.ts'

const OUTCOMES = 'outcomes'
const COLUMNS = {
  outcome_id: 'String',
  name: 'LowCardinality(String)',
  at: "DateTime64(3, 'UTC')",
  quantity: 'Decimal(38, 12)',
  value_usd: 'Nullable(Decimal(38, 12))',
  dimensions: 'Map(LowCardinality(String), String)',
} as const
const BUCKETS_MAX = 10_000
const ROWS_MAX = 50_000
const DECIMAL = /^-?\d{1,26}(\.\d{1,12})?$/

export function outcomeTables(schema: SchemaParameters): readonly string[] {
  const settings = Object.entries(tableSettings(schema.engine)).map(
    ([name, value]) => `${name} = ${value}`,
  )
  const columns = [
    ...Object.entries(COLUMNS).map(([name, type]) => `${name} ${type} CODEC(ZSTD(3))`),
    "recorded_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')",
    'INDEX id_bloom outcome_id TYPE bloom_filter(0.025) GRANULARITY 1',
  ]
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(schema.database, OUTCOMES)}${onCluster(schema.engine)}` +
      ` (${columns.join(', ')}) ENGINE = ${engineClause(schema.engine, 'MergeTree')}` +
      ` ORDER BY (name, at, outcome_id) SETTINGS ${settings.join(', ')}`,
  ]
}

export function outcomeBooksOver(database: Database): OutcomeBooks {
  const table = tableName(database.name, OUTCOMES)
  let last: Promise<unknown> = Promise.resolve()
  return {
    recordOutcomes: (outcomes) => {
      // One after the other: what is there is looked up before it is entered.
      const recorded = last.then(() =>
        database.use('interactive', (session) => record(session, table, outcomes)),
      )
      last = recorded.catch(() => undefined)
      return recorded
    },
    outcomeSums: (question) =>
      database.use('heavy', (session) => readSums(session, table, question)),
    outcomesKept: (ids) => database.use('interactive', (session) => readKept(session, table, ids)),
    outcomeTotals: (question) =>
      database.use('heavy', (session) => readTotals(session, table, question)),
    outcomeNames: () =>
      database.use('interactive', async (session) => {
        const sql = `SELECT DISTINCT toString(name) AS said FROM ${table} ORDER BY said`
        return (await session.select<{ said: string }>(sql)).map(({ said }) => said)
      }),
  }
}

async function record(
  session: Session,
  table: string,
  outcomes: readonly Outcome[],
): Promise<OutcomesRecorded> {
  if (outcomes.length > OUTCOMES_AT_ONCE)
    throw invalid(`more than ${OUTCOMES_AT_ONCE} outcomes at once`)
  for (const outcome of outcomes) check(outcome)
  const first = new Map<string, Outcome>()
  for (const outcome of outcomes) {
    if (!first.has(outcome.outcome_id)) first.set(outcome.outcome_id, outcome)
  }
  const known = await session.select<{ outcome_id: string }>(
    `SELECT outcome_id FROM ${table} WHERE outcome_id IN ${inList([...first.keys()])}`,
  )
  for (const { outcome_id } of known) first.delete(outcome_id)
  const lines = [...first.values()].map(lineOf)
  const token = createHash('sha256').update(lines.join('')).digest('hex')
  await session.insert({ table, columns: Object.keys(COLUMNS), lines, token })
  return { accepted: lines.length, duplicate: outcomes.length - lines.length }
}

function check({ outcome_id, name, at, quantity, value_usd }: Outcome): void {
  if (outcome_id === '' || name === '') throw invalid('an outcome has an id and a name')
  const ms = Date.parse(at)
  if (!(ms >= 0 && ms < Date.UTC(2100, 0))) throw invalid(`${outcome_id}: not a time`)
  for (const amount of [quantity, value_usd ?? '0'])
    if (!DECIMAL.test(amount)) throw invalid(`${outcome_id}: not an amount`)
}

const WRITERS = Object.values(COLUMNS).map(fieldWriter)

function lineOf(outcome: Outcome): string {
  const values: Readonly<Record<keyof typeof COLUMNS, unknown>> = {
    outcome_id: outcome.outcome_id.toWellFormed(),
    name: outcome.name.toWellFormed(),
    at: new Date(outcome.at).toISOString().replace('T', ' ').replace('Z', ''),
    quantity: outcome.quantity,
    value_usd: outcome.value_usd,
    dimensions: Object.entries(outcome.dimensions).map((pair) =>
      pair.map((text) => text.toWellFormed()),
    ),
  }
  return `${Object.values(values)
    .map((value, index) => WRITERS[index]?.(value))
    .join('\t')}\n`
}

async function readKept(
  session: Session,
  table: string,
  ids: readonly string[],
): Promise<readonly Outcome[]> {
  if (ids.length > OUTCOMES_AT_ONCE) throw invalid(`more than ${OUTCOMES_AT_ONCE} ids at once`)
  if (ids.length === 0) return []
  const rows = await session.select<Readonly<Record<string, unknown>>>(
    `SELECT outcome_id, toString(name) AS said, ${AT_MS}, toString(quantity) AS said_quantity,` +
      ' if(value_usd IS NULL, NULL, toString(assumeNotNull(value_usd))) AS said_value,' +
      ' mapKeys(dimensions) AS names, mapValues(dimensions) AS dimension_values' +
      ` FROM ${table} WHERE outcome_id IN ${inList(ids)} ${FIRST_RECORDED}`,
  )
  return rows.map((row) => {
    const values = row['dimension_values'] as readonly string[]
    const names = row['names'] as readonly string[]
    return {
      outcome_id: row['outcome_id'] as string,
      name: row['said'] as string,
      at: isoOf(row['at_ms']),
      quantity: row['said_quantity'] as string,
      value_usd: row['said_value'] as string | null,
      dimensions: Object.fromEntries(names.map((name, index) => [name, values[index] ?? UNKNOWN])),
    }
  })
}

async function readTotals(
  session: Session,
  table: string,
  { from, to, where, recordedBefore }: OutcomeTotalsQuestion,
): Promise<readonly OutcomeTotal[]> {
  const [fromMs, toMs, beforeMs] = [from, to, recordedBefore].map((at) =>
    at === null ? null : Date.parse(at),
  ) as [number | null, number | null, number | null]
  if ([fromMs, toMs, beforeMs].some(Number.isNaN)) throw invalid('not an instant')
  const recorded = beforeMs === null ? '' : ` WHERE recorded_at < ${literal(instant(beforeMs))}`
  const conditions = [
    'true',
    ...(fromMs === null ? [] : [`at >= ${literal(instant(fromMs))}`]),
    ...(toMs === null ? [] : [`at < ${literal(instant(toMs))}`]),
    ...where.map(conditionSql),
  ]
  const rows = await session.select<Readonly<Record<string, unknown>>>(
    `SELECT toString(name) AS said, ${SUMS}, toUnixTimestamp64Milli(min(at)) AS first_ms,` +
      ' toUnixTimestamp64Milli(max(at)) AS last_ms' +
      ` FROM (SELECT * FROM ${table}${recorded} ${FIRST_RECORDED})` +
      ` WHERE ${conditions.join(' AND ')} GROUP BY said ORDER BY said LIMIT ${ROWS_MAX + 1}`,
  )
  if (rows.length > ROWS_MAX) throw invalid(`more than ${ROWS_MAX} names`)
  return rows.map((row) => ({
    name: row['said'] as string,
    ...measuresOf(row),
    first_at: isoOf(row['first_ms']),
    last_at: isoOf(row['last_ms']),
  }))
}

async function readSums(
  session: Session,
  table: string,
  question: OutcomeQuestion,
): Promise<readonly OutcomeSum[]> {
  const [fromMs, toMs] = [Date.parse(question.from), Date.parse(question.to)]
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) throw invalid('not a stretch of time')
  const starts = bucketStarts(question.granularity, question.tz, fromMs, toMs, BUCKETS_MAX)
  if (starts === null) throw invalid(`more than ${BUCKETS_MAX} buckets`)
  const rows = await session.select<Readonly<Record<string, unknown>>>(
    sumsSql(table, question, starts, fromMs, toMs),
  )
  if (rows.length > ROWS_MAX) throw invalid(`more than ${ROWS_MAX} rows`)
  return rows.map((row) => ({
    keys: question.by.map((_, index) => row[`key${index}`] as string),
    bucket: starts.length === 0 ? null : isoOf(row['bucket']),
    ...measuresOf(row),
  }))
}

/** Two may have entered the same one: the first counts. */
const FIRST_RECORDED = 'ORDER BY recorded_at, at LIMIT 1 BY outcome_id'
const AT_MS = 'toUnixTimestamp64Milli(at) AS at_ms'
const SUMS =
  'count() AS outcomes, toString(sum(quantity)) AS sum_quantity, count(value_usd) AS with_value,' +
  ' toString(sumIf(assumeNotNull(value_usd), value_usd IS NOT NULL)) AS sum_value'

function measuresOf(row: Readonly<Record<string, unknown>>) {
  return {
    outcomes: row['outcomes'] as number,
    quantity: row['sum_quantity'] as string,
    value_usd: row['with_value'] === 0 ? null : (row['sum_value'] as string),
  }
}

function isoOf(ms: unknown): string {
  return new Date(ms as number).toISOString()
}

function conditionSql({ field, values }: Condition): string {
  return `${dimensionSql(field)} IN ${inList(values)}`
}

function sumsSql(
  table: string,
  { name, by, where }: OutcomeQuestion,
  starts: readonly number[],
  fromMs: number,
  toMs: number,
): string {
  const borders = literal(arrayOf(starts.map((start) => BigInt(start))))
  const bucket =
    starts.length === 0
      ? []
      : [
          `toInt64(roundDown(toUnixTimestamp64Milli(at), CAST(${borders}, 'Array(Int64)'))) AS bucket`,
        ]
  const keys = by.map((dimension, index) => `${dimensionSql(dimension)} AS key${index}`)
  const groups = [
    ...(starts.length === 0 ? [] : ['bucket']),
    ...by.map((_, index) => `key${index}`),
  ]
  const conditions = [
    `at >= ${literal(instant(fromMs))}`,
    `at < ${literal(instant(toMs))}`,
    ...where.map(conditionSql),
  ]
  const once = `SELECT * FROM ${table} WHERE name = ${literal(name)} ${FIRST_RECORDED}`
  return (
    `SELECT ${[...bucket, ...keys].map((sql) => `${sql}, `).join('')}${SUMS}` +
    ` FROM (${once}) WHERE ${conditions.join(' AND ')}` +
    (groups.length === 0
      ? ' HAVING count() > 0'
      : ` GROUP BY ${groups.join(', ')} ORDER BY ${groups.join(', ')}`) +
    ` LIMIT ${ROWS_MAX + 1}`
  )
}

function dimensionSql(name: string): string {
  const key = literal(name)
  return `if(mapContains(dimensions, ${key}), dimensions[${key}], ${literal(UNKNOWN)})`
}

function invalid(why: string): Fault {
  return new Fault('invalid_question', why)
}
