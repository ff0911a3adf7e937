import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideRoundHalfEven, formatUsd, parseUsd, picodollars } from './money.ts'
import { mustOk } from './result.ts'

const anyMoney = fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }).map(picodollars)

describe('money', () => {
  it('[K1] what is printed is read back exactly', () => {
    fc.assert(fc.property(anyMoney, (amount) => mustOk(parseUsd(formatUsd(amount))) === amount))
  })

  it.each([
    ['0', 0n],
    ['0.000000000001', 1n],
    ['-3.5', -3_500_000_000_000n],
    ['12.3400', 12_340_000_000_000n],
  ])('[K1] reads %s', (text, expected) => {
    expect(mustOk(parseUsd(text))).toBe(expected)
  })

  it.each(['', '.5', '1.', '+1', '1e3', '0.0000000000001', '1,000', ' 1', 'NaN'])(
    '[K1] refuses %j rather than guess',
    (text) => {
      expect(parseUsd(text).ok).toBe(false)
    },
  )

  it.each([
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-5n, 2n, -2n],
    [-7n, 2n, -4n],
    [1n, 3n, 0n],
    [-1n, 3n, 0n],
    [2n, 3n, 1n],
  ])('[K2] %d / %d rounds to %d', (numerator, denominator, expected) => {
    expect(divideRoundHalfEven(numerator, denominator)).toBe(expected)
  })

  it('[K2] never errs by more than half a unit', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        (numerator, denominator) => {
          const error = divideRoundHalfEven(numerator, denominator) * denominator - numerator
          return 2n * (error < 0n ? -error : error) <= denominator
        },
      ),
    )
  })
})
