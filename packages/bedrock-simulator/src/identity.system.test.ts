// Who calls, across accounts and sessions: the AWS SDK's STS and control-plane clients, and the runtime client with what STS
// handed out.

import { BedrockClient, GetInferenceProfileCommand } from '@aws-sdk/client-bedrock'
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './simulator.ts'
import { bearerClient, bedrockClient, CREDENTIAL, userText } from './testing/aws-clients.ts'

const OTHER = {
  accessKeyId: 'AKIAOTHERACCOUNT',
  secretAccessKey: 'another/secret',
  accountId: '444455556666',
  principalArn: 'arn:aws:iam::444455556666:user/ci',
}
const ROLE = 'arn:aws:iam::111122223333:role/teams/bedrock-caller'
const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/searchteam01'
const SONNET = 'anthropic.claude-sonnet-4-6'

let nowMs = 0
let simulator: Simulator

beforeAll(async () => {
  nowMs = Date.now()
  simulator = await startSimulator({
    credentials: [CREDENTIAL, OTHER],
    bearerKeys: [{ key: 'a-european-key', region: 'eu-central-1', accountId: '777788889999' }],
    roles: [ROLE],
    inferenceProfiles: { [PROFILE]: `us.${SONNET}` },
    clock: { now: () => nowMs },
  })
})
afterAll(() => simulator.close())
beforeEach(() => {
  nowMs = Date.now()
  simulator.reset()
})

type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

function sts(credentials: Credentials = CREDENTIAL): STSClient {
  const endpoint = `${simulator.url}/sts`
  return new STSClient({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 })
}

async function assume(input: Partial<AssumeRoleCommandInput> = {}): Promise<Required<Credentials>> {
  const { Credentials: given } = await sts().send(
    new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'lr-search', ...input }),
  )
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
}

const HELLO = new ConverseCommand({ modelId: SONNET, messages: [userText('Hello')] })

describe('STS', () => {
  it('[S24] says who calls', async () => {
    expect(await sts().send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: `arn:aws:iam::123456789012:user/${CREDENTIAL.accessKeyId}`,
    })
    const other = await sts(OTHER).send(new GetCallerIdentityCommand({}))
    expect(other).toMatchObject({ Account: '444455556666', Arn: OTHER.principalArn })
    const session = await sts(await assume()).send(new GetCallerIdentityCommand({}))
    expect(session.Arn).toBe('arn:aws:sts::111122223333:assumed-role/bedrock-caller/lr-search')
    await expect(
      sts({ ...CREDENTIAL, secretAccessKey: 'wrong' }).send(new GetCallerIdentityCommand({})),
    ).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
  })

  it('[S24] hands out sessions that sign calls, and the record names them', async () => {
    const credentials = await assume({
      Tags: [
        { Key: 'team', Value: 'search' },
        { Key: 'environment', Value: 'prod' },
      ],
    })
    await bedrockClient(simulator, 'h2c', { credentials }).send(HELLO)
    expect(simulator.calls()[0]).toMatchObject({
      status: 200,
      principal_arn: 'arn:aws:sts::111122223333:assumed-role/bedrock-caller/lr-search',
      session_tags: { team: 'search', environment: 'prod' },
      account_id: '111122223333',
      access_key_id: credentials.accessKeyId,
    })
    expect(simulator.sideCalls()).toMatchObject([
      { service: 'sts', action: 'AssumeRole', subject: ROLE },
    ])
  })

  it('[S24] ends a session on time, and wants its token', async () => {
    const credentials = await assume({ DurationSeconds: 900 })
    const forged = { ...credentials, sessionToken: 'made-up' }
    const once = { maxAttempts: 1 }
    const withForged = bedrockClient(simulator, 'h2c', { ...once, credentials: forged })
    await expect(withForged.send(HELLO)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
    nowMs += 900_000
    const late = bedrockClient(simulator, 'h2c', { ...once, credentials })
    await expect(late.send(HELLO)).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  })

  it.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['ValidationError', { RoleSessionName: 'x' }],
    ['ValidationError', { RoleSessionName: 'has a space' }],
    ['ValidationError', { DurationSeconds: 899 }],
    ['ValidationError', { Tags: [{ Key: 'a*b', Value: '' }] }],
    [
      'ValidationError',
      {
        Tags: [
          { Key: 'a', Value: '' },
          { Key: 'A', Value: '' },
        ],
      },
    ],
    ['AccessDenied', { RoleArn: 'arn:aws:iam::111122223333:role/another' }],
  ])('[S24] refuses with %s: %j', async (name, input) => {
    await expect(assume(input)).rejects.toMatchObject({ name })
  })

  it('[S24] can be down, and up again', async () => {
    simulator.setDown('sts', true)
    await expect(assume()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } })
    simulator.setDown('sts', false)
    await expect(assume()).resolves.toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) })
  })
})

describe('GetInferenceProfile', () => {
  function control(): BedrockClient {
    const { url: endpoint } = simulator
    return new BedrockClient({
      region: 'us-east-1',
      endpoint,
      credentials: CREDENTIAL,
      maxAttempts: 1,
    })
  }
  const get = (inferenceProfileIdentifier: string): GetInferenceProfileCommand =>
    new GetInferenceProfileCommand({ inferenceProfileIdentifier })

  it.each([PROFILE, 'searchteam01'])('[S29] shows what stands behind %s', async (identifier) => {
    const profile = await control().send(get(identifier))
    expect(profile).toMatchObject({
      type: 'APPLICATION',
      status: 'ACTIVE',
      inferenceProfileArn: PROFILE,
      inferenceProfileId: 'searchteam01',
    })
    expect(profile.models?.map((model) => model.modelArn)).toEqual(
      ['us-east-1', 'us-east-2', 'us-west-2'].map(
        (region) => `arn:aws:bedrock:${region}::foundation-model/${SONNET}`,
      ),
    )
  })

  it('[S29] knows system profiles, a global one by a model without a region', async () => {
    const profile = await control().send(get(`global.${SONNET}`))
    expect(profile).toMatchObject({
      type: 'SYSTEM_DEFINED',
      inferenceProfileId: `global.${SONNET}`,
    })
    expect(profile.models?.map((model) => model.modelArn)).toContain(
      `arn:aws:bedrock:::foundation-model/${SONNET}`,
    )
  })

  it('[S29] does not find what is none', async () => {
    for (const identifier of [SONNET, 'nobody', PROFILE.replace('searchteam01', 'nobody')]) {
      await expect(control().send(get(identifier))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
      })
    }
  })
})

describe('accounts and regions', () => {
  it('[S24] every credential calls in its own account, every signature in its region', async () => {
    const elsewhere = { credentials: OTHER, region: 'us-west-2' }
    await bedrockClient(simulator, 'h2c', elsewhere).send(HELLO)
    await bearerClient(simulator, 'a-european-key').send(HELLO)
    expect(simulator.calls()).toMatchObject([
      { account_id: '444455556666', region: 'us-west-2', principal_arn: OTHER.principalArn },
      {
        account_id: '777788889999',
        region: 'eu-central-1',
        auth: 'bearer',
        principal_arn: expect.stringMatching(/:user\/BedrockAPIKey-\w{4}$/),
      },
    ])
  })
})
