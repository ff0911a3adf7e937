import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSessionTemplate } from '../../aws/session-words.ts'
import { readSessionName } from '../session-name.ts'
import { faultsOf } from '../testing/faults-of.ts'

const ROLE = 'arn:aws:iam::123456789012:role/team/bedrock'
const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123'

function session(rest: string, dimensions = '{ team: { values: [search, ops] } }'): string {
  return `dimensions: ${dimensions}
bedrock:
  account_id: "123456789012"
  identity: { mode: session, role_arn: '${ROLE}', ${rest} }`
}

describe('identity session', () => {
  it.each([
    session("session_name: 'lr-{team}', tags: { team: team, 'cost center': team }"),
    session("session_name: 'lr-{workflow_id}'", '{ workflow_id: { max_values: 500 } }'),
    session(
      "session_name: '{team}.{user_id}'",
      '{ team: { assert: [credential] }, user_id: { assert: [credential, identity] } }',
    ),
    session('session_name: ledgerock, on_failure: gateway'),
  ])('[O12] may be made by dimensions with few values: %s', (text) => {
    expect(faultsOf(text)).toEqual([])
  })

  const MANY =
    'may have too many values for sessions: declare its values (at most 500), set max_values to 500 or less, or leave request out of its assert'

  it.each([
    ["session_name: 'lr-{user_id}'", '{}', `session_name: {user_id}: user_id ${MANY}`],
    ['session_name: lr, tags: { u: user_id }', '{}', `tags.u: user_id ${MANY}`],
    [
      'session_name: lr, tags: { w: workflow_id }',
      '{ workflow_id: { max_values: 501 } }',
      `tags.w: workflow_id ${MANY}`,
    ],
    [
      "session_name: 'lr-{feature}'",
      `{ feature: { values: [${Array.from({ length: 501 }, (_, index) => `v${index}`).join(', ')}] } }`,
      `session_name: {feature}: feature ${MANY}`,
    ],
  ])('[O12] is refused where its sessions could become many: %s', (rest, dimensions, fault) => {
    const faults = faultsOf(session(rest, dimensions))
    expect(faults.map((each) => each.replace(/^\S+ bedrock\.identity\./, ''))).toEqual([fault])
  })

  it('[O12] is refused where STS would not take it', () => {
    const text = session(
      `session_name: 'lr/{tem}', tags: { team: team, Team: team, 'aws:x': team, 'a*b': team }`,
    )
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:101 bedrock.identity.session_name: must be letters, digits and _+=,.@- with dimensions in braces, such as lr-{team}",
        "l.yaml:4:139 bedrock.identity.tags.Team: is there twice for STS",
        "l.yaml:4:145 bedrock.identity.tags.aws:x: must be a tag key: 1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws:",
        "l.yaml:4:160 bedrock.identity.tags.a*b: must be a tag key: 1 to 128 letters, digits, spaces and _.:/=+-@, not starting with aws:",
      ]
    `)
    const fifty = Array.from({ length: 51 }, (_, index) => `t${index}: team`).join(', ')
    expect(faultsOf(session(`session_name: lr, tags: { ${fifty} }`))).toMatchInlineSnapshot(`
      [
        "l.yaml:4:111 bedrock.identity.tags: must be at most 50 tags",
      ]
    `)
    const elsewhere = session("session_name: 'lr'").replace('"123456789012"', '"210987654321"')
    expect(faultsOf(elsewhere)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:40 bedrock.identity.role_arn: is in another account than account_id",
      ]
    `)
  })

  it.each([
    ['lr-{team}', ['team']],
    ['{team}{feature}', ['team', 'feature']],
    ['{team}', ['team']],
    ['_+=,.@-', []],
    [`${'x'.repeat(32)}{team}`, ['team']],
  ])('[O12] reads the name %s', (template, value) => {
    expect(readSessionName(template)).toEqual({ ok: true, value })
  })

  it.each(['', 'a', '{}', 'a b', 'lr-{team', 'lr-team}', 'lr:{team}', 'ü-{team}', '{{team}}'])(
    '[O12] refuses the name %j',
    (template) => {
      expect(readSessionName(template).ok).toBe(false)
    },
  )

  it('[O12] takes exactly the names that sessions can be made with', () => {
    const part = fc.constantFrom('{team}', '{', '}', '{}', 'lr-', 'x'.repeat(16), ' ', 'a', '')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const template = parts.join('')
        expect(readSessionName(template).ok).toBe(compileSessionTemplate(template).ok)
      }),
    )
  })
})

describe('identities', () => {
  it.each([
    [
      '{ mode: session }',
      ['role_arn: is missing: session needs it', 'session_name: is missing: session needs it'],
    ],
    ['{ mode: profiles }', ['map: is missing: profiles needs it']],
    [
      `{ role_arn: '${ROLE}', tags: {} }`,
      ['role_arn: needs mode: session', 'tags: needs mode: session'],
    ],
    [
      `{ mode: profiles, role_arn: '${ROLE}', map: [ { model: m, arn: '${PROFILE}' } ] }`,
      ['role_arn: needs mode: session'],
    ],
    [
      "{ mode: session, role_arn: 'arn:aws:iam::1:user/x', session_name: lr }",
      [
        'role_arn: must be the ARN of an IAM role: arn:aws:iam::123456789012:role/name, not arn:aws:iam::1:user/x',
      ],
    ],
  ])('%s has the keys of its mode and no others', (identity, faults) => {
    const found = faultsOf(`bedrock: { identity: ${identity} }`)
    expect(found.map((each) => each.replace(/^\S+ bedrock\.identity\./, ''))).toEqual(faults)
  })

  it('[O11] rules of profiles: what they name is there, and none is hidden', () => {
    const text = `
bedrock:
  region: us-east-1
  account_id: "123456789012"
  identity:
    mode: profiles
    map:
      - { when: { team: search }, model: anthropic.claude-sonnet-4-6, arn: '${PROFILE}' }
      - { when: { team: search, feature: x }, model: anthropic.claude-sonnet-4-6, arn: '${PROFILE}' }
      - { when: { tem: search }, model: m, arn: '${PROFILE.replace('us-east-1', 'eu-west-1')}' }
      - { model: n, arn: '${PROFILE.replace('123456789012', '210987654321')}' }
      - { model: o, arn: '${PROFILE.replace('application-', '')}' }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:9:9 bedrock.identity.map[1]: can never be chosen: map[0] takes all its calls",
        "l.yaml:10:24 bedrock.identity.map[2].when.tem: there is no such dimension; did you mean team?",
        "l.yaml:10:49 bedrock.identity.map[2].arn: is not in us-east-1, where it is used",
        "l.yaml:11:26 bedrock.identity.map[3].arn: is in another account than account_id",
        "l.yaml:12:26 bedrock.identity.map[4].arn: must be the ARN of an application inference profile: arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/id, not arn:aws:bedrock:us-east-1:123456789012:inference-profile/abc…",
      ]
    `)
  })
})
