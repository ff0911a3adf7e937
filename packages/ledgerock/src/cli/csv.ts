// Rows as CSV (RFC 4180, LF), in which no text is a formula to a spreadsheet. Numbers and money stay as they are.

import { guardFormula } from '../kernel/formula-guard.ts'

export type Cell = string | number | boolean | null | undefined | object

const NEEDS_QUOTES = /[",\n\r]/

export function csvLine(columns: readonly string[], row: Readonly<Record<string, Cell>>): string {
  return `${columns.map((column) => quoted(cellText(column, row[column]))).join(',')}\n`
}

export function csvHeader(columns: readonly string[]): string {
  return `${columns.map((column) => quoted(guardFormula(column))).join(',')}\n`
}

function cellText(column: string, cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  const isMoney = column.endsWith('_usd') || column === 'percent'
  if (typeof cell === 'string') {
    return isMoney && /^-?\d+(\.\d+)?$/.test(cell) ? cell : guardFormula(cell)
  }
  return guardFormula(JSON.stringify(cell))
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
