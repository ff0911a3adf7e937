import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAccess, type AccessRule } from './model-access.ts'
import { compileScope } from './rule-scope.ts'
import { arbitraryAccessRule, arbitraryAsk } from './testing/arbitrary-rules.ts'

describe('mayReroute', () => {
  it('[G25] every rule in force that covers a call has a say, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryAccessRule, { maxLength: 4 }),
        arbitraryAsk.filter(({ modelId }) => modelId !== null),
        (rules, ask) => {
          const fixed = rules.some(
            ({ scope, shadow, rerouting }) => !rerouting && !shadow && compileScope(scope)(ask),
          )
          expect(compileAccess(rules, []).mayReroute(ask)).toBe(!fixed)
          expect(compileAccess(rules.toReversed(), []).mayReroute(ask)).toBe(!fixed)
        },
      ),
    )
  })

  it('[G25] an id that nobody can resolve may be the model that must stay', () => {
    const rule: AccessRule = {
      name: 'fixed',
      scope: { team: ['search'], model: ['anthropic.*'] },
      allow: [],
      deny: [],
      scopes: null,
      tiers: null,
      maxOutputTokens: null,
      streaming: true,
      rerouting: false,
      shadow: false,
    }
    const ask = (team: string, modelId: string | null) =>
      compileAccess([rule], []).mayReroute({
        dimensions: { team },
        keyName: null,
        modelRequested: 'x',
        modelId,
      })
    expect([ask('search', null), ask('search', 'meta.llama'), ask('support', null)]).toEqual([
      false,
      true,
      true,
    ])
  })
})
