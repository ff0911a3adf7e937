// Prices every row of the golden tables, and redoes the arithmetic written above it.

import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { parseUsd } from '../../kernel/money.ts'
import { buildPriceBook } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { answerTo, costOfRow, goldenTables, type GoldenRow } from './testing/golden-table.ts'
import { workedArithmetic } from './testing/worked-arithmetic.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])

/** What a table is about where it is not one maker's prices, which are [P1]. */
const RULES: Readonly<Record<string, string>> = {
  'context-bands': '[P6]',
  'price-changes': '[P7]',
  amazon: '[P8]',
  units: '[P2]',
  guardrails: '[P16]',
  capacity: '[P13]',
  unpriced: '[P4]',
}

describe.each(goldenTables())('%s', (name, rows) => {
  it.each(rows.map((row) => [row.text, row] as const))(`${RULES[name] ?? '[P1]'} %s`, (_, row) => {
    expect(answerTo(costOfRow(book, row))).toBe(row.expected)
    checkComment(row)
  })
})

/** Its quantities are the row's, the tens of thousands of a price for thousands set apart, and it comes to the row's dollars. */
function checkComment(row: GoldenRow): void {
  const worked = workedArithmetic(row.comment ?? '')
  if (worked === null) return
  const { quantities, sum, stated, perDollar } = worked
  expect(stated).toBe(sum)
  const dollars = parseUsd(row.expected)
  if (!dollars.ok) return
  expect(sum).toBe(mustOk(dollars) * perDollar)
  const counted = Object.entries(row.usage).map(([kind, count]) => {
    const byThousand =
      kind === 'tpm_hours' || (kind.startsWith('text_units_') && !kind.endsWith('_image'))
    return BigInt(count ?? 0) / (byThousand ? 1_000n : 1n)
  })
  expect(quantities).toEqual(counted)
}

describe('the arithmetic of a comment', () => {
  it.each([
    ['# 7 × 0.15 + 3 × 0.2 = 1.65 $', 1_650_000_000_000n],
    ['# 1,009 × 3.3 = 3,329.7 µ$', 3_329_700_000_000_000n],
    ['# 1,009 × 3.3 = 3,329.8 µ$', null],
  ])('%s', (comment, sum) => {
    const worked = workedArithmetic(comment)
    if (sum === null) expect(worked?.sum).not.toBe(worked?.stated)
    else expect(worked).toMatchObject({ sum, stated: sum })
  })

  it('prose is none', () => {
    expect(workedArithmetic('# no long-context price: 300,000 × 3.3 µ$')).toBeNull()
  })
})
