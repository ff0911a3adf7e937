// The words of a delivery: what their sums say, what they mean, and how both are written down beside the lines.

import type { BillReading, BillWord } from '../../billing/bill-word.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { WordSumRow } from './bill-import-sql.ts'
import { BILL_WORD_COLUMNS } from './bill-schema.ts'
import { fieldWriter, type FieldWriter } from './tab-separated.ts'

/** More than this are no words: something that differs from line to line has got into one. */
export const WORDS_MAX = 200_000

export type WordSums = Pick<WordSumRow, 'rows' | 'amount_sum' | 'unblended_sum' | 'net_sum'>
export type SummedWord = { readonly key: string; readonly word: BillWord; readonly sums: WordSums }

/** The words of Bedrock's rows; two under one key would be told apart by nothing afterwards. */
export function summedWords(
  rows: readonly WordSumRow[],
): Result<readonly SummedWord[], 'too_many_words'> {
  const words = rows.filter(({ bedrock }) => bedrock === 1).map(summedWord)
  const keys = new Set(words.map(({ key }) => key))
  return words.length > WORDS_MAX || keys.size < words.length ? err('too_many_words') : ok(words)
}

function summedWord(row: WordSumRow): SummedWord {
  const text = (name: keyof BillWord): string => String(row[name])
  return {
    key: row.word,
    sums: row,
    word: {
      line_item_type: text('line_item_type'),
      usage_type: text('usage_type'),
      operation: text('operation'),
      billing_entity: text('billing_entity'),
      product_code: text('product_code'),
      product_name: text('product_name'),
      region: text('region'),
      unit: text('unit'),
      unit_text: text('unit_text'),
      model_resource: text('model_resource'),
    },
  }
}

const text = fieldWriter('String')
/** Keys are all 64 bits, as text. */
const asSaid: FieldWriter = String
const maybe: FieldWriter = (value) => (value === null ? '\\N' : asSaid(value))

/** One line of TabSeparated for `bill_words`, in the order of its columns. */
export function wordLine(
  place: { readonly period: string; readonly version: number },
  { key, word, sums }: SummedWord,
  reading: BillReading,
): string {
  const values: Readonly<Record<string, readonly [unknown, FieldWriter]>> = {
    period: [place.period, text],
    version: [place.version, asSaid],
    word: [key, asSaid],
    line_item_type: [word.line_item_type, text],
    usage_type: [word.usage_type, text],
    operation: [word.operation, text],
    billing_entity: [word.billing_entity, text],
    product_code: [word.product_code, text],
    product_name: [word.product_name, text],
    region_said: [word.region, text],
    unit: [word.unit, text],
    unit_text: [word.unit_text, text],
    model_resource: [word.model_resource, text],
    rows: [sums.rows, asSaid],
    amount: [sums.amount_sum, asSaid],
    unblended: [sums.unblended_sum, asSaid],
    net: [sums.net_sum, asSaid],
    thing: [reading.thing, text],
    region: [reading.region, text],
    model_id: [reading.model_id, text],
    kind: [reading.kind ?? '', text],
    scope: [reading.scope ?? '', text],
    tier: [reading.tier ?? '', text],
    counted: [reading.counted, text],
    variant: [reading.variant, text],
    long_context: [reading.long_context ? 1 : 0, asSaid],
    factor: [reading.factor, maybe],
    unmapped_reason: [reading.unmapped_reason ?? '', text],
  }
  const fields = BILL_WORD_COLUMNS.map((name) => {
    const [value, write] = values[name] as readonly [unknown, FieldWriter]
    return write(value)
  })
  return `${fields.join('\t')}\n`
}
