import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  deliverBill,
  saveBill,
  simulateMonth,
  writeBill,
  type DeliveryOptions,
} from '@ledgerock/bedrock-simulator'
import { describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { PERIOD } from '../../billing/testing/bill-files.ts'
import { lessOf, sumOf } from '../../ledger/clickhouse/bill-sums.ts'
import { openRoom } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }

describe('a simulated month', () => {
  const COSTS = ['line_item_unblended_cost', 'line_item_net_unblended_cost'] as const
  const DELIVERIES: readonly Partial<DeliveryOptions>[] = [
    { format: 'parquet', layout: 'overwrite', surplusChunks: 1 },
    { format: 'csv.gz', layout: 'create_new', manifest: 'plain', numbers: 'exponent' },
    { format: 'csv.zip', layout: 'overwrite', manifest: 'plain' },
    { format: 'csv.gz', layout: 'legacy' },
  ]
  it.each(DELIVERIES)('[L31][BL6][BL11] comes in whole from %j', async (delivery) => {
    const room = await openRoom('embedded')
    const root = mkdtempSync(join(tmpdir(), 'bill-month-'))
    const store = await room.open({ bill: { clock, readWord: () => READER } })
    try {
      const month = simulateMonth({ seed: 7, calls: 600 })
      const bill = writeBill(month)
      await saveBill(root, deliverBill(bill, { rowsPerFile: 400, ...delivery }))
      const stagingDirectory = `${root}-staging`
      const place = await billFolder(root)
      const order = { importId: 'month', bill: 'cur', period: null, importedBy: 'test' }
      const report = await importBills({ ledger: store.bill, place, stagingDirectory }, order)
      expect(report.rejected).toEqual([])
      expect(report.read).toBe(bill.rows.length)
      const [version] = await store.bill.billVersions({ period: PERIOD })
      // All the month's words are understood but those of the model nobody lists.
      const summary = await store.bill.billSummary({ period: PERIOD, version: null })
      expect(
        summary?.unmapped.filter(({ usage_type }) => !usage_type.includes('unlisted')),
      ).toEqual([])
      const total = sumOf(bill.rows.map((row) => row[COSTS[0]]))
      expect(
        lessOf(total, sumOf([version?.unblended_usd ?? '0', version?.left_aside.usd ?? '0'])),
      ).toBe('0')
      const half = deliverBill(bill, { rowsPerFile: 400, ...delivery, half: 'missing_chunk' })
      const other = join(root, 'half')
      await saveBill(other, half)
      const again = await importBills(
        { ledger: store.bill, place: await billFolder(other), stagingDirectory },
        { ...order, importId: 'half' },
      )
      expect(again.versions).toEqual([])
      expect(again.rejected).toMatchObject([{ reason: 'half_delivered' }])
    } finally {
      await store.close()
      await room.close()
      rmSync(root, { recursive: true })
      rmSync(`${root}-staging`, { recursive: true, force: true })
    }
  })
})
