import { describe, expect, it } from 'vitest'
import { bedrockWords } from '../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { BILL_THINGS, type BillWord } from './bill-word.ts'
import { billWordReader } from './read-bill-word.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READ = billWordReader(bedrockWords(BOOK), BOOK)

function read(more: Partial<BillWord>, [amount, unblended] = ['0', '0']) {
  const word: BillWord = {
    line_item_type: 'Usage',
    usage_type: 'USE1-NovaPro-input-tokens',
    operation: '',
    billing_entity: 'AWS',
    product_code: 'AmazonBedrock',
    product_name: '',
    region: '',
    unit: '1K tokens',
    unit_text: '',
    model_resource: '',
    ...more,
  }
  return READ(word, { period: '2026-10', rows: 1, amount, unblended })
}

describe('billWordReader', () => {
  it.each([
    ['Usage', 'USE1-NovaPro-input-tokens', 'usage'],
    ['Usage', 'USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits', 'provisioned'],
    [
      'Fee',
      'EU-Claude4.5Sonnet-reserved-1-month-input-tokens-per-minute-cross-region-global',
      'reserved',
    ],
    ['Usage', 'USE1-Nova2.0Lite-Customization-Storage', 'storage'],
    ['Usage', 'USE1-Guardrail-ContentPolicyUnitsConsumed', 'guardrail'],
    ['Usage', 'USE1-Guardrail-SomethingNewUnitsConsumed', 'guardrail'],
    ['Usage', 'USE1-Nova2.0Lite-Customization-Training', 'other'],
    ['Credit', 'USE1-NovaPro-input-tokens', 'credit'],
    ['Refund', '', 'refund'],
    ['Tax', 'USE1-NovaPro-input-tokens', 'tax'],
    ['EdpDiscount', 'USE1-NovaPro-input-tokens', 'discount'],
    ['Fee', 'Something', 'fee'],
  ])('[BL8] takes %s of %j for %s', (line_item_type, usage_type, thing) => {
    expect(BILL_THINGS).toContain(thing)
    expect(read({ line_item_type, usage_type }).thing).toBe(thing)
  })

  it.each([
    ['1K tokens', '', '1000'],
    ['1M tokens', '', '1000000'],
    ['Units', 'Million Input Tokens', '1000000'],
    ['Units', 'thousand Cache Read Input Tokens Regional', '1000'],
    ['bananas', '', null],
  ])('[BL8] counts what %s (%s) buys: %s tokens', (unit, unit_text, factor) => {
    const reading = read({ unit, unit_text })
    expect([reading.factor, reading.unmapped_reason]).toEqual([
      factor,
      factor === null ? 'unit' : null,
    ])
  })

  it('[BL8] gives a credit no tokens: they were counted where they were used', () => {
    expect(read({ line_item_type: 'Credit' })).toMatchObject({
      factor: null,
      unmapped_reason: null,
      kind: 'input',
    })
  })

  it('[BL8] does not believe a unit that a thousandfold price speaks against', () => {
    const listed = '0.0008'
    expect(read({}, ['1', listed]).unmapped_reason).toBe(null)
    expect(read({}, ['1', '0.0002']).unmapped_reason).toBe(null)
    expect(read({}, ['1000', '0.0008'])).toMatchObject({
      factor: null,
      unmapped_reason: 'unit_contradicts_price',
    })
    expect(read({ unit: '1M tokens' }, ['1000', '0.8']).unmapped_reason).toBe(
      'unit_contradicts_price',
    )
  })

  it('[BL8] says what is missing: the words, the model, the region', () => {
    expect(read({ usage_type: 'what is this' }).unmapped_reason).toBe('usage_type')
    expect(read({ usage_type: 'USE1-Zyx9-input-tokens' }).unmapped_reason).toBe('model')
    expect(read({ usage_type: 'NovaPro-input-tokens' }).unmapped_reason).toBe('region')
    expect(read({ usage_type: 'NovaPro-input-tokens', region: 'eu-west-1' }).unmapped_reason).toBe(
      null,
    )
  })
})
