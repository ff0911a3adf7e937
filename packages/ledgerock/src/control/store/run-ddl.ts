// Statements that change the schema, one after the other.

import { sql, type Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export async function runDdl(
  transaction: Transaction<ControlDatabase>,
  ...ddl: readonly string[]
): Promise<void> {
  for (const statement of ddl) await sql.raw(statement).execute(transaction)
}
