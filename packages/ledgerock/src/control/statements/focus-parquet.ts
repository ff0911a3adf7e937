// FOCUS rows as Parquet. Decimals are DECIMAL(38,18): every picodollar, and unit price × quantity, exactly; warehouses read them so.

import {
  parquetChunks,
  type ParquetColumn,
  type ParquetValue,
} from '../../platform/parquet-file.ts'
import {
  ATTO_DECIMALS,
  FOCUS_COLUMN_NAMES,
  FOCUS_COLUMNS,
  type FocusColumn,
  type FocusRow,
} from '../../reconciliation/focus/focus-row.ts'

export const FOCUS_PARQUET_COLUMNS: readonly ParquetColumn[] = FOCUS_COLUMN_NAMES.map((name) => {
  const { type, nullable } = FOCUS_COLUMNS[name]
  return { name, nullable, type: type === 'decimal' ? { decimal: ATTO_DECIMALS } : type }
})

export function focusParquet(rows: Iterable<FocusRow>): AsyncGenerator<Uint8Array> {
  return parquetChunks(FOCUS_PARQUET_COLUMNS, cellsOf(rows))
}

function* cellsOf(rows: Iterable<FocusRow>): Generator<readonly ParquetValue[]> {
  for (const row of rows) yield FOCUS_COLUMN_NAMES.map((name) => valueOf(row, name))
}

function valueOf(row: FocusRow, name: FocusColumn): ParquetValue {
  const value = row[name]
  return FOCUS_COLUMNS[name].type === 'time' && value !== null ? new Date(value as number) : value
}
