import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from './glob.ts'

describe('glob', () => {
  it('matches the whole text', () => {
    expect(compileGlob('anthropic.claude-*')('anthropic.claude-sonnet-4-6')).toBe(true)
    expect(compileGlob('anthropic.claude-*')('us.anthropic.claude-sonnet-4-6')).toBe(false)
    expect(compileGlob('*')('')).toBe(true)
    expect(compileGlob('ab*ba')('aba')).toBe(false)
    expect(compileGlob('a.c')('abc')).toBe(false)
  })

  it('agrees with a regular expression on any pattern and text', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    fc.assert(
      fc.property(word, text, (pattern, subject) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's').test(subject)
        expect(compileGlob(pattern)(subject)).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })
})
