// What must hold of every cost by the shipped prices, at any time: never negative, growing with every counter, additive where the
// context band is one, and the same as if no other day had ever had another price.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UsageKind } from '@ledgerock/contract'
import { sumMoney } from '../kernel/money.ts'
import { costOfUsage, type Cost } from './cost-of-usage.ts'
import { buildPriceBook, layerOf, type PriceBook } from './price-book.ts'
import type { PriceDocument, PriceRow } from './price-document.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { aimed, anyTime, callTo, counts, shipped, shippedCall } from './testing/shipped-calls.ts'
import { contextTokens, type Usage } from './usage.ts'

function dollars(cost: Cost): bigint {
  if (cost.kind === 'unpriced') throw new Error(`unpriced: ${cost.reason}`)
  return cost.cost
}

const inForce = (row: PriceRow, atMs: number): boolean =>
  row.status !== 'historical' &&
  (row.valid_from === undefined || Date.parse(row.valid_from) <= atMs) &&
  (row.valid_to === undefined || atMs < Date.parse(row.valid_to))

/** The book as it stands at one instant, for ever: it never knew another time. */
function frozenAt(document: PriceDocument, modelId: string, atMs: number): PriceBook {
  const frozen = (rows: readonly PriceRow[]): readonly PriceRow[] =>
    rows
      .filter((row) => inForce(row, atMs))
      .map(({ valid_from: _from, valid_to: _to, ...row }): PriceRow => row)
  const all = document.models.filter((model) => model.model_id === modelId)
  const only = all.map((model) => ({ ...model, rates: frozen(model.rates) }))
  const rest = { shared_rates: frozen(document.shared_rates), inference_profiles: [] }
  return buildPriceBook([layerOf('snapshot', { ...document, ...rest, models: only })])
}

const bands = (modelId: string): readonly number[] => [
  ...new Set(shipped.models.get(modelId)?.model.rates.map((row) => row.context_above ?? 0)),
]
const bandOf = (modelId: string, usage: Usage): number =>
  Math.max(...bands(modelId).filter((band) => band === 0 || contextTokens(usage) > band))

describe('the shipped book, at any time', () => {
  it('[P3] costs nothing below zero, and the sum of its charges', () => {
    fc.assert(
      fc.property(shippedCall, (call) => {
        const cost = costOfUsage(shipped, call)
        fc.pre(cost.kind === 'priced')
        expect(cost.cost).toBeGreaterThanOrEqual(0n)
        expect(cost.cost).toBe(sumMoney(cost.charges.map(({ amount }) => amount)))
      }),
      { numRuns: 1_000 },
    )
  })

  it('[P5] grows with every counter it has', () => {
    fc.assert(
      fc.property(shippedCall, fc.nat(300_000), (call, more) => {
        const before = costOfUsage(shipped, call)
        fc.pre(before.kind === 'priced')
        for (const [kind, count] of Object.entries(call.usage)) {
          const usage: Usage = { ...call.usage, [kind]: (count ?? 0) + more }
          const after = costOfUsage(shipped, { ...call, usage })
          expect(dollars(after)).toBeGreaterThanOrEqual(before.cost)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('[P5] is additive in every counter at once, inside one context band', () => {
    let checked = 0
    fc.assert(
      fc.property(aimed, counts, counts, anyTime, (aim, first, second, atMs) => {
        const [one, other] = [callTo(aim, first, atMs), callTo(aim, second, atMs)]
        const kinds = Object.keys(one.usage) as UsageKind[]
        const usage: Usage = Object.fromEntries(
          kinds.map((kind) => [kind, (one.usage[kind] ?? 0) + (other.usage[kind] ?? 0)]),
        )
        const sizes = new Set([one.usage, other.usage, usage].map((u) => bandOf(aim.modelId, u)))
        const together = costOfUsage(shipped, { ...one, usage })
        fc.pre(sizes.size === 1 && together.kind === 'priced')
        const apart = dollars(costOfUsage(shipped, one)) + dollars(costOfUsage(shipped, other))
        expect(together.cost).toBe(apart)
        checked += 1
      }),
      { numRuns: 1_000 },
    )
    expect(checked).toBeGreaterThan(100)
  })

  it('[P7] costs what it would if no other day had ever had another price', () => {
    fc.assert(
      fc.property(shippedCall, (call) => {
        const cost = costOfUsage(shipped, call)
        const still = costOfUsage(frozenAt(SNAPSHOT_LAYER.document, call.modelId, call.atMs), call)
        expect(still.kind).toBe(cost.kind)
        const amounts = (some: Cost) => some.charges.map(({ kind, amount }) => [kind, amount])
        expect(amounts(still)).toEqual(amounts(cost))
      }),
      { numRuns: 1_000 },
    )
  })
})
