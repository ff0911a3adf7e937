// Small bills as AWS would deliver them, for tests: rows of CUR 2.0 columns, as CSV, in ZIP, with manifests, in every layout.

import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type FixtureRow = Readonly<Record<string, string>>

export const PERIOD = '2026-10'

const USED: FixtureRow = {
  bill_billing_entity: 'AWS',
  bill_billing_period_start_date: '2026-10-01T00:00:00.000Z',
  bill_invoice_id: '',
  bill_payer_account_id: '999988887777',
  line_item_usage_account_id: '111122223333',
  line_item_product_code: 'AmazonBedrock',
  line_item_usage_type: 'USE1-NovaPro-input-tokens',
  line_item_line_item_type: 'Usage',
  line_item_operation: 'InvokeModelInference',
  line_item_line_item_description: '$0.0008 per 1K tokens for NovaPro-input-tokens in US East',
  line_item_resource_id: '',
  line_item_iam_principal: 'arn:aws:sts::111122223333:assumed-role/search-api/s1',
  line_item_currency_code: 'USD',
  line_item_usage_amount: '1',
  line_item_unblended_rate: '0.0008',
  line_item_unblended_cost: '0.0008',
  line_item_net_unblended_cost: '',
  line_item_usage_start_date: '2026-10-03T10:00:00Z',
  line_item_usage_end_date: '2026-10-03T11:00:00Z',
  pricing_unit: '1K tokens',
  pricing_public_on_demand_cost: '0.0008',
  product: '{"product_name":"Amazon Bedrock","region":"us-east-1"}',
  tags: '{"iamPrincipal/team":"search"}',
}

export function used(more: FixtureRow = {}): FixtureRow {
  return { ...USED, ...more }
}

/** A Marketplace line as of 2025: opaque code, no words but the product's. */
export function marketplace(more: FixtureRow = {}): FixtureRow {
  return used({
    bill_billing_entity: 'AWS Marketplace',
    line_item_product_code: '4a524th30q694o538qndh9ucht',
    line_item_operation: 'Usage',
    line_item_usage_type: 'USW2-MP:USW2_InputTokenCount-Units',
    line_item_line_item_description:
      'AWS Marketplace software usage|us-west-2|Million Input Tokens',
    line_item_usage_amount: '0.02645',
    line_item_unblended_rate: '3',
    line_item_unblended_cost: '0.07935',
    pricing_unit: 'Units',
    pricing_public_on_demand_cost: '0',
    product: '{"product_name":"Claude 3.5 Sonnet (Amazon Bedrock Edition)"}',
    ...more,
  })
}

export function csvOf(rows: readonly FixtureRow[], columns = Object.keys(USED)): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
    .map((cells) => `${line(cells)}\n`)
    .join('')
}

const LEGACY_NAMES: ReadonlyMap<string, string> = new Map([
  ['bill_billing_entity', 'bill/BillingEntity'],
  ['bill_billing_period_start_date', 'bill/BillingPeriodStartDate'],
  ['line_item_usage_account_id', 'lineItem/UsageAccountId'],
  ['line_item_product_code', 'lineItem/ProductCode'],
  ['line_item_usage_type', 'lineItem/UsageType'],
  ['line_item_line_item_type', 'lineItem/LineItemType'],
  ['line_item_operation', 'lineItem/Operation'],
  ['line_item_usage_amount', 'lineItem/UsageAmount'],
  ['line_item_unblended_cost', 'lineItem/UnblendedCost'],
  ['line_item_usage_start_date', 'lineItem/UsageStartDate'],
  ['line_item_usage_end_date', 'lineItem/UsageEndDate'],
  ['pricing_unit', 'pricing/unit'],
  ['product_product_name', 'product/ProductName'],
  ['team', 'resourceTags/user:Team'],
])

/** The legacy report: other names, tags in columns, no principals. */
export function legacyCsvOf(rows: readonly FixtureRow[]): string {
  const names = [...LEGACY_NAMES.keys()]
  const text = csvOf(rows, names)
  const header = names.map((name) => LEGACY_NAMES.get(name)).join(',')
  return `${header}\n${text.slice(text.indexOf('\n') + 1)}`
}

/** A ZIP with one file in it. */
export function zipOf(name: string, text: string): Buffer {
  const bytes = Buffer.from(text)
  const packed = deflateRawSync(bytes)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(crc32(bytes), 14)
  local.writeUInt32LE(packed.length, 18)
  local.writeUInt32LE(bytes.length, 22)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(crc32(bytes), 16)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt32LE(bytes.length, 24)
  entry.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(entry.length + name.length, 12)
  end.writeUInt32LE(local.length + name.length + packed.length, 16)
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end])
}

export function put(root: string, path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), bytes)
}

/** `cur2/data/BILLING_PERIOD=2026-10/cur2-0000n.csv.gz` and its manifest. */
export function putOverwrite(
  root: string,
  chunks: readonly (readonly FixtureRow[])[],
  { manifest = 'cur2-Manifest.json', columns = Object.keys(USED) } = {},
): void {
  const files = chunks.map((_, index) => `cur2-${String(index + 1).padStart(5, '0')}.csv.gz`)
  for (const [index, rows] of chunks.entries()) {
    const path = `cur2/data/BILLING_PERIOD=${PERIOD}/${files[index] ?? ''}`
    put(root, path, gzipSync(csvOf(rows, columns)))
  }
  const dataFiles = files.map(
    (name) => `s3://bucket/exports/cur2/data/BILLING_PERIOD=${PERIOD}/${name}`,
  )
  put(
    root,
    `cur2/metadata/BILLING_PERIOD=${PERIOD}/${manifest}`,
    JSON.stringify({
      exportArn: 'arn:aws:bcm-data-exports:…',
      executionId: 'e-1',
      columns: [],
      dataFiles,
    }),
  )
}
