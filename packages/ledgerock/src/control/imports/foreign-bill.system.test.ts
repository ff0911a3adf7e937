// The whole way of a bill in euros: delivered, imported into the real ledger at a dated rate, reconciled, and held to the same bill in
// dollars, line by line times the rate.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliverBill, saveBill, simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileDimensionRules, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { formatUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { openRoom, type Room } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { exactOf, roundToPicodollars, sumExact, type Exact } from '../../reconciliation/exact.ts'
import { bedrockLines, meteredUses } from '../../reconciliation/testing/month-books.ts'
import type { ExchangeRule } from '../month/exchange.ts'
import { focusRowsOf } from '../statements/focus-files.ts'
import { importBills } from './import-bills.ts'
import type { ControlStore } from '../store/control-store.ts'
import { createTestBill, meteredRow } from '../testing/fake-month.ts'
import { openMemoryStore } from '../testing/memory-store.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-20T00:00:00Z'), monotonic: () => 0 }
const RATE = '1.08420137'
const RULES: readonly ExchangeRule[] = [
  { currency: 'EUR', rate: '1.5', fromMs: null, toMs: Date.parse('2026-10-01') },
  { currency: 'EUR', rate: RATE, fromMs: Date.parse('2026-10-01'), toMs: null },
]

let room: Room
let ledger: Awaited<ReturnType<Room['open']>>
let store: ControlStore
let root: string
beforeEach(async () => {
  room = await openRoom('embedded')
  root = mkdtempSync(join(tmpdir(), 'foreign-bill-'))
  ledger = await room.open({ bill: { clock, readWord: () => READER } })
  store = await openMemoryStore(clock)
})
afterEach(async () => {
  await store.close()
  await ledger.close()
  await room.close()
  rmSync(root, { recursive: true })
  rmSync(`${root}-staging`, { recursive: true, force: true })
})

describe('a bill in euros', () => {
  it('[C165] is every dollar of its lines at the rate of its month, to the picodollar', async () => {
    const simulated = simulateMonth({ seed: 17, calls: 400, interruptedPerMille: 0 })
    const { period } = simulated
    const written = writeBill(simulated)
    const rows = written.rows.map((row) => ({ ...row, line_item_currency_code: 'EUR' }))
    const bill = { ...written, rows }
    await saveBill(root, deliverBill(bill, { format: 'parquet' }))
    const imported = await importBills(
      {
        ledger: ledger.bill,
        place: await billFolder(root),
        stagingDirectory: `${root}-staging`,
      },
      { importId: 'euros', bill: 'cur', period: null, importedBy: 'test', exchange: RULES },
    )
    expect(imported.rejected).toEqual([])
    const { billCells, billSummary } = ledger.bill
    const { reconciliations, month, billing } = createTestBill({
      store,
      clock,
      books: { billCells, billSummary },
      owners: { ownersInForce: async () => [] },
      dimensions: () => DEFAULT_DIMENSION_RULES,
      rules: () => mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES)),
      log: () => {},
    })
    month.metered = meteredUses(simulated).map(meteredRow)
    billing.exchange = RULES
    const lines = bedrockLines(bill)
    for (const cost of ['net', 'unblended'] as const) {
      const report = mustOk(await reconciliations.report(period, cost))
      const euros = sumExact(lines.map((line) => line[cost]))
      const wanted = roundToPicodollars(((euros * exactOf(RATE)) / 10n ** 30n) as Exact)
      expect(report.bill_usd).toBe(formatUsd(wanted))
      expect(report.identity).toEqual({
        sum_of_allocation_usd: report.bill_usd,
        difference_usd: '0',
      })
      expect(report.exchange).toEqual([
        { bill: 'cur', currency: 'EUR', usd_per_unit: RATE, rate_date: `${period}-01` },
      ])
      if (cost === 'unblended') expect(imported.usd).toBe(report.bill_usd)
    }
    const { reconciliation } = mustOk(await reconciliations.month(period, 'net'))
    const { shares, apart, bill: whole } = reconciliation
    expect(sumMoney([...shares.map(({ usd }) => usd), apart])).toBe(whole)
    // What is in dollars is called so.
    const source = {
      wholeMonth: reconciliations.wholeMonth,
      frozen: async () => null,
      adjustmentsIn: async () => [],
    }
    const focus = mustOk(await focusRowsOf(source, period, null))
    expect(new Set([...focus.rows()].map((row) => row.BillingCurrency))).toEqual(new Set(['USD']))
    // A rate that is gone makes the month unknown, not cheaper.
    billing.exchange = []
    expect(await reconciliations.report(period, 'net')).toMatchObject({
      problem: { code: 'exchange_missing' },
    })
  })
})
