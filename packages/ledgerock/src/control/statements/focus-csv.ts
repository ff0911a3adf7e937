// FOCUS rows as CSV: RFC 4180, UTF-8, UTC times, decimals with all their digits, null as nothing. A text that a spreadsheet would take for
// a formula gets an apostrophe before it; numbers are left alone, so that a correction stays a number.

import { guardFormula } from '../../kernel/formula-guard.ts'
import {
  FOCUS_COLUMN_NAMES,
  FOCUS_COLUMNS,
  formatAttos,
  formatFocusTime,
  type Attos,
  type FocusColumn,
  type FocusRow,
} from '../../reconciliation/focus/focus-row.ts'

const CHUNK_ROWS = 1_000

export async function* focusCsv(rows: Iterable<FocusRow>): AsyncGenerator<Uint8Array> {
  let lines = `${FOCUS_COLUMN_NAMES.join(',')}\r\n`
  let count = 0
  for (const row of rows) {
    lines += `${FOCUS_COLUMN_NAMES.map((name) => cellOf(row, name)).join(',')}\r\n`
    count += 1
    if (count % CHUNK_ROWS !== 0) continue
    yield Buffer.from(lines, 'utf8')
    lines = ''
  }
  yield Buffer.from(lines, 'utf8')
}

function cellOf(row: FocusRow, name: FocusColumn): string {
  const value = row[name]
  if (value === null) return ''
  switch (FOCUS_COLUMNS[name].type) {
    case 'decimal':
      return formatAttos(value as Attos)
    case 'time':
      return formatFocusTime(value as number)
    case 'boolean':
      return String(value)
    case 'string':
    case 'json':
      return quoted(value as string)
  }
}

const SPECIAL = /[",\r\n]/

function quoted(text: string): string {
  const safe = guardFormula(text)
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
