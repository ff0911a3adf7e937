import { describe, expect, it } from 'vitest'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import { formatUsd, parseUsd, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { BilledLine } from '../cell.ts'
import { principalBook, type SeenUse } from './principal-book.ts'
import { FINDING_TEXTS, PRINCIPAL_FINDINGS } from './principal-finding.ts'
import { principalRows, type PrincipalRow } from './principal-row.ts'
import { GATEWAY, hour, line, ROLE, rulesOf, SESSION } from '../testing/small-books.ts'

const ACCOUNT = '222233334444'
const USER = `arn:aws:iam::${ACCOUNT}:user/alice`
const API_KEY = `arn:aws:iam::${ACCOUNT}:user/BedrockAPIKey-1`
const person = (set: string, name: string): string =>
  `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_${set}_0123456789abcdef/${name}`
const session = (index: number): string => `arn:aws:sts::${ACCOUNT}:assumed-role/batch/job-${index}`
const TAGGED = { tags: { 'iamPrincipal/team': 'search', 'resourceTags/team': 'x' } }
const owned = (principal: string, set: Record<string, string>): OwnerRule => {
  return { match: { principal }, set, from: null, to: null }
}

const dollars = (text: string): Picodollars => mustOk(parseUsd(text))

function seen(said: Partial<SeenUse>): SeenUse {
  return {
    principal: '',
    billedPrincipal: '',
    via: 'gateway',
    accountId: null,
    keyNames: [],
    environments: [],
    calls: 1,
    usd: dollars('0.0001'),
    firstMs: hour(1),
    lastMs: hour(2),
    teams: [],
    hasUnknown: false,
    ...said,
  }
}

type Asked = {
  readonly lines?: readonly BilledLine[]
  readonly uses?: readonly SeenUse[]
  readonly owners?: readonly OwnerRule[]
  readonly sessionsMax?: number
}

function rowsOf({
  lines = [],
  uses = [],
  owners = [],
  sessionsMax,
}: Asked): readonly PrincipalRow[] {
  const rules = rulesOf(owners, {
    tagDimensions: new Map([
      ['team', 'team'],
      ['environment', 'environment'],
    ]),
  })
  const book = principalBook(rules, sessionsMax)
  for (const each of lines) book.seeLine(each, each.net)
  for (const each of uses) book.seeUse(each)
  return principalRows(book.principals(), rules)
}
const codesOf = (asked: Asked, principal: string): readonly string[] =>
  rowsOf(asked)
    .find((row) => row.principal === principal)
    ?.findings.map(({ code }) => code) ?? ['no such row']
const bill = (principal: string, more: Partial<BilledLine> = {}): readonly BilledLine[] => [
  line(1, 100, { principal, ...more }),
]

describe('every caller', () => {
  it('[R70] has its dollars of bill and ledger, its times, its tags and its way', () => {
    const rows = rowsOf({
      lines: [
        line(3, 100, { principal: ROLE, ...TAGGED }),
        line(9, 50, { principal: ROLE, tags: { 'iamPrincipal/team': 'support' } }),
        line(4, 10, { principal: '' }),
      ],
      uses: [
        seen({ principal: USER, billedPrincipal: SESSION, keyNames: [], environments: ['dev'] }),
      ],
    })
    const shown = rows.map((row) => [
      row.principal,
      row.kind,
      formatUsd(row.billed),
      formatUsd(row.metered),
      row.way,
      row.firstMs,
      row.lastMs,
      row.rule,
    ])
    expect(shown).toEqual([
      [ROLE, 'role_session', '0.00015', '0', 'direct', hour(3), hour(10), 'principal_tag'],
      [USER, 'iam_user', '0', '0.0001', 'gateway', hour(1), hour(2), null],
      [SESSION, 'gateway_session', '0', '0.0001', 'gateway', hour(1), hour(2), 'gateway_session'],
      ['', 'empty', '0.00001', '0', 'direct', hour(4), hour(5), null],
    ])
    expect(rows[0]).toMatchObject({
      accountId: ACCOUNT,
      name: 'app',
      session: 'one',
      owner: { team: 'support' },
      tags: { 'iamPrincipal/team': 'support' },
    })
    expect(rows[1]?.environments).toEqual(['dev'])
    expect(rows[2]?.owner).toEqual({ team: 'search' })
  })

  it('[R70] is owned as the month is told, else as the ledger says of all its calls, else by the time line', () => {
    const owners = [owned(USER, { team: 'line' })]
    const teams = [{ team: 'search', tokens: 5n }]
    const ownerOf = (asked: Asked) => rowsOf({ owners, ...asked })[0]
    expect(ownerOf({ lines: bill(USER, TAGGED) })).toMatchObject({ owner: { team: 'search' } })
    expect(ownerOf({ uses: [seen({ principal: USER })] })).toMatchObject({
      owner: { team: 'line' },
      rule: 'owner_rule',
    })
    const metered = { owners: [], uses: [seen({ principal: USER, teams })] }
    expect(ownerOf(metered)).toMatchObject({ owner: { team: 'search' }, rule: 'metered' })
    const some = { uses: [seen({ principal: USER, teams, hasUnknown: true })] }
    expect(ownerOf(some)).toMatchObject({ owner: { team: 'line' } })
    expect(ownerOf({ ...some, owners: [] })).toMatchObject({ owner: { team: 'search' } })
    expect(ownerOf({ lines: bill(GATEWAY) })).toMatchObject({ owner: {}, rule: null })
  })

  it('[R70] comes both ways where the ledger saw some of it elsewhere', () => {
    const uses = [seen({ principal: ROLE }), seen({ principal: ROLE, via: 'direct' })]
    expect(rowsOf({ uses })[0]?.way).toBe('both')
    expect(rowsOf({ uses: [seen({ principal: ROLE, via: 'unknown' })] })[0]?.way).toBe('direct')
  })

  it('[R71] every finding says what it means and how to mend it', () => {
    for (const code of PRINCIPAL_FINDINGS) {
      const { means, fix } = FINDING_TEXTS[code]
      expect([code, means.endsWith('.'), fix.split('. ').length]).toEqual([code, true, 1])
    }
  })

  it('[R71] iam_user_in_production: by its tag, its owner or its calls, and never elsewhere', () => {
    const code = 'iam_user_in_production'
    const prod = { tags: { 'iamPrincipal/environment': 'prod' } }
    expect(codesOf({ lines: bill(USER, prod) }, USER)).toContain(code)
    expect(codesOf({ lines: bill(API_KEY, prod) }, API_KEY)).toContain(code)
    const uses = [seen({ principal: USER, environments: ['dev', 'Production'] })]
    expect(codesOf({ uses }, USER)).toContain(code)
    const owners = [owned(USER, { environment: 'live' })]
    expect(codesOf({ lines: bill(USER), owners }, USER)).toContain(code)
    expect(codesOf({ lines: bill(USER, TAGGED) }, USER)).not.toContain(code)
    expect(codesOf({ lines: bill(ROLE, prod) }, ROLE)).not.toContain(code)
  })

  it('[R71] shared_role: with the share of each; a gateway and its sessions are no such role', () => {
    const teams = [
      { team: 'search', tokens: 60n },
      { team: 'support', tokens: 40n },
    ]
    const uses = [ROLE, GATEWAY, SESSION].map((billedPrincipal) => seen({ billedPrincipal, teams }))
    const [row, ...others] = rowsOf({ lines: bill(ROLE), uses })
    expect(row).toMatchObject({ principal: ROLE, owner: {}, rule: null })
    expect(row?.findings.find(({ code }) => code === 'shared_role')).toEqual({
      code: 'shared_role',
      usd: dollars('0.0001'),
      sinceMs: hour(1),
      owners: [
        { owner: { team: 'search' }, millionths: 600_000 },
        { owner: { team: 'support' }, millionths: 400_000 },
      ],
    })
    const codes = others.flatMap(({ findings }) => findings.map(({ code }) => code))
    expect(codes).not.toContain('shared_role')
    const one = [seen({ billedPrincipal: ROLE, teams: teams.slice(0, 1) })]
    expect(codesOf({ uses: one }, ROLE)).not.toContain('shared_role')
  })

  it('[R71] broad_sso_role: what opens everything, or that more people use than a team has', () => {
    const code = 'broad_sso_role'
    const admin = person('AdministratorAccess', 'jo')
    expect(codesOf({ lines: bill(admin) }, admin)).toContain(code)
    const people = Array.from({ length: 11 }, (_, index) => person('Bedrock', `p${index}`))
    const lines = people.flatMap((each) => bill(each))
    expect(codesOf({ lines }, person('Bedrock', 'p3'))).toContain(code)
    expect(codesOf({ lines: lines.slice(1) }, person('Bedrock', 'p3'))).not.toContain(code)
  })

  it('[R71] untagged: the dollars under no tag that names an owner, since when', () => {
    const lines = [
      line(2, 30, {
        principal: ROLE,
        tags: { 'iamPrincipal/color': 'red', 'resourceTags/team': 'x' },
      }),
      line(5, 100, { principal: ROLE, ...TAGGED }),
      line(1, 20, { principal: ROLE }),
    ]
    const finding = rowsOf({ lines })[0]?.findings.find(({ code }) => code === 'untagged')
    expect(finding).toMatchObject({ usd: dollars('0.00005'), sinceMs: hour(1) })
    const root = `arn:aws:iam::${ACCOUNT}:root`
    for (const principal of ['', root, GATEWAY]) {
      expect(codesOf({ lines: bill(principal) }, principal)).not.toContain('untagged')
    }
    expect(codesOf({ lines: bill(ROLE, TAGGED) }, ROLE)).toEqual([])
  })

  it('[R71] unowned: the dollars nothing tells, or all of a caller that nobody owns', () => {
    const owners = [{ ...owned(ROLE, { team: 'a' }), from: '2026-10-01T05:00:00Z' }]
    const lines = [line(2, 30, { principal: ROLE }), line(7, 100, { principal: ROLE })]
    const finding = rowsOf({ lines, owners })[0]?.findings.find(({ code }) => code === 'unowned')
    expect(finding).toMatchObject({ usd: dollars('0.00003'), sinceMs: hour(2) })
    expect(codesOf({ lines: bill('') }, '')).toEqual(['unowned'])
    expect(codesOf({ uses: [seen({ principal: USER })] }, USER)).toEqual(['unowned'])
    const teams = [{ team: 'a', tokens: 1n }]
    expect(codesOf({ lines: bill(USER), uses: [seen({ principal: USER, teams })] }, USER)).toEqual([
      'untagged',
    ])
    expect(codesOf({ lines: bill(SESSION, TAGGED) }, SESSION)).toEqual([])
  })

  it('[R71] gateway_without_sessions and long_term_api_key, as the reconciliation finds them', () => {
    expect(codesOf({ lines: bill(GATEWAY) }, GATEWAY)).toEqual(['gateway_without_sessions'])
    expect(codesOf({ lines: bill(API_KEY, TAGGED) }, API_KEY)).toEqual(['long_term_api_key'])
  })

  it('[R72] a role with too many session names is one row, and loses nothing', () => {
    const lines = Array.from({ length: 7 }, (_, index) =>
      line(index, 10, { principal: session(index), tags: { 'iamPrincipal/team': `t${index}` } }),
    )
    const uses = [
      seen({ billedPrincipal: session(1), teams: [{ team: 'a', tokens: 1n }] }),
      seen({ billedPrincipal: session(9), teams: [{ team: 'b', tokens: 3n }], keyNames: ['k'] }),
    ]
    const rows = rowsOf({ lines, uses, sessionsMax: 3 })
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/batch/*`,
      kind: 'role_session',
      sessions: 8,
      billed: dollars('0.00007'),
      metered: dollars('0.0002'),
      firstMs: hour(0),
      lastMs: hour(7),
      tags: { 'iamPrincipal/team': 't6' },
      keyNames: ['k'],
    })
    expect(rows[0]?.findings.map(({ code }) => code)).toEqual([
      'shared_role',
      'session_cardinality',
    ])
    expect(rowsOf({ lines, sessionsMax: 7 })).toHaveLength(7)
    // In whatever order, and with whatever came before the bound was passed.
    expect(rowsOf({ lines: lines.toReversed(), uses: uses.toReversed(), sessionsMax: 3 })).toEqual(
      rows,
    )
  })

  it('[R72] people are never one row', () => {
    const lines = ['a', 'b', 'c', 'd'].flatMap((name) => bill(person('Bedrock', name)))
    expect(rowsOf({ lines, sessionsMax: 2 })).toHaveLength(4)
  })
})
