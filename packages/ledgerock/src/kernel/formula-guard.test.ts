import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardFormula } from './formula-guard.ts'

describe('guardFormula', () => {
  it.each(['=1', '+1', '-1', '@x', '\t=1', '\r=1', '\n=1', '\0=1', '＝1', '＋1', '－1', '＠x'])(
    '[K7] makes %j a text',
    (text) => expect(guardFormula(text)).toBe(`'${text}`),
  )

  it('[K7] leaves everything else, and what it was given is always found behind', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([text, `'${text}`]).toContain(guardFormula(text))
        if (/^[a-z0-9 ("']/i.test(text)) expect(guardFormula(text)).toBe(text)
      }),
    )
  })
})
