// Enters a day of believable calls as the shipper would, lets the engine merge, and measures what a call takes at rest, rollups
// included, and how fast calls go in.

import type { CallRecord } from '@ledgerock/contract'
import { openDatabase } from '../clickhouse/database.ts'
import { openLedgerStore } from '../clickhouse/open-ledger-store.ts'
import { BOOKS } from '../clickhouse/schema.ts'
import { entryOf } from '../entry.ts'
import { realisticCalls } from './realistic-calls.ts'
import { TEST_DIMENSIONS } from './store-rooms.ts'

export type BytesMeasured = {
  readonly calls: number
  readonly bytesPerCall: number
  readonly byTable: Readonly<Record<string, number>>
  /** The dearest columns of `calls`. */
  readonly byColumn: Readonly<Record<string, number>>
  readonly callsPerSecond: number
}

const BATCH_ROWS = 8_192
const START_MS = Date.parse('2026-10-05T00:00:00Z')
const COLUMNS_SHOWN = 12

export async function measureBytes(
  path: string,
  count: number,
  monotonicMs: () => number,
): Promise<BytesMeasured> {
  const target = { kind: 'embedded', path } as const
  const store = await openLedgerStore(target, {
    dimensions: TEST_DIMENSIONS.slice(0, 8),
    retention: { callsDays: 400, rawUsageDays: null },
  })
  const call = realisticCalls(1, START_MS, count)
  let insertMs = 0
  for (let from = 0; from < count; from += BATCH_ROWS) {
    const records: CallRecord[] = []
    for (let index = from; index < Math.min(count, from + BATCH_ROWS); index += 1) {
      records.push(call(index))
    }
    const before = monotonicMs()
    await store.insertBatch({ entries: records.map(entryOf), token: `${from}`, again: false })
    insertMs += monotonicMs() - before
  }
  await store.close()
  const sizes = await sizesOf(path)
  const perCall = (rows: readonly { name: string; bytes: number }[]) =>
    Object.fromEntries(rows.map(({ name, bytes }) => [name, Number((bytes / count).toFixed(2))]))
  const total = sizes.tables.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    calls: count,
    bytesPerCall: Number((total / count).toFixed(1)),
    byTable: perCall(sizes.tables),
    byColumn: perCall(sizes.columns),
    callsPerSecond: Math.round((count * 1_000) / insertMs),
  }
}

async function sizesOf(path: string) {
  const database = openDatabase({ kind: 'embedded', path })
  try {
    return await database.use('heavy', async (session) => {
      for (const table of BOOKS) await session.command(`OPTIMIZE TABLE ledgerock.${table} FINAL`)
      const tables = await session.select<{ name: string; bytes: number }>(
        'SELECT table AS name, sum(bytes_on_disk) AS bytes FROM system.parts' +
          " WHERE active AND database = 'ledgerock' GROUP BY name ORDER BY bytes DESC",
      )
      const columns = await session.select<{ name: string; bytes: number }>(
        'SELECT name, data_compressed_bytes AS bytes FROM system.columns' +
          " WHERE database = 'ledgerock' AND table = 'calls'" +
          ` ORDER BY bytes DESC LIMIT ${COLUMNS_SHOWN}`,
      )
      return { tables, columns }
    })
  } finally {
    await database.close()
  }
}
