import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvHeader, csvLine } from './csv.ts'

describe('csv', () => {
  it.each([
    ['=1+1', "'=1+1\n"],
    ['+1', "'+1\n"],
    ['-1', "'-1\n"],
    ['@SUM(A1)', "'@SUM(A1)\n"],
    ['\tx', "'\tx\n"],
    ['\rx', '"\'\rx"\n'],
    ['a=b', 'a=b\n'],
    ['say "hi", twice', '"say ""hi"", twice"\n'],
    ['two\nlines', '"two\nlines"\n'],
  ])('[U5] writes the text %j safely', (value, expected) => {
    expect(csvLine(['team'], { team: value })).toBe(expected)
  })

  it('[U5] leaves numbers and money as they are, and only real money', () => {
    const row = { a: -3, cost_usd: '-0.5', b: null, c: true, d: undefined }
    expect(csvLine(['a', 'cost_usd', 'b', 'c', 'd'], row)).toBe('-3,-0.5,,true,\n')
    expect(csvLine(['cost_usd'], { cost_usd: '-1+1' })).toBe("'-1+1\n")
  })

  it('[U5] writes what is no single value as JSON', () => {
    expect(csvLine(['x'], { x: { a: [1] } })).toBe('"{""a"":[1]}"\n')
    expect(csvHeader(['a', '=b'])).toBe("a,'=b\n")
  })

  it('[U5] no text cell ever begins like a formula', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const written = csvLine(['team'], { team: value }).replace(/^"/, '')
        expect(written).not.toMatch(/^[=+\-@\t\r]/)
      }),
    )
  })
})
