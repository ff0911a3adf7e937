import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { entryOf } from '../entry.ts'
import { arbitraryRecord } from '../testing/arbitrary-record.ts'
import { monthBatches } from '../testing/month-batches.ts'
import { openRoom, TEST_DIMENSIONS } from '../testing/store-rooms.ts'
import { BUDGET_COLUMNS } from './call-columns.ts'
import { openDatabase } from './database.ts'
import { MIGRATIONS } from './migration.ts'

const FROM = Date.parse('2026-10-24')
const TO = Date.parse('2026-10-25')

it('[L11] a database from before budgets were charged gets their columns, and its calls stay as they were', async () => {
  const room = await openRoom('embedded')
  try {
    const store = await room.open()
    const records = fc
      .sample(arbitraryRecord({ fromMs: FROM, toMs: TO, dimensions: TEST_DIMENSIONS }), {
        numRuns: 20,
        seed: 5,
      })
      .map((record): CallRecord => ({ ...record, budget_charges: [], saved_usd: null }))
    for (const batch of monthBatches(records.map(entryOf), 'old')) await store.insertBatch(batch)
    await store.close()

    const database = openDatabase(room.target())
    await database.use('ship', async (session) => {
      const drops = BUDGET_COLUMNS.map(({ name }) => `DROP COLUMN ${name}`)
      const old = "ADD COLUMN budget_charges String DEFAULT ''"
      await session.command(`ALTER TABLE ledgerock.calls ${old}, ${drops.join(', ')}`)
      await session.command('TRUNCATE TABLE ledgerock.schema_versions')
      await session.command('INSERT INTO ledgerock.schema_versions (version) SELECT 1')
    })
    await database.close()

    const again = await room.open()
    try {
      expect(again.schemaVersion).toBe(MIGRATIONS.length)
      const found = await again.calls({
        fromMs: FROM,
        toMs: TO,
        where: [],
        before: null,
        limit: 99,
      })
      const byId = (calls: readonly CallRecord[]) =>
        calls.toSorted((a, b) => (a.call_id < b.call_id ? -1 : 1))
      expect(byId(found)).toEqual(byId(records))
      expect(await again.findings(0)).toEqual([])
    } finally {
      await again.close()
    }
  } finally {
    await room.close()
  }
}, 60_000)
