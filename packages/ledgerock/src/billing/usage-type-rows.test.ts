// Usage types, each with its unit and what stands beside it, and what a line of the bill with it means.

import { describe, expect, it } from 'vitest'
import { bedrockWords } from '../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { billWordReader } from './read-bill-word.ts'
import { MARKETPLACE_ROWS } from './testing/marketplace-rows.ts'
import { NATIVE_ROWS, UNMAPPED_ROWS } from './testing/usage-type-rows.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READ = billWordReader(bedrockWords(BOOK), BOOK)

type Row = readonly [usageType: string, unit: string, tail: string, product: string, means: string]

function rowsOf(table: string): readonly Row[] {
  let product = ''
  const rows: Row[] = []
  for (const line of table
    .trim()
    .replaceAll(/\n {2}/g, ' ')
    .split('\n')) {
    if (line.startsWith('# ')) {
      product = line.slice(2)
      continue
    }
    const [said = '', means = ''] = line.split(' = ')
    const [usageType = '', units = ''] = said.split(' | ')
    const [unit = '', tail = ''] = units.split('; ')
    rows.push([usageType, unit, tail, product, means])
  }
  return rows
}

function meaningOf([usageType, unit, tail, product]: Row): string {
  const isMarketplace = usageType.includes('MP:')
  const reading = READ(
    {
      line_item_type: 'Usage',
      usage_type: usageType,
      operation: '',
      billing_entity: isMarketplace ? 'AWS Marketplace' : 'AWS',
      product_code: isMarketplace ? '4a524th30q694o538qndh9ucht' : 'AmazonBedrock',
      product_name: product,
      region: '',
      unit,
      unit_text: tail,
      model_resource: '',
    },
    { period: '2026-10', rows: 1, amount: '0', unblended: '0' },
  )
  const { thing, region, model_id, kind, scope, tier, counted, variant, long_context } = reading
  const { factor, unmapped_reason } = reading
  const isRead = unmapped_reason !== 'usage_type'
  return [
    ...(thing === 'usage' ? [] : [thing]),
    region || '-',
    model_id || '-',
    ...(isRead && kind === null ? ["(not a call's)"] : []),
    ...(kind === null ? [] : [kind, scope, tier]),
    ...(factor === null ? [] : [factor, counted]),
    ...(long_context ? ['long'] : []),
    ...(variant === '' ? [] : ['variant', variant]),
    ...(unmapped_reason === null ? [] : ['!', unmapped_reason]),
  ].join(' ')
}

describe('a usage type of the bill', () => {
  const rows = [NATIVE_ROWS, MARKETPLACE_ROWS, UNMAPPED_ROWS].flatMap(rowsOf)

  it.each(rows)('[BL20] %s by %s (%s) of %s', (...row) => {
    expect(meaningOf(row)).toBe(row[4])
  })

  it('[BL20] is one of two hundred, no two alike', () => {
    expect(rows.length).toBeGreaterThanOrEqual(200)
    expect(new Set(rows.map((row) => row.slice(0, 4).join(' '))).size).toBe(rows.length)
  })
})
