// Fills an embedded ledger with a month of calls and a folder with the bill, both by the engine's own hand. A process of its own, so that
// its memory is nobody else's.

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_DIMENSION_RULES } from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { openDatabase } from '../../packages/ledgerock/src/ledger/clickhouse/database.ts'
import { openLedgerStore } from '../../packages/ledgerock/src/ledger/clickhouse/open-ledger-store.ts'
import type { LedgerStoreTarget } from '../../packages/ledgerock/src/ledger/store.ts'
import { childArgument, tellParent } from '../child.ts'
import { billSql, callsSql, PERIOD } from './world.ts'

export type GenerateRequest = {
  readonly path: string
  readonly rows: number
  readonly calls: number
  readonly format: 'parquet' | 'csv'
}

export type Generated = { readonly bytes: number; readonly files: number }

const ROWS_A_FILE = 2_500_000
const CALLS_AT_ONCE = 5_000_000
const INSERT_SETTINGS = {
  max_block_size: 65_536,
  min_insert_block_size_rows: 262_144,
  insert_deduplicate: 0,
}

async function generate({ path, rows, calls, format }: GenerateRequest): Promise<Generated> {
  const target: LedgerStoreTarget = { kind: 'embedded', path: join(path, 'store') }
  const store = await openLedgerStore(target, {
    dimensions: DEFAULT_DIMENSION_RULES.map(({ name }) => name),
    retention: { callsDays: null, rawUsageDays: null },
  })
  const data = join(path, `cur2/data/BILLING_PERIOD=${PERIOD}`)
  const metadata = join(path, `cur2/metadata/BILLING_PERIOD=${PERIOD}`)
  for (const folder of [data, metadata]) mkdirSync(folder, { recursive: true })
  const database = openDatabase(target)
  await database.use('bill', async (session) => {
    // Beside the books and attached to them, so that rollups nobody asks here are not made.
    await session.command('CREATE TABLE ledgerock.made AS ledgerock.calls')
    for (let from = 0; from < calls; from += CALLS_AT_ONCE) {
      const to = Math.min(calls, from + CALLS_AT_ONCE)
      await session.command(callsSql('ledgerock.made', calls, from, to), INSERT_SETTINGS)
    }
    await session.command('ALTER TABLE ledgerock.calls ATTACH PARTITION 202610 FROM ledgerock.made')
    await session.command('DROP TABLE ledgerock.made SYNC')
    for (let from = 0; from < rows; from += ROWS_A_FILE) {
      const to = Math.min(rows, from + ROWS_A_FILE)
      const place = String(from / ROWS_A_FILE + 1).padStart(5, '0')
      const name = `cur2-${place}.${format === 'parquet' ? 'snappy.parquet' : 'csv.gz'}`
      const engineFormat = format === 'parquet' ? 'Parquet' : 'CSVWithNames'
      await session.command(billSql(join(data, name), engineFormat, { rows, calls }, from, to), {
        output_format_parquet_compression_method: 'snappy',
      })
    }
  })
  await database.close()
  await store.close()
  const names = readdirSync(data)
  const dataFiles = names.map(
    (name) => `s3://bucket/exports/cur2/data/BILLING_PERIOD=${PERIOD}/${name}`,
  )
  writeFileSync(
    join(metadata, 'cur2-Manifest.json'),
    JSON.stringify({
      exportArn: 'arn:aws:bcm-data-exports:us-east-1:999988887777:export/cur2',
      executionId: 'bench',
      columns: [],
      dataFiles,
    }),
  )
  const bytes = names.reduce((sum, name) => sum + statSync(join(data, name)).size, 0)
  return { bytes, files: names.length }
}

tellParent(await generate(childArgument() as GenerateRequest))
