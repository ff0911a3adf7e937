// What must hold of a cost whatever the book, the call and the day: properties over books made at random, in every layer. The engine
// is compared with a reading of the rules that looks at every row of every layer.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UsageKind } from '@ledgerock/contract'
import { sumMoney } from '../kernel/money.ts'
import { costOfUsage, type Cost, type PricedCall } from './cost-of-usage.ts'
import { buildPriceBook, type PriceLayer } from './price-book.ts'
import type { PriceRow } from './price-document.ts'
import { arbitraryCall, arbitraryLayers, BAND, KINDS } from './testing/arbitrary-book.ts'
import { contextTokens, type Usage } from './usage.ts'

const inForce = (row: PriceRow, atMs: number): boolean =>
  row.status !== 'historical' &&
  (row.valid_from === undefined || Date.parse(row.valid_from) <= atMs) &&
  (row.valid_to === undefined || atMs < Date.parse(row.valid_to))

function isThere(row: PriceRow, call: PricedCall): boolean {
  const isCommercial = !call.region.startsWith('us-gov')
  const inRegion = row.region === call.region || (row.region === '*' && isCommercial)
  return inRegion && row.tier === call.tier
}

function usableRows({ document }: PriceLayer, call: PricedCall): readonly PriceRow[] {
  const size = contextTokens(call.usage)
  return (document.models[0]?.rates ?? []).filter(
    (row) =>
      isThere(row, call) &&
      inForce(row, call.atMs) &&
      size >= (row.context_above === undefined ? 0 : row.context_above + 1),
  )
}

/** The longest band for this prompt in which any layer sells anything: all rows of these books are of one sort. */
function bandOf(layers: readonly PriceLayer[], call: PricedCall): number {
  const rows = layers.flatMap((layer) => usableRows(layer, call))
  return Math.max(0, ...rows.map((row) => row.context_above ?? 0))
}

/** The row that prices a kind in one layer, read from the rules: in force, of the call's band, own region before "*". */
function rowInLayer(
  layer: PriceLayer,
  call: PricedCall,
  kind: UsageKind,
  band: number,
): PriceRow | null {
  const ofBand = usableRows(layer, call).filter((row) => (row.context_above ?? 0) === band)
  const own = ofBand.filter((row) => row.region === call.region)
  const [row] = own.length > 0 ? own : ofBand
  return row?.prices[kind] === undefined ? null : row
}

/** Rounded half-even to a picodollar, from a price of twelve decimals for a million tokens. */
function plainAmount(price: string, quantity: number): bigint {
  const exact = BigInt(price.replace('.', '')) * BigInt(quantity)
  const whole = exact / 1_000_000n
  const twice = (exact % 1_000_000n) * 2n
  const roundsUp = twice > 1_000_000n || (twice === 1_000_000n && whole % 2n === 1n)
  return roundsUp ? whole + 1n : whole
}

const used = (usage: Usage): readonly (readonly [UsageKind, number])[] =>
  KINDS.map((kind) => [kind, usage[kind] ?? 0] as const).filter(([, count]) => count > 0)

function dollars(cost: Cost): bigint {
  if (cost.kind === 'unpriced') throw new Error(`unpriced: ${cost.reason}`)
  return cost.cost
}

describe('any book', () => {
  it('[P10] prices each kind by the first layer that sells it then, there and at that size', () => {
    let priced = 0
    fc.assert(
      fc.property(arbitraryLayers, arbitraryCall, (layers, call) => {
        const cost = costOfUsage(buildPriceBook(layers), call)
        const expected = used(call.usage).map(([kind, quantity]) => {
          const band = bandOf(layers, call)
          const layer = layers.find((one) => rowInLayer(one, call, kind, band) !== null)
          const row = layer === undefined ? null : rowInLayer(layer, call, kind, band)
          const price = row?.prices[kind]
          return { kind, layer: layer?.name, price, quantity }
        })
        const answers = expected.filter(({ price }) => price !== undefined)
        expect(
          cost.charges.map(({ kind, from, amount }) => ({ kind, layer: from.layer, amount })),
        ).toEqual(
          answers.map(({ kind, layer, price = '', quantity }) => {
            return { kind, layer, amount: plainAmount(price, quantity) }
          }),
        )
        if (answers.length < expected.length) expect(cost.kind).toBe('unpriced')
        if (cost.kind === 'priced') {
          expect(answers).toHaveLength(expected.length)
          priced += used(call.usage).length > 0 ? 1 : 0
        }
      }),
      { numRuns: 2_000 },
    )
    expect(priced).toBeGreaterThan(100)
  })

  it('[P7] at an instant uses no rate that is not valid then', () => {
    fc.assert(
      fc.property(arbitraryLayers, arbitraryCall, (layers, call) => {
        for (const { from } of costOfUsage(buildPriceBook(layers), call).charges) {
          expect(from.validFromMs).toBeLessThanOrEqual(call.atMs)
          expect(from.validToMs).toBeGreaterThan(call.atMs)
          expect(from.historical).toBe(false)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('[P3] rounds each charge once: parts of a call differ from the whole by half a picodollar each at most', () => {
    fc.assert(
      fc.property(
        arbitraryLayers,
        arbitraryCall,
        fc.constantFrom(...KINDS),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 10 }),
        (layers, call, kind, parts) => {
          const book = buildPriceBook(layers)
          const whole = parts.reduce((sum, part) => sum + part, 0)
          const of = (count: number): Cost =>
            costOfUsage(book, { ...call, usage: { [kind]: count } })
          fc.pre(of(whole).kind === 'priced' && whole <= BAND)
          const apart = sumMoney(parts.map((part) => dollars(of(part)) as never))
          const difference = dollars(of(whole)) - apart
          const bound = BigInt(parts.length + 1)
          expect(difference * 2n).toBeLessThanOrEqual(bound)
          expect(difference * 2n).toBeGreaterThanOrEqual(-bound)
        },
      ),
      { numRuns: 500 },
    )
  })
})
