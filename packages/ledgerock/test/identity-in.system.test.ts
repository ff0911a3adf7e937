// Every way to say who calls, through the whole system: pairs that sign (SigV4), AWS identities that STS vouches for, and nothing
// at all. The clients are unmodified; the ledger says whose calls they were.

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk'
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import {
  callGateway,
  CONVERSE_BODY,
  NOVA,
  signedCall,
  type GatewayAnswer,
  type GatewayCall,
  type Pair,
} from './support/gateway-call.ts'
import {
  ANONYMOUS_ADDRESS,
  AUDIENCE,
  createPair,
  KNOWN_CALLER,
  metric,
  OTHER_CALLER,
  proofOf,
  provingClient,
  recordServed,
  rotatePair,
  startIdentityInSystem,
} from './support/identity-in-system.ts'
import { recordOf } from './support/ledger-api.ts'
import { hasAwsCli, hasBoto3, runProgram } from './support/python.ts'
import { eventually, UPSTREAM_CREDENTIALS, type RunningSystem } from './support/running-system.ts'

const REGION = 'eu-west-1'
const CLAUDE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'
const { messages } = JSON.parse(CONVERSE_BODY) as Pick<ConverseCommand['input'], 'messages'>

let system: RunningSystem
let pair: Pair
beforeAll(async () => {
  system = await startIdentityInSystem()
  pair = await createPair(system, 'batch')
})
afterAll(() => system.dispose())

const call = (asked: Partial<GatewayCall>): Promise<GatewayAnswer> =>
  callGateway(system.gatewayUrl, asked)
const refusals = (reason: string): Promise<number> =>
  metric(system, 'ledgerock_credential_refusals_total', { reason })

const REFUSED = { status: 403, refusal: 'credential', errorType: 'UnrecognizedClientException' }

describe('a pair of access keys', () => {
  const environment = (): Record<string, string> => ({
    AWS_ACCESS_KEY_ID: pair.accessKeyId,
    AWS_SECRET_ACCESS_KEY: pair.secretAccessKey,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: system.gatewayUrl,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
  })

  const ask = {
    max_tokens: 50,
    messages: [{ role: 'user' as const, content: 'Name three rivers of Europe.' }],
  }
  /** In the region it was signed for, and as the gateway. */
  const SERVED = {
    status: 200,
    region: REGION,
    auth: 'sigv4',
    access_key_id: UPSTREAM_CREDENTIALS.accessKeyId,
  }
  const served: SimulatedCall[] = []
  function expectServed(): void {
    const newest = system.simulator.calls().at(-1) as SimulatedCall
    expect(newest).toMatchObject(SERVED)
    served.push(newest)
  }

  it.each([
    ['HTTP/2', () => ({})],
    ['HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
  ])('[Y12] [Y13] signs for the AWS SDK for JavaScript over %s', async (_protocol, handler) => {
    const client = new BedrockRuntimeClient({
      region: REGION,
      endpoint: system.gatewayUrl,
      credentials: pair,
      ...handler(),
    })
    const answer = await client.send(new ConverseCommand({ modelId: NOVA, messages }))
    client.destroy()
    expect(answer.usage?.outputTokens).toBeGreaterThan(0)
    expectServed()
  })

  it('[Y12] signs for Anthropic’s Bedrock SDK', async () => {
    const client = new AnthropicBedrock({
      baseURL: system.gatewayUrl,
      awsRegion: REGION,
      awsAccessKey: pair.accessKeyId,
      awsSecretKey: pair.secretAccessKey,
      apiKey: null,
    })
    const answer = await client.messages.create({ ...ask, model: CLAUDE })
    expect(answer.usage.output_tokens).toBeGreaterThan(0)
    expectServed()
  })

  it('[Y12] signs for Anthropic’s SDK of the mantle endpoint', async () => {
    const client = new AnthropicBedrockMantle({
      baseURL: `${system.gatewayUrl}/mantle/anthropic`,
      awsRegion: REGION,
      awsAccessKey: pair.accessKeyId,
      awsSecretAccessKey: pair.secretAccessKey,
      apiKey: null,
    })
    const answer = await client.messages.create({ ...ask, model: 'anthropic.claude-sonnet-4-6' })
    expect(answer.usage.output_tokens).toBeGreaterThan(0)
    expect(system.simulator.calls().at(-1)).toMatchObject({ ...SERVED, endpoint: 'mantle' })
  })

  it.skipIf(!hasBoto3())('[Y12] signs for boto3', async () => {
    const program = `
import boto3, json
client = boto3.client('bedrock-runtime')
answer = client.converse(modelId='${NOVA}', messages=json.loads('${JSON.stringify(messages)}'))
print(answer['usage']['outputTokens'])
`
    const result = await runProgram('python3', ['-c', program], environment())
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expectServed()
  })

  it.skipIf(!hasAwsCli())('[Y12] signs for the AWS CLI', async () => {
    const words = ['bedrock-runtime', 'converse', '--model-id', NOVA]
    const result = await runProgram(
      'aws',
      [...words, '--messages', JSON.stringify(messages)],
      environment(),
    )
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expectServed()
  })

  it('[Y5] signed for these calls, says the ledger', async () => {
    expect(served.length).toBeGreaterThan(2)
    for (const one of served) {
      expect(await recordServed(system, one)).toMatchObject({
        status: 'ok',
        key_name: 'batch',
        region: REGION,
        team: 'search',
        aws_request_id: one.request_id,
        cost_usd: one.cost_usd,
      })
    }
  })

  it('[Y12] covers the body: the same bytes pass, any others are refused', async () => {
    const signed = await signedCall(system.gatewayUrl, pair, { region: REGION })
    expect((await call(signed)).status).toBe(200)
    const before = system.simulator.calls().length
    const known = await refusals('body')
    const others = [signed.body.replace('three', 'seven'), '{}'.padEnd(signed.body.length)]
    for (const body of others) expect(await call({ ...signed, body })).toMatchObject(REFUSED)
    expect(await refusals('body')).toBe(known + 2)
    expect(await call({ ...signed, path: '/model/amazon.nova-pro-v1:0/converse' })).toMatchObject(
      REFUSED,
    )
    expect(system.simulator.calls()).toHaveLength(before)
  })

  it.each([-6, 6])('[Y12] is refused %i minutes off the clock, and served at four', async (off) => {
    const at = (minutes: number): Promise<GatewayCall> =>
      signedCall(system.gatewayUrl, pair, { region: REGION, clockAheadMs: minutes * 60_000 })
    const refused = await call(await at(off))
    expect(refused).toMatchObject(REFUSED)
    expect(refused.text).toContain('clock')
    expect((await call(await at(Math.sign(off) * 4))).status).toBe(200)
  })

  it('[Y12] of AWS itself, or with a secret that is wrong, is refused', async () => {
    for (const credentials of [KNOWN_CALLER, { ...pair, secretAccessKey: 'x'.repeat(40) }]) {
      const signed = await signedCall(system.gatewayUrl, credentials, { region: REGION })
      expect(await call(signed)).toMatchObject(REFUSED)
      expect(await call({ ...signed, from: ANONYMOUS_ADDRESS })).toMatchObject(REFUSED)
    }
  })

  it('[Y11] works on beside the next one, and is refused once the command that revokes it is done', async () => {
    const doomed = await createPair(system, 'doomed')
    const signed = await signedCall(system.gatewayUrl, doomed, { region: REGION })
    expect((await call(signed)).status).toBe(200)
    const rotated = await rotatePair(system, 'doomed')
    for (const credentials of [doomed, rotated]) {
      const again = await signedCall(system.gatewayUrl, credentials, { region: REGION })
      expect((await call(again)).status).toBe(200)
    }
    await ledgerockJson(system, 'keys', 'revoke', 'doomed')
    expect(await call(signed)).toMatchObject(REFUSED)
    expect(await call({ ...signed, from: ANONYMOUS_ADDRESS })).toMatchObject(REFUSED)
    const next = await signedCall(system.gatewayUrl, rotated, { region: REGION })
    expect(await call(next)).toMatchObject(REFUSED)
  })
})

describe('an AWS identity', () => {
  const asks = (): number =>
    system.simulator.sideCalls().filter(({ action }) => action === 'GetCallerIdentity').length

  const as = (proof: string): Pick<GatewayCall, 'headers'> => ({
    headers: { 'x-ledgerock-aws-identity': proof },
  })

  it('[W8] is asked of STS once, however many calls bring it, and owns its calls', async () => {
    const before = asks()
    const proof = as(await proofOf(KNOWN_CALLER))
    const first = await Promise.all(Array.from({ length: 8 }, () => call(proof)))
    const later = await call({
      headers: { ...proof.headers, 'x-ledgerock-team': 'growth', 'x-ledgerock-feature': 'rank' },
    })
    expect([...first, later].map(({ status }) => status)).toEqual(Array(9).fill(200))
    expect(asks()).toBe(before + 1)
    expect(await recordOf(system, later.callId)).toMatchObject({
      key_name: null,
      principal_arn: KNOWN_CALLER.principalArn,
      team: 'search',
      application: 'search-api',
      cost_center: 'cc-12',
      feature: 'rank',
      provenance: { team: 'identity', application: 'identity', cost_center: 'identity' },
      conflicts: [{ dimension: 'team', kept: 'search', ignored: 'growth' }],
    })
  })

  it('[Y13] goes with an AWS SDK that signs as it always does, to the region it signs for', async () => {
    const place = { region: REGION, endpoint: system.gatewayUrl }
    const client = await provingClient(KNOWN_CALLER, place)
    await client.send(new ConverseCommand({ modelId: NOVA, messages }))
    client.destroy()
    const served = system.simulator.calls().at(-1) as SimulatedCall
    expect(served).toMatchObject({
      region: REGION,
      access_key_id: UPSTREAM_CREDENTIALS.accessKeyId,
    })
    expect(await recordServed(system, served)).toMatchObject({
      region: REGION,
      principal_arn: KNOWN_CALLER.principalArn,
      team: 'search',
    })
  })

  it.skipIf(!hasBoto3())('[W5] is taken as boto3 signs it', async () => {
    const script = join(dirname(import.meta.dirname), 'src/aws/testing/identity-header.py')
    const made = await runProgram('python3', [script, AUDIENCE], {
      AWS_ACCESS_KEY_ID: OTHER_CALLER.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OTHER_CALLER.secretAccessKey,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
    })
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const { status, callId } = await call(as(made.stdout.trim()))
    expect(status).toBe(200)
    expect(await recordOf(system, callId)).toMatchObject({
      principal_arn: OTHER_CALLER.principalArn,
      team: 'unknown',
      cost_center: 'cc-12',
    })
  })

  it('[W6] for another gateway is refused without asking, and so is what is no proof', async () => {
    const before = asks()
    const other = await proofOf(KNOWN_CALLER, 'another.gateway.internal')
    for (const from of ['127.0.0.1', ANONYMOUS_ADDRESS]) {
      expect(await call({ ...as(other), from })).toMatchObject(REFUSED)
      expect(await call({ ...as('bm90IGEgcHJvb2Y'), from })).toMatchObject(REFUSED)
    }
    expect(asks()).toBe(before)
    expect(await refusals('audience')).toBe(2)
  })

  it('[W9] nobody knows yet has to wait for STS to be back; who is known is served', async () => {
    const known = as(await proofOf(KNOWN_CALLER))
    expect((await call(known)).status).toBe(200)
    const fresh = as(await proofOf(OTHER_CALLER))
    system.simulator.setDown('sts', true)
    expect(await call(fresh)).toMatchObject({
      status: 503,
      refusal: 'identity_unavailable',
      errorType: 'ServiceUnavailableException',
    })
    expect((await call(known)).status).toBe(200)
    system.simulator.setDown('sts', false)
    expect((await call(fresh)).status).toBe(200)
  })

  it('[W5] STS says no to is refused', async () => {
    const wrong = { ...KNOWN_CALLER, secretAccessKey: 'not-the-secret' }
    expect(await call(as(await proofOf(wrong)))).toMatchObject(REFUSED)
    expect(await refusals('sts_refused')).toBe(1)
  })
})

describe('a call without a credential', () => {
  const claims = { 'x-ledgerock-team': 'growth', 'x-ledgerock-environment': 'prod' }

  it('[Y12] is recorded from a listed address, as nobody’s, and refused from others', async () => {
    const forwarded = {
      'x-forwarded-for': ANONYMOUS_ADDRESS,
      forwarded: `for=${ANONYMOUS_ADDRESS}`,
    }
    expect(await call({ headers: claims })).toMatchObject(REFUSED)
    expect(await call({ headers: { ...claims, ...forwarded } })).toMatchObject(REFUSED)
    const { status, callId } = await call({ headers: claims, from: ANONYMOUS_ADDRESS })
    expect(status).toBe(200)
    const record = await recordOf(system, callId)
    expect(record).toMatchObject({
      status: 'ok',
      key_name: null,
      principal_arn: null,
      team: 'unknown',
      environment: 'unknown',
      provenance: { team: 'unknown', environment: 'unknown' },
    })
    expect(record.conflicts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ dimension: 'team', kept: 'unknown', ignored: 'growth' }),
        expect.objectContaining({ dimension: 'environment', kept: 'unknown', ignored: 'prod' }),
      ]),
    )
    expect(record.input_tokens).toBeGreaterThan(0)
    expect(Number(record.cost_usd)).toBeGreaterThan(0)
  })

  it.each([
    ['a key nobody made', { authorization: 'Bearer lrk_nobody_made_this' }],
    ['an empty bearer token', { authorization: 'Bearer ' }],
    ['an empty key', { 'x-api-key': '' }],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=LRKA' }],
    ['an empty identity', { 'x-ledgerock-aws-identity': '' }],
  ])('[Y12] %s does not make a call anonymous', async (_what, headers) => {
    expect(await call({ headers, from: ANONYMOUS_ADDRESS })).toMatchObject(REFUSED)
  })

  it('[Y26] and calls without a dimension that is to be reported are counted', async () => {
    const missing = (): Promise<number> =>
      metric(system, 'ledgerock_dimensions_missing_total', { dimension: 'environment' })
    const key = await system.createKey('reported', { team: 'search' })
    const before = await missing()
    const authorization = `Bearer ${key}`
    expect((await call({ headers: { authorization } })).status).toBe(200)
    const told = { authorization, 'x-ledgerock-environment': 'prod' }
    expect((await call({ headers: told })).status).toBe(200)
    expect(await missing()).toBe(before + 1)
  })
})

describe('an owner', () => {
  it('[Y13] is found by the name of a key, and by a project only where AWS knows projects', async () => {
    const key = await system.createKey('owned-by-name')
    const headers = { authorization: `Bearer ${key}`, 'openai-project': 'proj_one' }
    const byName = await call({ headers })
    const body = JSON.stringify({
      model: 'openai.gpt-oss-20b-1:0',
      messages: [{ role: 'user', content: 'Name three rivers of Europe.' }],
    })
    const byProject = await call({ headers, body, path: '/mantle/v1/chat/completions' })
    expect([byName.status, byProject.status]).toEqual([200, 200])
    expect(await recordOf(system, byName.callId)).toMatchObject({
      team: 'platform',
      application: 'unknown',
    })
    expect(await recordOf(system, byProject.callId)).toMatchObject({
      team: 'platform',
      application: 'one',
      provenance: { team: 'identity', application: 'identity' },
    })
  })
  it('[A15] is the one of the file that was read last', async () => {
    const key = await system.createKey('owned-by-file')
    const file = join(system.dataDir, 'ledgerock.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('team: platform', 'team: moved'))
    process.kill(system.pid, 'SIGHUP')
    await eventually(async () => {
      const answer = await call({ headers: { authorization: `Bearer ${key}` } })
      expect(answer.status).toBe(200)
      const newest = system.simulator.calls().at(-1)
      return newest?.request_metadata?.['team'] === 'moved' || null
    }, 'the new owner')
  })
})
