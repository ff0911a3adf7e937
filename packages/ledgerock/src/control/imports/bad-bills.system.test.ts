// Deliveries that are broken, hostile or only odd: each is refused with file, row and reason while the period in force stays as it is, or
// comes through to the last digit.

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { csvOf, marketplace, PERIOD, put, used, zipOf } from '../../billing/testing/bill-files.ts'
import { zipOfMany } from '../../billing/testing/zip-files.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { openRoom, ROOM_KINDS, type Room } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills, type ImportReport } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-03T00:00:00Z'), monotonic: () => 0 }

const FOLDER = `cur2/data/BILLING_PERIOD=${PERIOD}`
const FILE = `${FOLDER}/cur2-00001`
const COLUMNS = Object.keys(used())

describe.each(ROOM_KINDS)('a bad bill in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  let root: string
  let imports = 0
  let before: BillVersion | undefined

  beforeEach(async () => {
    room = await openRoom(kind)
    store = await room.open({ bill: { clock, readWord: () => READER } })
    root = mkdtempSync(join(tmpdir(), 'bad-bill-'))
    await delivered('.csv', csvOf([used(), used({ line_item_unblended_cost: '3' })]))
    before = await inForce()
  })
  afterEach(async () => {
    await store.close()
    await room.close()
    rmSync(root, { recursive: true })
    rmSync(`${root}-staging`, { recursive: true, force: true })
  })

  async function imported(source = root): Promise<ImportReport> {
    imports += 1
    const place = await billFolder(source)
    const order = { importId: `import-${imports}`, bill: 'cur', period: null, importedBy: 'test' }
    return importBills({ ledger: store.bill, place, stagingDirectory: `${root}-staging` }, order)
  }
  const inForce = async () => (await store.bill.billVersions({ period: PERIOD }))[0]

  /** One file under a manifest, as it lies. */
  async function delivered(
    ending: string,
    bytes: string | Uint8Array,
    names = [`${FILE}${ending}`],
  ): Promise<ImportReport> {
    laid(ending, bytes, names)
    return imported()
  }

  function laid(ending: string, bytes: string | Uint8Array, names: readonly string[]): void {
    rmSync(join(root, 'cur2'), { recursive: true, force: true })
    put(root, `${FILE}${ending}`, bytes)
    put(
      root,
      `cur2/metadata/BILLING_PERIOD=${PERIOD}/Manifest.json`,
      JSON.stringify({ dataFiles: names.map((name) => `s3://bucket/${name}`) }),
    )
  }

  const row = csvOf([used()], COLUMNS).split('\n')[1] ?? ''
  const header = COLUMNS.join(',')
  const REFUSED: readonly (readonly [
    what: string,
    ending: string,
    bytes: () => string | Uint8Array,
    expected: object,
  ])[] = [
    ['nothing in it', '.csv', () => '', { reason: 'no_files' }],
    ['only a header', '.csv', () => `${header}\n`, { reason: 'no_files' }],
    ['an empty gzip', '.csv.gz', () => gzipSync(''), { reason: 'no_files' }],
    [
      'a gzip cut in the middle',
      '.csv.gz',
      () => {
        const many = Array.from({ length: 9_000 }, (_, index) =>
          used({ line_item_unblended_cost: `${index}.${index * 7_919}` }),
        )
        const bytes = gzipSync(csvOf(many))
        return bytes.subarray(0, bytes.length / 2)
      },
      { file: `${FILE}.csv.gz`, reason: 'unreadable' },
    ],
    [
      'a gzip whose bytes were changed',
      '.csv.gz',
      () => {
        const bytes = gzipSync(csvOf(Array.from({ length: 9_000 }, () => used())))
        bytes.writeUInt32LE(7, bytes.length - 8)
        return bytes
      },
      { file: `${FILE}.csv.gz`, reason: 'unreadable' },
    ],
    [
      'a page of another service',
      '.csv',
      () => '<html><body>Access denied</body></html>\n',
      { reason: 'not_a_bill' },
    ],
    [
      'no costs',
      '.csv',
      () =>
        csvOf(
          [used()],
          COLUMNS.filter((name) => !name.includes('cost')),
        ),
      { reason: 'columns' },
    ],
    [
      'a column twice',
      '.csv',
      () => `${header},line_item_unblended_cost\n${row},5\n`,
      { reason: 'columns' },
    ],
    [
      'a quote that never ends',
      '.csv',
      () => `${header}\n${row}\n"${row}\n${row}\n`,
      { file: `${FILE}.csv`, reason: 'unreadable' },
    ],
    [
      'a field too many',
      '.csv',
      () => `${header}\n${row}\n${row},more\n`,
      { file: `${FILE}.csv`, row: 2, reason: 'unreadable' },
    ],
    [
      'a cost that is not finite',
      '.csv',
      () => csvOf([used(), used({ line_item_unblended_cost: 'NaN' })]),
      { row: 2, reason: 'amount' },
    ],
    [
      'a cost with a comma',
      '.csv',
      () => csvOf([used(), used(), used({ line_item_unblended_cost: '1,5' })]),
      { row: 3, reason: 'amount' },
    ],
    [
      'a negative line of another currency',
      '.csv',
      () =>
        csvOf([used(), used({ line_item_unblended_cost: '-5', line_item_currency_code: 'CNY' })]),
      { row: 2, reason: 'mixed_currencies' },
    ],
    [
      'another month than its folder says',
      '.csv',
      () => csvOf([used({ bill_billing_period_start_date: '2026-09-01T00:00:00Z' })]),
      { reason: 'other_period' },
    ],
    [
      'something else as Parquet',
      '.parquet',
      () => csvOf([used()]),
      { file: `${FILE}.parquet`, reason: 'unreadable' },
    ],
    [
      'Parquet cut off behind its beginning',
      '.parquet',
      () => parquetOf({ line_item_unblended_cost: ['1', '2'] }).subarray(0, 200),
      { file: `${FILE}.parquet`, reason: 'unreadable' },
    ],
    [
      'Parquet with its middle gone',
      '.parquet',
      () => {
        const bytes = parquetOf({ line_item_unblended_cost: ['1', '2'] })
        return Buffer.concat([bytes.subarray(0, 40), bytes.subarray(140)])
      },
      { file: `${FILE}.parquet`, reason: 'unreadable' },
    ],
    [
      'Parquet with words for costs',
      '.parquet',
      () => parquetOf({ line_item_unblended_cost: ['1', 'much'] }),
      { reason: 'amount', row: 2 },
    ],
    [
      'Parquet with a cost that is not finite',
      '.parquet',
      () => parquetOf({ line_item_unblended_cost: [1, Infinity] }),
      { reason: 'amount', row: 2 },
    ],
    ['Parquet without costs', '.parquet', () => parquetOf({}), { reason: 'columns' }],
    [
      'a ZIP that is cut off',
      '.csv.zip',
      () => zipOf('a.csv', csvOf([used()])).subarray(0, 300),
      { file: `${FILE}.csv.zip`, reason: 'unreadable' },
    ],
    [
      'a ZIP whose file is not what its sum says',
      '.csv.zip',
      () => {
        const bytes = zipOf('a.csv', csvOf([used()]))
        // The sum stands in the directory, behind the data.
        const entry = bytes.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'))
        bytes.writeUInt32LE(1, entry + 16)
        return bytes
      },
      { reason: 'unreadable' },
    ],
    [
      'a ZIP with nothing to read',
      '.csv.zip',
      () => zipOf('readme.txt', 'nothing'),
      { reason: 'no_files' },
    ],
    [
      'a ZIP that grows a thousandfold',
      '.csv.zip',
      () => zipOf('a.csv', `${header}\n${'0'.repeat(100_000_000)}\n`),
      { file: `${FILE}.csv.zip`, reason: 'unreadable' },
    ],
    [
      'a ZIP of files with other columns',
      '.csv.zip',
      () =>
        zipOfMany([
          ['a.csv', csvOf([used()])],
          ['b.csv', csvOf([used()], COLUMNS.toReversed())],
        ]),
      { reason: 'columns' },
    ],
  ]
  it('[BL22] is refused with file, row and reason, and the period in force stays', async () => {
    const wrong: unknown[] = []
    for (const [what, ending, bytes, expected] of REFUSED) {
      // Our server takes statements as text, which a body of Parquet is not.
      if (kind === 'server' && ending === '.parquet') continue
      const { rejected, versions, new: added } = await delivered(ending, bytes())
      const [first] = rejected
      const said = Object.keys(expected).map((key) => [key, Reflect.get(first ?? {}, key)])
      const isAsWanted =
        versions.length === 0 &&
        added === 0 &&
        JSON.stringify(Object.fromEntries(said)) === JSON.stringify(expected) &&
        (first?.detail ?? '') !== ''
      if (!isAsWanted) wrong.push([what, expected, rejected, versions.length])
      // Nothing of this machine, where it lies here or how it is called, is told.
      if (JSON.stringify(rejected).includes(tmpdir())) wrong.push([what, 'tells a path', rejected])
    }
    expect(wrong).toEqual([])
    expect(await inForce()).toEqual(before)
  }, 120_000)

  it('[BL22] is refused where a manifest names what is not there, leads out of the place, or is none', async () => {
    const absent = await delivered('.csv', csvOf([used()]), [
      `${FILE}.csv`,
      `${FOLDER}/cur2-00002.csv`,
    ])
    expect(absent.rejected).toMatchObject([{ reason: 'half_delivered' }])
    expect(absent.rejected[0]?.detail).toContain('cur2-00002.csv')
    const outside = await delivered('.csv', csvOf([used()]), ['../../../../etc/passwd'])
    expect(outside.rejected).toMatchObject([{ reason: 'half_delivered' }])
    const secret = join(tmpdir(), `bad-bill-outside-${process.pid}.csv`)
    writeFileSync(secret, csvOf([used({ line_item_unblended_cost: '99' })]))
    rmSync(join(root, 'cur2'), { recursive: true })
    symlinkSync(secret, join(root, 'linked.csv'))
    expect((await imported()).rejected).toMatchObject([{ reason: 'no_files' }])
    rmSync(secret)
    for (const text of ['', '{', 'null', '{"dataFiles":[]}', '{"dataFiles":{"a":1}}']) {
      laid('.csv', csvOf([used()]), [])
      put(root, `cur2/metadata/BILLING_PERIOD=${PERIOD}/Manifest.json`, text)
      const { rejected, versions } = await imported()
      expect([text, rejected.length > 0, versions]).toEqual([text, true, []])
    }
    expect(await inForce()).toEqual(before)
  })

  it('[BL23] comes through unharmed: marks, orders, line ends, quotes, exponents, all digits of a double', async () => {
    const odd = [
      used({ line_item_unblended_cost: '1e-05', line_item_usage_amount: '0' }),
      used({ line_item_unblended_cost: '0.30000000000000004', line_item_usage_amount: '0' }),
      used({ line_item_unblended_cost: '12345678.123456789', line_item_usage_amount: '0' }),
      used({ line_item_unblended_cost: '-2.2250738585072014E-5', line_item_usage_amount: '0' }),
      used({ line_item_unblended_cost: '+7.', line_item_usage_amount: '-3' }),
    ]
    const total = '12345685.423444538261414967986'
    const texts: readonly (readonly [string, string])[] = [
      ['a byte order mark', `\uFEFF${csvOf(odd)}`],
      ['columns in another order', csvOf(odd, COLUMNS.toReversed())],
      ['line ends of two characters', csvOf(odd).replaceAll('\n', '\r\n')],
      ['no end of the last line', csvOf(odd).replace(/\n$/, '')],
      ['every field in quotes', quotedCsv(odd)],
      ['spaces about the names', csvOf(odd).replace(header, header.replaceAll(',', ' , '))],
    ]
    for (const [what, text] of texts) {
      const { rejected } = await delivered('.csv', text)
      expect([what, rejected, (await inForce())?.unblended_usd]).toEqual([what, [], total])
    }
    const resource = 'arn:aws:bedrock:us-east-1::foundation-model/a,"b"\nc\r\n=1+1'
    const principal = "+cmd|' /C calc'!A0"
    const named = [used({ line_item_resource_id: resource, line_item_iam_principal: principal })]
    await delivered('.csv', csvOf(named))
    const { items } = await store.bill.billCells({
      period: PERIOD,
      version: null,
      cursor: null,
      limit: 10,
    })
    expect(items).toMatchObject([{ resource_id: resource, principal }])
  })

  it('[BL23] takes every file of a ZIP, negative lines, and a period whose lines began in the month before', async () => {
    const back = [
      marketplace({ line_item_unblended_cost: '-4.5', line_item_line_item_type: 'Refund' }),
      used({
        line_item_usage_start_date: '2026-09-30T23:00:00Z',
        line_item_unblended_cost: '-0.5',
      }),
    ]
    const zip = zipOfMany([
      ['a.csv', csvOf([used({ line_item_unblended_cost: '2' })])],
      ['folder/b.csv', csvOf(back)],
      ['notes.txt', 'not a bill'],
    ])
    expect(await delivered('.csv.zip', zip)).toMatchObject({ read: 3, rejected: [], usd: '-3' })
    expect((await inForce())?.files.length).toBe(2)
  })
})

function quotedCsv(rows: readonly Readonly<Record<string, string>>[]): string {
  const cells = [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name] ?? ''))]
  return cells
    .map((line) => `${line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('')
}

/** Two rows; a column of texts or doubles beside the names. */
function parquetOf(more: { readonly [column: string]: readonly (string | number)[] }): Buffer {
  const names = {
    line_item_usage_type: ['USE1-NovaPro-input-tokens', 'USE1-NovaPro-output-tokens'],
    line_item_product_code: ['AmazonBedrock', 'AmazonBedrock'],
    line_item_usage_start_date: ['2026-10-03T10:00:00Z', '2026-10-03T11:00:00Z'],
    ...more,
  }
  const columnData = Object.entries(names).map(([name, data]) => ({
    name,
    data: [...data],
    type: typeof data[0] === 'number' ? ('DOUBLE' as const) : ('STRING' as const),
  }))
  return Buffer.from(parquetWriteBuffer({ columnData }))
}
