import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { BilledUsage } from '../pricing/learning/billed-usage.ts'
import { BILL_FAULT_REASONS, type BillFault } from './bill-fault.ts'
import type { BillRow } from './bill-row.ts'
import { checkBillRows } from './check-bill-rows.ts'
import { readBillRows } from './read-bill-rows.ts'

type Read = { readonly rows: readonly BillRow[]; readonly faults: readonly BillFault[] }

async function read(content: string | Uint8Array, chunkBytes = 1 << 16): Promise<Read> {
  const bytes = Buffer.from(content)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes))
  }
  const rows: BillRow[] = []
  const faults: BillFault[] = []
  const file = { name: 'bill.csv', bytes: chunks }
  for await (const row of readBillRows(file, (fault) => faults.push(fault))) rows.push(row)
  return { rows, faults }
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(quoted).join(',')}\n`).join('')

/** One line of a bill, under the column names of both reports. */
const COLUMNS: readonly (readonly [cur2: string, legacy: string, cell: string])[] = [
  ['bill_billing_entity', 'bill/BillingEntity', 'AWS'],
  ['line_item_usage_type', 'lineItem/UsageType', 'USE1-Claude4.6Sonnet-input-tokens'],
  ['line_item_operation', 'lineItem/Operation', 'InvokeModelInference'],
  ['line_item_line_item_type', 'lineItem/LineItemType', 'Usage'],
  ['line_item_product_code', 'lineItem/ProductCode', 'AmazonBedrock'],
  ['line_item_line_item_description', 'lineItem/LineItemDescription', 'a "quoted", text\nof two'],
  ['line_item_usage_amount', 'lineItem/UsageAmount', '1.5E3'],
  ['line_item_unblended_cost', 'lineItem/UnblendedCost', '4.9500000000'],
  ['line_item_net_unblended_cost', 'lineItem/NetUnblendedCost', '4.4550000000'],
  ['line_item_usage_account_id', 'lineItem/UsageAccountId', '111122223333'],
  ['line_item_resource_id', 'lineItem/ResourceId', 'arn:aws:bedrock:us-east-1::foundation-model/x'],
  ['line_item_iam_principal', 'lineItem/IamPrincipal', 'arn:aws:iam::111122223333:user/alice'],
  ['line_item_usage_start_date', 'lineItem/UsageStartDate', '2026-10-01T00:00:00Z'],
  ['line_item_usage_end_date', 'lineItem/UsageEndDate', '2026-10-01T01:00:00Z'],
  ['pricing_unit', 'pricing/unit', '1K tokens'],
  ['product_region_code', 'product/regionCode', 'us-east-1'],
]
const CUR2_MAPS = [
  ['product', '{"product_name":"Amazon Bedrock"}'],
  ['tags', '{"iamPrincipal/team":"search"}'],
] as const
const LEGACY_TEXTS = [
  ['product/ProductName', 'Amazon Bedrock'],
  ['resourceTags/user:team', 'search'],
] as const

const cur2 = [...COLUMNS.map(([name, , cell]) => [name, cell] as const), ...CUR2_MAPS]
const legacy = [...COLUMNS.map(([, name, cell]) => [name, cell] as const), ...LEGACY_TEXTS]
const file = (cells: readonly (readonly [string, string])[]): string =>
  csv([cells.map(([name]) => name), cells.map(([, cell]) => cell)])

const ROW: BillRow = {
  usage_type: 'USE1-Claude4.6Sonnet-input-tokens',
  operation: 'InvokeModelInference',
  line_item_type: 'Usage',
  product_code: 'AmazonBedrock',
  product_name: 'Amazon Bedrock',
  description: 'a "quoted", text\nof two',
  pricing_unit: '1K tokens',
  usage_amount: '1500',
  unblended_cost: '4.95',
  net_unblended_cost: '4.455',
  region: 'us-east-1',
  account_id: '111122223333',
  resource_id: 'arn:aws:bedrock:us-east-1::foundation-model/x',
  principal: 'arn:aws:iam::111122223333:user/alice',
  usage_start: '2026-10-01T00:00:00.000Z',
  usage_end: '2026-10-01T01:00:00.000Z',
  tags: { 'iamPrincipal/team': 'search' },
}

describe('readBillRows', () => {
  it('[BL1] reads CUR 2.0 and the legacy report as the same row', async () => {
    expect(await read(file(cur2))).toEqual({ rows: [ROW], faults: [] })
    const tags = { 'resourceTags/user:team': 'search' }
    expect(await read(file(legacy))).toEqual({ rows: [{ ...ROW, tags }], faults: [] })
  })

  it('[BL1] has the fields that prices are learned from', () => {
    expectTypeOf<BillRow>().toExtend<BilledUsage>()
  })

  it('[BL1] reads every subset of columns that names a line and its cost, in any order', async () => {
    const needed = /usage_type|UsageType|nblendedCost|unblended_cost/
    const anyFile = fc.constantFrom(cur2, legacy).chain((cells) => {
      const kept = fc.subarray(cells.filter(([name]) => !needed.test(name)))
      const always = cells.filter(([name]) => needed.test(name))
      return kept.chain((some) =>
        fc.shuffledSubarray([...some, ...always], { minLength: some.length + 3 }),
      )
    })
    await fc.assert(
      fc.asyncProperty(anyFile, async (cells) => {
        const { rows, faults } = await read(file(cells))
        expect(faults).toEqual([])
        expect(rows).toHaveLength(1)
        const [row] = rows as [BillRow]
        for (const [name, value] of Object.entries(row)) {
          const whole: unknown = Object.entries(ROW).find(([other]) => other === name)?.[1]
          if (name !== 'tags' && value !== '') expect(value).toEqual(whole)
        }
        expect(row.unblended_cost).toBe('4.95')
      }),
      { numRuns: 60 },
    )
  })

  it('[BL1] takes times with and without a zone, and the interval where there are none', async () => {
    const times = cur2.filter(([name]) => !/usage_(start|end)_date/.test(name))
    const interval = [
      'identity_time_interval',
      '2026-10-01T00:00:00Z/2026-10-01T01:00:00Z',
    ] as const
    expect((await read(file([...times, interval]))).rows).toEqual([ROW])
    const spaced = [
      ...times,
      ['line_item_usage_start_date', '2026-10-01 00:00:00.000'],
      ['line_item_usage_end_date', '2026-10-01 01:00:00 UTC'],
    ] as const
    expect((await read(file(spaced))).rows).toEqual([ROW])
  })

  it('[BL1] reads maps as a query engine prints them', async () => {
    const printed = cur2.map(([name, cell]) => {
      return [
        name,
        name === 'tags' ? '{iamPrincipal/team=a, b, resourceTags/x=1=2}' : cell,
      ] as const
    })
    const { rows } = await read(file(printed))
    expect(rows[0]?.tags).toEqual({ 'iamPrincipal/team': 'a, b', 'resourceTags/x': '1=2' })
  })

  it('[BL1] without a net column there is no net cost, with an empty one neither', async () => {
    const without = cur2.filter(([name]) => !name.includes('net_unblended'))
    expect((await read(file(without))).rows[0]?.net_unblended_cost).toBeNull()
    const empty = cur2.map(([name, cell]) => [name, name.includes('net_') ? '' : cell] as const)
    expect((await read(file(empty))).rows[0]?.net_unblended_cost).toBeNull()
  })

  it('[BL3] packed or not, in chunks of any size, the rows are the same', async () => {
    const text = csv([cur2.map(([name]) => name), ...Array(20).fill(cur2.map(([, cell]) => cell))])
    for (const content of [
      text,
      `\uFEFF${text}`,
      gzipSync(text),
      text.replaceAll('}"\n', '}"\r\n'),
    ]) {
      for (const size of [1, 3, 1_000_000]) {
        const { rows, faults } = await read(content, size)
        expect(faults).toEqual([])
        expect(rows).toEqual(Array.from({ length: 20 }, () => ROW))
      }
    }
    expect(await read('')).toEqual({ rows: [], faults: [] })
    expect(await read(gzipSync(''))).toEqual({ rows: [], faults: [] })
  })

  it.each([
    ['amount', 'line_item_unblended_cost', '4,95', '4.455'],
    ['amount', 'line_item_usage_amount', 'many', '4.455'],
    ['time', 'line_item_usage_start_date', 'yesterday', '4.455'],
    ['time', 'line_item_usage_end_date', '2026-13-01T00:00:00Z', '4.455'],
    ['map', 'tags', '{"a":1}', '4.455'],
    ['map', 'product', 'name', '4.455'],
  ])(
    '[BL4] a broken %s is a fault with its row and dollars, and the next row is read',
    async (reason, column, cell, usd) => {
      const broken = cur2.map(([name, good]) => (name === column ? cell : good))
      const text = csv([cur2.map(([name]) => name), broken, cur2.map(([, good]) => good)])
      const { rows, faults } = await read(text)
      expect(rows).toEqual([ROW])
      expect(faults).toMatchObject([{ file: 'bill.csv', row: 3, reason, usd }])
    },
  )

  it('[BL4] another currency is refused, not converted', async () => {
    const { rows, faults } = await read(file([...cur2, ['line_item_currency_code', 'CNY']]))
    expect(rows).toEqual([])
    expect(faults).toMatchObject([{ reason: 'currency', usd: '4.455' }])
  })

  it('[BL4] too few fields, too many, a stray quote: that row is a fault, the others are read', async () => {
    const header = 'line_item_usage_type,line_item_unblended_cost,pricing_unit\n'
    const { rows, faults } = await read(`${header}a,1,u\nb,2\nc,3,u,x\nd"d,4,u\ne,5,u\n`)
    expect(rows.map((row) => row.usage_type)).toEqual(['a', 'e'])
    const told = faults.map(({ row, reason }) => `${row} ${reason}`).toSorted()
    expect(told).toEqual(['3 fields', '4 fields', '5 quotes'])
  })

  it('[BL4] says where a file stops being readable', async () => {
    const header = 'line_item_usage_type,line_item_unblended_cost\n'
    const open = await read(`${header}a,1\n"b,2\nc,3\n`)
    expect(open.rows.map((row) => row.usage_type)).toEqual(['a'])
    expect(open.faults).toMatchObject([{ reason: 'rest_unreadable' }])
    const packed = gzipSync(`${header}${'a,1\n'.repeat(50_000)}`)
    const cut = await read(packed.subarray(0, packed.length - 20))
    expect(cut.faults).toMatchObject([{ row: null, reason: 'truncated' }])
    const damaged = Buffer.from(packed)
    damaged.fill(0xff, 40, 60)
    expect((await read(damaged)).faults).toMatchObject([{ reason: 'truncated' }])
  })

  it.each([
    ['not_a_bill', 'name,price\nx,1\n'],
    ['columns', 'line_item_unblended_cost\n1\n'],
    ['columns', 'line_item_usage_type\nx\n'],
    ['columns', 'line_item_usage_type,lineItem/UsageType,line_item_unblended_cost\nx,x,1\n'],
    ['format', 'PAR1rest'],
    ['format', 'PK\u0003\u0004rest'],
  ])('[BL4] a file that is no bill is one fault: %s', async (reason, text) => {
    const { rows, faults } = await read(text)
    expect(rows).toEqual([])
    expect(faults).toMatchObject([{ row: null, reason }])
  })

  it('[BL4] whatever the bytes are, the answer is rows and faults', async () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.tuple(fc.nat(file(cur2).length), fc.string({ maxLength: 5 })).map(([at, text]) => {
        return `${file(cur2).slice(0, at)}${text}${file(cur2).slice(at + text.length)}`
      }),
    )
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const { rows, faults } = await read(bytes)
        for (const { reason } of faults) expect(BILL_FAULT_REASONS).toContain(reason)
        for (const row of rows) expect(row.unblended_cost).toMatch(/^(-?\d+(\.\d+)?)?$/)
      }),
    )
  })
})

describe('checkBillRows', () => {
  it('[BL5] takes what a file gives, and fills in what is absent', () => {
    const faults: BillFault[] = []
    const short = { usage_type: 'x', unblended_cost: '1.5E-3' }
    const rows = checkBillRows([ROW, short], (fault) => faults.push(fault))
    expect(faults).toEqual([])
    expect(rows[0]).toEqual(ROW)
    expect(rows[1]).toMatchObject({
      unblended_cost: '0.0015',
      net_unblended_cost: null,
      region: '',
    })
  })

  it.each([
    ['type', 5],
    ['type', null],
    ['type', { ...ROW, extra: '' }],
    ['type', { ...ROW, usage_type: 5 }],
    ['type', { ...ROW, tags: { a: 1 } }],
    ['amount', { ...ROW, unblended_cost: 4.95 }],
    ['amount', { ...ROW, usage_amount: '1 000' }],
    ['amount', { usage_type: 'x' }],
    ['time', { ...ROW, usage_start: 'now' }],
  ])('[BL5] refuses %s: %j', (reason, item) => {
    const faults: BillFault[] = []
    expect(checkBillRows([item], (fault) => faults.push(fault))).toEqual([])
    const told = typeof (item as BillRow | null)?.unblended_cost === 'number' ? 'type' : reason
    expect(faults).toMatchObject([{ row: 0, reason: told }])
  })
})
