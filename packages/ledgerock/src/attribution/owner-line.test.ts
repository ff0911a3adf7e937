import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRank, isSameMatch, overlap, placeOwner } from './owner-line.ts'
import { compileOwnerRules, type Ownable, type OwnerRule } from './owner-rule.ts'

const ROLE = 'arn:aws:sts::123456789012:assumed-role/search-api/i-1'
const NOTHING: Ownable = {
  principalArn: null,
  accountId: null,
  profile: null,
  project: null,
  keyName: null,
}

const owner = (team: string, from: string | null, to: string | null = null): OwnerRule => ({
  match: { principal: ROLE },
  set: { team },
  from,
  to,
})

/** What the store does with an answer. */
function placed(rules: readonly OwnerRule[], wanted: OwnerRule): readonly OwnerRule[] {
  const placing = placeOwner(rules, wanted)
  if (placing.kind !== 'new') return rules
  return [
    ...rules.map((rule) => (rule === placing.ends ? { ...rule, to: wanted.from } : rule)),
    wanted,
  ]
}

const teamAt = (rules: readonly OwnerRule[], atMs: number): string | undefined =>
  compileOwnerRules(rules).ownerOf({ ...NOTHING, principalArn: ROLE }, atMs)?.['team']

describe('the time line of assigned owners', () => {
  it('[A19] an owner without an end follows one without an end, which keeps what lies before', () => {
    const search = owner('search', '2026-10-01')
    const rules = placed([search], owner('platform', '2026-10-14'))
    expect(rules).toEqual([{ ...search, to: '2026-10-14' }, owner('platform', '2026-10-14')])
    expect(teamAt(rules, Date.parse('2026-10-13T23:59:59.999Z'))).toBe('search')
    expect(teamAt(rules, Date.parse('2026-10-14'))).toBe('platform')
  })

  it.each([
    ['it would begin before what is there', owner('b', '2026-09-01')],
    ['it would begin with what is there', owner('b', '2026-10-01')],
    ['it has an end, after which nobody would own it', owner('b', '2026-10-14', '2026-10-20')],
    ['it would begin since ever', owner('b', null)],
  ])('[A19] is refused where it overlaps: %s', (_why, wanted) => {
    const there = owner('a', '2026-10-01')
    expect(placeOwner([there], wanted)).toEqual({ kind: 'overlaps', rule: there })
  })

  it('[A19] what has an end is not cut short by what comes later', () => {
    const there = owner('a', '2026-10-01', '2026-11-01')
    expect(placeOwner([there], owner('b', '2026-10-14'))).toEqual({ kind: 'overlaps', rule: there })
    expect(placeOwner([there], owner('b', '2026-11-01'))).toEqual({ kind: 'new', ends: null })
    expect(placeOwner([there], owner('b', null, '2026-10-01'))).toEqual({ kind: 'new', ends: null })
  })

  it('[A19] the same again is there already, however its instants are written', () => {
    const there = owner('a', '2026-10-01')
    const again = owner('a', '2026-10-01T02:00:00+02:00')
    expect(placeOwner([there], again)).toEqual({ kind: 'there', rule: there })
    expect(placeOwner([there], { ...again, set: { team: 'a', feature: 'x' } }).kind).toBe(
      'overlaps',
    )
  })

  it('[A19] another match, also a wider one of the same key, has its own time line', () => {
    const there = owner('a', '2026-10-01')
    for (const match of [{ principal: `${ROLE}*` }, { account: ROLE }]) {
      const wanted = { ...owner('b', '2026-09-01'), match }
      expect(placeOwner([there], wanted)).toEqual({ kind: 'new', ends: null })
    }
  })

  const day = fc.integer({ min: 0, max: 20 })
  const DAY_0 = Date.parse('2026-10-01')
  const iso = (days: number): string => new Date(DAY_0 + days * 86_400_000).toISOString()
  const wish = fc
    .record({ team: fc.constantFrom('a', 'b', 'c'), from: day, days: fc.option(day) })
    .map(({ team, from, days }) =>
      owner(team, iso(from), days === null ? null : iso(from + days + 1)),
    )

  it('[A19] whatever is assigned, at every instant one owner holds, and what lies before the new one is as it was', () => {
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
        let rules: readonly OwnerRule[] = []
        for (const wanted of wishes) {
          const before = rules
          rules = placed(rules, wanted)
          for (let instant = 0; instant <= 45; instant += 1) {
            const atMs = DAY_0 + instant * 86_400_000
            const was = teamAt(before, atMs)
            const is = teamAt(rules, atMs)
            if (atMs < Date.parse(wanted.from ?? '')) expect(is).toBe(was)
            else if (rules !== before && wanted.to === null) expect(is).toBe(wanted.set['team'])
            // Nobody loses what was his and gets it from nobody: an owner changes only to the new one.
            else if (is !== was) expect(is).toBe(wanted.set['team'])
          }
          for (const [index, one] of rules.entries()) {
            for (const other of rules.slice(index + 1)) expect(overlap(one, other)).toBe(false)
          }
        }
      }),
    )
  })
})

describe('the rank of owners', () => {
  it('[A20] the narrower comes first: key, text before pattern, more letters before fewer', () => {
    const rules = [
      { account: '123456789012' },
      { project: 'proj_one' },
      { profile: 'arn:aws:bedrock:*' },
      { key_name: 'search-*' },
      { principal: '*' },
      { principal: 'arn:aws:sts::*:assumed-role/*' },
      { principal: 'arn:aws:sts::*:assumed-role/search-api/*' },
      { principal: 'arn:a' },
    ].map((match) => ({ match }))
    expect(rules.toSorted(compareRank)).toEqual(rules.toReversed())
  })

  it('[A20] is one order, whatever the order they came in', () => {
    const matched = fc
      .tuple(
        fc.constantFrom('principal', 'account', 'key_name', 'profile', 'project'),
        fc.stringMatching(/^[ab*]{1,4}$/),
      )
      .map(([key, pattern]) => ({ match: { [key]: pattern } }))
    fc.assert(
      fc.property(fc.array(matched, { maxLength: 8 }), (rules) => {
        const once = rules.toSorted(compareRank)
        expect(rules.toReversed().toSorted(compareRank)).toEqual(once)
        for (const [index, rule] of once.entries()) {
          const next = once[index + 1]
          if (next !== undefined)
            expect(compareRank(rule, next) === 0).toBe(isSameMatch(rule, next))
        }
      }),
    )
  })
})
