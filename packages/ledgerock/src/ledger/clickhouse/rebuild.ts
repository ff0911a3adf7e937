// Mends a month of the books: its rows are written anew beside it and swapped in with one statement, so a reader sees the old
// month or the new one. Runs on the ship lane, where nothing is entered meanwhile; on a fleet other nodes' entries of that
// moment can be missed by a rollup, which the next check finds.

import { CALLS, rollupSelect, tableName } from './schema.ts'
import type { SchemaParameters } from './schema.ts'
import type { Rollup } from '../rollup.ts'
import type { Session } from './database.ts'
import { identifier, literal } from './literal.ts'

const NEW_ROWS = { insert_deduplicate: 0 }

export async function rebuildRollupMonth(
  session: Session,
  schema: SchemaParameters,
  rollup: Rollup,
  month: number,
): Promise<void> {
  const rows = rollupSelect(schema.database, rollup, `toYYYYMM(started_at) = ${month}`)
  await swapIn(session, schema, { table: rollup.name, month, rows: `INSERT INTO %s ${rows}` })
}

/** Keeps one of the rows that say the same: power loss can leave the same insert twice. */
export async function dropDoubledEntries(
  session: Session,
  schema: SchemaParameters,
  month: number,
): Promise<void> {
  const calls = tableName(schema.database, CALLS)
  const columns = await insertableColumns(session, schema)
  const rows =
    `INSERT INTO %s (${columns}) SELECT ${columns} FROM ${calls}` +
    ` WHERE toYYYYMM(started_at) = ${month} LIMIT 1 BY call_id, version, sign`
  await swapIn(session, schema, { table: CALLS, month, rows })
}

export async function swapIn(
  session: Session,
  schema: SchemaParameters,
  swap: { readonly table: string; readonly month: number; readonly rows: string },
): Promise<void> {
  const table = tableName(schema.database, swap.table)
  const fresh = tableName(schema.database, `${swap.table}_rebuilt`)
  // A crash may have left one behind.
  await session.command(`DROP TABLE IF EXISTS ${fresh} SYNC`)
  await session.command(`CREATE TABLE ${fresh} AS ${table}`)
  await session.command(swap.rows.replace('%s', fresh), NEW_ROWS)
  await session.command(`ALTER TABLE ${table} REPLACE PARTITION ${swap.month} FROM ${fresh}`)
  await session.command(`DROP TABLE ${fresh} SYNC`)
}

export async function insertableColumns(
  session: Session,
  schema: SchemaParameters,
): Promise<string> {
  const rows = await session.select<{ name: string }>(
    'SELECT name FROM system.columns' +
      ` WHERE database = ${literal(schema.database)} AND table = ${literal(CALLS)}` +
      " AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position",
  )
  return rows.map((row) => identifier(row.name)).join(', ')
}
