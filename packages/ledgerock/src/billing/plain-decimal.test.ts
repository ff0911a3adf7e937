import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainDecimal } from './plain-decimal.ts'

describe('plainDecimal', () => {
  it.each([
    ['0.0000264500', '0.00002645'],
    ['1.23E-5', '0.0000123'],
    ['1.5e+3', '1500'],
    ['-2.50', '-2.5'],
    ['-0.0', '0'],
    ['007', '7'],
    ['.5', '0.5'],
    ['3.', '3'],
    ['+4', '4'],
    ['12E-20', '0.00000000000000000012'],
    ['0.30000000000000004', '0.30000000000000004'],
  ])('[BL2] %s is %s', (text, plain) => {
    expect(plainDecimal(text)).toBe(plain)
  })

  it.each([
    '',
    '.',
    'e5',
    'NaN',
    '1,000',
    '1e401',
    '1e-401',
    '0x1',
    '--1',
    '1e1e1',
    '9'.repeat(401),
  ])('[BL2] %j is no number', (text) => {
    expect(plainDecimal(text)).toBeNull()
  })

  it('[BL2] names the double its shortest text names', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const plain = plainDecimal(String(value))
        expect(plain).toMatch(/^-?\d+(\.\d*[1-9])?$/)
        expect(Number(plain) === value).toBe(true)
      }),
    )
  })
})
