// Re-rating in the engine. A month's corrections are made beside the books, in tables of the same shape, however long that
// takes; then their parts are attached to the books, one statement for each table. Small parts are written in one file each:
// a file for each column is what makes such an insert slow. They are packed lightly (LZ4) and merged in the books only, as all
// parts are, which packs them like the others.

import { MS_PER_SECOND } from '../../kernel/time.ts'
import { assert } from '../../kernel/assert.ts'
import { formatUsd, parseUsd, picodollars as money } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type {
  RerateGroup,
  RerateSlice,
  RerateStore,
  StagedRerate,
  TeamCost,
} from '../rerate-plan.ts'
import { LANE_LIMITS } from '../lane.ts'
import { ROLLUPS, type Rollup } from '../rollup.ts'
import { differingMonthsSql } from './audit-sql.ts'
import type { Database, Session } from './database.ts'
import { identifier, literal } from './literal.ts'
import { insertableColumns, rebuildRollupMonth, swapIn } from './rebuild.ts'
import { readGroups } from './rerate-groups.ts'
import {
  correctionsSql,
  costsSql,
  createDeltas,
  deltasSql,
  DELTAS,
  hoursSql,
  PART_MEASURES,
  partOf,
  PLAN,
  PLAN_COLUMNS,
  positionOf,
  reversalsSql,
  stagingOf,
  type StageSql,
} from './rerate-sql.ts'
import { CALLS, rollupSelect, tableName, timeColumn, type SchemaParameters } from './schema.ts'
import { withinTime } from './spend-sql.ts'
import { fieldWriter } from './tab-separated.ts'

/** What one statement goes through: bounds the set of reversals it looks calls up in. */
const ROWS_AT_ONCE = 1_000_000
const COMPACT_BYTES = 268_435_456
/** A part for each of these; two are made at a time, and making one takes some times its size of memory. */
const STAGING_SETTINGS = {
  insert_deduplicate: 0,
  max_block_size: 16_384,
  min_insert_block_size_rows: 262_144,
  min_insert_block_size_bytes: 167_772_160,
}
/** Merging would write everything twice; with more stretches than this there would be too many parts for the books. */
const STRETCHES_UNMERGED = 40
const FIELDS = [...new Set(ROLLUPS.flatMap((rollup) => rollup.fields))]
const SETTLE_MS = 1_000

export function rerateStoreOver(
  database: Database,
  schema: SchemaParameters,
  declared: readonly string[],
): RerateStore {
  const { name } = database
  return {
    arrivedBefore: () =>
      database.use('ship', async (session) => {
        const [row] = await session.select<{ now: number }>(
          "SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS now",
        )
        assert(row !== undefined, 'a clock answers')
        return row.now - (database.engine.kind === 'embedded' ? 0 : SETTLE_MS)
      }),
    groups: (slice) =>
      database.use('rerate', async (session) => {
        const groups: RerateGroup[] = []
        for (const part of await cut(session, name, slice)) {
          groups.push(...(await readGroups(session, name, part)))
        }
        return groups
      }),
    costs: (staged) =>
      database.use('rerate', async (session) => {
        await makePlan(session, name, staged)
        const sums = new Map<string, bigint>()
        for (const part of await cut(session, name, staged.slice)) {
          for (const { team, usd } of await session.select<TeamCost>(costsSql(name, part))) {
            sums.set(team, (sums.get(team) ?? 0n) + mustOk(parseUsd(usd)))
          }
        }
        return [...sums].map(([team, sum]) => ({ team, usd: formatUsd(money(sum)) }))
      }),
    stage: async (staged, isFirst) => {
      await database.use('rerate', async (session) => {
        if (isFirst) await makeStaging(session, name)
        await makePlan(session, name, staged)
      })
      await stage(database, declared, staged)
    },
    enter: (month, rerateId, again) =>
      database.use('ship', (session) => enter(session, schema, month, rerateId, again)),
    discard: () => database.use('rerate', (session) => dropStaging(session, name)),
  }
}

/** Whole hours, until there is enough for one statement. */
async function cut(
  session: Session,
  database: string,
  slice: RerateSlice,
): Promise<readonly RerateSlice[]> {
  const hours = await session.select<{ hour_s: number; rows: number }>(
    hoursSql(database, slice.fromMs, slice.toMs),
  )
  const parts: RerateSlice[] = []
  let rows = 0
  let fromMs = slice.fromMs
  for (const hour of hours) {
    const startMs = hour.hour_s * MS_PER_SECOND
    if (rows > 0 && rows + hour.rows > ROWS_AT_ONCE) {
      parts.push({ ...slice, fromMs, toMs: startMs })
      fromMs = startMs
      rows = 0
    }
    rows += hour.rows
  }
  if (rows > 0) parts.push({ ...slice, fromMs })
  return parts
}

const stagedTables = [CALLS, ...ROLLUPS.map((rollup) => rollup.name)]

async function dropStaging(session: Session, database: string): Promise<void> {
  for (const table of [...stagedTables.map(stagingOf), PLAN, DELTAS]) {
    await session.command(`DROP TABLE IF EXISTS ${tableName(database, table)} SYNC`)
  }
}

async function makeStaging(session: Session, database: string): Promise<void> {
  await dropStaging(session, database)
  for (const table of stagedTables) {
    const staging = tableName(database, stagingOf(table))
    await session.command(`CREATE TABLE ${staging} AS ${tableName(database, table)}`)
  }
  const calls = tableName(database, stagingOf(CALLS))
  await session.command(
    `ALTER TABLE ${calls} MODIFY SETTING min_bytes_for_wide_part = ${COMPACT_BYTES}`,
  )
  const packed = await session.select<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = ${literal(database)}` +
      ` AND table = ${literal(stagingOf(CALLS))} AND compression_codec != ''`,
  )
  const lightly = packed.map(({ name }) => `MODIFY COLUMN ${identifier(name)} REMOVE CODEC`)
  if (lightly.length > 0) await session.command(`ALTER TABLE ${calls} ${lightly.join(', ')}`)
}

async function allowMerges(session: Session, database: string, isAllowed: boolean): Promise<void> {
  const calls = tableName(database, stagingOf(CALLS))
  const change = isAllowed ? `RESET SETTING ${MERGE_LIMIT}` : `MODIFY SETTING ${MERGE_LIMIT} = 1`
  await session.command(`ALTER TABLE ${calls} ${change}`)
}
const MERGE_LIMIT = 'max_bytes_to_merge_at_max_space_in_pool'

async function makePlan(session: Session, database: string, staged: StagedRerate): Promise<void> {
  const plan = tableName(database, PLAN)
  await session.command(`DROP TABLE IF EXISTS ${plan} SYNC`)
  const columns = PLAN_COLUMNS.map(({ name, type }) => `${identifier(name)} ${type}`)
  await session.command(
    `CREATE TABLE ${plan} (${columns.join(', ')}) ENGINE = MergeTree ORDER BY plan_key`,
  )
  const writers = PLAN_COLUMNS.map(({ type }) => (type === 'UInt64' ? String : fieldWriter(type)))
  const lines = staged.orders.map(({ key, to, moves }) => {
    const of = <Value>(value: (rate: (typeof to.rates)[number]) => Value): readonly Value[] =>
      to.rates.map(value)
    const values: readonly unknown[] = [
      key,
      to.modelId,
      to.inferenceProfile,
      to.scope,
      to.unpricedReason,
      of(({ kind }) => kind),
      of(({ rateUsd }) => rateUsd),
      of(({ rateId }) => rateId),
      of(({ picodollars }) => String(picodollars)),
      of(({ units }) => String(units)),
      of(({ kind }) => String(partOf(kind))),
      of(({ kind }) => String(positionOf(kind))),
      moves,
    ]
    return `${writers.map((write, index) => write(values[index])).join('\t')}\n`
  })
  await session.insert({
    table: `${database}.${PLAN}`,
    columns: PLAN_COLUMNS.map(({ name }) => name),
    lines,
    token: `${staged.rerateId}:${staged.slice.fromMs}`,
  })
}

async function stage(
  database: Database,
  declared: readonly string[],
  staged: StagedRerate,
): Promise<void> {
  const { name } = database
  const isWhole = staged.orders.every(({ to }) => to.rates.every(isWholeRate))
  const parts = await database.use('rerate', (session) => cut(session, name, staged.slice))
  const run = (sql: string) =>
    database.use('rerate', (session) => session.command(sql, STAGING_SETTINGS))
  const each = (moves: boolean, ...sqls: readonly ((stage: StageSql) => string)[]): Work[] =>
    parts.flatMap((slice) =>
      sqls.map((sqlOf) => () => {
        const { rerateId, bookVersion } = staged
        const arithmetic = isWhole ? 'whole' : 'fraction'
        return run(
          sqlOf({ database: name, declared, slice, rerateId, bookVersion, arithmetic, moves }),
        )
      }),
    )
  await database.use('rerate', (session) =>
    allowMerges(session, name, parts.length > STRETCHES_UNMERGED),
  )
  if (staged.orders.some(({ moves }) => moves)) {
    await inTurn(each(true, correctionsSql, reversalsSql))
    await inTurn(ROLLUPS.map((rollup) => () => run(movedRollupSql(name, rollup, staged.slice))))
  }
  if (staged.orders.some(({ moves }) => !moves)) {
    await run(`DROP TABLE IF EXISTS ${tableName(name, DELTAS)} SYNC`)
    await run(createDeltas(name, FIELDS))
    await inTurn(
      each(false, correctionsSql, reversalsSql, (sql: StageSql) => deltasSql(sql, FIELDS)),
    )
    await inTurn(ROLLUPS.map((rollup) => () => run(deltaRollupSql(name, rollup))))
  }
}

type Work = () => Promise<void>

/** As many at a time as the lane has connections, in their order. All that began is over when one of them fails. */
async function inTurn(works: readonly Work[]): Promise<void> {
  const left = works.values()
  const worker = async (): Promise<void> => {
    for (const work of left) await work()
  }
  const workers = Array.from({ length: LANE_LIMITS.rerate.connections }, worker)
  const results = await Promise.allSettled(workers)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

function isWholeRate(rate: { readonly picodollars: bigint; readonly units: bigint }): boolean {
  return rate.units === 1n && rate.picodollars < 2n ** 62n
}

/** Calls that change their model change their place in a rollup, with all they are measured by. */
function movedRollupSql(database: string, rollup: Rollup, slice: RerateSlice): string {
  // Other months stand there already.
  const within = withinTime(slice.fromMs, slice.toMs).join(' AND ')
  const rows = rollupSelect(database, rollup, within, stagingOf(CALLS))
  return `INSERT INTO ${tableName(database, stagingOf(rollup.name))} ${rows}`
}

function deltaRollupSql(database: string, rollup: Rollup): string {
  const time = timeColumn(rollup).name
  const fields = rollup.fields.map(identifier)
  const measures = ['cost_usd', ...PART_MEASURES, 'unpriced_calls']
  const keys = rollup.fields.map((field) => `key_${field}`)
  return (
    `INSERT INTO ${tableName(database, stagingOf(rollup.name))} (${[time, ...fields, ...measures].join(', ')})` +
    ` SELECT ${time === 'hour' ? 'hour' : 'toDate(hour) AS day'}, ${keys.join(', ')},` +
    ` ${measures.map((measure) => `sum(${measure})`).join(', ')}` +
    ` FROM ${tableName(database, DELTAS)} GROUP BY ${[time, ...keys].join(', ')}`
  )
}

async function enter(
  session: Session,
  schema: SchemaParameters,
  month: number,
  rerateId: string,
  again: boolean,
): Promise<void> {
  const attach = (table: string): Promise<void> => {
    const [into, from] = [table, stagingOf(table)].map((one) => tableName(schema.database, one))
    return session.command(`ALTER TABLE ${into} ATTACH PARTITION ${month} FROM ${from}`)
  }
  if (!again) {
    for (const table of stagedTables) await attach(table)
    return
  }
  const [present, wanted] = [
    await countOf(session, schema, CALLS, month, rerateId),
    await countOf(session, schema, stagingOf(CALLS), month, rerateId),
  ]
  if (present === 0) await attach(CALLS)
  else if (present !== wanted) await completeCalls(session, schema, month, rerateId)
  const bounds = monthBounds(month)
  for (const rollup of ROLLUPS) {
    const sql = differingMonthsSql(schema.database, rollup, bounds)
    for (const differing of await session.select<{ month: number }>(sql)) {
      await rebuildRollupMonth(session, schema, rollup, differing.month)
    }
  }
}

async function countOf(
  session: Session,
  { database }: SchemaParameters,
  table: string,
  month: number,
  rerateId: string,
): Promise<number> {
  const [row] = await session.select<{ rows: number }>(
    `SELECT toFloat64(count()) AS rows FROM ${tableName(database, table)}` +
      ` WHERE toYYYYMM(started_at) = ${month} AND corrects = ${literal(rerateId)}`,
  )
  return row?.rows ?? 0
}

/** Death in the middle of attaching can leave some parts and not others: the month is written anew, with all of them. */
async function completeCalls(
  session: Session,
  schema: SchemaParameters,
  month: number,
  rerateId: string,
): Promise<void> {
  const columns = await insertableColumns(session, schema)
  const [calls, staged] = [CALLS, stagingOf(CALLS)].map((one) => tableName(schema.database, one))
  const others = `ifNull(corrects, '') != ${literal(rerateId)}`
  const rows =
    `INSERT INTO %s (${columns}) SELECT ${columns} FROM ${calls}` +
    ` WHERE toYYYYMM(started_at) = ${month} AND ${others}` +
    ` UNION ALL SELECT ${columns} FROM ${staged} WHERE toYYYYMM(started_at) = ${month}`
  await swapIn(session, schema, { table: CALLS, month, rows })
}

function monthBounds(month: number): { readonly fromMs: number; readonly toMs: number } {
  const [year, index] = [Math.floor(month / 100), (month % 100) - 1]
  return { fromMs: Date.UTC(year, index), toMs: Date.UTC(year, index + 1) }
}
