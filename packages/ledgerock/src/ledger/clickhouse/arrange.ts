// What depends on the configuration rather than on the schema's version: a column per declared dimension, and how long rows
// are kept. Applied at every start, and only where it differs from what is in force.

import type { LedgerRetention } from '../store.ts'
import { dimensionColumn, dimensionsWithColumns } from './call-columns.ts'
import type { Session } from './database.ts'
import { literal } from './literal.ts'
import {
  addDimension,
  CALLS,
  rawUsageRetention,
  retentionStatements,
  type SchemaParameters,
} from './schema.ts'

export async function arrange(
  session: Session,
  schema: SchemaParameters,
  dimensions: readonly string[],
  retention: LedgerRetention,
): Promise<void> {
  await addMissingDimensions(session, schema, dimensions)
  // Existing rows lose their time in the background, not in one rewrite at start.
  const lazily = { materialize_ttl_after_modify: 0 }
  for (const { table, ttl, statement } of retentionStatements(schema, retention)) {
    const present = rowTtl(await engineOf(session, schema.database, table))
    if (present !== ttl) await session.command(statement, lazily)
  }
  const raw = rawUsageRetention(schema, retention.rawUsageDays)
  const present = await rawUsageTtl(session, schema.database)
  if (present !== raw.ttl) await session.command(raw.statement, lazily)
}

async function addMissingDimensions(
  session: Session,
  schema: SchemaParameters,
  dimensions: readonly string[],
): Promise<void> {
  const rows = await session.select<{ name: string }>(
    `SELECT name FROM system.columns WHERE database = ${literal(schema.database)}` +
      ` AND table = ${literal(CALLS)}`,
  )
  const present = new Set(rows.map((row) => row.name))
  for (const name of dimensionsWithColumns(dimensions)) {
    if (!present.has(dimensionColumn(name))) await session.command(addDimension(schema, name))
  }
}

export async function engineOf(session: Session, database: string, table: string): Promise<string> {
  const rows = await session.select<{ engine: string }>(
    'SELECT engine_full AS engine FROM system.tables' +
      ` WHERE database = ${literal(database)} AND name = ${literal(table)}`,
  )
  return rows[0]?.engine ?? ''
}

function rowTtl(engine: string): string | null {
  return / TTL (.+?)(?: SETTINGS |$)/.exec(engine)?.[1] ?? null
}

async function rawUsageTtl(session: Session, database: string): Promise<string | null> {
  const rows = await session.select<{ statement: string }>(
    'SELECT create_table_query AS statement FROM system.tables' +
      ` WHERE database = ${literal(database)} AND name = ${literal(CALLS)}`,
  )
  const definition = /`raw_usage` [^,]*?CODEC\([^)]*\)\)?( TTL (.+?\)))?,/.exec(
    rows[0]?.statement ?? '',
  )
  return definition?.[2] ?? null
}
