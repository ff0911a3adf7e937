// Exact dollars and what becomes of them in a double's text.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attoOfText, billedText, decimalText, plainText } from './exact.ts'

describe('amounts', () => {
  it('[S30] are read and written without a loss', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (value) => {
        expect(attoOfText(decimalText(value))).toBe(value)
      }),
    )
  })

  it('[S30] are billed as the shortest text of the nearest double, without an exponent', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (value) => {
        const text = billedText(value)
        expect(text).toMatch(/^-?\d+(\.\d*[1-9])?$/)
        expect(Number(text)).toBe(Number(decimalText(value)))
      }),
    )
    // Fifteen digits survive a double.
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.nat(14), (digits, decimals) => {
        expect(billedText(digits, decimals)).toBe(decimalText(digits, decimals))
      }),
    )
  })

  it('[S30] have no exponent and no minus before nothing', () => {
    expect(plainText(1.5e-9)).toBe('0.0000000015')
    expect(plainText(-3e21)).toBe(`-3${'0'.repeat(21)}`)
    expect(plainText(-0)).toBe('0')
    expect(() => attoOfText('1e3')).toThrow(/plain decimal/)
    expect(() => attoOfText('0.0000000000000000001')).toThrow(/attodollar/)
  })
})
