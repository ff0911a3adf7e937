import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBaggage } from './baggage.ts'

describe('readBaggage', () => {
  it.each([
    ['team=search', [['team', 'search']]],
    [
      ' team = search ;ttl=1; x , feature=a%20b%2Cc',
      [
        ['team', 'search'],
        ['feature', 'a b,c'],
      ],
    ],
    ['team=%C3%A9', [['team', 'é']]],
    ['bad=%zz,team=a', [['team', 'a']]],
    ['noequals,=x,b d=1,team=a=b', [['team', 'a=b']]],
    ['', []],
  ])('[A13] %j', (header, members) => {
    expect(readBaggage(header)).toEqual(members)
  })

  it('[A13] keeps the limits of the specification', () => {
    const many = Array.from({ length: 100 }, (_, at) => `k${at}=v`).join(',')
    expect(readBaggage(many)).toHaveLength(64)
    expect(readBaggage(`team=${'x'.repeat(9_000)}`)).toEqual([])
  })

  it('[A13] takes any text without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => void readBaggage(header)))
  })
})
