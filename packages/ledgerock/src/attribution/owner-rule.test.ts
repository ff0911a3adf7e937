import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compileOwnerRules,
  OWNER_MATCH_KEYS,
  ownerRuleProblems,
  rememberedOwnerRules,
  type Ownable,
  type OwnerRule,
} from './owner-rule.ts'

const NOTHING: Ownable = {
  principalArn: null,
  accountId: null,
  profile: null,
  project: null,
  keyName: null,
}
const SEARCH_API = 'arn:aws:sts::123456789012:assumed-role/search-api/i-1'

function rule(part: Partial<OwnerRule>): OwnerRule {
  return { match: { account: '*' }, set: { team: 'search' }, from: null, to: null, ...part }
}

const at = (iso: string): number => Date.parse(iso)

describe('owner rules', () => {
  it('[A15] a re-organisation on the 14th does not repaint the 13th', () => {
    const match = { principal: 'arn:aws:sts::*:assumed-role/search-api/*' }
    const rules = compileOwnerRules([
      rule({ match, set: { team: 'search' }, from: '2026-10-01', to: '2026-10-14' }),
      rule({ match, set: { team: 'platform' }, from: '2026-10-14T00:00:00Z' }),
    ])
    const team = (iso: string): string | undefined =>
      rules.ownerOf({ ...NOTHING, principalArn: SEARCH_API }, at(iso))?.['team']
    expect(team('2026-09-30T23:59:59.999Z')).toBeUndefined()
    expect(team('2026-10-01T00:00:00Z')).toBe('search')
    expect(team('2026-10-13T23:59:59.999Z')).toBe('search')
    expect(team('2026-10-14T00:00:00Z')).toBe('platform')
    expect(team('2027-01-01T00:00:00Z')).toBe('platform')
  })

  it('[A15] the first rule that says a dimension wins; later ones add what is open', () => {
    const rules = compileOwnerRules([
      rule({ match: { principal: SEARCH_API }, set: { team: 'search' } }),
      rule({ match: { account: '1234*' }, set: { team: 'platform', environment: 'prod' } }),
      rule({ match: { account: '123456789012' }, set: { environment: 'test' } }),
    ])
    const what = { ...NOTHING, principalArn: SEARCH_API, accountId: '123456789012' }
    expect(rules.ownerOf(what, 0)).toEqual({ team: 'search', environment: 'prod' })
    expect(rules.ownerOf({ ...what, principalArn: 'x' }, 0)).toEqual({
      team: 'platform',
      environment: 'prod',
    })
    expect(rules.ownerOf(NOTHING, 0)).toBeNull()
  })

  it('[A15] each key looks at its own thing and at no other', () => {
    const fields = {
      principal: 'principalArn',
      account: 'accountId',
      profile: 'profile',
      project: 'project',
      key_name: 'keyName',
    } as const
    for (const key of OWNER_MATCH_KEYS) {
      const rules = compileOwnerRules([rule({ match: { [key]: 'x*' } })])
      for (const other of OWNER_MATCH_KEYS) {
        const owner = rules.ownerOf({ ...NOTHING, [fields[other]]: 'x1' }, 0)
        const expected = key === other ? { team: 'search' } : null
        expect([key, other, owner]).toEqual([key, other, expected])
      }
    }
  })

  it('[A15] says what asking every rule in turn says', () => {
    const day = fc.integer({ min: 1, max: 9 })
    const some = fc.record({
      account: fc.constantFrom('1', '2', '*'),
      set: fc.dictionary(fc.constantFrom('team', 'application', 'feature'), fc.string(), {
        minKeys: 1,
      }),
      from: fc.option(day),
      days: fc.option(day),
    })
    const made = fc.array(some, { maxLength: 8 }).map((list) =>
      list.map(({ account, set, from, days }) =>
        rule({
          match: { account },
          set,
          from: from === null ? null : `2026-10-0${from}`,
          to: days === null ? null : `2026-10-${String((from ?? 0) + days).padStart(2, '0')}`,
        }),
      ),
    )
    fc.assert(
      fc.property(made, fc.constantFrom('1', '2', '3'), day, (rules, accountId, today) => {
        const now = at(`2026-10-0${today}`)
        const expected: Record<string, string>[] = []
        for (const { match, set, from, to } of rules) {
          const applies =
            (match.account === '*' || match.account === accountId) &&
            (from === null || at(from) <= now) &&
            (to === null || now < at(to))
          if (applies) expected.unshift(set)
        }
        const owner = compileOwnerRules(rules).ownerOf({ ...NOTHING, accountId }, now)
        expect(owner).toEqual(expected.length === 0 ? null : Object.assign({}, ...expected))
      }),
    )
  })

  it('[A15] asking changes no rule', () => {
    const rules = [rule({ set: { team: 'a' } }), rule({ set: { team: 'b', feature: 'c' } })]
    const before = structuredClone(rules)
    compileOwnerRules(rules).ownerOf({ ...NOTHING, accountId: '1' }, 0)
    expect(rules).toEqual(before)
  })

  it('[A16] rules that cannot work are named, all faults at once, and never compiled', () => {
    expect(ownerRuleProblems(rule({}))).toEqual([])
    expect(ownerRuleProblems(rule({ from: '2026-10-01', to: '2026-10-01T02:00+02:00' }))).toEqual([
      'from must be before to',
    ])
    const wrong = rule({
      match: { account: '', principal: 'x' },
      set: {},
      from: '2026-10-01T00:00',
      to: 'tomorrow',
    })
    expect(ownerRuleProblems(wrong)).toHaveLength(5)
    expect(ownerRuleProblems(rule({ match: {} }))).toHaveLength(1)
    expect(() => compileOwnerRules([wrong])).toThrow('an owner rule that was not checked')
  })
})

describe('remembered owner rules', () => {
  it('[A15] says of every caller at every instant what the rules say, also when asked again', () => {
    const dates = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04'] as const
    const spans = fc.constantFrom(
      ...[null, ...dates].flatMap((from) =>
        [...dates, null]
          .filter((to) => from === null || to === null || from < to)
          .map((to) => ({ from, to })),
      ),
    )
    const patterns = fc.constantFrom({ principal: 'a*' }, { principal: 'ab' }, { account: '1' })
    const set = fc.constantFrom({ team: 'x' }, { team: 'y' }, { application: 'z' })
    const rules = fc.array(
      fc.tuple(spans, patterns, set).map(([span, match, what]) => ({ match, set: what, ...span })),
      { maxLength: 6 },
    )
    const asked = fc.tuple(
      fc.constantFrom(null, 'ab', 'ac', 'b'),
      fc.constantFrom(null, '1', '2'),
      fc.integer({ min: at('2026-09-30'), max: at('2026-10-05') }),
    )
    fc.assert(
      fc.property(rules, fc.array(asked, { maxLength: 30 }), (said, questions) => {
        const plain = compileOwnerRules(said)
        const remembered = rememberedOwnerRules(said)
        for (const [principalArn, accountId, atMs] of [...questions, ...questions]) {
          const what = { ...NOTHING, principalArn, accountId }
          expect(remembered.ownerOf(what, atMs)).toEqual(plain.ownerOf(what, atMs))
          for (const date of dates) {
            expect(remembered.ownerOf(what, at(date))).toEqual(plain.ownerOf(what, at(date)))
          }
        }
      }),
    )
  })
})
