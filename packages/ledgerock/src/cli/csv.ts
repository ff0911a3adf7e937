// Rows as CSV (RFC 4180, LF). Text that a spreadsheet would run as a formula gets a leading apostrophe: dimension values come
// from callers, and a report must not execute them. Numbers and money stay as they are.

export type Cell = string | number | boolean | null | undefined | object

const FORMULA_START = /^[=+\-@\t\r]/
const NEEDS_QUOTES = /[",\n\r]/

export function csvLine(columns: readonly string[], row: Readonly<Record<string, Cell>>): string {
  return `${columns.map((column) => quoted(cellText(column, row[column]))).join(',')}\n`
}

export function csvHeader(columns: readonly string[]): string {
  return `${columns.map((column) => quoted(guarded(column))).join(',')}\n`
}

function cellText(column: string, cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  const isMoney = column.endsWith('_usd') || column === 'percent'
  if (typeof cell === 'string') {
    return isMoney && /^-?\d+(\.\d+)?$/.test(cell) ? cell : guarded(cell)
  }
  return guarded(JSON.stringify(cell))
}

function guarded(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
