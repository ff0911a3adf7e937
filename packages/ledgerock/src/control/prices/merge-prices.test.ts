import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bookFaults } from '../../pricing/book-faults.ts'
import { costOfUsage } from '../../pricing/cost-of-usage.ts'
import { buildPriceBook, layerOf, type PriceBook } from '../../pricing/price-book.ts'
import type { PriceDocument, PriceRow } from '../../pricing/price-document.ts'
import { mergePrices } from './merge-prices.ts'

const day = (number: number): string => `2026-10-${String(number).padStart(2, '0')}`

function documentOf(rates: readonly PriceRow[], date: string): PriceDocument {
  return {
    schema: 'ledgerock-prices/1',
    sources: { list: { publisher: 'AWS', carried_by: 'test', date } },
    rules: [],
    models: [
      {
        model_id: 'maker.model',
        name: 'Model',
        provider: 'Maker',
        modality: 'text',
        lifecycle: { status: 'active' },
        rates,
      },
    ],
    shared_rates: [],
    inference_profiles: [],
  }
}

const row = (prices: PriceRow['prices'], from?: number, to?: number): PriceRow => ({
  region: 'us-east-1',
  scope: 'in-region',
  tier: 'standard',
  prices,
  source: 'list',
  ...(from === undefined ? {} : { valid_from: day(from) }),
  ...(to === undefined ? {} : { valid_to: day(to) }),
})

const bookOf = (document: PriceDocument): PriceBook =>
  buildPriceBook([layerOf('price_list', document)])

/** The cost of a million tokens of a kind on a day, with the id of its rate, or why there is none. */
function priceAt(book: PriceBook, kind: 'input' | 'output', number: number) {
  const cost = costOfUsage(book, {
    modelId: 'maker.model',
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    atMs: Date.parse(`${day(number)}T12:00:00Z`),
    usage: { [kind]: 1_000_000 },
  })
  return cost.kind === 'priced' ? cost.cost : null
}
const rateAt = (book: PriceBook, number: number): string | undefined =>
  costOfUsage(book, {
    modelId: 'maker.model',
    region: 'us-east-1',
    scope: 'in-region',
    tier: 'standard',
    atMs: Date.parse(`${day(number)}T12:00:00Z`),
    usage: { input: 1 },
  }).charges[0]?.rateId

const ratesOf = (document: PriceDocument): readonly PriceRow[] => document.models[0]?.rates ?? []

describe('mergePrices', () => {
  it('[C51] the newer price counts from its day on, the older one before, with its own source', () => {
    const merged = mergePrices(
      documentOf([row({ input: '3', output: '15' }, 1)], '2026-10-01'),
      documentOf([row({ input: '2' }, 10)], '2026-10-10'),
    )
    expect(ratesOf(merged)).toEqual([
      { ...row({ input: '3' }, 1, 10), source: 'list@2026-10-01' },
      { ...row({ input: '2' }, 10) },
      { ...row({ output: '15' }, 1), source: 'list@2026-10-01' },
    ])
    expect(Object.keys(merged.sources)).toEqual(['list@2026-10-01', 'list'])
  })

  it('[C51] a price that did not change goes on under the id it had, now seen later', () => {
    const older = documentOf([row({ input: '3' }, 1)], '2026-10-01')
    const merged = mergePrices(older, documentOf([row({ input: '3.00' }, 10)], '2026-10-10'))
    expect(ratesOf(merged)).toEqual([row({ input: '3' }, 1)])
    expect(rateAt(bookOf(merged), 20)).toBe(rateAt(bookOf(older), 5))
  })

  it('[C51] a price for a while leaves the older one before and behind it', () => {
    const merged = mergePrices(
      documentOf([row({ input: '3' })], '2026-10-01'),
      documentOf([row({ input: '1' }, 10, 12)], '2026-10-01'),
    )
    expect(ratesOf(merged)).toEqual([
      row({ input: '3' }, undefined, 10),
      row({ input: '3' }, 12),
      row({ input: '1' }, 10, 12),
    ])
  })

  it('[C51] at every time it says what the newer document says, else what the older one says', () => {
    const price = fc.constantFrom('1', '2', '3')
    const interval = fc
      .tuple(
        fc.option(fc.integer({ min: 1, max: 14 })),
        fc.option(fc.integer({ min: 15, max: 28 })),
      )
      .map(([from, to]) => [from ?? undefined, to ?? undefined] as const)
    const rows = fc
      .record({ input: fc.option(price), output: fc.option(price), interval })
      .map(({ input, output, interval: [from, to] }) => {
        const prices = {
          ...(input === null ? {} : { input }),
          ...(output === null ? {} : { output }),
        }
        return Object.keys(prices).length === 0 ? [] : [row(prices, from, to)]
      })
    fc.assert(
      fc.property(rows, rows, rows, (first, second, third) => {
        const documents = [first, second, third].map((rates, index) =>
          documentOf(rates, `2026-11-0${index + 1}`),
        ) as [PriceDocument, PriceDocument, PriceDocument]
        const merged = mergePrices(mergePrices(documents[0], documents[1]), documents[2])
        const book = bookOf(merged)
        const overlaps = bookFaults(book).filter((fault) => fault.includes('a second price'))
        expect(overlaps).toEqual([])
        const newestFirst = documents.toReversed().map(bookOf)
        for (let number = 1; number <= 28; number += 1) {
          for (const kind of ['input', 'output'] as const) {
            const wanted = newestFirst.map((one) => priceAt(one, kind, number))
            expect(priceAt(book, kind, number)).toBe(wanted.find((usd) => usd !== null) ?? null)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
