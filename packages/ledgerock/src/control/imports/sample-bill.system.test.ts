// A bill of 123 rows that were written by hand, with what each of them means beside it: every scheme, tags with formulas, discounts,
// credits, refunds, tax, sellers of the Marketplace, corrections, other services. The same rows in every format AWS delivers, and with the
// columns a careful house leaves out.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BILL_COLUMN_NAMES,
  deliverBill,
  saveBill,
  type BillRow,
  type DeliveryOptions,
} from '@ledgerock/bedrock-simulator'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { plainDecimal } from '../../billing/plain-decimal.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { csvOf, PERIOD, put } from '../../billing/testing/bill-files.ts'
import { openDatabase } from '../../ledger/clickhouse/database.ts'
import { sumOf } from '../../ledger/clickhouse/bill-sums.ts'
import { openRoom } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills, type ImportReport } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }

type Sample = Readonly<Record<string, string>>
const FILE = new URL('../../billing/testing/sample-bill.csv', import.meta.url)
const SAMPLE: readonly Sample[] = parse(readFileSync(FILE), { columns: true })
const COLUMNS = Object.keys(SAMPLE[0] ?? {}).filter((name) => name !== 'expected')
const OWN = SAMPLE.filter(({ expected }) => expected !== 'aside')

type Read = {
  readonly line: number
  readonly means: string
  readonly unblended: string
  readonly net: string | null
  readonly list: string | null
  readonly principal: string
  readonly tags: Readonly<Record<string, string>>
  readonly account_id: string
  readonly payer_account: string
  readonly legal_entity: string
  readonly invoice_id: string
}

const MEANS =
  "concat(thing, ' ', if(w.region = '', '-', w.region), ' ', if(model_id = '', '-', model_id), ' '," +
  " if(kind = '', '-', kind), ' ', if(scope = '', '-', scope), ' ', if(tier = '', '-', tier), ' '," +
  " if(isNull(factor), '-', toString(l.amount * factor)), if(long_context = 1, ' long', '')," +
  " if(variant = '', '', concat(' \"', variant, '\"'))," +
  " if(unmapped_reason = '', '', concat(' ! ', unmapped_reason)))"

async function imported(fill: (root: string) => Promise<void> | void): Promise<{
  readonly report: ImportReport
  readonly lines: readonly Read[]
}> {
  const room = await openRoom('embedded')
  const root = mkdtempSync(join(tmpdir(), 'sample-bill-'))
  const store = await room.open({ bill: { clock, readWord: () => READER } })
  const database = openDatabase(room.target())
  try {
    await fill(root)
    const place = await billFolder(root)
    const order = { importId: 'sample', bill: 'cur', period: null, importedBy: 'test' }
    const stagingDirectory = `${root}-staging`
    const report = await importBills({ ledger: store.bill, place, stagingDirectory }, order)
    const lines = await database.use('interactive', (session) =>
      session.select<Read>(
        `SELECT toUInt32(line) AS line, ${MEANS} AS means, toString(l.unblended) AS unblended,` +
          ' toString(l.net) AS net, toString(l.list) AS list, principal, tags, account_id, payer_account,' +
          ' legal_entity, invoice_id FROM ledgerock.bill_lines AS l LEFT JOIN ledgerock.bill_words AS w ON l.word = w.word' +
          ' AND l.version = w.version ORDER BY file, line',
      ),
    )
    return { report, lines }
  } finally {
    await database.close()
    await store.close()
    await room.close()
    rmSync(root, { recursive: true })
    rmSync(`${root}-staging`, { recursive: true, force: true })
  }
}

const wanted = (rows: readonly Sample[]): readonly string[] =>
  rows.map(({ line_item_usage_type, expected }) => `${line_item_usage_type}: ${expected}`)
const found = (lines: readonly Read[]): readonly string[] =>
  lines.map(({ means }, index) => `${OWN[index]?.['line_item_usage_type']}: ${means}`)

const plain = (text: string | undefined): string => sumOf([plainDecimal(text ?? '') ?? '0'])

/** As the simulator would deliver it. */
async function delivered(root: string, options: Partial<DeliveryOptions>): Promise<void> {
  const startMs = Date.UTC(2026, 9)
  const period = { name: PERIOD, startMs, endMs: Date.UTC(2026, 10) }
  const rows = SAMPLE.map(rowOf)
  const notes = { outside: 0, unpriced: [] }
  await saveBill(root, deliverBill({ period, rows, truth: [], notes }, options))
}

const MAPS: ReadonlySet<string> = new Set([
  'cost_category',
  'discount',
  'product',
  'resource_tags',
  'tags',
])

function rowOf(sample: Sample): BillRow {
  const cells = BILL_COLUMN_NAMES.map((name) => {
    const said = sample[name] ?? ''
    const text = /^-?\d+e-?\d+$/i.test(said) ? plain(said) : said
    const value: unknown = MAPS.has(name) && text !== '' ? JSON.parse(text) : text
    return [name, MAPS.has(name) && text === '' ? {} : value]
  })
  return Object.fromEntries(cells) as BillRow
}

describe('a bill written by hand', () => {
  it('[BL21] is read without one wrong reading from a CSV of CUR 2.0', async () => {
    const { report, lines } = await imported((root) =>
      put(root, 'bill.csv', csvOf(SAMPLE, COLUMNS)),
    )
    expect(report).toMatchObject({ read: SAMPLE.length, new: OWN.length, rejected: [] })
    expect(found(lines)).toEqual(wanted(OWN))
    for (const [index, line] of lines.entries()) {
      const row = OWN[index] as Sample
      expect([line.unblended, line.net, line.list].map((each) => plain(each ?? ''))).toEqual([
        plain(row['line_item_unblended_cost']),
        plain(row['line_item_net_unblended_cost']),
        plain(row['pricing_public_on_demand_cost']),
      ])
      expect(line).toMatchObject({
        principal: row['line_item_iam_principal'],
        tags: JSON.parse(row['tags'] ?? '{}') as object,
        account_id: row['line_item_usage_account_id'],
        payer_account: row['bill_payer_account_id'],
        legal_entity: row['line_item_legal_entity'],
        invoice_id: row['bill_invoice_id'],
      })
    }
    const aside = SAMPLE.filter(({ expected }) => expected === 'aside')
    const asideUsd = sumOf(aside.map((row) => plain(row['line_item_unblended_cost'])))
    expect(report.left_aside).toEqual({ rows: aside.length, usd: asideUsd })
    expect(aside.length).toBeGreaterThan(5)
  })

  const DELIVERIES: readonly (readonly [string, Partial<DeliveryOptions>])[] = [
    ['Parquet', { format: 'parquet', layout: 'overwrite' }],
    ['a ZIP', { format: 'csv.zip', layout: 'create_new' }],
    ['exponents', { format: 'csv.gz', layout: 'overwrite', numbers: 'exponent' }],
    ['the legacy report', { format: 'csv.gz', layout: 'legacy' }],
  ]
  it.each(DELIVERIES)('[BL21] means the same as %s', async (_, options) => {
    const { report, lines } = await imported((root) => delivered(root, options))
    expect(report).toMatchObject({ read: SAMPLE.length, new: OWN.length, rejected: [] })
    expect(found(lines)).toEqual(wanted(OWN))
    expect(sumOf(lines.map(({ unblended }) => unblended))).toBe(
      sumOf(OWN.map((row) => plain(row['line_item_unblended_cost']))),
    )
  })

  it('[BL21] means the same without resources, callers, net costs and tags, but where only these tell', async () => {
    const gone =
      /resource_id|iam_principal|net_unblended|tags|cost_category|discount|split_|savings_/
    const columns = COLUMNS.filter((name) => !gone.test(name)).toReversed()
    const { report, lines } = await imported((root) =>
      put(root, 'bill.csv', csvOf(SAMPLE, columns)),
    )
    // One Marketplace row says only by its resource that it is Bedrock's; a film's says by it which version of the model made it.
    const isToldByResource = (row: Sample): boolean =>
      row['product'] === '{}' && row['line_item_operation'] === 'Usage'
    const own = OWN.filter((row) => !isToldByResource(row))
    expect(report).toMatchObject({ new: own.length, rejected: [] })
    const means = own.map(({ expected }) => expected)
    const differing = lines.filter(({ means: said }, index) => said !== means[index])
    expect(differing.map(({ means: said }) => said)).toEqual([
      'usage us-east-1 - video_seconds in-region standard 6 "720p, 24 fps" ! model',
    ])
    expect(new Set(lines.map(({ net }) => net))).toEqual(new Set([null]))
    expect(
      lines.every(({ principal, tags }) => principal === '' && Object.keys(tags).length === 0),
    ).toBe(true)
  })
})
