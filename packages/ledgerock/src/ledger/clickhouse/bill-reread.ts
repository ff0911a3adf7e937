// Reads the words of a version again with the names known now: what was unmapped finds its model, without a line being touched. The
// words are written anew beside the old ones and swapped in, so a question sees the old meaning or the new one.

import type { BillReading, BillWord, ReadBillWord } from '../../billing/bill-word.ts'
import type { BillVersion } from '../bill.ts'
import { BILL_WORD_COLUMNS, BILL_WORDS } from './bill-schema.ts'
import { wordLine, type WordSums } from './bill-words.ts'
import type { Session } from './database.ts'
import { literal } from './literal.ts'
import { tableName, type SchemaParameters } from './schema.ts'

type StoredWord = Readonly<Record<string, string | number | null>>

const READ_FIELDS = [
  'thing',
  'region',
  'model_id',
  'kind',
  'scope',
  'tier',
  'counted',
  'variant',
  'unmapped_reason',
] as const

export async function rereadWords(
  session: Session,
  { database }: SchemaParameters,
  { period, version, import_id }: BillVersion,
  readWord: ReadBillWord,
): Promise<number> {
  const words = tableName(database, BILL_WORDS)
  const fresh = tableName(database, `${BILL_WORDS}_reread`)
  const within = `period = ${literal(period)} AND version = ${version}`
  const asText = BILL_WORD_COLUMNS.map((name) =>
    /^(word|amount|unblended|net|factor)$/.test(name) ? `toString(${name}) AS said_${name}` : name,
  )
  const stored = await session.select<StoredWord>(
    `SELECT ${asText.join(', ')} FROM ${words} WHERE ${within}`,
  )
  const readings = stored.map((row) => {
    const sums = {
      period,
      rows: Number(row['rows']),
      amount: String(row['said_amount']),
      unblended: String(row['said_unblended']),
    }
    return readWord(wordOf(row), sums)
  })
  const changed = stored.filter((row, index) => isOther(row, readings[index] as BillReading)).length
  if (changed === 0) return 0
  await session.command(`DROP TABLE IF EXISTS ${fresh} SYNC`)
  await session.command(`CREATE TABLE ${fresh} AS ${words}`)
  await session.insert({
    table: fresh,
    columns: BILL_WORD_COLUMNS,
    lines: stored.map((row, index) =>
      wordLine(
        { period, version },
        { key: String(row['said_word']), word: wordOf(row), sums: sumsOf(row) },
        readings[index] as BillReading,
      ),
    ),
    token: `bill-reread-${import_id}-${version}`,
  })
  const partition = `tuple(${literal(period)}, ${version})`
  await session.command(`ALTER TABLE ${words} REPLACE PARTITION ${partition} FROM ${fresh}`)
  await session.command(`DROP TABLE ${fresh} SYNC`)
  return changed
}

function wordOf(row: StoredWord): BillWord {
  const text = (name: string): string => String(row[name] ?? '')
  return {
    line_item_type: text('line_item_type'),
    usage_type: text('usage_type'),
    operation: text('operation'),
    billing_entity: text('billing_entity'),
    product_code: text('product_code'),
    product_name: text('product_name'),
    region: text('region_said'),
    unit: text('unit'),
    unit_text: text('unit_text'),
    model_resource: text('model_resource'),
  }
}

function sumsOf(row: StoredWord): WordSums {
  return {
    rows: Number(row['rows']),
    amount_sum: String(row['said_amount']),
    unblended_sum: String(row['said_unblended']),
    net_sum: String(row['said_net']),
  }
}

function isOther(row: StoredWord, reading: BillReading): boolean {
  const factor = row['said_factor'] ?? null
  const isLong = Number(row['long_context']) === 1
  return (
    READ_FIELDS.some((name) => (reading[name] ?? '') !== row[name]) ||
    reading.factor !== factor ||
    reading.long_context !== isLong
  )
}
