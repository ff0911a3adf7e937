// The files of a delivery: their keys, their order, what the manifest names, and what is amiss on request.

import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deliverBill, type BillFile, type DeliveryOptions } from './deliver-bill.ts'
import { simulateMonth } from './simulate-month.ts'
import { writeBill } from './write-bill.ts'

const BILL = writeBill(simulateMonth({ seed: 3, calls: 120 }))
const ROWS = BILL.rows.length
const PER_FILE = Math.ceil(ROWS / 3)

function files(asked: Partial<DeliveryOptions> = {}): readonly BillFile[] {
  return deliverBill(BILL, { format: 'csv.gz', rowsPerFile: PER_FILE, prefix: 'p', ...asked })
}

const keys = (all: readonly BillFile[]): readonly string[] => all.map(({ key }) => key)

function json(file: BillFile | undefined): unknown {
  return JSON.parse(Buffer.from(file?.bytes ?? []).toString())
}

/** Cells without line breaks are one line a row. */
const lines = ({ bytes }: BillFile): number => gunzipSync(bytes).toString().split('\n').length - 1

describe('deliverBill', () => {
  it('[S34] overwrites in place, in numbered chunks, the manifest last', () => {
    const all = files()
    const folder = 'p/bedrock-cur/data/BILLING_PERIOD=2026-10'
    expect(keys(all)).toEqual([
      `${folder}/bedrock-cur-00001.csv.gz`,
      `${folder}/bedrock-cur-00002.csv.gz`,
      `${folder}/bedrock-cur-00003.csv.gz`,
      'p/bedrock-cur/metadata/BILLING_PERIOD=2026-10/bedrock-cur-Manifest.json',
    ])
    const manifest = json(all.at(-1))
    expect(manifest).toMatchObject({
      dataFiles: keys(all)
        .slice(0, 3)
        .map((key) => `s3://example-billing/${key}`),
      additionalOutputFiles: [],
    })
    expect(manifest).toHaveProperty('executionId', expect.stringMatching(/^[0-9a-f-]{36}$/))
    expect(manifest).not.toHaveProperty('billingPeriod')
    // A header in each.
    expect(all.slice(0, 3).map(lines)).toEqual([
      PER_FILE + 1,
      PER_FILE + 1,
      ROWS - 2 * PER_FILE + 1,
    ])
  })

  it('[S34] lays a new delivery beside the old one, and the manifest in both places', () => {
    const all = files({ layout: 'create_new', manifest: 'plain', prefix: '' })
    const [first = '', , , inner = '', latest = ''] = keys(all)
    const [, folder] =
      /^bedrock-cur\/data\/BILLING_PERIOD=2026-10\/([^/]+)\/bedrock-cur-00001/.exec(first) ?? []
    expect(folder).toMatch(/^2026-11-06T03:14:15\.000Z-[0-9a-f-]{36}$/)
    expect(inner).toBe(`bedrock-cur/metadata/BILLING_PERIOD=2026-10/${folder}/Manifest.json`)
    expect(latest).toBe('bedrock-cur/metadata/BILLING_PERIOD=2026-10/Manifest.json')
    expect(json(all.at(-1))).toEqual(json(all.at(-2)))
    const later = keys(files({ layout: 'create_new', deliveredAtMs: Date.UTC(2026, 10, 7) }))
    expect(later[0]).not.toBe(first)
  })

  it('[S34] writes the legacy report in its own folders, with a column for each tag', () => {
    const all = files({ layout: 'legacy' })
    const manifest = json(all.at(-1))
    expect(keys(all).at(-1)).toBe('p/bedrock-cur/20261001-20261101/bedrock-cur-Manifest.json')
    expect(keys(all)[0]).toMatch(
      /^p\/bedrock-cur\/20261001-20261101\/[0-9a-f-]{36}\/bedrock-cur-1\.csv\.gz$/,
    )
    expect(manifest).toMatchObject({
      compression: 'GZIP',
      reportKeys: keys(all).slice(0, 3),
      billingPeriod: { start: '20261001T000000.000Z', end: '20261101T000000.000Z' },
    })
    const headers = all.slice(0, 3).map(({ bytes }) => gunzipSync(bytes).toString().split('\n')[0])
    expect(new Set(headers).size).toBe(1)
    expect(headers[0]).toContain('lineItem/UsageType')
    expect(headers[0]).toContain('resourceTags/user:team')
    expect(headers[0]).not.toMatch(/principal/i)
    expect(() => files({ layout: 'legacy', format: 'parquet' })).toThrow(/CSV/)
  })

  it('[S34] has only the columns that were asked for', () => {
    const columns = ['line_item_usage_type', 'line_item_unblended_cost', 'tags'] as const
    const [first, , , manifest] = files({ columns })
    const text = gunzipSync(first?.bytes ?? new Uint8Array()).toString()
    expect(text.split('\n')[0]).toBe(columns.join(','))
    expect(json(manifest)).toMatchObject({
      columns: [
        { name: 'line_item_usage_type', type: 'string' },
        { name: 'line_item_unblended_cost', type: 'double' },
        { name: 'tags', type: 'map<string,string>' },
      ],
    })
  })

  it('[S34] writes doubles plainly or as Java does, the same numbers', () => {
    const columns = ['line_item_unblended_cost'] as const
    const numbers = (texts: DeliveryOptions['numbers']): readonly string[] => {
      const [file] = files({ columns, numbers: texts, rowsPerFile: ROWS })
      return gunzipSync(file?.bytes ?? new Uint8Array())
        .toString()
        .trim()
        .split('\n')
        .slice(1)
    }
    const [plain, java] = [numbers('plain'), numbers('exponent')]
    expect(java.map(Number)).toEqual(plain.map(Number))
    expect(plain.some((text) => text.includes('E'))).toBe(false)
    expect(java.some((text) => /^\d\.\d+E-\d+$/.test(text))).toBe(true)
  })

  it('[S34] is found half done on request: the manifest stands and a chunk does not', () => {
    const whole = files()
    const named = keys(whole).slice(0, 3)
    const missing = files({ half: 'missing_chunk' })
    expect(keys(missing)).toEqual([...named.slice(0, 2), keys(whole)[3]])
    expect(json(missing.at(-1))).toEqual(json(whole.at(-1)))
    const truncated = files({ half: 'truncated_chunk' })
    expect(keys(truncated)).toEqual(keys(whole))
    expect(() => gunzipSync(truncated[2]?.bytes ?? new Uint8Array())).toThrow(/unexpected end/)
    expect(keys(files({ half: 'no_manifest' }))).toEqual(named)
  })

  it('[S34] leaves empty chunks of a longer delivery behind, which no manifest names', () => {
    const all = files({ surplusChunks: 2 })
    expect(keys(all)[4]).toContain('-00005.csv.gz')
    expect(all.slice(3, 5).map(({ bytes }) => gunzipSync(bytes).length)).toEqual([0, 0])
    expect(json(all.at(-1))).toMatchObject({ dataFiles: { length: 3 } })
  })

  it('[S31] gives the same bytes for the same bill', () => {
    for (const format of ['csv.gz', 'csv.zip', 'parquet'] as const) {
      expect(files({ format })).toEqual(files({ format }))
    }
  })
})
