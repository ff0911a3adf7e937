import { describe, expect, it } from 'vitest'
import type { OwnerRule } from '../attribution/owner-rule.ts'
import { NO_EXACT } from './exact.ts'
import { given, line, reported, ROLE, rulesOf, SESSION, use } from './testing/small-books.ts'

const SINCE = '2026-10-03T00:00:00Z'
const changed = (principal: string): readonly OwnerRule[] => [
  { match: { principal }, set: { team: 'old', application: 'a' }, from: null, to: SINCE },
  { match: { principal }, set: { team: 'new', application: 'a' }, from: SINCE, to: null },
]
const tagged = (team: string): { tags: Record<string, string> } => ({
  tags: { 'iamPrincipal/Team': team },
})

describe('evidence', () => {
  it('[R5] believes the gateway’s session, and lets the ledger add to it', () => {
    const ledger = [
      use(1, 'search', 60, {
        principal: SESSION,
        owner: { team: 'search', application: 'ranker' },
      }),
    ]
    expect(given([line(1, 100, { principal: SESSION })], ledger)).toEqual([
      'search+ranker metered gateway_session 0.00006',
      'search principal gateway_session 0.00004',
    ])
  })

  it('[R5] asks tag, time line, resource, account and category in the configured order', () => {
    const tags = {
      'iamPrincipal/team': 'one',
      'resourceTags/team': 'three',
      'accountTag/team': 'four',
      'costCategory/Team': 'five',
    }
    const owners: readonly OwnerRule[] = [
      { match: { principal: ROLE }, set: { team: 'two' }, from: null, to: null },
    ]
    const bill = [line(1, 100, { principal: ROLE, tags })]
    const told = (precedence: readonly string[]) =>
      given(bill, [], { evidence: rulesOf(owners, { precedence: precedence as never }) })[0]
    expect(told(['principal_tag', 'owner_rule'])).toBe('one tag principal_tag 0.0001')
    expect(told(['owner_rule', 'principal_tag'])).toBe('two principal owner_rule 0.0001')
    expect(told(['resource_tag', 'principal_tag'])).toBe('three tag resource_tag 0.0001')
    expect(told(['account_tag'])).toBe('four tag account_tag 0.0001')
    expect(told(['cost_category', 'account_tag'])).toBe('five tag cost_category 0.0001')
    expect(told([])).toBe('- unattributed no_owner 0.0001')
  })

  it('[R5] completes an owner with what agrees, never with what contradicts', () => {
    const owners: readonly OwnerRule[] = [
      {
        match: { principal: ROLE },
        set: { team: 'search', application: 'ranker' },
        from: null,
        to: null,
      },
    ]
    const bill = (team: string) => [line(1, 100, { principal: ROLE, ...tagged(team) })]
    const evidence = rulesOf(owners)
    expect(given(bill('search'), [], { evidence })).toEqual([
      'search+ranker tag principal_tag 0.0001',
    ])
    expect(given(bill('support'), [], { evidence })).toEqual(['support tag principal_tag 0.0001'])
    const [finding] = reported(bill('support'), [], { evidence }).findings
    expect(finding).toMatchObject({
      code: 'contradiction',
      principal: ROLE,
      owners: [{ team: 'support' }, { team: 'search', application: 'ranker' }],
      usd: '0.0001',
    })
  })

  it('[R5] believes the time line while the tag is late, the tag when it had its time', () => {
    const evidence = rulesOf(changed(ROLE))
    const at = (index: number, team: string) =>
      given([line(index, 100, { principal: ROLE, ...tagged(team) })], [], { evidence })[0]
    expect(at(47, 'old')).toMatch(/^(a\+old|old\+a) tag principal_tag/)
    expect(at(48, 'old')).toMatch(/^(a\+new|new\+a) principal tag_lag/)
    expect(at(95, 'old')).toMatch(/^(a\+new|new\+a) principal tag_lag/)
    expect(at(96, 'old')).toBe('old tag principal_tag 0.0001')
    expect(at(60, 'third')).toBe('third tag principal_tag 0.0001')
    expect(at(60, 'new')).toMatch(/^(a\+new|new\+a) tag principal_tag/)
    const [finding] = reported([line(60, 100, { principal: ROLE, ...tagged('old') })], [], {
      evidence,
    }).findings
    expect(finding).toMatchObject({ code: 'tag_lag', principal: ROLE, usd: '0.0001' })
  })

  it('[R73] believes the time line where the tag is not there yet, and says so', () => {
    const evidence = rulesOf(changed(ROLE))
    const shown = line(200, 100, { principal: ROLE, ...tagged('new') })
    const reasons = (bill: ReturnType<typeof line>[], rules = evidence): readonly string[] =>
      given(bill, [], { evidence: rules }).map((text) => text.split(' ').slice(1, 3).join(' '))
    const bare = (index: number) => line(index, 300, { principal: ROLE })
    expect(reasons([bare(48), shown])).toEqual(['principal tag_lag', 'tag principal_tag'])
    expect(reasons([bare(95), shown])).toEqual(['principal tag_lag', 'tag principal_tag'])
    expect(reasons([bare(96), shown])).toEqual(['principal owner_rule', 'tag principal_tag'])
    expect(reasons([bare(47), shown])).toEqual(['principal owner_rule', 'tag principal_tag'])
    // Whose tags never show is not waiting for them, nor is who has only tags that name no owner.
    expect(reasons([bare(48)])).toEqual(['principal owner_rule'])
    const color = line(200, 100, { principal: ROLE, tags: { 'iamPrincipal/color': 'red' } })
    expect(reasons([bare(48), color])).toEqual(['principal owner_rule'])
    const deaf = rulesOf(changed(ROLE), { precedence: ['owner_rule'] })
    expect(reasons([bare(48), shown], deaf)).toEqual(['principal owner_rule'])
    // Of the first owner there ever was, too.
    const first = rulesOf(changed(ROLE).slice(1))
    expect(reasons([bare(48), shown], first)).toEqual(['principal tag_lag', 'tag principal_tag'])
    const [finding] = reported([bare(48), shown], [], { evidence }).findings
    expect(finding).toMatchObject({ code: 'tag_lag', principal: ROLE, usd: '0.0003' })
  })

  it('[R5] knows owners of profiles, projects and accounts, and the tags of profiles and projects', () => {
    const profile = 'arn:aws:bedrock:us-east-1:222233334444:application-inference-profile/abc123'
    const project = 'arn:aws:bedrock-mantle:us-east-1:222233334444:project/proj_one'
    const rule = (match: OwnerRule['match'], team: string): OwnerRule => {
      return { match, set: { team }, from: null, to: null }
    }
    const owners = [
      rule({ profile: '*/abc123' }, 'by-profile'),
      rule({ project: 'proj_*' }, 'by-project'),
      rule({ account: '222233334444' }, 'by-account'),
    ]
    const told = (resourceId: string, rules = owners, tags = {}) =>
      given([line(1, 100, { principal: ROLE, resourceId, tags })], [], {
        evidence: rulesOf(rules),
      })[0]
    expect(told(profile)).toBe('by-profile principal owner_rule 0.0001')
    expect(told(project)).toBe('by-project principal owner_rule 0.0001')
    expect(told('')).toBe('by-account principal owner_rule 0.0001')
    expect(told('arn:aws:bedrock:us-east-1::foundation-model/x')).toContain('by-account')
    const resource = { 'resourceTags/Team': 'tagged' }
    expect(told(profile, [], resource)).toBe('tagged tag resource_tag 0.0001')
    expect(told(project, [], resource)).toBe('tagged tag resource_tag 0.0001')
  })

  it('[R5] asks neither time line nor tag about a line that spans a change of owner', () => {
    const evidence = rulesOf(changed(ROLE))
    const bill = [line(40, 100, { principal: ROLE, toMs: line(60, 1).toMs, ...tagged('old') })]
    expect(given(bill, [], { evidence })).toEqual(['- unattributed owner_changed 0.0001'])
  })

  it('[R5] says why nothing tells an owner', () => {
    const why = (more: object) => given([line(1, 100, more)], [])[0]?.split(' ')[2]
    expect(why({})).toBe('unmetered')
    expect(why({ principal: '' })).toBe('empty_principal')
    expect(why({ principal: 'arn:aws:iam::222233334444:root' })).toBe('root')
    expect(why({ principal: ROLE })).toBe('no_owner')
    expect(why({ principal: ROLE, quantity: null, unmappedReason: 'model' })).toBe(
      'unmapped_usage_type',
    )
  })

  it('[R9] finds a role that hides several owners, with the share of each', () => {
    const ledger = [
      use(1, 'search', 60, { principal: ROLE }),
      use(1, 'support', 40, { principal: ROLE }),
    ]
    const { findings, allocation } = reported([line(1, 200, { principal: ROLE })], ledger)
    expect(findings.find(({ code }) => code === 'shared_role')).toMatchObject({
      principal: ROLE,
      owners: [
        { team: 'search', share: '0.6' },
        { team: 'support', share: '0.4' },
      ],
      usd: '0.0002',
    })
    expect(allocation.map(({ reason }) => reason)).toContain('shared_role')
  })

  it('[R9] finds calls past the gateway: who, how much, since when', () => {
    const { findings } = reported([line(1, 100), line(7, 50), line(9, 25)], [use(1, 'search', 100)])
    expect(findings.find(({ code }) => code === 'bypass')).toMatchObject({
      usd: '0.000075',
      tokens: 75,
      since: '2026-10-01T07:00:00.000Z',
    })
    expect(findings.map(({ code }) => code)).toContain('gateway_without_sessions')
  })

  it('[R12] carries corrections and lines without tokens through', () => {
    const bill = [
      line(1, -50, { principal: ROLE, usd: '-0.00005', ...tagged('search') }),
      line(2, 0, { principal: ROLE, usd: '0.00002', quantity: NO_EXACT, ...tagged('search') }),
    ]
    expect(given(bill, [])).toEqual(['search tag principal_tag -0.00003'])
  })
})
