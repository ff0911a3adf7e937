// Everything the stores of a stopped system hold, as text: the ledger's tables row by row, because what lies in their files is
// compressed, and the tables of the control database.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../src/ledger/clickhouse/database.ts'
import { controlDatabase, ledgerDirectory } from '../../src/processes/data-layout.ts'

export async function dumpLedger(dataDir: string): Promise<ReadonlyMap<string, string>> {
  const database = openDatabase({
    kind: 'embedded',
    path: join(ledgerDirectory(dataDir), 'chdb'),
  })
  try {
    return await database.use('ship', async (session) => {
      const tables = await session.select<{ readonly database: string; readonly name: string }>(
        `SELECT database, name FROM system.tables
         WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')`,
      )
      const dumped = new Map<string, string>()
      for (const table of tables) {
        const name = `${table.database}.${table.name}`
        const [schema, table_] = [table.database, table.name].map((part) => `\`${part}\``)
        const rows = await session.select<object>(`SELECT * FROM ${schema}.${table_}`)
        dumped.set(name, rows.map((row) => JSON.stringify(row)).join('\n'))
      }
      return dumped
    })
  } finally {
    await database.close()
  }
}

export function dumpControl(dataDir: string): ReadonlyMap<string, string> {
  const database = new DatabaseSync(controlDatabase(dataDir), { readOnly: true })
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    return new Map(
      tables.map(({ name }) => {
        const rows = database.prepare(`SELECT * FROM "${String(name)}"`).all()
        return [String(name), rows.map((row) => JSON.stringify(row, bytesAsText)).join('\n')]
      }),
    )
  } finally {
    database.close()
  }
}

function bytesAsText(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}
