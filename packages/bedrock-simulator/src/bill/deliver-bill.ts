// A bill as AWS leaves it in a bucket: data files in chunks, and last of all the manifest that names them. Exports of CUR 2.0 are
// overwritten in place or laid down anew for every execution; the legacy report has folders of its own. What can go wrong on the
// way is made on request: a chunk that is not there yet, a chunk cut short, no manifest.

import { gzipSync } from 'node:zlib'
import { hashText } from '../random.ts'
import { BILL_COLUMN_NAMES, BILL_COLUMNS, type BillColumn, type BillRow } from './bill-row.ts'
import { csvOfBill, legacyColumns, legacyCsvOfBill, type NumberTexts } from './csv-of-bill.ts'
import { parquetOfBill } from './parquet-of-bill.ts'
import type { Bill } from './write-bill.ts'
import { zipOfFile } from './zip-of-file.ts'

export const BILL_FORMATS = ['csv.gz', 'csv.zip', 'parquet'] as const
export type BillFormat = (typeof BILL_FORMATS)[number]

export const BILL_LAYOUTS = ['overwrite', 'create_new', 'legacy'] as const
export type BillLayout = (typeof BILL_LAYOUTS)[number]

/** How a delivery is found half done. */
export const HALVES = ['missing_chunk', 'truncated_chunk', 'no_manifest'] as const
export type Half = (typeof HALVES)[number]

export type DeliveryOptions = {
  readonly bucket: string
  /** Empty, or folders without a slash at either end. */
  readonly prefix: string
  readonly exportName: string
  /** The legacy report is CSV only. */
  readonly format: BillFormat
  readonly layout: BillLayout
  /** AWS's page has both `<export>-Manifest.json` and `Manifest.json`. */
  readonly manifest: 'named' | 'plain'
  readonly columns: readonly BillColumn[]
  readonly numbers: NumberTexts
  readonly rowsPerFile: number
  /** Chunks left over from a longer delivery, overwritten with nothing. */
  readonly surplusChunks: number
  readonly half: Half | null
  readonly deliveredAtMs: number
}

export const DELIVERY_DEFAULTS: DeliveryOptions = {
  bucket: 'example-billing',
  prefix: 'exports',
  exportName: 'bedrock-cur',
  format: 'parquet',
  layout: 'overwrite',
  manifest: 'named',
  columns: BILL_COLUMN_NAMES,
  numbers: 'plain',
  rowsPerFile: 100_000,
  surplusChunks: 0,
  half: null,
  deliveredAtMs: Date.UTC(2026, 10, 6, 3, 14, 15),
}

/** Under its key in the bucket. */
export type BillFile = { readonly key: string; readonly bytes: Uint8Array }

/** In the order in which AWS writes them: the manifest last. */
export function deliverBill(bill: Bill, asked: Partial<DeliveryOptions> = {}): readonly BillFile[] {
  const options = { ...DELIVERY_DEFAULTS, ...asked }
  if (options.layout === 'legacy' && options.format === 'parquet') {
    throw new Error('the legacy report is written as CSV here')
  }
  const execution = executionOf(bill, options)
  const chunks = chunksOf(bill.rows, options.rowsPerFile)
  const folder = dataFolder(bill, execution, options)
  const legacy = options.layout === 'legacy' ? legacyColumns(bill.rows) : []
  const files = chunks.map((rows, index) => {
    const text = (): string =>
      options.layout === 'legacy' ? legacyCsvOfBill(rows, legacy) : csvOfBill(rows, options)
    return dataFile(folder, index + 1, rows, text, options)
  })
  const surplus = Array.from({ length: options.surplusChunks }, (_, index) =>
    dataFile(folder, chunks.length + index + 1, [], () => '', options),
  )
  const manifests = manifestFiles(bill, execution, files, legacy, options)
  return [...broken(files, options.half), ...surplus, ...manifests]
}

function broken(files: readonly BillFile[], half: Half | null): readonly BillFile[] {
  const last = files.at(-1)
  if (last === undefined || half === null || half === 'no_manifest') return files
  if (half === 'missing_chunk') return files.slice(0, -1)
  const bytes = last.bytes.subarray(0, Math.floor(last.bytes.length / 2))
  return [...files.slice(0, -1), { ...last, bytes }]
}

function chunksOf(rows: readonly BillRow[], size: number): readonly (readonly BillRow[])[] {
  const chunks: (readonly BillRow[])[] = []
  for (let at = 0; at < rows.length; at += size) chunks.push(rows.slice(at, at + size))
  return chunks.length === 0 ? [[]] : chunks
}

function dataFile(
  folder: string,
  number: number,
  rows: readonly BillRow[],
  text: () => string,
  options: DeliveryOptions,
): BillFile {
  const { exportName, format, layout } = options
  const chunk = layout === 'legacy' ? String(number) : String(number).padStart(5, '0')
  const name = `${folder}/${exportName}-${chunk}`
  if (format === 'parquet') {
    return { key: `${name}.snappy.parquet`, bytes: parquetOfBill(rows, options.columns) }
  }
  const bytes = Buffer.from(text())
  if (format === 'csv.gz') return { key: `${name}.csv.gz`, bytes: new Uint8Array(gzipSync(bytes)) }
  return { key: `${name}.csv.zip`, bytes: zipOfFile(`${exportName}-${chunk}.csv`, bytes) }
}

type Execution = { readonly id: string; readonly folder: string }

/** Drawn from the delivery's time, so that a delivery can be written again as it was. */
function executionOf({ period }: Bill, { deliveredAtMs, exportName }: DeliveryOptions): Execution {
  const part = (salt: string): string =>
    hashText(`${period.name} ${exportName} ${deliveredAtMs} ${salt}`).toString(16).padStart(8, '0')
  const digits = `${part('a')}${part('b')}${part('c')}${part('d')}`
  const id = digits.replace(/^(.{8})(.{4}).(.{3})(.{4})(.{12})$/, '$1-$2-4$3-$4-$5')
  return { id, folder: `${new Date(deliveredAtMs).toISOString()}-${id}` }
}

function dataFolder({ period }: Bill, execution: Execution, options: DeliveryOptions): string {
  const base = baseOf(options)
  const partition = `BILLING_PERIOD=${period.name}`
  switch (options.layout) {
    case 'overwrite':
      return `${base}/data/${partition}`
    case 'create_new':
      return `${base}/data/${partition}/${execution.folder}`
    case 'legacy':
      return `${base}/${legacyRange(period)}/${execution.id}`
  }
}

function baseOf({ prefix, exportName }: DeliveryOptions): string {
  return prefix === '' ? exportName : `${prefix}/${exportName}`
}

function legacyRange({ startMs, endMs }: Bill['period']): string {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
  return `${day(startMs)}-${day(endMs)}`
}

function manifestFiles(
  bill: Bill,
  execution: Execution,
  files: readonly BillFile[],
  legacy: readonly string[],
  options: DeliveryOptions,
): readonly BillFile[] {
  if (options.half === 'no_manifest') return []
  const { exportName, layout } = options
  const name = options.manifest === 'plain' ? 'Manifest.json' : `${exportName}-Manifest.json`
  const base = baseOf(options)
  if (layout === 'legacy') {
    const bytes = jsonBytes(legacyManifest(bill, execution, files, legacy, options))
    return [{ key: `${base}/${legacyRange(bill.period)}/${name}`, bytes }]
  }
  const folder = `${base}/metadata/BILLING_PERIOD=${bill.period.name}`
  const bytes = jsonBytes(manifestOf(execution, files, options))
  const latest = { key: `${folder}/${name}`, bytes }
  if (layout === 'overwrite') return [latest]
  return [{ key: `${folder}/${execution.folder}/${name}`, bytes }, latest]
}

/** It names neither the period nor a count of rows. */
function manifestOf(
  { id }: Execution,
  files: readonly BillFile[],
  { bucket, exportName, columns }: DeliveryOptions,
): object {
  return {
    executionId: id,
    exportArn: `arn:aws:bcm-data-exports:us-east-1:111122223333:export/${exportName}-${id}`,
    columns: columns.map((name) => ({ name, type: MANIFEST_TYPES[BILL_COLUMNS[name]] })),
    dataFiles: files.map(({ key }) => `s3://${bucket}/${key}`),
    additionalOutputFiles: [],
  }
}

const MANIFEST_TYPES = {
  string: 'string',
  double: 'double',
  timestamp: 'timestamp',
  words: 'map<string,string>',
  amounts: 'map<string,double>',
} as const

function legacyManifest(
  { period }: Bill,
  { id }: Execution,
  files: readonly BillFile[],
  columns: readonly string[],
  { bucket, exportName, format }: DeliveryOptions,
): object {
  const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]/g, '')
  return {
    assemblyId: id,
    account: '111122223333',
    columns: columns.map((column) => {
      const [category = '', name = ''] = column.split('/')
      return { category, name }
    }),
    charset: 'UTF-8',
    compression: format === 'csv.zip' ? 'ZIP' : 'GZIP',
    contentType: 'text/csv',
    reportId: id.replaceAll('-', ''),
    reportName: exportName,
    billingPeriod: { start: stamp(period.startMs), end: stamp(period.endMs) },
    bucket,
    reportKeys: files.map(({ key }) => key),
    additionalArtifactKeys: [],
  }
}

function jsonBytes(value: object): Uint8Array {
  return new Uint8Array(Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
}
