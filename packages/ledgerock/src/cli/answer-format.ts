// The four ways data comes out. `json` is the API's own body, unchanged; `ndjson` and `csv` are its rows; `table` is for eyes
// and may leave columns out.

import type { CliIo } from './cli-io.ts'
import { wrongUsage } from './command-error.ts'
import { csvHeader, csvLine, type Cell } from './csv.ts'
import { renderTable, type Column } from './table.ts'

export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]
/** What a statement can be besides, and no other answer. */
export const FILE_FORMATS = ['html', 'pdf', 'focus', 'focus-parquet'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

export type Row = Readonly<Record<string, Cell>>

export type RowAnswer = {
  /** The body as the API sent it. */
  readonly text: string
  readonly rows: readonly Row[]
  readonly csvColumns: readonly string[]
  readonly tableColumns: readonly Column[]
  readonly total?: Row
  /** Lays the table out where aligned columns alone would not do. */
  readonly layOut?: () => string
  /** What a table says where there is no row. */
  readonly empty: string
}

/** The format asked for; else a table for a terminal and JSON for a program. */
export function formatOf(io: CliIo, asked: Format | FileFormat | undefined): Format {
  const known = FORMATS.find((format) => format === asked)
  if (asked !== undefined && known === undefined) {
    throw wrongUsage(`--format ${asked} is for statements; this takes ${FORMATS.join(', ')}`)
  }
  return known ?? (io.outIsTerminal ? 'table' : 'json')
}

export async function printRows(io: CliIo, format: Format, answer: RowAnswer): Promise<void> {
  switch (format) {
    case 'json':
      return io.out(jsonText(io, answer.text))
    case 'ndjson':
      return io.out(answer.rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    case 'csv':
      await io.out(csvHeader(answer.csvColumns))
      return io.out(answer.rows.map((row) => csvLine(answer.csvColumns, row)).join(''))
    case 'table':
      if (answer.rows.length === 0) io.note(`${answer.empty}\n`)
      return io.out(answer.rows.length === 0 ? '' : tableOf(answer))
  }
}

function tableOf({ tableColumns, rows, total, layOut }: RowAnswer): string {
  return layOut === undefined ? renderTable(tableColumns, rows, total) : layOut()
}

/** An answer that is one thing: a program gets all of it, a person what `shown` says. */
export async function printOne(
  io: CliIo,
  format: Format,
  { text, json }: { readonly text: string; readonly json: unknown },
  shown: () => string,
): Promise<void> {
  const row = json as Row
  switch (format) {
    case 'json':
      return io.out(jsonText(io, text))
    case 'ndjson':
      return io.out(`${JSON.stringify(row)}\n`)
    case 'csv':
      return io.out(csvHeader(columnsOf([row])) + csvLine(columnsOf([row]), row))
    case 'table':
      return io.out(shown())
  }
}

/** The same JSON; indented where a person reads it. */
export function jsonText(io: CliIo, text: string): string {
  if (!io.outIsTerminal) return text.endsWith('\n') ? text : `${text}\n`
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
}

/** Every field of any row, in order of first appearance. */
export function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))]
}
