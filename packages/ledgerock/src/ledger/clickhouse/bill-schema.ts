// Tables of the bill. A version of a period is a partition; it counts only once its row stands in `bill_versions`, which is written
// last, so a delivery is in force as a whole or not at all. Lines keep what AWS wrote; what the words of a line mean is beside them, in
// `bill_words`, so that a name learnt later changes words and not lines.

import { AMOUNT_DECIMALS } from './bill-fields.ts'
import { engineClause, onCluster, tableSettings } from './engine.ts'
import { tableName, type SchemaParameters } from './schema.ts'

export const BILL_LINES = 'bill_lines'
export const BILL_WORDS = 'bill_words'
export const BILL_VERSIONS = 'bill_versions'

const TEXT = 'LowCardinality(String) CODEC(ZSTD(1))'
const LONG_TEXT = 'String CODEC(ZSTD(1))'
const AMOUNT = `Decimal(76, ${AMOUNT_DECIMALS}) CODEC(ZSTD(1))`
const MAYBE = `Nullable(Decimal(76, ${AMOUNT_DECIMALS})) CODEC(ZSTD(1))`
const INSTANT = "DateTime('UTC') CODEC(Delta, ZSTD(1))"

/** Name and type, in the order in which they are inserted. */
export const LINE_COLUMNS = {
  period: 'LowCardinality(String)',
  version: 'UInt32',
  file: 'UInt16 CODEC(Delta, ZSTD(1))',
  line: 'UInt64 CODEC(Delta, ZSTD(1))',
  word: 'UInt64 CODEC(ZSTD(1))',
  bill_type: TEXT,
  billing_entity: TEXT,
  invoice_id: TEXT,
  invoicing_entity: TEXT,
  legal_entity: TEXT,
  payer_account: TEXT,
  account_id: TEXT,
  line_item_type: TEXT,
  usage_type: TEXT,
  operation: TEXT,
  product_code: TEXT,
  product_name: TEXT,
  region: TEXT,
  description: TEXT,
  resource_id: LONG_TEXT,
  principal: LONG_TEXT,
  unit: TEXT,
  currency: TEXT,
  rate: TEXT,
  tax_type: TEXT,
  usage_start: INSTANT,
  usage_end: INSTANT,
  amount: AMOUNT,
  unblended: AMOUNT,
  net: MAYBE,
  list: MAYBE,
  discount: MAYBE,
  tags: 'Map(LowCardinality(String), String) CODEC(ZSTD(1))',
} as const
export type LineColumn = keyof typeof LINE_COLUMNS

/** Where a line stood in its delivery: not part of what it says. */
const PLACE: ReadonlySet<string> = new Set(['period', 'version', 'file', 'line'])
/** What it costs and how much it is; the rest says what it is for. */
const MEASURED: ReadonlySet<string> = new Set([
  'amount',
  'unblended',
  'net',
  'list',
  'discount',
  'rate',
])

export const SAID_COLUMNS = Object.keys(LINE_COLUMNS).filter((name) => !PLACE.has(name))
export const CHARGE_COLUMNS = SAID_COLUMNS.filter((name) => !MEASURED.has(name) && name !== 'word')

const WORD_COLUMNS = {
  period: 'LowCardinality(String)',
  version: 'UInt32',
  word: 'UInt64',
  line_item_type: TEXT,
  usage_type: TEXT,
  operation: TEXT,
  billing_entity: TEXT,
  product_code: TEXT,
  product_name: TEXT,
  region_said: TEXT,
  unit: TEXT,
  unit_text: TEXT,
  model_resource: TEXT,
  rows: 'UInt64',
  amount: AMOUNT,
  unblended: AMOUNT,
  net: AMOUNT,
  thing: TEXT,
  region: TEXT,
  model_id: TEXT,
  kind: TEXT,
  scope: TEXT,
  tier: TEXT,
  counted: TEXT,
  variant: TEXT,
  long_context: 'UInt8',
  factor: 'Nullable(Int64)',
  unmapped_reason: TEXT,
} as const
export const BILL_WORD_COLUMNS: readonly string[] = Object.keys(WORD_COLUMNS)

const VERSION_COLUMNS = {
  period: 'String',
  version: 'UInt32',
  bill: 'String',
  fingerprint: 'String',
  imported_at: "DateTime64(3, 'UTC')",
  /** All that is to be said of it, as JSON. */
  record: LONG_TEXT,
} as const
export const VERSION_COLUMN_NAMES: readonly string[] = Object.keys(VERSION_COLUMNS)

export function billTables(schema: SchemaParameters): readonly string[] {
  return [
    table(
      schema,
      BILL_LINES,
      LINE_COLUMNS,
      'usage_start, account_id, word, principal',
      '(period, version)',
    ),
    table(schema, BILL_WORDS, WORD_COLUMNS, 'word', '(period, version)'),
    table(schema, BILL_VERSIONS, VERSION_COLUMNS, 'period, version', null),
  ]
}

function table(
  schema: SchemaParameters,
  name: string,
  columns: Readonly<Record<string, string>>,
  orderBy: string,
  partitionBy: string | null,
): string {
  const settings = Object.entries(tableSettings(schema.engine)).map(
    ([key, value]) => `${key} = ${value}`,
  )
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(schema.database, name)}${onCluster(schema.engine)}`,
    `(${Object.entries(columns)
      .map(([column, type]) => `\`${column}\` ${type}`)
      .join(', ')})`,
    `ENGINE = ${engineClause(schema.engine, 'MergeTree')}`,
    ...(partitionBy === null ? [] : [`PARTITION BY ${partitionBy}`]),
    `ORDER BY (${orderBy})`,
    `SETTINGS ${settings.join(', ')}`,
  ].join(' ')
}
