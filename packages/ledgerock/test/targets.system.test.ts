// Several accounts and regions behind one gateway: where a call goes, by everything that may say so, and that an account or a region
// nobody configured is not called. Two simulators stand for two places of AWS.

import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  callGateway,
  NOVA,
  signedCall,
  type GatewayAnswer,
  type GatewayCall,
  type Pair,
  type Signing,
} from './support/gateway-call.ts'
import { recordOf } from './support/ledger-api.ts'
import { startSystem, UPSTREAM_CREDENTIALS, type RunningSystem } from './support/running-system.ts'

const ACCOUNT = '123456789012'
const ADS_ACCOUNT = '222222222222'

const DEFAULT = 'us-east-1'
const ADS_PROFILE = `arn:aws:bedrock:${DEFAULT}:${ADS_ACCOUNT}:application-inference-profile/ads`
const BY_PATH = 'us-west-2'
const BY_HEADER = 'ap-northeast-1'
const BY_SIGNATURE = 'eu-west-1'
const BY_KEY = 'eu-central-1'
/** No target is there. */
const NOWHERE = 'sa-east-1'

let elsewhere: Simulator
let system: RunningSystem
let regional: Key
let plain: Key

beforeAll(async () => {
  elsewhere = await startSimulator({ credentials: [UPSTREAM_CREDENTIALS], accountId: ACCOUNT })
  system = await startSystem({
    simulator: {
      credentials: [UPSTREAM_CREDENTIALS],
      inferenceProfiles: { [ADS_PROFILE]: `us.${NOVA}` },
    },
    bedrock,
    config: 'dimensions: { team: { values: [ads, search] } }',
  })
  regional = await createKey('regional', { region: BY_KEY })
  plain = await createKey('plain', {})
})
afterAll(async () => {
  await system.dispose()
  await elsewhere.close()
})

function bedrock(endpoint: string): object {
  const here = (region: string): object => ({
    name: region,
    region,
    endpoint,
    account_id: ACCOUNT,
  })
  const adsIdentity = {
    mode: 'session',
    role_arn: `arn:aws:iam::${ADS_ACCOUNT}:role/bedrock`,
    session_name: 'lr-{team}',
  }
  return {
    region: DEFAULT,
    targets: [
      {
        ...here(DEFAULT),
        name: 'ads',
        account_id: ADS_ACCOUNT,
        when: { team: 'ads' },
        identity: adsIdentity,
      },
      here(DEFAULT),
      here(BY_PATH),
      here(BY_HEADER),
      { ...here(BY_SIGNATURE), endpoint: elsewhere.url },
      here(BY_KEY),
    ],
  }
}

type Key = { readonly secret: string; readonly pair: Pair }

async function createKey(name: string, more: { readonly region?: string }): Promise<Key> {
  const body = JSON.stringify({ name, sigv4: true, ...more })
  const response = await system.api('/api/v1/keys', { method: 'POST', body })
  const made = (await response.json()) as Record<string, string>
  expect(response.status).toBe(201)
  const { key = '', access_key_id: id = '', secret_access_key: secret = '' } = made
  return { secret: key, pair: { accessKeyId: id, secretAccessKey: secret } }
}

const send = (call: Partial<GatewayCall>): Promise<GatewayAnswer> =>
  callGateway(system.gatewayUrl, call)

const bearer = ({ secret }: Key, more: Record<string, string> = {}): Partial<GatewayCall> => ({
  headers: { authorization: `Bearer ${secret}`, ...more },
})

async function signed({ pair }: Key, how: Signing, header?: string): Promise<GatewayCall> {
  const call = await signedCall(system.gatewayUrl, pair, how)
  const named = header === undefined ? {} : { 'x-ledgerock-region': header }
  return { ...call, headers: { ...call.headers, ...named } }
}

/** Region and account as Bedrock saw them, by whichever simulator served the call. */
function seen(answer: GatewayAnswer): object {
  expect(answer).toMatchObject({ status: 200, refusal: null })
  const served = [...system.simulator.calls(), ...elsewhere.calls()].find(
    ({ request_metadata: metadata }) => metadata?.['ledgerock_call_id'] === answer.callId,
  )
  return { region: served?.region, account_id: served?.account_id }
}

describe('the region of a call', () => {
  it('[Y13] is the path’s, else the header’s, the signature’s, the key’s, the default', async () => {
    const scope = { region: BY_SIGNATURE }
    const prefix = `/region/${BY_PATH}`
    const calls: readonly (readonly [region: string, call: Partial<GatewayCall>])[] = [
      [BY_PATH, await signed(regional, { ...scope, prefix }, BY_HEADER)],
      [BY_HEADER, await signed(regional, scope, BY_HEADER)],
      [BY_SIGNATURE, await signed(regional, scope)],
      [BY_SIGNATURE, await signed(plain, scope)],
      [BY_KEY, bearer(regional)],
      [DEFAULT, bearer(plain)],
      [BY_HEADER, bearer(regional, { 'x-ledgerock-region': BY_HEADER })],
    ]
    const answers = await Promise.all(calls.map(([, call]) => send(call)))
    for (const [index, [region]] of calls.entries()) {
      const answer = answers[index] as GatewayAnswer
      expect(seen(answer)).toEqual({ region, account_id: ACCOUNT })
      expect(await recordOf(system, answer.callId)).toMatchObject({
        status: 'ok',
        region,
        account_id: ACCOUNT,
        billed_account_id: ACCOUNT,
      })
    }
    expect(elsewhere.calls()).toHaveLength(2)
  })

  it('[Y13] is refused with 400 where no target is, whoever names it', async () => {
    const before = system.simulator.calls().length
    const calls = [
      await signed(plain, { region: DEFAULT, prefix: `/region/${NOWHERE}` }),
      bearer(plain, { 'x-ledgerock-region': NOWHERE }),
      await signed(regional, { region: NOWHERE }),
      bearer(plain, { 'x-ledgerock-region': '' }),
      bearer(plain, { 'x-ledgerock-region': `${DEFAULT}.example.com` }),
    ]
    for (const call of calls) {
      const answer = await send(call)
      expect(answer).toMatchObject({
        status: 400,
        refusal: null,
        errorType: 'ValidationException',
      })
      expect(answer.text).toMatch(/region/i)
    }
    expect(system.simulator.calls()).toHaveLength(before)
  })
})

describe('a key', () => {
  it('[C29] cannot be of a region where no target is', async () => {
    const body = JSON.stringify({ name: 'lost', region: NOWHERE })
    const response = await system.api('/api/v1/keys', { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'region' }] })
  })
})

describe('the account of a call', () => {
  it('[Y13] is that of the first target of its region whose condition holds', async () => {
    const ads = { 'x-ledgerock-team': 'ads' }
    const [forAds, forSearch, adsElsewhere] = await Promise.all([
      send(bearer(plain, ads)),
      send(bearer(plain, { 'x-ledgerock-team': 'search' })),
      send(bearer(plain, { ...ads, 'x-ledgerock-region': BY_PATH })),
    ])
    expect(seen(forAds)).toEqual({ region: DEFAULT, account_id: ADS_ACCOUNT })
    expect(seen(forSearch)).toEqual({ region: DEFAULT, account_id: ACCOUNT })
    expect(seen(adsElsewhere)).toEqual({ region: BY_PATH, account_id: ACCOUNT })
    expect(await recordOf(system, forAds.callId)).toMatchObject({
      account_id: ADS_ACCOUNT,
      billed_account_id: ADS_ACCOUNT,
      billed_principal_arn: `arn:aws:sts::${ADS_ACCOUNT}:assumed-role/bedrock/lr-ads`,
      team: 'ads',
    })
    expect(await recordOf(system, forSearch.callId)).toMatchObject({
      billed_account_id: ACCOUNT,
      team: 'search',
    })
  })
  it('[W17] is where a profile of it is looked up, as who may see it', async () => {
    const path = `/model/${encodeURIComponent(ADS_PROFILE)}/converse`
    const answer = await send({ ...bearer(plain, { 'x-ledgerock-team': 'ads' }), path })
    expect(seen(answer)).toEqual({ region: DEFAULT, account_id: ADS_ACCOUNT })
    expect(await recordOf(system, answer.callId)).toMatchObject({
      inference_profile: ADS_PROFILE,
      model_id: NOVA,
      scope: 'geo',
      cost_usd: system.simulator.calls().at(-1)?.cost_usd,
    })
  })
})
