// A bill as Parquet, with the types AWS gives its columns: texts, doubles for amounts, timestamps in milliseconds, maps. An empty
// cell is null.

import { parquetWriteBuffer, type ColumnSource, type SchemaElement } from 'hyparquet-writer'
import { BILL_COLUMNS, isMapColumn, type BillColumn, type BillRow } from './bill-row.ts'

export function parquetOfBill(
  rows: readonly BillRow[],
  columns: readonly BillColumn[],
): Uint8Array {
  const columnData = columns.map((column): ColumnSource => ({
    name: column,
    data: rows.map((row) => valueOf(row, column)),
  }))
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: schemaOf(columns) }))
}

function valueOf(row: BillRow, column: BillColumn): unknown {
  if (isMapColumn(column)) {
    const words = row[column]
    if (BILL_COLUMNS[column] !== 'amounts') return words
    return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, Number(value)]))
  }
  const text = row[column]
  if (text === '') return null
  switch (BILL_COLUMNS[column]) {
    case 'double':
      return Number(text)
    case 'timestamp':
      return new Date(text)
    default:
      return text
  }
}

function schemaOf(columns: readonly BillColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap((column) => elementsOf(column)),
  ]
}

function elementsOf(name: BillColumn): readonly SchemaElement[] {
  const repetition_type = 'OPTIONAL'
  switch (BILL_COLUMNS[name]) {
    case 'string':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }]
    case 'double':
      return [{ name, type: 'DOUBLE', repetition_type }]
    case 'timestamp':
      return [{ name, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type }]
    case 'words':
      return mapOf(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8' })
    case 'amounts':
      return mapOf(name, { type: 'DOUBLE' })
  }
}

function mapOf(
  name: string,
  value: Pick<SchemaElement, 'type' | 'converted_type'>,
): readonly SchemaElement[] {
  return [
    { name, converted_type: 'MAP', num_children: 1, repetition_type: 'OPTIONAL' },
    { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
    { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    { name: 'value', ...value, repetition_type: 'OPTIONAL' },
  ]
}
