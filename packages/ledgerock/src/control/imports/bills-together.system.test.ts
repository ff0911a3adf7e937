// Several bills beside each other: of two payers in one period, of several periods, given at the same time.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { csvOf, PERIOD, put, used, type FixtureRow } from '../../billing/testing/bill-files.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { openRoom, ROOM_KINDS, type Room } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills, type ImportReport } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }
const OTHER = '2026-09'

describe.each(ROOM_KINDS)('bills beside each other in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  let root: string
  let imports = 0

  beforeEach(async () => {
    room = await openRoom(kind)
    store = await opened()
    root = mkdtempSync(join(tmpdir(), 'bills-'))
  })
  afterEach(async () => {
    await store.close()
    await room.close()
    rmSync(root, { recursive: true })
    rmSync(`${root}-staging`, { recursive: true, force: true })
  })
  const opened = (): Promise<LedgerStore> => room.open({ bill: { clock, readWord: () => READER } })

  function laid(bill: string, period: string, costs: readonly string[]): void {
    const more: FixtureRow = {
      bill_payer_account_id: bill === 'one' ? '111122223333' : '555566667777',
      bill_billing_period_start_date: `${period}-01T00:00:00.000Z`,
      line_item_usage_start_date: `${period}-03T10:00:00Z`,
      line_item_usage_end_date: `${period}-03T11:00:00Z`,
    }
    const rows = costs.map((line_item_unblended_cost) =>
      used({ ...more, line_item_unblended_cost }),
    )
    const data = `cur/data/BILLING_PERIOD=${period}/cur-00001.csv`
    put(root, `${bill}/${data}`, csvOf(rows))
    put(
      root,
      `${bill}/cur/metadata/BILLING_PERIOD=${period}/Manifest.json`,
      JSON.stringify({ dataFiles: [`s3://bucket/${data}`] }),
    )
  }

  async function imported(bill: string, by = store): Promise<ImportReport> {
    imports += 1
    const importId = `import-${imports}`
    const place = await billFolder(join(root, bill))
    const order = { importId, bill, period: null, importedBy: 'test' }
    return importBills({ ledger: by.bill, place, stagingDirectory: `${root}-staging` }, order)
  }

  async function usdOf(period: string): Promise<readonly string[]> {
    const page = await store.bill.billCells({ period, version: null, cursor: null, limit: 100 })
    return page.items.map(({ unblended_usd }) => unblended_usd).toSorted()
  }

  it('[BL25] has the bills of two payers in force side by side, and replaces nothing but the one that comes anew', async () => {
    laid('one', PERIOD, ['1'])
    laid('one', OTHER, ['10'])
    laid('two', PERIOD, ['2'])
    expect(await imported('one')).toMatchObject({ periods: [OTHER, PERIOD], rejected: [] })
    expect(await imported('two')).toMatchObject({ periods: [PERIOD], new: 1, removed: 0 })
    expect([await usdOf(PERIOD), await usdOf(OTHER)]).toEqual([['1', '2'], ['10']])

    laid('one', PERIOD, ['1.5', '0.25'])
    expect(await imported('one')).toMatchObject({
      versions: [
        { period: OTHER, state: 'unchanged' },
        { period: PERIOD, state: 'imported' },
      ],
    })
    expect(await usdOf(OTHER)).toEqual(['10'])
    const { sums, versions } =
      (await store.bill.billSummary({ period: PERIOD, version: null })) ?? {}
    expect(sums).toMatchObject([{ rows: 3, unblended_usd: '3.75' }])
    expect(versions?.map(({ bill, unblended_usd }) => [bill, unblended_usd])).toEqual([
      ['one', '1.75'],
      ['two', '2'],
    ])
    expect(versions?.[0]?.difference).toMatchObject({ usd: '0.75' })
    expect(await store.bill.pruneBill({ period: PERIOD, keep: 0 })).toEqual([1])
    expect(await usdOf(PERIOD)).toEqual(['1.75', '2'])
  })

  it('[BL25] makes one version of a delivery that is given twice at once, and of two bills two', async () => {
    laid('one', PERIOD, ['1', '4'])
    laid('two', PERIOD, ['2'])
    const reports = await Promise.all([imported('one'), imported('two'), imported('one')])
    expect(reports.map(({ rejected }) => rejected)).toEqual([[], [], []])
    // Whichever of the two came first.
    const states = reports.map(({ versions }) => versions[0]?.state ?? 'none')
    expect(states.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'imported',
      'imported',
      'unchanged',
    ])
    expect(states[1]).toBe('imported')
    expect((await store.bill.billVersions({ period: PERIOD })).length).toBe(2)
    expect(await usdOf(PERIOD)).toEqual(['2', '5'])
  })
})
