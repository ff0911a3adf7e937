import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePauses } from './pause.ts'
import { compileScope, isWithin, type Governed, type RuleScope } from './rule-scope.ts'
import { arbitraryCaller, arbitraryScope } from './testing/arbitrary-rules.ts'

/** Said again, in other words than the code that is tested. */
function fits(scope: RuleScope, call: Governed): boolean {
  const like = (pattern: string, text: string): boolean =>
    new RegExp(
      `^${pattern
        .split('*')
        .map((piece) => piece.replaceAll(/[.:]/g, String.raw`\$&`))
        .join('.*')}$`,
    ).test(text)
  return Object.entries(scope).every(([field, values]) =>
    values.some((value) => {
      if (field === 'key_name') return call.keyName !== null && like(value, call.keyName)
      if (field !== 'model') return call.dimensions[field] === value
      return like(value, call.modelRequested) || like(value, call.modelId ?? call.modelRequested)
    }),
  )
}

describe('the scope of a rule', () => {
  it('[G13] covers who fits every field by one of its values', () => {
    fc.assert(
      fc.property(arbitraryScope, arbitraryCaller, (scope, call) => {
        expect(compileScope(scope)(call)).toBe(fits(scope, call))
      }),
      { numRuns: 1_000 },
    )
  })

  it('[G13] covers less with each field that is added, and more with each value', () => {
    fc.assert(
      fc.property(arbitraryScope, arbitraryScope, arbitraryCaller, (one, other, call) => {
        const narrower = { ...other, ...one }
        if (compileScope(narrower)(call)) expect(compileScope(one)(call)).toBe(true)
        const wider = Object.fromEntries(
          Object.entries(one).map(([field, values]) => [
            field,
            [...values, ...(other[field] ?? [])],
          ]),
        )
        if (compileScope(one)(call)) expect(compileScope(wider)(call)).toBe(true)
      }),
    )
  })

  it('[G13] that lies within another covers nobody whom the other does not', () => {
    fc.assert(
      fc.property(arbitraryScope, arbitraryScope, arbitraryCaller, (inner, outer, call) => {
        fc.pre(isWithin(inner, outer))
        expect(compileScope(inner)(call) && !compileScope(outer)(call)).toBe(false)
      }),
    )
  })

  it('[G13] lies within itself, within everybody, and within a wider one of the same fields', () => {
    fc.assert(
      fc.property(arbitraryScope, arbitraryScope, arbitraryScope, (scope, other, third) => {
        expect(isWithin(scope, scope)).toBe(true)
        expect(isWithin(scope, {})).toBe(true)
        expect(isWithin({ ...other, ...scope }, scope)).toBe(true)
        if (isWithin(scope, other) && isWithin(other, third)) {
          expect(isWithin(scope, third)).toBe(true)
        }
      }),
    )
  })
})

describe('pauses', () => {
  const pauses = fc.array(arbitraryScope, { maxLength: 5 }).map((scopes) =>
    scopes.map((scope, index) => ({
      scope,
      reason: `reason ${index}`,
      since: '2026-11-20T12:00:00Z',
    })),
  )

  it('[G20] stop who is in one of their scopes, nobody else, and say whose pause it is and why', () => {
    fc.assert(
      fc.property(pauses, arbitraryCaller, (all, call) => {
        const paused = compilePauses(all)(call)
        const first = all.find(({ scope }) => fits(scope, call))
        if (first === undefined) expect(paused).toBeNull()
        else expect(JSON.stringify(paused)).toContain(first.reason)
      }),
    )
  })

  it('[G20] stop the same callers in any order', () => {
    fc.assert(
      fc.property(pauses, arbitraryCaller, (all, call) => {
        const isPaused = compilePauses(all)(call) !== null
        expect(compilePauses(all.toReversed())(call) !== null).toBe(isPaused)
      }),
    )
  })
})
