import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from '../kernel/glob.ts'
import { classifyPrincipal, PRINCIPAL_KINDS, type PrincipalKind } from './principal.ts'

const ACCOUNT = '123456789012'
const SSO = 'AWSReservedSSO_PowerUserAccess_0123456789abcdef'

const FORMS: readonly (readonly [
  arn: string,
  kind: PrincipalKind,
  name: string | null,
  session: string | null,
])[] = [
  [`arn:aws:iam::${ACCOUNT}:user/alice`, 'iam_user', 'alice', null],
  [`arn:aws:iam::${ACCOUNT}:user/people/search/alice`, 'iam_user', 'alice', null],
  [`arn:aws-cn:iam::${ACCOUNT}:user/alice`, 'iam_user', 'alice', null],
  [
    `arn:aws:iam::${ACCOUNT}:user/BedrockAPIKey-234s`,
    'bedrock_api_key_user',
    'BedrockAPIKey-234s',
    null,
  ],
  [`arn:aws:iam::${ACCOUNT}:role/application-role`, 'role', 'application-role', null],
  [`arn:aws:iam::${ACCOUNT}:role/service-role/fn`, 'role', 'fn', null],
  [
    `arn:aws:iam::${ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX`,
    'service',
    'AWSServiceRoleForX',
    null,
  ],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/i-0abc`, 'role_session', 'AppRole', 'i-0abc'],
  [`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/A/s`, 'role_session', 'A', 's'],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/${SSO}/jane@acme.org`,
    'identity_center_session',
    SSO,
    'jane@acme.org',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/AWSServiceRoleForX/s`,
    'service',
    'AWSServiceRoleForX',
    's',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock-bedrock/lr-search`,
    'gateway_session',
    'ledgerock-bedrock',
    'lr-search',
  ],
  [`arn:aws:iam::${ACCOUNT}:root`, 'root', null, null],
  ['bedrock.amazonaws.com', 'service', 'bedrock.amazonaws.com', null],
  [`arn:aws:sts::${ACCOUNT}:federated-user/bob`, 'unknown', null, null],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/only-a-role`, 'unknown', null, null],
  [`arn:aws:iam::${ACCOUNT}:user/`, 'unknown', null, null],
  [`arn:aws:s3:::bucket`, 'unknown', null, null],
  [`arn:aws:iam::1234:root`, 'unknown', null, null],
  ['', 'empty', null, null],
  // As AWS and its customers write them: partitions, paths, long sessions, and what only looks like one of them.
  [`arn:aws-us-gov:iam::${ACCOUNT}:user/alice`, 'iam_user', 'alice', null],
  [`arn:aws:iam::${ACCOUNT}:user/alice@acme.org`, 'iam_user', 'alice@acme.org', null],
  [`arn:aws:iam::${ACCOUNT}:user/BedrockAPIKey`, 'iam_user', 'BedrockAPIKey', null],
  [`arn:aws:iam::${ACCOUNT}:user/MyBedrockAPIKey-1`, 'iam_user', 'MyBedrockAPIKey-1', null],
  [`arn:aws:iam::${ACCOUNT}:user/BedrockAPIKey-1/alice`, 'iam_user', 'alice', null],
  [
    `arn:aws-cn:iam::${ACCOUNT}:user/BedrockAPIKey-x`,
    'bedrock_api_key_user',
    'BedrockAPIKey-x',
    null,
  ],
  [
    `arn:aws:iam::${ACCOUNT}:user/keys/BedrockAPIKey-9`,
    'bedrock_api_key_user',
    'BedrockAPIKey-9',
    null,
  ],
  [`arn:aws:iam::${ACCOUNT}:role/team/search/api`, 'role', 'api', null],
  [`arn:aws:iam::${ACCOUNT}:role/BedrockAPIKey-1`, 'role', 'BedrockAPIKey-1', null],
  [
    `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${SSO}`,
    'role',
    SSO,
    null,
  ],
  [
    `arn:aws:iam::${ACCOUNT}:role/AWSServiceRoleForBedrock`,
    'service',
    'AWSServiceRoleForBedrock',
    null,
  ],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`, 'role_session', 'AppRole', 'session'],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/fn-role/my-function`,
    'role_session',
    'fn-role',
    'my-function',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/Role/user@acme.org`,
    'role_session',
    'Role',
    'user@acme.org',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/BedrockRole/gw-user-1`,
    'role_session',
    'BedrockRole',
    'gw-user-1',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/R/botocore-session-1761000000`,
    'role_session',
    'R',
    'botocore-session-1761000000',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_X_0123456789abcde/jo`,
    'role_session',
    'AWSReservedSSO_X_0123456789abcde',
    'jo',
  ],
  [`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/${SSO}/jo`, 'identity_center_session', SSO, 'jo'],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_A_B_fedcba9876543210/jo`,
    'identity_center_session',
    'AWSReservedSSO_A_B_fedcba9876543210',
    'jo',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock-bedrock/lr-team-a=1`,
    'gateway_session',
    'ledgerock-bedrock',
    'lr-team-a=1',
  ],
  [
    `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock-bedrock-2/lr-a`,
    'role_session',
    'ledgerock-bedrock-2',
    'lr-a',
  ],
  [`arn:aws-cn:iam::${ACCOUNT}:root`, 'root', null, null],
  [`arn:aws:iam::${ACCOUNT}:user/root`, 'iam_user', 'root', null],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/root/root`, 'role_session', 'root', 'root'],
  ['lambda.amazonaws.com', 'service', 'lambda.amazonaws.com', null],
  ['ec2.amazonaws.com.cn', 'service', 'ec2.amazonaws.com.cn', null],
  ['bedrock.amazonaws.com.evil.example', 'unknown', null, null],
  [`arn:aws:sts::${ACCOUNT}:assumed-role//session`, 'unknown', null, null],
  [`arn:aws:sts::${ACCOUNT}:assumed-role/a/b/c`, 'unknown', null, null],
  [`arn:aws:iam::${ACCOUNT}:role/`, 'unknown', null, null],
  [`arn:aws:iam::${ACCOUNT}:group/people`, 'unknown', null, null],
  [`arn:aws:iam::${ACCOUNT}:rooty`, 'unknown', null, null],
  [`arn:aws:iam::${ACCOUNT}:oidc-provider/x`, 'unknown', null, null],
  [`arn:aws:sts::${ACCOUNT}:self`, 'unknown', null, null],
  [ACCOUNT, 'unknown', null, null],
  ['AIDACKCEVSQ6C2EXAMPLE', 'unknown', null, null],
  ['anonymous', 'unknown', null, null],
  [' ', 'unknown', null, null],
  ['evil.example.com', 'unknown', null, null],
]

const isOurs = compileGlob('arn:aws:sts::*:assumed-role/ledgerock-bedrock/*')

describe('classifyPrincipal', () => {
  it.each(FORMS)('[A14] %s is %s', (arn, kind, name, session) => {
    expect(classifyPrincipal(arn, isOurs)).toMatchObject({ kind, arn, name, session })
  })

  it('[A14] every kind is reached by one of the forms', () => {
    expect(new Set(FORMS.map(([, kind]) => kind))).toEqual(new Set(PRINCIPAL_KINDS))
  })

  it('[A14] only a session can be ours, and only where somebody said so', () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock-bedrock/lr-search`
    expect(classifyPrincipal(arn).kind).toBe('role_session')
    expect(classifyPrincipal(`arn:aws:iam::${ACCOUNT}:user/x`, () => true).kind).toBe('iam_user')
  })

  it('[A14] a name somebody chose for a user, role or session never makes it another kind', () => {
    const word = fc.stringMatching(/^[\w+=,.@-]{2,40}$/)
    fc.assert(
      fc.property(word, word, (role, session) => {
        fc.pre(!role.startsWith('AWS'))
        const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`
        expect(classifyPrincipal(arn)).toEqual({
          kind: 'role_session',
          arn,
          accountId: ACCOUNT,
          name: role,
          session,
        })
      }),
    )
  })
})
