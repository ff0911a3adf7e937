// Rows of a bill from a stream of CSV, packed with gzip or not, with the columns of CUR 2.0 or of the legacy report, any subset.
// Nothing is held but the row at hand. A row that cannot be read is a fault and the next one goes on; where the file breaks off,
// the fault says that the rest was not read.

import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse, type CsvError } from 'csv-parse'
import { billColumns, type BillColumns } from './bill-columns.ts'
import type { BillFault, BillFaultReason } from './bill-fault.ts'
import { billRowOf } from './bill-row-of.ts'
import type { BillRow } from './bill-row.ts'

export type BillFile = {
  /** As faults name it. */
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** Longer rows are no rows: an unclosed quote has swallowed the file. */
const ROW_BYTES_MAX = 1_048_576

type ParsedRow = { readonly record: readonly string[]; readonly info: { readonly lines: number } }

/** What was rejected is told as the rows are read; a chunk without content, as AWS leaves behind, has no rows and no fault. */
export async function* readBillRows(
  { name: file, bytes }: BillFile,
  onFault: (fault: BillFault) => void,
): AsyncGenerator<BillRow> {
  const fault = (reason: BillFaultReason, detail: string, row: number | null = null): void =>
    onFault({ file, row, reason, detail, usd: null })
  const opened = await openBytes(bytes)
  if (opened.kind === 'empty') return
  if (opened.kind === 'foreign') {
    fault('format', opened.detail)
    return
  }
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: ROW_BYTES_MAX,
    on_skip: (error) => {
      if (error !== undefined) fault(...skipped(error))
      return undefined
    },
  })
  // Whatever goes wrong before the parser reaches the loop below through it.
  if (opened.isGzip) pipeline(opened.bytes, createGunzip(), parser, () => undefined)
  else pipeline(opened.bytes, parser, () => undefined)
  let columns: BillColumns | null = null
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRow>) {
      if (columns === null) {
        const read = billColumns(record)
        if ('reason' in read) {
          fault(read.reason, read.detail)
          return
        }
        columns = read
        continue
      }
      const row = billRowOf(columns, record)
      if (row.ok) yield row.value
      else onFault({ file, row: info.lines, ...row.problem })
    }
  } catch (cause) {
    fault(
      'truncated',
      `the rest was not read: ${cause instanceof Error ? cause.message : 'broken'}`,
    )
  }
}

/** After a quote that is never closed nothing behind it can be told apart. */
function skipped(error: CsvError): readonly [BillFaultReason, string, number | null] {
  const line: unknown = error['lines']
  const row = typeof line === 'number' ? line : null
  const isRest = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE'
  return isRest
    ? ['rest_unreadable', 'a quote is not closed: nothing behind the last row was read', row]
    : ['quotes', 'quotes that do not pair', row]
}

type Opened =
  | { readonly kind: 'empty' }
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'csv'; readonly bytes: Readable; readonly isGzip: boolean }

/** What a file is stands in its first bytes, whatever it is called. */
async function openBytes(bytes: BillFile['bytes']): Promise<Opened> {
  const iterator =
    Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]()
  let head = Buffer.alloc(0)
  while (head.length < 4) {
    const next = await iterator.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  if (head.length === 0) return { kind: 'empty' }
  const magic = head.toString('latin1', 0, 4)
  if (magic.startsWith('PK')) return { kind: 'foreign', detail: 'a ZIP archive: unpack it first' }
  if (magic === 'PAR1') return { kind: 'foreign', detail: 'Parquet: export the bill as CSV' }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b
  return { kind: 'csv', bytes: Readable.from(all(), { objectMode: false }), isGzip }
}
