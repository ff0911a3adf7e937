import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileScope, type Governed, type RuleScope } from '../../governance/rule-scope.ts'
import { concerns, isWithinOwn, shownTo } from './governed-scope.ts'
import { isWithin, type UserScope } from '../people/scope.ts'

/** Few names and values, so that scopes and calls meet. */
const value = fc.constantFrom('a', 'b', 'c', 'unknown')
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3 })
const own: fc.Arbitrary<UserScope> = fc
  .dictionary(fc.constantFrom('team', 'environment'), values, { minKeys: 1 })
  .map((scope) => ({ ...scope }))
const scope: fc.Arbitrary<RuleScope> = fc
  .dictionary(fc.constantFrom('team', 'environment', 'feature', 'key_name', 'model'), values)
  .map((written) => ({ ...written }))
const call: fc.Arbitrary<Governed> = fc.record({
  dimensions: fc.record({ team: value, environment: value, feature: value }),
  keyName: fc.option(value),
  modelRequested: value,
  modelId: fc.option(value),
})

describe('the scope of a rule beside a user’s own', () => {
  it('[C61] what lies within the own covers no call outside it', () => {
    let within = 0
    fc.assert(
      fc.property(own, scope, fc.boolean(), call, (mine, wild, narrowed, one) => {
        const ruled = narrowed ? { ...wild, ...mine } : wild
        if (!isWithinOwn(mine, ruled) || !compileScope(ruled)(one)) return
        within += 1
        expect(isWithin(mine, one.dimensions)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    expect(within).toBeGreaterThan(100)
  })

  it('[C67] a rule that is not shown covers no call of the reader, one that is shown covers the same ones', () => {
    fc.assert(
      fc.property(own, scope, call, (mine, ruled, one) => {
        if (!isWithin(mine, one.dimensions)) return
        const covers = compileScope(ruled)(one)
        if (!concerns(mine, ruled)) expect(covers).toBe(false)
        else expect(compileScope(shownTo(mine, ruled))(one)).toBe(covers)
      }),
      { numRuns: 5_000 },
    )
  })

  it('[C67] no value of others is shown', () => {
    fc.assert(
      fc.property(own, scope, (mine, ruled) => {
        for (const [field, shown] of Object.entries(shownTo(mine, ruled))) {
          const known = mine[field]
          if (known !== undefined) expect(known).toEqual(expect.arrayContaining([...shown]))
        }
      }),
    )
  })
})
