import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { billFolder } from '../billing/bill-folder.ts'
import { billWordReader } from '../billing/read-bill-word.ts'
import {
  marketplace,
  PERIOD,
  putOverwrite,
  used,
  type FixtureRow,
} from '../billing/testing/bill-files.ts'
import { importBills } from '../control/imports/import-bills.ts'
import { bedrockWords } from '../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import type { BillCellRow } from './bill.ts'
import type { LedgerStore } from './store.ts'
import { openRoom, ROOM_KINDS, type Room } from './testing/store-rooms.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }
const PEOPLE = ['a', 'b', 'c', 'd', 'e']

/** Some hours in a few days, one of them long before the month, and a month in one line. */
const STARTS = ['2026-08-30T05:00', '2026-10-01T00:00', '2026-10-01T13:00', '2026-10-31T23:00']
const ROWS: readonly FixtureRow[] = [
  marketplace({ line_item_usage_type: 'USW2-MP:USW2_InputTokenCount_LCtx-Units' }),
  used({ line_item_usage_type: 'USE1-NovaCanvas-T2I-1024-Premium', pricing_unit: 'image' }),
  used({
    line_item_usage_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_end_date: '2026-11-01T00:00:00Z',
    line_item_iam_principal: '',
  }),
  used({
    bill_payer_account_id: '111100001111',
    line_item_usage_start_date: '2026-10-01T00:00:00Z',
    line_item_usage_end_date: '2026-11-01T00:00:00Z',
    line_item_iam_principal: '',
  }),
  ...STARTS.flatMap((start) =>
    PEOPLE.flatMap((principal) => {
      const line = used({
        line_item_usage_start_date: `${start}:00Z`,
        line_item_usage_end_date: `${start.slice(0, 14)}59:59Z`,
        line_item_iam_principal: principal,
      })
      return [line, line]
    }),
  ),
]

describe.each(ROOM_KINDS)('the cells of a bill in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  let root: string

  beforeAll(async () => {
    room = await openRoom(kind)
    store = await room.open({ bill: { clock, readWord: () => READER } })
    root = mkdtempSync(join(tmpdir(), 'bill-cells-'))
    putOverwrite(root, [ROWS])
    await importBills(
      { ledger: store.bill, place: await billFolder(root), stagingDirectory: `${root}-staging` },
      { importId: 'one', bill: 'cur', period: null, importedBy: 'test' },
    )
  })
  afterAll(async () => {
    await store.close()
    await room.close()
    rmSync(root, { recursive: true })
    rmSync(`${root}-staging`, { recursive: true, force: true })
  })

  async function asked(limit: number): Promise<BillCellRow[]> {
    const items: BillCellRow[] = []
    let cursor: string | null = null
    do {
      const page = await store.bill.billCells({ period: PERIOD, version: null, cursor, limit })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      items.push(...page.items)
      cursor = page.next_cursor
    } while (cursor !== null)
    return items
  }

  it('[L43] come in pages that are the same cells in the same order, whatever their length', async () => {
    const whole = await asked(50_000)
    expect(whole.length).toBe(4 + STARTS.length * PEOPLE.length)
    expect(whole.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS.length)
    for (const limit of [1, 4, whole.length]) expect(await asked(limit)).toEqual(whole)
  })

  it('[L43] say who pays, and two payers are two cells', async () => {
    const payers = (await asked(50_000)).map((cell) => cell.payer_account)
    expect(new Set(payers)).toEqual(new Set(['999988887777', '111100001111']))
  })

  it('[L43] say what sells at a price of its own within a kind', async () => {
    const sorts = (await asked(50_000)).map((cell) => [cell.kind, cell.long_context, cell.variant])
    expect(new Set(sorts.map((sort) => JSON.stringify(sort)))).toEqual(
      new Set([
        '["input",false,""]',
        '["input",true,""]',
        '["images",false,"up to 1024x1024, premium"]',
      ]),
    )
  })
})
