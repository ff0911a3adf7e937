// Rows of a file of outcomes, one after the other, however long the file is: CSV with a heading, or JSON lines, plain or gzip. A row that
// cannot be read is told with its line, and the next one is read; a file that is cut off or has a heading of something else is a fault.

import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse, type CsvError } from 'csv-parse'
import { Fault } from '../../kernel/fault.ts'

/** `line` is where it ends in the file, from 1. */
export type OutcomeRow = { readonly line: number; readonly entry: unknown }
export type UnreadRow = {
  readonly line: number
  readonly reason: 'csv' | 'json'
  readonly fault: string
}

const ROW_BYTES_MAX = 1_048_576
const NEWLINE = 0x0a
const REQUIRED = ['name', 'at', 'quantity'] as const

/** @throws Fault `outcome_file` where the file as a whole cannot be read. */
export async function* readOutcomeRows(
  local: string,
  name: string,
  unknownFields: (fields: readonly string[]) => readonly string[],
): AsyncGenerator<OutcomeRow | UnreadRow> {
  const bytes = bytesOf(local, /\.gz$/i.test(name))
  try {
    yield* /\.csv(\.gz)?$/i.test(name) ? csvRows(bytes, unknownFields) : jsonRows(bytes)
  } catch (cause) {
    if (cause instanceof Fault || !isOfTheFile(cause)) throw cause
    throw new Fault('outcome_file', cause.message, { cause })
  } finally {
    bytes.destroy()
  }
}

function bytesOf(local: string, isZipped: boolean) {
  const file = createReadStream(local)
  // Its error comes to whoever reads.
  return isZipped ? pipeline(file, createGunzip(), () => {}) : file
}

/** What gunzip and the CSV reader say of bytes they cannot read; a disk that fails is no fault of the file. */
function isOfTheFile(cause: unknown): cause is Error {
  return cause instanceof Error && /^(Z_|CSV_)/.test((cause as { code?: string }).code ?? '')
}

async function* csvRows(
  bytes: NodeJS.ReadableStream,
  unknownFields: (fields: readonly string[]) => readonly string[],
): AsyncGenerator<OutcomeRow | UnreadRow> {
  const skipped: UnreadRow[] = []
  const parser = parse({
    bom: true,
    columns: (heading: string[]) => {
      const fields = heading.map((field) => field.trim())
      checkHeading(fields, unknownFields)
      return fields
    },
    info: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: ROW_BYTES_MAX,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined) => {
      const line = typeof error?.['lines'] === 'number' ? error['lines'] : 0
      skipped.push({ line, reason: 'csv', fault: error?.message ?? 'cannot be read' })
      return undefined
    },
  })
  // The reader's own error is what is told.
  pipeline(bytes, parser, () => {})
  for await (const read of parser) {
    yield* skipped.splice(0)
    const { record, info } = read as {
      readonly record: Readonly<Record<string, string>>
      readonly info: { readonly lines: number }
    }
    const told = Object.entries(record).filter(([, cell]) => cell !== '')
    yield { line: info.lines, entry: Object.fromEntries(told) }
  }
  yield* skipped
}

function checkHeading(
  fields: readonly string[],
  unknownFields: (fields: readonly string[]) => readonly string[],
): void {
  const missing = REQUIRED.filter((field) => !fields.includes(field))
  const unknown = unknownFields(fields)
  const twice = fields.filter((field, index) => fields.indexOf(field) !== index)
  const faults = [
    ...(missing.length === 0 ? [] : [`has no column ${missing.join(', ')}`]),
    ...(unknown.length === 0
      ? []
      : [
          `has columns that are no declared dimension: ${unknown.map((field) => JSON.stringify(field)).join(', ')}`,
        ]),
    ...(twice.length === 0 ? [] : [`has a column twice: ${[...new Set(twice)].join(', ')}`]),
  ]
  if (faults.length > 0) throw new Fault('outcome_file', `the heading ${faults.join('; it ')}`)
}

async function* jsonRows(bytes: NodeJS.ReadableStream): AsyncGenerator<OutcomeRow | UnreadRow> {
  let line = 0
  for await (const text of linesOf(bytes)) {
    line += 1
    if (text.trim() === '') continue
    yield jsonRow(line, text)
  }
}

function jsonRow(line: number, text: string): OutcomeRow | UnreadRow {
  try {
    return { line, entry: JSON.parse(text) as unknown }
  } catch {
    return { line, reason: 'json', fault: 'the line is not valid JSON' }
  }
}

async function* linesOf(bytes: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of bytes) {
    let from = 0
    const all = Buffer.concat([rest, piece as Buffer])
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, from)) {
      checkLine(end - from)
      yield all.toString('utf8', from, end)
      from = end + 1
    }
    rest = all.subarray(from)
    checkLine(rest.length)
  }
  if (rest.length > 0) yield rest.toString('utf8')
}

function checkLine(bytes: number): void {
  if (bytes <= ROW_BYTES_MAX) return
  throw new Fault('outcome_file', `a line is longer than ${ROW_BYTES_MAX} bytes`)
}
