// Opens the files of a delivery as something a statement can select from. The embedded engine reads them where they lie; a server
// gets the same bytes as the body of an insert, into a table of its own that is dropped afterwards. Statements see no difference.
// Table functions stand only here, over paths of our own making, because `file()` reads whatever it is told.

import { createReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Fault } from '../../kernel/fault.ts'
import type { BillOrder, StagedBillFile } from '../bill.ts'
import { AMOUNT_FIELDS, TEXT_FIELDS, type SourceColumn } from './bill-fields.ts'
import type { Session, Upload } from './database.ts'
import { engineClause } from './engine.ts'
import { literal } from './literal.ts'
import { tableName, type SchemaParameters } from './schema.ts'
import type { Settings } from './settings.ts'

export type BillSource = {
  /** Behind FROM. */
  readonly from: string
  readonly columns: readonly SourceColumn[]
  /** Which file (from 1) and which row of it (from 1) a row is. */
  readonly fileSql: string
  readonly rowSql: string
  readonly settings: Settings
  readonly close: () => Promise<void>
}

/** A field is what stands between two commas: nothing is trimmed, and no text stands for NULL. */
const CSV_SETTINGS: Settings = {
  input_format_csv_skip_first_lines: 1,
  input_format_csv_trim_whitespaces: 0,
  input_format_csv_empty_as_default: 1,
  format_csv_null_representation: '',
  input_format_csv_detect_header: 0,
  input_format_csv_allow_variable_number_of_columns: 0,
  input_format_csv_use_best_effort_in_schema_inference: 0,
}
/** Wide rows in large row groups: what is decoded at once must be bounded. */
const PARQUET_SETTINGS: Settings = {
  input_format_parquet_max_block_size: 16_384,
  input_format_parquet_prefer_block_bytes: 8_388_608,
  input_format_parquet_memory_high_watermark: 268_435_456,
  input_format_parquet_case_insensitive_column_matching: 0,
}

const FILE_NAME = /^\d{5}\.(parquet|csv|csv\.gz)$/

/** All files of an order lie in one directory, where nothing else does. */
export async function openBillSource(
  session: Session,
  schema: SchemaParameters,
  order: BillOrder,
): Promise<BillSource> {
  for (const { path } of order.files) checkPath(path)
  return schema.engine.kind === 'embedded'
    ? openFiles(session, order)
    : upload(session, schema, order)
}

function checkPath(path: string): void {
  // A pattern would be read as one.
  if (/[*?{}\n]/.test(path) || !FILE_NAME.test(basename(path))) {
    throw new Fault('bill_path', `cannot be read from here: ${path}`)
  }
}

async function openFiles(session: Session, order: BillOrder): Promise<BillSource> {
  const [first] = order.files
  if (first === undefined) throw new Fault('bill_path', 'no files')
  const isCsv = order.format === 'csv'
  const all = `${dirname(first.path)}/*.${order.format}${isCsv && first.gzipped ? '.gz' : ''}`
  const pattern = order.files.length === 1 ? first.path : all
  const columns = isCsv ? csvColumns(first) : await parquetColumns(session, first)
  const structure = isCsv
    ? columns.map(({ sql }) => `${sql} String`).join(', ')
    : columns.map(({ sql, type }) => `${sql} ${type}`).join(', ')
  const format = isCsv ? 'CSV' : 'Parquet'
  return {
    from: `file(${literal(pattern)}, ${format}, ${literal(structure)})`,
    columns,
    fileSql: "toUInt16OrZero(extract(_file, '^[0-9]{5}'))",
    rowSql: 'toUInt64(ifNull(_row_number, 0)) + 1',
    settings: isCsv ? CSV_SETTINGS : PARQUET_SETTINGS,
    close: () => Promise.resolve(),
  }
}

/** Names of a CSV never become SQL: columns are known by their place. */
function csvColumns(file: StagedBillFile): readonly SourceColumn[] {
  return (file.columns ?? []).map((name, index) => ({ name, sql: `c${index}`, type: 'String' }))
}

/** @throws Fault `row_invalid` and others, where it is no Parquet file. */
export async function parquetColumns(
  session: Session,
  file: StagedBillFile,
): Promise<readonly SourceColumn[]> {
  const rows = await session.select<{ name: string; type: string }>(
    `DESCRIBE TABLE file(${literal(file.path)}, Parquet)`,
  )
  return rows.map(({ name, type }) => ({ name, sql: quoted(name), type }))
}

function quoted(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
}

const UPLOADED_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(tags|resource_tags|cost_category|product)$/, 'Map(String, Nullable(String))'],
  [/_date$/, "Nullable(DateTime64(3, 'UTC'))"],
]

/** What a server cannot be asked before it has the bytes: the columns of CUR 2.0 as AWS types them; absent ones are NULL. */
function uploadedParquetColumns(): readonly SourceColumn[] {
  const amounts: readonly string[] = Object.values(AMOUNT_FIELDS)
  const names = [
    ...Object.values(TEXT_FIELDS),
    ...amounts,
    'identity_time_interval line_item_usage_start_date line_item_usage_end_date'.split(' '),
    'bill_billing_period_start_date product_product_name product_region_code'.split(' '),
    'tags resource_tags cost_category product'.split(' '),
  ].flat()
  return names.map((name) => ({
    name,
    sql: quoted(name),
    type: amounts.includes(name)
      ? 'Nullable(Float64)'
      : (UPLOADED_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'Nullable(String)'),
  }))
}

const UPLOAD = 'bill_upload'

function uploadOf(
  table: string,
  columns: readonly SourceColumn[],
  format: BillOrder['format'],
  file: StagedBillFile,
): Upload {
  const bytes = createReadStream(file.path)
  const names = columns.map(({ sql }) => sql)
  if (format === 'parquet') return { table, columns: names, format: 'Parquet', body: bytes }
  return { table, columns: names, format: 'CSV', body: file.gzipped ? unzipped(bytes) : bytes }
}

/** What breaks while it is unpacked here is the file's fault, not the server's. */
function asBadData(error: unknown): never {
  const cause = error instanceof Fault ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code.startsWith('Z_')) throw new Fault('row_invalid', 'no whole gzip file', { cause: error })
  throw error
}

/** Through a pipeline, so that bytes that are cut off end the statement with an error and not with half of the rows. */
function unzipped(bytes: Readable): Readable {
  const gunzip = createGunzip()
  pipeline(bytes, gunzip, () => undefined)
  return gunzip
}

async function upload(
  session: Session,
  schema: SchemaParameters,
  order: BillOrder,
): Promise<BillSource> {
  const table = tableName(schema.database, UPLOAD)
  const [first] = order.files
  const columns =
    order.format === 'csv' && first !== undefined ? csvColumns(first) : uploadedParquetColumns()
  const structure = columns.map(({ sql, type }) => `${sql} ${type}`).join(', ')
  const drop = (): Promise<void> => session.command(`DROP TABLE IF EXISTS ${table} SYNC`)
  await drop()
  await session.command(
    `CREATE TABLE ${table} (${structure}, _file UInt16 DEFAULT 0,` +
      ' _line UInt64 DEFAULT rowNumberInAllBlocks() + 1)' +
      ` ENGINE = ${engineClause({ kind: 'embedded' }, 'MergeTree')} ORDER BY tuple()`,
  )
  for (const [index, file] of order.files.entries()) {
    await session.command(`ALTER TABLE ${table} MODIFY COLUMN _file DEFAULT ${index + 1}`)
    const settings = order.format === 'csv' ? CSV_SETTINGS : PARQUET_SETTINGS
    const once = { ...settings, insert_deduplicate: 0, max_threads: 1 }
    await session.send(uploadOf(table, columns, order.format, file), once).catch(asBadData)
  }
  return {
    from: table,
    columns,
    fileSql: '_file',
    rowSql: '_line',
    settings: {},
    close: drop,
  }
}
