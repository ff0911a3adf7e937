import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { divideRoundHalfEven } from '../kernel/money.ts'
import { amountOf, exactRate, scaledRate, usdFor } from './exact-rate.ts'

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
    expect(rate).toMatchObject({ usdPerUnit: each, picodollars: pico, units: lowestUnits })
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
        const rate = mustOk(exactRate(decimalOf(pico), 1_000_000n))
        expect(amountOf(rate, 1_000_000)).toBe(pico)
        const error = amountOf(rate, quantity) * 1_000_000n - pico * BigInt(quantity)
        expect(2n * (error < 0n ? -error : error)).toBeLessThanOrEqual(1_000_000n)
      }),
    )
  })

  it('[P3] is exact however large: the short way and the long way agree', () => {
    const price = fc.oneof(
      fc.bigInt({ min: 0n, max: 10n ** 24n }),
      fc.bigInt({ min: 0n, max: 99n }),
    )
    const count = fc.oneof(fc.maxSafeNat(), fc.nat(10_000_000), fc.constantFrom(0, 1))
    const units = fc.constantFrom(1n, 1_000n, 1_000_000n)
    fc.assert(
      fc.property(price, units, count, (pico, per, quantity) => {
        const rate = mustOk(exactRate(decimalOf(pico), per))
        const exact = divideRoundHalfEven(pico * BigInt(quantity), per)
        expect(amountOf(rate, quantity)).toBe(exact)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('scaledRate', () => {
  it('[P3] scales exactly and prints its list price again', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.nat(30_000), (pico, hundredths) => {
        const list = mustOk(exactRate(decimalOf(pico), 1_000_000n))
        expect(usdFor(list, 1_000_000n)).toBe(decimalOf(pico).replace(/\.?0+$/, ''))
        const scaled = scaledRate(list, BigInt(hundredths), 10_000n)
        expect(scaled.picodollars * 10_000n * list.units).toBe(
          list.picodollars * BigInt(hundredths) * scaled.units,
        )
        expect(scaled.usdPerUnit).toMatch(/^\d+(\.\d*[1-9])?$/)
      }),
    )
    expect(() => scaledRate(mustOk(exactRate('1', 1n)), 1n, 3n)).toThrow('no finite decimal')
  })
})

function decimalOf(pico: bigint): string {
  const digits = pico.toString().padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`
}
