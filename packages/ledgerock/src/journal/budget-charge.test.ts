import { USAGE_SOURCES } from '@ledgerock/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picodollars } from '../kernel/money.ts'
import { budgetCharge } from './budget-charge.ts'

const amount = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(picodollars)
const tokens = fc.nat(1_000_000)
const opened = fc.record({
  boundUsd: fc.option(amount, { nil: null }),
  boundTokens: fc.option(tokens, { nil: null }),
})
const settled = fc.record({
  cost: fc.option(amount, { nil: null }),
  usage: fc.record({ input: tokens, cache_write: tokens, output: tokens, images: tokens }),
  usageSource: fc.constantFrom(...USAGE_SOURCES),
})

describe('budgetCharge', () => {
  it('[J17] charges what was counted, whatever was reserved', () => {
    fc.assert(
      fc.property(opened, settled, amount, (bounds, line, cost) => {
        fc.pre(line.usageSource !== 'estimated')
        const { input, cache_write: written, output } = line.usage
        expect(budgetCharge(bounds, { ...line, cost })).toEqual({
          usd: cost,
          tokens: BigInt(input + written + output),
        })
      }),
    )
  })

  it('[J17] charges the bound, or more, where the counts are an estimate or the price is unknown', () => {
    fc.assert(
      fc.property(opened, settled, (bounds, line) => {
        fc.pre(line.usageSource === 'estimated' || line.cost === null)
        const charge = budgetCharge(bounds, line)
        const least = [bounds.boundUsd ?? 0n, line.cost ?? 0n]
        expect(charge.usd).toBe(least.reduce((most, one) => (one > most ? one : most)))
        if (line.usageSource !== 'estimated') return
        expect(charge.tokens).toBeGreaterThanOrEqual(BigInt(bounds.boundTokens ?? 0))
      }),
    )
  })
})
