import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compileAccess,
  type AccessDenial,
  type AccessGrant,
  type AccessRule,
  type ModelAsk,
} from './model-access.ts'
import {
  arbitraryAccessRule,
  arbitraryAsk,
  arbitraryGrant,
  NOON,
} from './testing/arbitrary-rules.ts'

const rules = fc.array(arbitraryAccessRule, { maxLength: 5 })
const grants = fc.array(arbitraryGrant, { maxLength: 3 })
/** Opens every model, for everybody, at any time. */
const MASTER_GRANT: AccessGrant = {
  requestId: 'master',
  scope: {},
  model: '*',
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
}

function denialOf(
  list: readonly AccessRule[],
  ask: ModelAsk,
  given: readonly AccessGrant[] = [],
  atMs = NOON,
): AccessDenial | null {
  return compileAccess(list, given).denial(ask, atMs)
}

/** Whether the call is kept from happening. */
function isRefused(...asked: Parameters<typeof denialOf>): boolean {
  const denial = denialOf(...asked)
  return denial !== null && !denial.shadow
}

const enforced = (list: readonly AccessRule[]): readonly AccessRule[] =>
  list.map((rule) => ({ ...rule, shadow: false }))
const shadowed = (list: readonly AccessRule[]): readonly AccessRule[] =>
  list.map((rule) => ({ ...rule, shadow: true }))

/** Said again, in other words than the code that is tested. */
function isListed({ allow, deny }: AccessRule, model: string): boolean {
  const fitsOne = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => {
      const pieces = pattern.split('*').map((piece) => piece.replaceAll(/[.]/g, String.raw`\.`))
      return new RegExp(`^${pieces.join('.*')}$`).test(model)
    })
  return (allow.length === 0 || fitsOne(allow)) && !fitsOne(deny)
}

describe('access rules', () => {
  it('[G14] open the models of their list, every one where there is none, and none that is denied', () => {
    fc.assert(
      fc.property(arbitraryAccessRule, arbitraryAsk, (rule, ask) => {
        const { name, allow, deny } = rule
        const lists = { ...rule, scopes: null, tiers: null, maxOutputTokens: null, streaming: true }
        const only: AccessRule = { ...lists, name, allow, deny, scope: {}, shadow: false }
        expect(isRefused([only], ask)).toBe(!isListed(only, ask.modelId ?? ''))
      }),
      { numRuns: 500 },
    )
  })

  it('[G14] must all agree: a call passes when it passes each of them alone', () => {
    fc.assert(
      fc.property(rules, grants, arbitraryAsk, (list, given, ask) => {
        const alone = list.some((rule) => isRefused([rule], ask, given))
        expect(isRefused(list, ask, given)).toBe(alone)
      }),
      { numRuns: 500 },
    )
  })

  it('[G14] let the same calls through in any order', () => {
    fc.assert(
      fc.property(rules, grants, arbitraryAsk, (list, given, ask) => {
        const there = isRefused(list, ask, given)
        expect(isRefused(list.toReversed(), ask, given.toReversed())).toBe(there)
        expect(isRefused(list.toSorted(byName), ask, given)).toBe(there)
      }),
      { numRuns: 500 },
    )
  })

  it('[G14] only ever refuse more when one is added', () => {
    fc.assert(
      fc.property(rules, arbitraryAccessRule, arbitraryAsk, (list, more, ask) => {
        if (isRefused(list, ask)) expect(isRefused([...list, more], ask)).toBe(true)
      }),
    )
  })

  it('[G14] that cover nobody are as if they were not there', () => {
    fc.assert(
      fc.property(rules, arbitraryAccessRule, arbitraryAsk, (list, more, ask) => {
        const foreign = { ...more, scope: { ...more.scope, team: ['another-team'] } }
        expect(denialOf([foreign, ...list], ask)).toEqual(denialOf(list, ask))
      }),
    )
  })

  it('[G19] refuse nothing in shadow, and report what they would have refused in force', () => {
    fc.assert(
      fc.property(rules, grants, arbitraryAsk, (list, given, ask) => {
        const inForce = denialOf(enforced(list), ask, given)
        const reported = denialOf(shadowed(list), ask, given)
        expect(reported).toEqual(inForce === null ? null : { ...inForce, shadow: true })
      }),
      { numRuns: 500 },
    )
  })

  it('[G19] in shadow change nothing about those in force', () => {
    fc.assert(
      fc.property(rules, rules, arbitraryAsk, (list, others, ask) => {
        const there = enforced(list)
        const mixed = [...shadowed(others), ...there]
        expect(isRefused(mixed, ask)).toBe(isRefused(there, ask))
      }),
    )
  })

  it('[G15] with a list let no model through that nobody can resolve, whatever is granted', () => {
    fc.assert(
      fc.property(rules, arbitraryAsk, (list, ask) => {
        const nobody: ModelAsk = { ...ask, modelRequested: 'p/123', modelId: null }
        const access = compileAccess(enforced(list), [MASTER_GRANT])
        if (access.needsModel(nobody)) expect(access.denial(nobody, NOON)).not.toBeNull()
      }),
    )
  })

  it('[G15] that list models ask who an unresolved id is, also where their own scope names models', () => {
    const rule: AccessRule = {
      name: 'no-opus',
      scope: { model: ['anthropic.claude-opus-*'] },
      allow: [],
      deny: ['anthropic.claude-opus-*'],
      scopes: null,
      tiers: null,
      maxOutputTokens: null,
      streaming: true,
      rerouting: true,
      shadow: false,
    }
    const unresolved = {
      dimensions: {},
      keyName: null,
      modelRequested: 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc',
      modelId: null,
    }
    expect(compileAccess([rule], []).needsModel(unresolved)).toBe(true)
  })
})

describe('a grant', () => {
  it('[G14] opens a list, and nothing else: with it a call passes only where it would without model lists', () => {
    fc.assert(
      fc.property(rules, grants, arbitraryAsk, (list, given, ask) => {
        const withoutLists = list.map((rule) => ({ ...rule, allow: [], deny: [] }))
        const most = isRefused(withoutLists, ask)
        if (most) expect(isRefused(list, ask, [...given, MASTER_GRANT])).toBe(true)
        expect(isRefused(list, ask, [MASTER_GRANT])).toBe(most)
      }),
      { numRuns: 500 },
    )
  })

  it('[G14] never refuses: what passes without passes with', () => {
    fc.assert(
      fc.property(rules, grants, arbitraryAsk, (list, given, ask) => {
        if (!isRefused(list, ask)) expect(isRefused(list, ask, given)).toBe(false)
      }),
    )
  })

  it('[G14] is there from its first instant to before its last, and then as if it had never been', () => {
    fc.assert(
      fc.property(rules, arbitraryGrant, arbitraryAsk, (list, grant, ask) => {
        const open = { ...grant, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
        for (const [atMs, inForce] of [
          [grant.fromMs - 1, false],
          [grant.fromMs, true],
          [grant.toMs - 1, true],
          [grant.toMs, false],
        ] as const) {
          const expected = denialOf(list, ask, inForce ? [open] : [])
          expect(denialOf(list, ask, [grant], atMs)).toEqual(expected)
        }
      }),
    )
  })

  it('[G14] opens for nobody outside its scope and no model outside its pattern', () => {
    fc.assert(
      fc.property(rules, arbitraryGrant, arbitraryAsk, (list, grant, ask) => {
        const foreign = { ...grant, scope: { ...grant.scope, team: ['another-team'] } }
        expect(denialOf(list, ask, [foreign])).toEqual(denialOf(list, ask))
        const elsewhere = { ...grant, model: 'meta.llama3-*' }
        expect(denialOf(list, ask, [elsewhere])).toEqual(denialOf(list, ask))
      }),
    )
  })
})

function byName(left: AccessRule, right: AccessRule): number {
  return left.name < right.name ? -1 : 1
}
