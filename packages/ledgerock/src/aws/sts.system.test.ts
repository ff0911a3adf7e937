// Identity in and out against a real implementation of STS (moto), with the clients people use: boto3 and the AWS SDK for
// JavaScript make the proof as the guide shows; the AWS SDK assumes the role.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAssumeRole } from './assume-role.ts'
import { createGatewayLender } from './credential-lender.ts'
import { createIdentityVerifier } from './identity-verifier.ts'
import { createStsSender } from './send-to-sts.ts'
import { createSessionLender } from './session-lender.ts'
import { identityHeader } from './testing/identity-header.ts'
import { freePort, hasMoto, listening, startMoto, type Moto } from './testing/moto.ts'

const AUDIENCE = 'ledgerock.acme.internal'
const PYTHON_CLIENT = fileURLToPath(new URL('testing/identity-header.py', import.meta.url))
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }

describe.skipIf(!hasMoto())('STS', () => {
  let moto: Moto
  let url = ''

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    moto = startMoto(port)
    await listening(url)
  })
  afterAll(() => moto.stop())

  const verifier = () =>
    createIdentityVerifier({ clock, audience: AUDIENCE, send: createStsSender(url) })
  const VERIFIED = {
    kind: 'verified',
    accountId: '123456789012',
    principalArn: 'arn:aws:sts::123456789012:user/moto',
  }

  it('[W5] [W8] says who a client with the AWS SDK for JavaScript is', async () => {
    const sts = new STSClient({ region: 'eu-west-1', credentials: CREDENTIALS })
    const token = await identityHeader(sts, AUDIENCE)
    expect(await verifier().verify(token)).toMatchObject(VERIFIED)
    const other = await identityHeader(sts, 'other.acme.internal')
    expect(await verifier().verify(other)).toEqual({ kind: 'refused', reason: 'audience' })
  })

  it('[W5] [W8] says who a client with boto3 is', async () => {
    const { stdout } = await promisify(execFile)('python3', [PYTHON_CLIENT, AUDIENCE], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'token/+=',
        AWS_DEFAULT_REGION: 'us-west-2',
      },
    })
    expect(await verifier().verify(stdout.trim())).toMatchObject(VERIFIED)
  })

  it('[W11] gives a session named and tagged for its owner, and the gateway’s own where it is down', async () => {
    process.env['AWS_ENDPOINT_URL_STS'] = url
    const source = () => Promise.resolve(CREDENTIALS)
    const assume = createAssumeRole({ region: 'us-east-1', credentials: source, endpoint: null })
    const reports: string[] = []
    const lender = createSessionLender(
      {
        clock,
        assume,
        gateway: createGatewayLender({ current: () => CREDENTIALS, load: source }, () => null),
        onFailure: (reason) => reports.push(reason),
      },
      {
        roleArn: 'arn:aws:iam::123456789012:role/ledgerock-bedrock',
        sessionName: 'lr-{team}',
        tags: { team: 'team' },
        onFailure: 'gateway',
      },
    )
    try {
      const lent = await lender.load({ team: 'R&D' })
      expect(lent.principalArn).toMatch(
        /^arn:aws:sts::123456789012:assumed-role\/ledgerock-bedrock\/lr-R-D=[a-z2-7]{10}$/,
      )
      expect(lent).toMatchObject({ accountId: '123456789012', fellBack: false })
      expect(lent.credentials.sessionToken).toBeTypeOf('string')
      expect(lender.current({ team: 'R&D' })).toBe(lent)
      moto.stop()
      expect(await lender.load({ team: 'search' })).toMatchObject({
        credentials: CREDENTIALS,
        fellBack: true,
      })
      expect(reports).not.toEqual([])
      const sts = new STSClient({
        region: 'eu-west-1',
        credentials: CREDENTIALS,
        endpoint: 'https://sts.eu-west-1.amazonaws.com',
      })
      const token = await identityHeader(sts, AUDIENCE)
      await expect(verifier().verify(token)).rejects.toMatchObject({ code: 'identity_unavailable' })
    } finally {
      lender.stop()
      delete process.env['AWS_ENDPOINT_URL_STS']
    }
  })
})
