import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownerRuleProblems } from '../../attribution/owner-rule.ts'
import { checkOwners } from './check-rules.ts'
import { ownerOf } from '../settings/settings-of-file.ts'
import { faultsOf, validated } from '../testing/faults-of.ts'

describe('owners', () => {
  it('[O13] contradict each other exactly where one instant has two values for the same match', () => {
    const day = fc.integer({ min: 1, max: 5 })
    const dayText = (number: number): string => `2026-10-0${number}`
    const rule = fc
      .record({
        match: fc.constantFrom('arn:aws:a', 'arn:aws:b'),
        team: fc.constantFrom('x', 'y'),
        from: fc.option(day),
        length: fc.option(fc.integer({ min: 1, max: 3 })),
      })
      .map(({ match, team, from, length }) => {
        const to = length === null ? null : (from ?? 1) + length
        return { match, team, from, to }
      })
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), (rules) => {
        const written = rules.map(({ match, team, from, to }) => ({
          match,
          set: { team },
          from: from === null ? null : dayText(from),
          to: to === null ? null : dayText(to),
        }))
        const clash = [0, 1, 2, 3, 4, 5, 6, 7, 8].some((at) =>
          ['arn:aws:a', 'arn:aws:b'].some((match) => {
            const now = rules.filter(
              (each) =>
                each.match === match && (each.from ?? 0) <= at && at < (each.to ?? Infinity),
            )
            return new Set(now.map(({ team }) => team)).size > 1
          }),
        )
        expect(checkOwners(written, {}).length > 0).toBe(clash)
      }),
    )
  })

  it('[O13] says each fault at its place', () => {
    const text = `
dimensions: { squad: { assert: [credential] } }
owners:
  - { match: 5, set: {} }
  - { match: { acount: '1' }, set: { team: x } }
  - { match: { account: '1', project: p }, set: { team: x } }
  - { match: { account: 123456789012 }, set: { team: x } }
  - { match: search-api, set: { tem: x, squad: y }, from: yesterday }
  - { match: 'arn:aws:*', set: { team: x }, from: 2026-10-02, to: 2026-10-01 }
  - { match: 'arn:aws:x', set: { team: x, feature: f }, to: 2026-10-02 }
  - { match: 'arn:aws:x', set: { team: y, feature: f }, from: 2026-10-01 }
  - { match: 'arn:aws:x', set: { team: z }, from: '2026-10-01T12:00:00' }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:14 owners[0].match: must be a principal ARN, or a map with one of account, profile, project, key_name, not 5",
        "l.yaml:4:22 owners[0].set: must set a dimension",
        "l.yaml:5:14 owners[1].match: must name exactly one of account, profile, project, key_name",
        "l.yaml:5:16 owners[1].match.acount: unknown key; did you mean account?",
        "l.yaml:6:14 owners[2].match: must name exactly one of account, profile, project, key_name",
        "l.yaml:7:25 owners[3].match.account: must be an account id in quotes; * is any text, not 123456789012",
        "l.yaml:8:14 owners[4].match: must be a principal ARN; * is any text: arn:aws:sts::*:assumed-role/search-api/*, not search-api",
        "l.yaml:8:38 owners[4].set.tem: there is no such dimension; did you mean team?",
        "l.yaml:8:48 owners[4].set.squad: may not be said by an identity (assert)",
        "l.yaml:8:59 owners[4].from: must be a day such as 2026-10-01 (UTC), or a time such as 2026-10-01T09:00:00Z, not yesterday",
        "l.yaml:9:67 owners[5].to: must be after from",
        "l.yaml:11:40 owners[7].set.team: contradicts owners[6], which matches the same at the same time",
        "l.yaml:12:40 owners[8].set.team: contradicts owners[6], which matches the same at the same time",
        "l.yaml:12:40 owners[8].set.team: contradicts owners[7], which matches the same at the same time",
        "l.yaml:12:51 owners[8].from: must be a day such as 2026-10-01 (UTC), or a time such as 2026-10-01T09:00:00Z, not 2026-10-01T12:00:00",
      ]
    `)
  })

  it('[O13] what is accepted can be compiled', () => {
    const text = fc.constantFrom('2026-10-01', '2026-10-01T02:00+02:00', '2026-10-02', '2026-02-30')
    const match = fc.constantFrom("'arn:*'", "{ account: '1?' }", '{ project: p }', '{}', "''")
    fc.assert(
      fc.property(match, text, text, (what, from, to) => {
        const result = validated(
          `owners: [ { match: ${what}, set: { team: x }, from: '${from}', to: '${to}' } ]`,
        )
        const [rule] = result.ok ? result.value.owners.map(ownerOf) : []
        expect(rule === undefined ? [] : ownerRuleProblems(rule)).toEqual([])
      }),
    )
  })

  it('are instants in UTC, whatever offset they are written with', () => {
    const result = validated(`
owners:
  - { match: 'arn:aws:*', set: { team: x }, from: 2026-10-01, to: '2026-10-14T00:30:00+02:00' }
  - { match: { key_name: 'ci-*' }, set: { team: y } }`)
    expect(result.ok && result.value.owners).toEqual([
      {
        match: 'arn:aws:*',
        set: { team: 'x' },
        from: '2026-10-01T00:00:00.000Z',
        to: '2026-10-13T22:30:00.000Z',
      },
      { match: { key_name: 'ci-*' }, set: { team: 'y' }, from: null, to: null },
    ])
  })
})

describe('rules in order', () => {
  it('[O11] disconnect policies: none hidden behind a wider one', () => {
    const text = `
bedrock:
  on_client_disconnect:
    - { scope: { team: a }, stream: drain }
    - { unary: cancel }
    - { scope: { tem: a } }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:6:7 bedrock.on_client_disconnect[2]: can never be chosen: rule [1] takes all its calls",
        "l.yaml:6:23 bedrock.on_client_disconnect[2].scope.tem: there is no such dimension; did you mean team?",
      ]
    `)
  })
})
