// A bill as CSV, under the columns that were chosen: CUR 2.0's, maps as JSON in one cell, or the legacy report's, where each tag
// is a column of its own and identities are missing.

import { BILL_COLUMNS, isMapColumn, type BillColumn, type BillRow, type Words } from './bill-row.ts'
import { LEGACY_COLUMNS } from './legacy-columns.ts'

/** Java prints doubles with an exponent below a thousandth, and always with a point. */
export const NUMBER_TEXTS = ['plain', 'exponent'] as const
export type NumberTexts = (typeof NUMBER_TEXTS)[number]

export type CsvOptions = {
  readonly columns: readonly BillColumn[]
  readonly numbers: NumberTexts
}

export function csvOfBill(rows: readonly BillRow[], { columns, numbers }: CsvOptions): string {
  const lines = [columns.join(',')]
  for (const row of rows) {
    lines.push(columns.map((column) => quoted(cellOf(row, column, numbers))).join(','))
  }
  return `${lines.join('\n')}\n`
}

function cellOf(row: BillRow, column: BillColumn, numbers: NumberTexts): string {
  if (isMapColumn(column)) {
    const words = row[column]
    return BILL_COLUMNS[column] === 'amounts' ? amountsText(words) : JSON.stringify(words)
  }
  const text = row[column]
  const type = BILL_COLUMNS[column]
  if (type === 'timestamp') return text.replace('Z', '.000Z')
  return type === 'double' && numbers === 'exponent' ? withExponent(text) : text
}

/** The amounts of a map are numbers in its JSON. */
function amountsText(words: Words): string {
  const entries = Object.entries(words).map(([key, value]) => `${JSON.stringify(key)}:${value}`)
  return `{${entries.join(',')}}`
}

/** Every file of one report has the same columns, so the tags of all rows are asked first. */
export function legacyColumns(rows: readonly BillRow[]): readonly string[] {
  const tags = new Set<string>()
  for (const row of rows) for (const key of Object.keys(row.resource_tags)) tags.add(legacyTag(key))
  return [...LEGACY_COLUMNS.map(([name]) => name), ...[...tags].toSorted()]
}

export function legacyCsvOfBill(rows: readonly BillRow[], columns: readonly string[]): string {
  const tags = columns.slice(LEGACY_COLUMNS.length)
  const lines = [columns.join(',')]
  for (const row of rows) {
    const own = Object.entries(row.resource_tags).map(([key, value]) => [legacyTag(key), value])
    const tagged: Words = Object.fromEntries(own)
    const cells = [
      ...LEGACY_COLUMNS.map(([, read]) => read(row)),
      ...tags.map((tag) => tagged[tag] ?? ''),
    ]
    lines.push(cells.map(quoted).join(','))
  }
  return `${lines.join('\n')}\n`
}

function legacyTag(key: string): string {
  return `resourceTags/${key.replace(/^user[_:]/, 'user:')}`
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** As Java's `Double.toString` has it: 1.0E-5, 0.001, 12.0, 1.2E7. */
function withExponent(text: string): string {
  if (text === '') return ''
  const value = Number(text)
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-3 && size < 1e7)) return text.includes('.') ? text : `${text}.0`
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`
}
