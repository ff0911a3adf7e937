import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { compileValuePattern } from './value-pattern.ts'

describe('compileValuePattern', () => {
  // Small patterns and short values: JavaScript's own matcher is the one that explodes.
  it('[A7] matches what JavaScript matches, for any supported pattern', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '-',
      '[ab]',
      '[^a]',
      '.',
      '\\w',
      '\\d',
      '\\.',
      '\\u0061',
      'é',
      '\\p{L}',
      '[\\]a-c]',
    )
    const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,}', '*?')
    const pattern = fc.letrec<{ choice: string; sequence: string; term: string }>((tie) => ({
      choice: fc
        .array(tie('sequence'), { minLength: 1, maxLength: 2 })
        .map((parts) => parts.join('|')),
      sequence: fc.array(tie('term'), { maxLength: 3 }).map((parts) => parts.join('')),
      term: fc
        .tuple(
          fc.oneof(
            { depthSize: 'small', maxDepth: 2 },
            atom,
            tie('choice').map((inner) => `(?:${inner})`),
            tie('choice').map((inner) => `(${inner})`),
          ),
          quantifier,
        )
        .map(([part, many]) => part + many),
    })).choice
    const value = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '-', '.', '1', 'é', '😀', ']'),
      maxLength: 5,
    })
    fc.assert(
      fc.property(pattern, fc.array(value, { minLength: 5 }), (source, values) => {
        const ours = mustOk(compileValuePattern(source))
        const theirs = new RegExp(`^(?:${source})$`, 'u')
        for (const text of values) expect(ours(text)).toBe(theirs.test(text))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['^[a-z0-9-]{1,64}$', 'a-1', true],
    ['^[a-z0-9-]{1,64}$', 'A', false],
    ['[a-z0-9-]{1,64}', 'x'.repeat(65), false],
    ['search|support', 'support', true],
    ['search|support', 'support2', false],
    ['a\\$', 'a$', true],
    ['(?<kind>dev|prod)-\\d+', 'prod-12', true],
    ['', '', true],
  ])('[A7] %s anchored on both sides: %j is %s', (source, value, expected) => {
    expect(mustOk(compileValuePattern(source))(value)).toBe(expected)
  })

  it('[A7] a pattern that makes backtracking explode is answered all the same', () => {
    const explosive = ['(a+)+', '(a|a)*', '(a*)*b', '(.*a){12}', '([a-z]+)*-x']
    for (const source of explosive) {
      const matches = mustOk(compileValuePattern(source))
      expect(matches(`${'a'.repeat(255)}!`)).toBe(false)
    }
  })

  it.each(['(', '[', '(?=a)', '(?<!a)b', '(a)\\1', 'a\\b', 'a{1001}', '(?:a{500}){500}'])(
    '[A7] refuses %s with a reason',
    (source) => {
      const compiled = compileValuePattern(source)
      expect(compiled).toMatchObject({
        ok: false,
        problem: expect.stringContaining(source) as string,
      })
    },
  )
})
