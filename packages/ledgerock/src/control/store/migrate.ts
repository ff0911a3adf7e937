// Brings a control store to the wanted schema version, all steps in one transaction, one starter at a time. A store written by
// a newer Ledgerock is refused untouched: guessing at unknown tables is how records are lost.

import type { KeyObject } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import { Fault } from '../../kernel/fault.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { Engine } from './engine.ts'
import type { Migration } from './migration.ts'
import type { ControlDatabase } from './schema.ts'

/** @throws Fault `schema_newer` */
export async function migrate(
  engine: Engine,
  migrations: readonly Migration[],
  clock: Clock,
  auditKey: KeyObject | null = null,
): Promise<void> {
  await engine.database.transaction().execute(async (transaction) => {
    await engine.lockForMigration(transaction)
    const present = await presentVersion(transaction)
    if (present > migrations.length) {
      throw new Fault(
        'schema_newer',
        `the control store has schema version ${present}; this Ledgerock knows versions up to ` +
          `${migrations.length}. Run the newer Ledgerock that wrote it.`,
      )
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < present) continue
      await migration.up(transaction, auditKey)
      await transaction
        .insertInto('schema_version')
        .values({
          version: index + 1,
          name: migration.name,
          applied_at: isoTime(clock.now()),
        })
        .execute()
    }
  })
}

async function presentVersion(transaction: Transaction<ControlDatabase>): Promise<number> {
  await sql`create table if not exists schema_version (
    version bigint primary key, name text not null, applied_at text not null)`.execute(transaction)
  const row = await transaction
    .selectFrom('schema_version')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst()
  return row?.version ?? 0
}
