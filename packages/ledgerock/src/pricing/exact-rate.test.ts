import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { amountOf, exactRate } from './exact-rate.ts'

describe('exactRate', () => {
  it.each([
    // 3.30 USD for a million is 3,300,000 picodollars each
    ['3.3', 1_000_000n, '0.0000033', 3_300_000n, 1n],
    // a picodollar for a million is a millionth of one each
    ['0.000000000001', 1_000_000n, '0.000000000000000001', 1n, 1_000_000n],
    ['0.15', 1_000n, '0.00015', 150_000_000n, 1n],
    ['49.5', 1n, '49.5', 49_500_000_000_000n, 1n],
    ['0', 1_000_000n, '0', 0n, 1n],
    ['1', 8n, '0.125', 125_000_000_000n, 1n],
  ])('[P3] %s for %d units is %s each', (usd, units, each, pico, lowestUnits) => {
    const rate = mustOk(exactRate(usd, units))
    expect(rate).toEqual({ usdPerUnit: each, picodollars: pico, units: lowestUnits })
  })

  it.each([
    ['-1', 1n],
    ['1e3', 1n],
    ['0.0000000000001', 1n],
    ['', 1n],
    ['1', 0n],
    ['1', 3n],
  ])('[P3] refuses %j for %d units', (usd, units) => {
    expect(exactRate(usd, units).ok).toBe(false)
  })
})

describe('amountOf', () => {
  it.each([
    // 5 × 0.5 pd = 2.5 → 2; 7 × 0.5 = 3.5 → 4: half to even
    [5, 2n],
    [7, 4n],
    [8, 4n],
  ])('[P3] rounds %d half-picodollars half-even', (quantity, amount) => {
    const half = mustOk(exactRate('0.000000500000', 1_000_000n))
    expect(half.usdPerUnit).toBe('0.0000000000005')
    expect(amountOf(half, quantity)).toBe(amount)
  })

  it('[P3] a rate times its units is its price; an amount errs by half a picodollar', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.nat(), (pico, quantity) => {
        const digits = pico.toString().padStart(13, '0')
        const usd = `${digits.slice(0, -12)}.${digits.slice(-12)}`
        const rate = mustOk(exactRate(usd, 1_000_000n))
        expect(amountOf(rate, 1_000_000)).toBe(pico)
        const error = amountOf(rate, quantity) * 1_000_000n - pico * BigInt(quantity)
        expect(2n * (error < 0n ? -error : error)).toBeLessThanOrEqual(1_000_000n)
      }),
    )
  })
})
