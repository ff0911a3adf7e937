import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startLearning } from '../pricing/learning/learn-rates.ts'
import type { LearnedProposal } from '../pricing/learning/learned-proposal.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import type { BillFault } from './bill-fault.ts'
import { readBillRows } from './read-bill-rows.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const HEADERS = {
  cur2: 'line_item_usage_type line_item_line_item_type line_item_product_code pricing_unit product_region_code line_item_usage_start_date line_item_usage_amount line_item_unblended_cost line_item_net_unblended_cost',
  legacy:
    'lineItem/UsageType lineItem/LineItemType lineItem/ProductCode pricing/unit product/regionCode lineItem/UsageStartDate lineItem/UsageAmount lineItem/UnblendedCost lineItem/NetUnblendedCost',
} as const
const USAGE_TYPES = [
  'USE1-Claude4.6Sonnet-input-tokens',
  'USE1-Claude4.6Sonnet-cache-write-input-token-count-1h',
  'USE1-Nova2.0Lite-output-tokens-cross-region-global',
] as const

async function learnFrom(files: readonly string[]): Promise<[LearnedProposal, BillFault[]]> {
  const learner = startLearning(BOOK, { period: '2026-10' })
  const faults: BillFault[] = []
  for (const [index, text] of files.entries()) {
    const file = { name: `bill-${index}.csv.gz`, bytes: [gzipSync(text)] }
    for await (const row of readBillRows(file, (fault) => faults.push(fault))) learner.add(row)
  }
  return [learner.finish(), faults]
}

describe('a bill in files', () => {
  it('[BL1] teaches the net rates it was made of, in either spelling, beside lines that are broken', async () => {
    const anyLine = fc.record({
      type: fc.nat(2),
      thousands: fc.integer({ min: 1, max: 9_999_999 }),
      isBroken: fc.boolean(),
    })
    const anyFile = fc.tuple(
      fc.constantFrom(...Object.values(HEADERS)),
      fc.array(anyLine, { maxLength: 20 }),
    )
    // Ten-thousandths of a dollar for a million tokens.
    const anyPrices = fc.tuple(...USAGE_TYPES.map(() => fc.integer({ min: 100, max: 999_999 })))
    await fc.assert(
      fc.asyncProperty(fc.array(anyFile, { maxLength: 3 }), anyPrices, async (files, prices) => {
        const texts = files.map(([header, lines]) => {
          const rows = lines.map(({ type, thousands, isBroken }) => {
            // A ten-thousandth a million is a tenth of a millionth for a thousand.
            const cost = `${BigInt(thousands * (prices[type] ?? 0))}E-7`
            const usage = isBroken ? 'many' : String(thousands)
            const words = `${USAGE_TYPES[type]},Usage,AmazonBedrock,1K tokens,us-east-1`
            return `${words},2026-10-07T00:00:00Z,${usage},99.5,${cost}\n`
          })
          return `${header.replaceAll(' ', ',')}\n${rows.join('')}`
        })
        const [proposal, faults] = await learnFrom(texts)
        const lines = files.flatMap(([, each]) => each)
        expect(faults).toHaveLength(lines.filter(({ isBroken }) => isBroken).length)
        expect(faults.every(({ reason, usd }) => reason === 'amount' && usd !== null)).toBe(true)
        const sound = new Set(lines.filter(({ isBroken }) => !isBroken).map(({ type }) => type))
        const expected = [...sound].map(
          (type) => `${USAGE_TYPES[type]} ${(prices[type] ?? 0) / 10_000}`,
        )
        const taught = proposal.rates.map(({ usage_types, price_usd, offered, cost_basis }) => {
          expect([offered, cost_basis]).toEqual([true, 'net'])
          return `${usage_types[0]?.usage_type} ${Number(price_usd)}`
        })
        expect(taught.toSorted()).toEqual(expected.toSorted())
      }),
      { numRuns: 60 },
    )
  })
})
