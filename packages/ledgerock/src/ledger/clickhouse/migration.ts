// Brings a database to the schema this program knows: migrations are numbered without gaps and only ever go forward. A schema
// from a newer program is refused, because we could not know what we would break.

import { assert } from '../../kernel/assert.ts'
import { Fault } from '../../kernel/fault.ts'
import { ROLLUPS } from '../rollup.ts'
import { billTables } from './bill-schema.ts'
import { outcomeTables } from './outcomes.ts'
import type { Session } from './database.ts'
import { literal } from './literal.ts'
import {
  budgetColumns,
  createCalls,
  createDatabase,
  createFeeds,
  createRollup,
  createSchemaVersions,
  SCHEMA_VERSIONS,
  tableName,
  type SchemaParameters,
} from './schema.ts'

export type Migration = {
  readonly version: number
  /** Each can be repeated: a crash in the middle is finished by the next start. */
  readonly statements: (schema: SchemaParameters) => readonly string[]
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: (schema) => [
      createCalls(schema),
      ...ROLLUPS.map((rollup) => createRollup(schema, rollup)),
      ...createFeeds(schema),
    ],
  },
  { version: 2, statements: budgetColumns },
  { version: 3, statements: billTables },
  { version: 4, statements: outcomeTables },
]

/** Answers the version the database has now. */
export async function migrate(
  session: Session,
  schema: SchemaParameters,
  migrations: readonly Migration[],
): Promise<number> {
  migrations.forEach((migration, index) => {
    assert(migration.version === index + 1, 'migrations are numbered from 1 without gaps')
  })
  await createFoundation(session, schema)
  const versions = tableName(schema.database, SCHEMA_VERSIONS)
  const [row] = await session.select<{ version: number }>(
    `SELECT max(version) AS version FROM ${versions}`,
  )
  const present = row?.version ?? 0
  if (present > migrations.length) {
    throw new Fault(
      'schema_newer',
      `the ledger has schema ${present}, newer than ${migrations.length}: use a newer program`,
    )
  }
  for (const migration of migrations.slice(present)) {
    for (const statement of migration.statements(schema)) await session.command(statement)
    await session.command(
      `INSERT INTO ${versions} (version) SELECT ${migration.version}` +
        ' SETTINGS insert_deduplicate = 0',
    )
  }
  return migrations.length
}

/** A user of a server may not be allowed to create a database that is there already. */
async function createFoundation(session: Session, schema: SchemaParameters): Promise<void> {
  const found = await session.select(
    `SELECT 1 FROM system.databases WHERE name = ${literal(schema.database)}`,
  )
  if (found.length === 0) await session.command(createDatabase(schema))
  await session.command(createSchemaVersions(schema))
}
