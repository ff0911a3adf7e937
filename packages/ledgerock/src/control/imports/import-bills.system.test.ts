import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import {
  csvOf,
  legacyCsvOf,
  marketplace,
  PERIOD,
  put,
  putOverwrite,
  used,
  zipOf,
  type FixtureRow,
} from '../../billing/testing/bill-files.ts'
import { openDatabase } from '../../ledger/clickhouse/database.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { openRoom, ROOM_KINDS, type Room } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import type { ExchangeRule } from '../month/exchange.ts'
import { importBills, type ImportReport } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }

const EURO: ExchangeRule = { currency: 'EUR', rate: '1.084', fromMs: null, toMs: null }

describe.each(ROOM_KINDS)('a bill in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  let root: string
  let readWord = READER
  let imports = 0

  beforeEach(async () => {
    readWord = READER
    room = await openRoom(kind)
    store = await room.open({ bill: { clock, readWord: () => readWord } })
    root = mkdtempSync(join(tmpdir(), 'bill-'))
  })
  afterEach(async () => {
    await store.close()
    await room.close()
    rmSync(root, { recursive: true })
    rmSync(`${root}-staging`, { recursive: true, force: true })
  })

  async function imported(
    source = root,
    period: string | null = null,
    exchange: readonly ExchangeRule[] = [],
  ): Promise<ImportReport> {
    imports += 1
    const place = await billFolder(source)
    const said = { bill: 'cur', period, importedBy: 'test', exchange }
    const order = { importId: `import-${imports}`, ...said }
    const stagingDirectory = `${root}-staging`
    return importBills({ ledger: store.bill, place, stagingDirectory }, order)
  }
  const cells = async () =>
    (await store.bill.billCells({ period: PERIOD, version: null, cursor: null, limit: 1_000 }))
      .items
  const summary = () => store.bill.billSummary({ period: PERIOD, version: null })
  const inForce = async () => (await store.bill.billVersions({ period: PERIOD }))[0]

  it('[L31][BL6] takes all chunks of a delivery, the empty ones too, and adds up its dollars to the last digit', async () => {
    const rows = [
      used({
        line_item_usage_amount: '1.1',
        line_item_unblended_cost: '0.1',
        pricing_unit: '1K tokens',
      }),
      used({ line_item_usage_amount: '1e-7', line_item_unblended_cost: '0.2' }),
      used({
        line_item_usage_amount: '0',
        line_item_unblended_cost: '-1.000000000000000000000000000001',
      }),
    ]
    putOverwrite(root, [rows.slice(0, 2), rows.slice(2), []])
    put(root, `cur2/data/BILLING_PERIOD=${PERIOD}/cur2-00009.csv.gz`, '')
    const report = await imported()
    expect(report).toMatchObject({ read: 3, new: 3, duplicate: 0, rejected: [], periods: [PERIOD] })
    const version = await inForce()
    expect(version?.unblended_usd).toBe('-0.700000000000000000000000000001')
    expect(report.usd).toBe('-0.7')
    const quantities = (await cells()).map((cell) => cell.quantity)
    expect(quantities).toEqual(['1100.0001'])
  })

  it('[L32] replaces a period as a whole, keeps the older version, and says how rows differ', async () => {
    const kept = used({ line_item_unblended_cost: '0.5' })
    const gone = used({ line_item_usage_type: 'USE1-NovaPro-output-tokens' })
    const before = used({ line_item_usage_start_date: '2026-10-04T00:00:00Z' })
    putOverwrite(root, [[kept, kept, gone, before]])
    await imported()
    putOverwrite(root, [
      [
        kept,
        kept,
        { ...before, line_item_unblended_cost: '7' },
        used({ line_item_iam_principal: 'x' }),
      ],
    ])
    const report = await imported()
    expect(report).toMatchObject({ read: 4, new: 1, duplicate: 2, changed: 1, removed: 1 })
    const [second, first] = await store.bill.billVersions({ period: PERIOD })
    expect([second?.version, first?.version]).toEqual([2, 1])
    expect(second?.difference).toEqual({
      added: 2,
      removed: 2,
      changed: 1,
      unchanged: 2,
      usd: '6.9992',
    })
    const old = await store.bill.billCells({ period: PERIOD, version: 1, cursor: null, limit: 100 })
    const kinds = old.items.map((cell) => cell.kind)
    expect(kinds.toSorted()).toEqual(['input', 'input', 'output'])
    expect((await cells()).every((cell) => cell.kind === 'input')).toBe(true)
  })

  it('[L33] changes nothing when the same delivery comes again, before or after another one', async () => {
    putOverwrite(root, [[used()]])
    await imported()
    putOverwrite(root, [[used(), used()]])
    await imported()
    const again = await imported()
    expect(again).toMatchObject({ new: 0, duplicate: 2, changed: 0 })
    putOverwrite(root, [[used()]])
    await imported()
    expect((await store.bill.billVersions({ period: PERIOD })).length).toBe(2)
    expect(await inForce()).toMatchObject({ version: 2, bedrock_rows: 2 })
  })

  it('[BL7] takes AWS’s codes and what of the Marketplace is Bedrock’s, and says what it left aside', async () => {
    const other = {
      bill_billing_entity: 'AWS Marketplace',
      line_item_product_code: 'AmazonBedrock',
    }
    putOverwrite(root, [
      [
        used(),
        used({ line_item_product_code: 'AmazonBedrockService' }),
        marketplace(),
        marketplace({ product: '{}', line_item_operation: 'InvokeModelInference' }),
        marketplace({
          product: '{}',
          line_item_resource_id: 'arn:aws:bedrock:us-west-2::foundation-model/x.y',
        }),
        used({ line_item_product_code: 'AmazonEC2', line_item_unblended_cost: '12.5' }),
        marketplace({
          product: '{"product_name":"Some firewall"}',
          line_item_unblended_cost: '0.25',
        }),
        marketplace({
          ...other,
          product: '{"product_name":"Some firewall"}',
          line_item_unblended_cost: '2',
        }),
      ],
    ])
    const report = await imported()
    expect(report).toMatchObject({ read: 8, new: 5, left_aside: { rows: 3, usd: '14.75' } })
  })

  it('[BL8][L34] keeps what it cannot map with its dollars, and maps it later without the files', async () => {
    const unknown = used({
      line_item_usage_type: 'USE1-Zyx9-input-tokens',
      line_item_usage_amount: '66666.67',
      line_item_unblended_cost: '4',
    })
    const odd = used({ line_item_usage_type: 'USE1-Something', line_item_unblended_cost: '2' })
    putOverwrite(root, [[used(), unknown, odd, marketplace()]])
    const report = await imported()
    expect(report.versions[0]?.unmapped).toEqual({ rows: 2, usd: '6' })
    expect((await summary())?.unmapped).toMatchObject([
      { reason: 'model', usage_type: 'USE1-Zyx9-input-tokens', unblended_usd: '4' },
      { reason: 'usage_type', usage_type: 'USE1-Something', unblended_usd: '2' },
    ])
    readWord = (word, sums) =>
      READER({ ...word, usage_type: word.usage_type.replace('Zyx9', 'NovaLite') }, sums)
    const asked = { period: PERIOD, version: null }
    expect(await store.bill.rereadBillWords(asked)).toEqual({ changed: 1 })
    expect(await store.bill.rereadBillWords(asked)).toEqual({ changed: 0 })
    expect((await cells()).map((cell) => cell.model_id).toSorted()).toEqual([
      '',
      'amazon.nova-lite-v1:0',
      'amazon.nova-pro-v1:0',
      'anthropic.claude-3-5-sonnet-20240620-v1:0',
    ])
    expect((await summary())?.unmapped.map(({ unblended_usd }) => unblended_usd)).toEqual(['2'])
  })

  const bad: readonly (readonly [string, FixtureRow, object])[] = [
    ['an amount', { line_item_usage_amount: 'many' }, { reason: 'amount' }],
    ['too many digits', { line_item_unblended_cost: '1e-31' }, { reason: 'amount' }],
    ['no cost', { line_item_unblended_cost: '' }, { reason: 'amount' }],
    ['a time', { line_item_usage_start_date: 'yesterday' }, { reason: 'time' }],
    ['a map', { tags: '[1]' }, { reason: 'map' }],
    ['two currencies', { line_item_currency_code: 'EUR' }, { reason: 'mixed_currencies' }],
    [
      'two months',
      { bill_billing_period_start_date: '2026-09-01T00:00:00Z' },
      { reason: 'mixed_periods' },
    ],
  ]
  it('[L35] refuses a delivery with file, row and reason for what cannot stand, and the period in force stays', async () => {
    putOverwrite(root, [[used(), used()]])
    await imported()
    for (const [, more, expected] of bad) {
      putOverwrite(root, [[used()], [used(), used(), used(more)]])
      const report = await imported()
      expect(report.rejected).toMatchObject([
        { file: `cur2/data/BILLING_PERIOD=${PERIOD}/cur2-00002.csv.gz`, row: 3, ...expected },
      ])
      expect(report.versions).toEqual([])
    }
    putOverwrite(root, [[used({ line_item_currency_code: 'EUR' })]])
    expect((await imported()).rejected).toMatchObject([{ row: 1, reason: 'currency' }])
    putOverwrite(root, [[used()], [used(), used({ line_item_currency_code: 'EUR' })]])
    expect((await imported(root, null, [EURO])).rejected).toMatchObject([
      { row: 2, reason: 'mixed_currencies' },
    ])
    expect(await inForce()).toMatchObject({ version: 1, bedrock_rows: 2 })
    expect((await cells()).length).toBe(1)
  })

  it('[L36] takes a bill in another currency where its month has a rate, and else says what to write', async () => {
    const euro = { line_item_currency_code: 'EUR', line_item_unblended_cost: '0.1' }
    putOverwrite(root, [[used(euro), used(euro)], [used({ ...euro, line_item_usage_amount: '9' })]])
    const november = { ...EURO, fromMs: Date.parse('2026-11-01T00:00:00Z') }
    for (const rules of [[], [november], [{ ...EURO, currency: 'CNY' }]]) {
      const { rejected, versions } = await imported(root, null, rules)
      expect(versions).toEqual([])
      expect(rejected).toHaveLength(3)
      expect(rejected[0]).toMatchObject({ row: 1, reason: 'currency' })
      expect(rejected[0]?.detail).toContain(
        `the bill of ${PERIOD} is in EUR, and the configuration has no rate for it; write under billing: ` +
          `exchange: [ { currency: EUR, rate: '<USD for 1 EUR>', from: ${PERIOD}-01 } ]`,
      )
    }
    expect(await inForce()).toBeUndefined()
    const report = await imported(root, null, [november, EURO])
    expect(report).toMatchObject({ rejected: [], usd: '0.3252', new: 3 })
    expect(report.versions).toMatchObject([{ currency: 'EUR', usd: '0.3252', state: 'imported' }])
    // What AWS wrote stays.
    expect(await inForce()).toMatchObject({ currency: 'EUR', unblended_usd: '0.3' })
    expect(await imported(root, null, [EURO])).toMatchObject({ duplicate: 3, usd: '0.3252' })
    expect(await imported()).toMatchObject({ versions: [], rejected: [{ reason: 'currency' }] })
  })

  it('[L35] refuses files that are cut off, have other columns or too few fields, and names them', async () => {
    putOverwrite(root, [[used()]])
    await imported()
    const path = `cur2/data/BILLING_PERIOD=${PERIOD}/cur2-00002.csv.gz`
    const many = Array.from({ length: 2_000 }, (_, index) =>
      used({ line_item_unblended_cost: String(index) }),
    )
    putOverwrite(root, [[used()], many])
    truncateSync(join(root, path), 3_000)
    expect((await imported()).rejected).toMatchObject([{ file: path, reason: 'unreadable' }])
    put(root, path, gzipSync(`${csvOf([used()])}1,2,3\n`))
    expect((await imported()).rejected).toMatchObject([
      { file: path, row: 2, reason: 'unreadable' },
    ])
    put(root, path, gzipSync(csvOf([used()], ['line_item_usage_type', 'line_item_unblended_cost'])))
    expect((await imported()).rejected).toMatchObject([{ file: path, reason: 'columns' }])
    put(root, path, 'no gzip at all')
    expect((await imported()).rejected).toMatchObject([{ file: path, reason: 'unreadable' }])
    putOverwrite(root, [[used()]], { columns: ['line_item_usage_type', 'line_item_product_code'] })
    expect((await imported()).rejected).toMatchObject([{ reason: 'columns' }])
    expect(await inForce()).toMatchObject({ version: 1, bedrock_rows: 1 })
  })

  it('[BL9] carries formulas, quotes, line ends and words of other scripts in tags through unharmed', async () => {
    const tags = {
      'iamPrincipal/a': "=cmd|' /C calc'!A0",
      'resourceTags/b': '"quoted", \\N and\nnext line',
      'accountTag/c': "'; DROP TABLE bill_lines; --",
      'costCategory/d': 'Größe 数据 🧾',
    }
    putOverwrite(root, [[used({ tags: JSON.stringify(tags) })]])
    await imported()
    expect((await cells())[0]?.tags).toEqual(tags)
  })

  it('[BL9] reads tags from every place under one kind of key', async () => {
    const columns = [
      'resource_tags',
      'cost_category',
      'resource_tags_user_owner',
      ...Object.keys(used()),
    ]
    const row = used({
      resource_tags: '{"user_team":"a","user:app":"b","aws:createdBy":"c"}',
      cost_category: '{"Unit":"d"}',
      resource_tags_user_owner: 'e',
      tags: '{"resourceTags/team":"stronger","iamPrincipal/x":null}',
    })
    putOverwrite(root, [[row]], { columns })
    await imported()
    expect((await cells())[0]?.tags).toEqual({
      'resourceTags/team': 'stronger',
      'resourceTags/app': 'b',
      'resourceTags/aws:createdBy': 'c',
      'resourceTags/owner': 'e',
      'costCategory/Unit': 'd',
    })
  })

  it('[BL10] reads any subset of columns that says what a line is and what it costs', async () => {
    const columns = ['line_item_product_code', 'line_item_usage_type', 'line_item_unblended_cost']
    putOverwrite(root, [[used()]], { columns })
    expect(await imported()).toMatchObject({ new: 1, rejected: [], usd: '0.0008' })
    put(root, 'loose/bill.csv', csvOf([used()], [...columns, 'line_item_usage_start_date']))
    const report = await imported(join(root, 'loose/*.csv'))
    expect(report).toMatchObject({ rejected: [], periods: [PERIOD] })
    put(root, 'loose/bill.csv', csvOf([used()], columns))
    expect((await imported(join(root, 'loose'))).rejected).toMatchObject([
      { reason: 'period_unknown' },
    ])
    expect(await imported(join(root, 'loose/bill.csv'), '2026-09')).toMatchObject({
      periods: ['2026-09'],
    })
  })

  it('[BL11] reads ZIP and the legacy report', async () => {
    const rows = [used({ team: 'red', product_product_name: 'Amazon Bedrock' })]
    const zip = zipOf('old-1.csv', legacyCsvOf(rows))
    put(root, 'old/20261001-20261101/old-00001.csv.zip', zip)
    const manifest = {
      assemblyId: 'a-1',
      reportName: 'old',
      billingPeriod: { start: '20261001T000000.000Z' },
      reportKeys: ['prefix/old/20261001-20261101/old-00001.csv.zip'],
    }
    put(root, 'old/20261001-20261101/old-Manifest.json', JSON.stringify(manifest))
    expect(await imported()).toMatchObject({ new: 1, rejected: [], periods: [PERIOD] })
    expect((await cells())[0]).toMatchObject({
      model_id: 'amazon.nova-pro-v1:0',
      quantity: '1000',
      tags: { 'resourceTags/Team': 'red' },
    })
    writeFileSync(join(root, 'old/20261001-20261101/old-00001.csv.zip'), zip.subarray(0, 200))
    expect((await imported()).rejected).toMatchObject([{ reason: 'unreadable' }])
  })

  it('[BL6] reads Parquet as AWS types it, and refuses one that is cut off', async () => {
    const database = openDatabase(room.target())
    const path = `cur2/data/BILLING_PERIOD=${PERIOD}/cur2-00001.snappy.parquet`
    put(root, path, '')
    await database.use('heavy', (session) =>
      session.command(
        `INSERT INTO FUNCTION file('${join(root, path)}', Parquet) SELECT` +
          " 'AWS' AS bill_billing_entity, 'AmazonBedrock' AS line_item_product_code," +
          " toDateTime64('2026-10-01 00:00:00', 3, 'UTC') AS bill_billing_period_start_date," +
          " 'USE1-NovaPro-input-tokens' AS line_item_usage_type, 'Usage' AS line_item_line_item_type," +
          " toNullable('1K tokens') AS pricing_unit, toNullable(375.1 + number) AS line_item_usage_amount," +
          ' if(number = 1, NULL, 1e-7) AS line_item_net_unblended_cost,' +
          " 0.30000000000000004 AS line_item_unblended_cost, map('resourceTags/team', toNullable('a')) AS tags," +
          " toDateTime64('2026-10-03 10:00:00', 3, 'UTC') AS line_item_usage_start_date" +
          ' FROM numbers(2) SETTINGS engine_file_truncate_on_insert = 1',
      ),
    )
    await database.close()
    const data = `s3://b/cur2/data/BILLING_PERIOD=${PERIOD}/cur2-00001.snappy.parquet`
    put(
      root,
      `cur2/metadata/BILLING_PERIOD=${PERIOD}/Manifest.json`,
      JSON.stringify({ dataFiles: [data] }),
    )
    expect(await imported()).toMatchObject({ new: 2, rejected: [] })
    expect(await inForce()).toMatchObject({
      unblended_usd: '0.60000000000000008',
      net_usd: '0.30000010000000004',
    })
    expect((await cells())[0]).toMatchObject({
      quantity: '751200',
      tags: { 'resourceTags/team': 'a' },
    })
    truncateSync(join(root, path), 900)
    expect((await imported()).rejected).toMatchObject([{ file: path, reason: 'unreadable' }])
    expect(await inForce()).toMatchObject({ version: 1 })
  })
})
