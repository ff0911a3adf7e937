// Against the simulator, which checks signatures as AWS does: what is rebuilt from a proof still carries its caller's signature, and
// what is spoilt does not.

import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProfileAsker } from './ask-inference-profile.ts'
import { createAssumeRole } from './assume-role.ts'
import { createIdentityVerifier } from './identity-verifier.ts'
import { createStsSender } from './send-to-sts.ts'
import {
  AUDIENCE,
  CREDENTIALS,
  encodeProof,
  presignedProof,
  signedProof,
} from './testing/signed-identity.ts'

const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/search'
const now = { atMs: Date.now() }
const PRINCIPAL = 'arn:aws:sts::123456789012:assumed-role/search-api/i-1'

describe('identity and profiles against the simulator', () => {
  let simulator: Simulator
  beforeAll(async () => {
    simulator = await startSimulator({
      accountId: '123456789012',
      credentials: [{ ...CREDENTIALS, principalArn: PRINCIPAL }],
      inferenceProfiles: { [PROFILE]: 'us.anthropic.claude-sonnet-4-6' },
    })
  })
  afterAll(() => simulator.close())

  const verify = (proof: unknown) =>
    createIdentityVerifier({
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      audience: AUDIENCE,
      send: createStsSender(`${simulator.url}/sts`),
    }).verify(encodeProof(proof))

  it('[W5] a proof reaches STS with its signature whole, signed either way', async () => {
    const verified = { kind: 'verified', principalArn: PRINCIPAL, accountId: '123456789012' }
    expect(await verify(await signedProof(now))).toMatchObject(verified)
    expect(await verify(await presignedProof(now))).toMatchObject(verified)
    const more = { 'x-amz-user-agent': 'a  client/1', accept: '*/*', 'accept-encoding': 'identity' }
    expect(await verify(await signedProof({ ...now, headers: more }))).toMatchObject(verified)
  })

  it('[W6] a proof renamed for this gateway after it was signed is refused by STS', async () => {
    const headers = { 'x-ledgerock-gateway': 'other.acme.internal' }
    for (const proof of [
      await signedProof({ ...now, headers }),
      await presignedProof({ ...now, headers }),
    ]) {
      const renamed = { ...proof, headers: { ...proof.headers, 'x-ledgerock-gateway': AUDIENCE } }
      expect(await verify(renamed)).toEqual({ kind: 'refused', reason: 'sts_refused' })
    }
  })

  it('[W11] a session is had from it, and signs as its owner', async () => {
    const assume = createAssumeRole({
      region: 'us-east-1',
      credentials: () => Promise.resolve(CREDENTIALS),
      endpoint: `${simulator.url}/sts/`,
    })
    const session = await assume({
      roleArn: 'arn:aws:iam::123456789012:role/ledgerock-bedrock',
      sessionName: 'lr-search',
      tags: [['team', 'search']],
    })
    expect(session).toMatchObject({
      principalArn: 'arn:aws:sts::123456789012:assumed-role/ledgerock-bedrock/lr-search',
      accountId: '123456789012',
    })
  })

  it('[W16] the model behind a profile is the one it was copied from', async () => {
    const { ask, close } = createProfileAsker([
      {
        region: 'us-east-1',
        accountId: null,
        endpoint: simulator.url,
        credentials: () => Promise.resolve(CREDENTIALS),
      },
    ])
    expect(await ask(PROFILE)).toEqual({
      modelId: 'us.anthropic.claude-sonnet-4-6',
      source: 'profile',
    })
    close()
  })
})
