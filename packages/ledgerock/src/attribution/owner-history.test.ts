import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownerHistory } from './owner-history.ts'
import { compileOwnerRules, type Ownable, type OwnerRule } from './owner-rule.ts'

const WHAT: Ownable = {
  principalArn: 'arn:a',
  accountId: '1',
  profile: null,
  project: null,
  keyName: null,
}
const rule = (part: Partial<OwnerRule>): OwnerRule => ({
  match: { principal: 'arn:*' },
  set: { team: 'a' },
  from: null,
  to: null,
  ...part,
})
const iso = (day: number): string => `2026-10-${String(day).padStart(2, '0')}T00:00:00.000Z`

describe('the history of an owner', () => {
  it('[A21] tells who owned it when, with gaps where nobody did, and one span for what did not change', () => {
    const history = ownerHistory([
      rule({ set: { team: 'a' }, from: '2026-10-02', to: '2026-10-05' }),
      rule({ match: { account: '1' }, set: { team: 'a' }, from: '2026-10-05', to: '2026-10-08' }),
      rule({ set: { team: 'b' }, from: '2026-10-10' }),
      rule({ match: { account: '2' }, set: { team: 'other' } }),
    ])
    expect(history(WHAT)).toEqual([
      { owner: { team: 'a' }, from: iso(2), to: iso(8) },
      { owner: { team: 'b' }, from: iso(10), to: null },
    ])
    expect(history({ ...WHAT, principalArn: null, accountId: '3' })).toEqual([])
    expect(ownerHistory([rule({})])(WHAT)).toEqual([{ owner: { team: 'a' }, from: null, to: null }])
  })

  it('[A21] says at every instant what the rules say', () => {
    const day = fc.integer({ min: 1, max: 9 })
    const some = fc
      .record({
        principal: fc.constantFrom('arn:a', 'arn:*', 'arn:b'),
        set: fc.dictionary(fc.constantFrom('team', 'feature'), fc.constantFrom('x', 'y'), {
          minKeys: 1,
        }),
        from: fc.option(day),
        days: fc.option(day),
      })
      .map(({ principal, set, from, days }) =>
        rule({
          match: { principal },
          set,
          from: from === null ? null : iso(from),
          to: days === null ? null : iso((from ?? 0) + days),
        }),
      )
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), (rules) => {
        const spans = ownerHistory(rules)(WHAT)
        const { ownerOf } = compileOwnerRules(rules)
        for (let at = 1; at < 24; at += 1) {
          const holds = spans.filter(
            ({ from, to }) => (from ?? '') <= iso(at) && (to === null || iso(at) < to),
          )
          expect(holds.map(({ owner }) => owner)).toEqual(
            [ownerOf(WHAT, Date.parse(iso(at)))].filter((owner) => owner !== null),
          )
        }
      }),
    )
  })
})
