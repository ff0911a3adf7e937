import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { bookFaults } from '../book-faults.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import type { BilledUsage } from './billed-usage.ts'
import { documentOfProposal } from './document-of-proposal.ts'
import type { LearnedProposal, LearnedRate } from './learned-proposal.ts'
import { learnRates } from './learn-rates.ts'
import { billLine, PRINTINGS, tokenLine } from './testing/bill-lines.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const learn = (rows: readonly BilledUsage[]): LearnedProposal =>
  learnRates(rows, BOOK, { period: '2026-10' })

const INPUT = 'USE1-Claude4.6Sonnet-input-tokens'
const USAGE_TYPES = [
  INPUT,
  'USE1-Claude4.6Sonnet-output-tokens',
  'USE1-Claude4.6Sonnet-cache-read-input-token-count',
  'USE1-Claude4.6Sonnet-output-tokens-cross-region-global',
  'USE1-NovaPro-input-tokens',
  'USE1-NovaPro-output-tokens-flex',
  'USE1-NovaPro-input-tokens-batch',
] as const

/** At most six decimals for a million tokens: what lines of a thousand tokens and more can tell apart. */
const anyPrice = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 999_999 }))
  .map(([whole, decimals]) => `${whole}.${String(decimals).padStart(6, '0').replace(/0+$/, '')}`)
const anyTokens = fc.integer({ min: 1_000, max: 5_000_000_000 })
const anyLines = fc.array(anyTokens, { minLength: 1, maxLength: 12 })

const only = (proposal: LearnedProposal): LearnedRate => {
  expect(proposal.rates).toHaveLength(1)
  return proposal.rates[0] as LearnedRate
}

function sumsUp(proposal: LearnedProposal): void {
  const parts = [...proposal.rates, ...proposal.unread, ...proposal.apart]
  const dollars = [...parts.map(({ usd }) => usd), proposal.rounding_usd]
  expect(sumMoney(dollars.map((usd) => mustOk(parseUsd(usd))))).toBe(
    mustOk(parseUsd(proposal.total.usd)),
  )
  expect(parts.reduce((sum, { lines }) => sum + lines, 0)).toBe(proposal.total.lines)
}

describe('learnRates', () => {
  it('[LR1] a bill made from known rates teaches exactly these rates, however it prints its amounts', () => {
    const anyBill = fc.dictionary(fc.constantFrom(...USAGE_TYPES), fc.tuple(anyPrice, anyLines), {
      minKeys: 1,
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(anyBill, fc.constantFrom(...PRINTINGS), (bill, printing) => {
        const rows = Object.entries(bill).flatMap(([usageType, [price, lines]]) =>
          lines.map((tokens) => tokenLine(usageType, tokens, price, printing)),
        )
        const proposal = learn(rows)
        expect(proposal.unread).toEqual([])
        const taught = proposal.rates.map(
          ({ usage_types, price_usd, offered, lines }) =>
            `${usage_types[0]?.usage_type} ${price_usd} ${offered} ${lines}`,
        )
        const known = Object.entries(bill).map(
          ([usageType, [price, lines]]) => `${usageType} ${price} true ${lines.length}`,
        )
        expect(taught.toSorted()).toEqual(known.toSorted())
        sumsUp(proposal)
      }),
      { numRuns: 300 },
    )
  })

  it('[LR1] a price that is no finite decimal is the shortest that gives every line back', () => {
    // 3 × 1,000 tokens for $1 are 333.333… a million. Cost and usage are printed to half a unit of the tenth decimal: the price is
    // known to 333.3… × (5e-11 / 1 + 5e-11 / 3) = 2.2e-8. Seven threes behind the point are 3.3e-8 away, eight are 3.3e-9.
    const line = { usage_type: INPUT, usage_amount: '3', unblended_cost: '1' }
    const rate = only(learn([billLine(line)]))
    expect(rate).toMatchObject({ price_basis: 'within_rounding', consistent: true })
    expect(rate.price_usd).toBe('333.33333333')
    // $100 for 3 million tokens, known to 33.3… × (5e-11 / 100 + 5e-11 / 3,000) = 1.7e-11: eleven decimals. A million times as
    // many: to 1.7e-15 or so, and no price of twelve decimals comes as near.
    const much = { ...line, usage_amount: '3000', unblended_cost: '100' }
    expect(only(learn([billLine(much)])).price_usd).toBe('33.33333333333')
    const more = { ...line, usage_amount: '3000000000', unblended_cost: '100000000' }
    expect(only(learn([billLine(more)]))).toMatchObject({
      price_usd: '33.333333333333',
      price_basis: 'rounded',
    })
    // 1,024 tokens at 1.446268 are 0.001480978432, printed 0.0014809784: divided again that is 1.44626796875, by chance finite.
    expect(only(learn([tokenLine(INPUT, 1_024, '1.446268', 'ten decimals')]))).toMatchObject({
      price_usd: '1.446268',
      price_basis: 'within_rounding',
    })
    expect(only(learn([tokenLine(INPUT, 5_000, '3.123456789012')]))).toMatchObject({
      price_usd: '3.123456789012',
      price_basis: 'exact',
    })
  })

  it('[LR2] net costs teach the net rate, with the list price and the ratio beside it', () => {
    fc.assert(
      fc.property(anyLines, fc.integer({ min: 1, max: 99 }), (lines, percent) => {
        // Sonnet 4.6 lists 3.30 in us-east-1; a discount of n % leaves 3.30 × (100 − n) / 100.
        const cents = 330 * (100 - percent)
        const net = `${Math.floor(cents / 10_000)}.${String(cents % 10_000).padStart(4, '0')}`
        const rows = lines.map((tokens) => ({
          ...tokenLine(INPUT, tokens, '3.3'),
          net_unblended_cost: tokenLine(INPUT, tokens, net).unblended_cost,
        }))
        const rate = only(learn(rows))
        expect(Number(rate.price_usd)).toBe(Number(net))
        expect(rate).toMatchObject({ cost_basis: 'net', list_usd: '3.3', offered: true })
        expect(Number(rate.ratio)).toBe((100 - percent) / 100)
      }),
      { numRuns: 100 },
    )
  })

  it('[LR2] a bill that says net for some lines only is one price or withheld', () => {
    const net = { ...tokenLine(INPUT, 10_000, '3.3'), net_unblended_cost: '0.0297' }
    const mixed = only(learn([net, tokenLine(INPUT, 10_000, '3.3')]))
    expect(mixed).toMatchObject({ cost_basis: 'mixed', offered: false, withheld: 'mixed_costs' })
    const same = only(learn([net, tokenLine(INPUT, 10_000, '2.97')]))
    expect(same).toMatchObject({ cost_basis: 'mixed', offered: true, price_usd: '2.97' })
  })

  it('[LR3] mixed prices within a rate are shown with their spread and never offered', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyPrice, { minLength: 2, maxLength: 4 }),
        anyLines,
        fc.constantFrom(...PRINTINGS),
        (prices, lines, printing) => {
          const rows = prices.flatMap((price) =>
            lines.map((tokens) => tokenLine(INPUT, tokens, price, printing)),
          )
          const proposal = learn(rows)
          const rate = only(proposal)
          expect(rate).toMatchObject({
            consistent: false,
            price_usd: null,
            offered: false,
            withheld: 'mixed_prices',
            lines: rows.length,
          })
          expect(Number(rate.lowest_usd)).toBeLessThan(Number(rate.highest_usd))
          expect(proposal.models).toEqual([])
          expect(documentOfProposal(proposal).models).toEqual([])
          sumsUp(proposal)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('[LR3] two words for one rate are one rate, and one price or none', () => {
    const mantle = 'USE1-anthropic.claude-sonnet-4-6-mantle-input-tokens-standard'
    const agree = only(learn([tokenLine(INPUT, 9_000, '3.3'), tokenLine(mantle, 5_000, '3.3')]))
    expect(agree).toMatchObject({ price_usd: '3.3', lines: 2, offered: true })
    expect(agree.usage_types.map((each) => each.usage_type)).toEqual([INPUT, mantle])
    const differ = only(learn([tokenLine(INPUT, 9_000, '3.3'), tokenLine(mantle, 5_000, '3')]))
    expect(differ).toMatchObject({ consistent: false, offered: false })
  })

  it('[LR4] what is no usage stands apart, what was not read with its reason and dollars', () => {
    const usd = { unblended_cost: '0.5', usage_amount: '1' }
    const proposal = learn([
      tokenLine(INPUT, 10_000, '3.3'),
      billLine({ ...usd, line_item_type: 'Tax' }),
      billLine({ ...usd, line_item_type: 'Credit', unblended_cost: '-7' }),
      billLine({ ...usd, line_item_type: 'Refund', unblended_cost: '-0.25' }),
      billLine({ ...usd, usage_type: 'BoxUsage:m5.large', product_code: 'AmazonEC2' }),
      billLine({ ...usd, usage_type: 'USE1-Orion-input-tokens' }),
      billLine({ ...usd, usage_type: 'USE1-something-new' }),
      billLine({ ...usd, usage_type: INPUT, pricing_unit: 'bushels' }),
      billLine({ ...usd, usage_type: INPUT, usage_amount: '0' }),
      billLine({ ...usd, usage_type: INPUT, usage_amount: '' }),
      billLine({ ...usd, usage_type: INPUT, unblended_cost: '-0.5' }),
      billLine({ ...usd, usage_type: INPUT, usage_start: '2026-09-30T23:00:00.000Z' }),
      billLine({ ...usd, usage_type: INPUT, unblended_cost: '' }),
    ])
    expect(proposal.apart).toEqual([
      { line_item_type: 'Tax', lines: 1, usd: '0.5' },
      { line_item_type: 'Refund', lines: 1, usd: '-0.25' },
      { line_item_type: 'Credit', lines: 1, usd: '-7' },
    ])
    const reasons = proposal.unread.map(({ reason, usage_type, usd: dollars, lines }) => {
      return `${reason} ${usage_type} ${dollars} ${lines}`
    })
    expect(reasons.toSorted()).toEqual([
      `negative_price ${INPUT} -0.5 1`,
      `no_amount ${INPUT} 0.5 2`,
      `no_usage ${INPUT} 0.5 1`,
      'not_bedrock  0.5 1',
      `other_period ${INPUT} 0.5 1`,
      'unknown_model USE1-Orion-input-tokens 0.5 1',
      `unknown_unit ${INPUT} 0.5 1`,
      'unknown_usage_type USE1-something-new 0.5 1',
    ])
    expect(only(proposal)).toMatchObject({ lines: 1, offered: true })
    sumsUp(proposal)
  })

  it('[LR4] lines and dollars add up to the bill, whatever is in it', () => {
    const amount = fc
      .tuple(fc.integer({ min: -99, max: 9_999 }), fc.nat(99_999), fc.nat(14))
      .map(([whole, digits, zeros]) => `${whole}.${'0'.repeat(zeros)}${digits}1`)
    const anyRow = fc.record({
      usage_type: fc.constantFrom(...USAGE_TYPES, 'BoxUsage', 'USE1-Orion-input-tokens', ''),
      line_item_type: fc.constantFrom('Usage', 'DiscountedUsage', 'Tax', 'Credit', 'Fee', ''),
      product_code: fc.constantFrom('AmazonBedrock', 'AmazonEC2', ''),
      pricing_unit: fc.constantFrom('1K tokens', '1M tokens', 'Units', 'Hours', ''),
      usage_amount: fc.oneof(amount, fc.constantFrom('0', '', 'x')),
      unblended_cost: amount,
      net_unblended_cost: fc.option(amount),
      usage_start: fc.constantFrom('', '2026-10-31T23:00:00.000Z', '2026-11-01T00:00:00.000Z'),
    })
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
        const proposal = learn(rows.map(billLine))
        sumsUp(proposal)
        expect(proposal.total.lines).toBe(rows.length)
        const document = documentOfProposal(proposal)
        expect(bookFaults(buildPriceBook([layerOf('learned', document)]))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('[LR4] a correction takes back what it corrects', () => {
    const wrong = tokenLine(INPUT, 4_000, '3.3')
    const back = { ...wrong, usage_amount: '-4', unblended_cost: `-${wrong.unblended_cost}` }
    const rate = only(learn([tokenLine(INPUT, 10_000, '3.3'), wrong, back]))
    expect(rate).toMatchObject({ price_usd: '3.3', quantity: '10000', usd: '0.033', lines: 3 })
    expect(only(learn([wrong, back]))).toMatchObject({ offered: false, withheld: 'no_net_usage' })
  })

  it('[LR5] too little use, and a price of nothing that is listed, are not offered', () => {
    // One token at 0.0088 and at 0.00875 are both 0.0000000088 on a bill.
    const one = billLine({
      usage_type: INPUT,
      usage_amount: '0.001',
      unblended_cost: '0.0000000088',
    })
    expect(only(learn([one]))).toMatchObject({ offered: false, withheld: 'too_little_usage' })
    const free = billLine({ usage_type: INPUT, usage_amount: '5000', unblended_cost: '0' })
    expect(only(learn([free]))).toMatchObject({ price_usd: '0', withheld: 'zero_against_list' })
    const write = { ...free, usage_type: 'USE1-NovaPro-cache-write-input-token-count' }
    expect(only(learn([write]))).toMatchObject({ price_usd: '0', list_usd: '0', offered: true })
  })
})
