// Nothing said to or by a model, and no secret, stays anywhere: words that stand nowhere else are sent through every family,
// answered, refused, broken off and garbled, with traces on and everything logged; then every file, table, log, metric, trace and
// error is searched for them. What may be kept is found by the same search, so that finding nothing means something.

import { STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityHeader } from '../src/aws/testing/identity-header.ts'
import {
  startRecordingUpstream,
  type RecordingUpstream,
} from '../src/gateway/testing/recording-upstream.ts'
import { journalDirectory } from '../src/processes/data-layout.ts'
import { canary, filesBelow, findCanaries, type Canaries } from './support/canaries.ts'
import {
  callGateway,
  CONVERSE_PATH,
  signedCall,
  type GatewayAnswer,
  type GatewayCall,
} from './support/gateway-call.ts'
import { dumpControl, dumpLedger } from './support/ledger-dump.ts'
import { allCalls } from './support/ledger-api.ts'
import {
  eventually,
  startSystem,
  UPSTREAM_CREDENTIALS,
  type RunningSystem,
} from './support/running-system.ts'
import {
  COMPLETION,
  REPEATING_REPLIES,
  SAID,
  SECRET_CALLS,
  SECRET_HEADERS,
} from './support/secret-calls.ts'
import { startTraceReceiver, type TraceReceiver } from './support/trace-receiver.ts'
import { createWireClient } from './support/wire-client.ts'

const ACCOUNT = '123456789012'
const AUDIENCE = 'ledgerock.test.internal'
/** Where calls go as a session, and where Bedrock repeats what must not be kept. */
const SESSION_REGION = 'eu-west-1'
const REPEATING_REGION = 'us-west-2'
const BODY_BYTES_MAX = 20_000

/** Ours towards AWS, and a caller's own. */
const CREDENTIALS = {
  upstreamSecret: canary('upstreamsecret'),
  upstreamToken: canary('upstreamtoken'),
  callerSecret: canary('callersecret'),
  callerToken: canary('callertoken'),
  wrongBearer: `lrk_${canary('wrongbearer')}`,
  wrongApiKey: canary('wrongapikey'),
  basic: canary('basic'),
}
const KNOWN_CALLER = {
  accessKeyId: 'ASIATESTKNOWNCALLER0',
  secretAccessKey: CREDENTIALS.callerSecret,
  sessionToken: CREDENTIALS.callerToken,
  principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/search-api/i-0123`,
}
/** May be kept, and is. */
const TEAM = 'the-team-that-may-be-kept'

let system: RunningSystem
let repeating: RecordingUpstream
let traces: TraceReceiver
let secrets: Canaries
/** What the gateway itself said to callers, and what the control API says to admins. */
const told: string[] = []
let metrics: string
let answered = 0
/** The journal's files as they last were: they go when the ledger has their calls. */
const journals = new Map<string, Buffer>()

beforeAll(async () => {
  repeating = await startRecordingUpstream()
  traces = await startTraceReceiver()
  const { accessKeyId } = UPSTREAM_CREDENTIALS
  const { upstreamSecret: secretAccessKey, upstreamToken: sessionToken } = CREDENTIALS
  const identity = {
    mode: 'session',
    role_arn: `arn:aws:iam::${ACCOUNT}:role/bedrock`,
    session_name: 'lr-{team}',
  }
  system = await startSystem({
    simulator: { credentials: [{ accessKeyId, secretAccessKey, sessionToken }, KNOWN_CALLER] },
    bedrock: (endpoint) => ({
      region: 'us-east-1',
      targets: [
        target('us-east-1', endpoint),
        { ...target(SESSION_REGION, endpoint), identity },
        target(REPEATING_REGION, repeating.url),
      ],
    }),
    config: [
      `gateway: { audience: ${AUDIENCE}, limits: { body_bytes: ${BODY_BYTES_MAX} } }`,
      `telemetry: { traces: { endpoint: '${traces.url}' } }`,
      `dimensions: { team: { values: [${TEAM}, unknown] } }`,
    ].join('\n'),
    env: {
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      LEDGEROCK_LOG_LEVEL: 'trace',
    },
  })
  await callEverything()
  metrics = await (await system.api('/metrics')).text()
  for (const path of ['/api/v1/calls?limit=500', '/api/v1/keys', '/api/v1/spend?by=model_id']) {
    told.push(await (await system.api(path)).text())
  }
  const exitCode = await system.end('SIGTERM')
  if (exitCode !== 0) throw new Error(`up ended with ${exitCode}`)
})
afterAll(async () => {
  await system.dispose()
  await repeating.close()
  await traces.close()
})

const target = (region: string, endpoint: string): object => ({
  name: region,
  region,
  endpoint,
  mantle_endpoint: `${endpoint}/mantle`,
  account_id: ACCOUNT,
})

async function callEverything(): Promise<void> {
  const made = await createKey()
  const proof = await identityHeader(sts(), AUDIENCE)
  const issued = (): readonly string[] =>
    system.simulator.sessions().flatMap((one) => [one.secretAccessKey, one.sessionToken])
  const bearer = { authorization: `Bearer ${made.key}` }
  for (const call of SECRET_CALLS) {
    const path = `${call.path}?trace=${SAID.query}`
    const as = (more: Record<string, string>, body = call.body): Promise<GatewayAnswer> =>
      say({ path, body, headers: { ...SECRET_HEADERS, ...bearer, ...more } })
    // Answered, also as a session; then what Bedrock refuses, and what breaks off.
    answered += Number((await as({})).status === 200)
    await as({ 'x-ledgerock-region': SESSION_REGION })
    for (const fault of ['throttle', 'error500', 'model_error'])
      await as({ 'x-simulator-fault': fault })
    for (const fault of call.stream
      ? ['mid_stream_exception@1', 'bad_crc@1', 'cut@1']
      : ['cut@1']) {
      await as({ 'x-simulator-fault': fault }).catch(() => null)
    }
    // What we refuse ourselves.
    await ours(as({}, call.body.slice(0, -1)))
    await ours(
      as(
        {},
        `${call.body.slice(0, -1)},"model":1,"model":2,"requestMetadata":{},"requestMetadata":{}}`,
      ),
    )
    await ours(as({}, call.body.replace(SAID.prompt, SAID.prompt.repeat(400))))
    await ours(as({ 'x-ledgerock-team': 'nobody-knows-this-team' }))
    await ours(as({ 'x-ledgerock-region': 'sa-east-1' }))
    await ours(say({ path, body: call.body, headers: SECRET_HEADERS }))
    await ours(as({ authorization: `Bearer ${CREDENTIALS.wrongBearer}` }))
    await ours(as({ authorization: `Basic ${CREDENTIALS.basic}` }))
    await ours(say({ path, body: call.body, headers: { 'x-api-key': CREDENTIALS.wrongApiKey } }))
    await ours(as({ 'x-ledgerock-aws-identity': proof }))
    await ours(say({ path: `/nowhere/${SAID.path}${path}`, body: call.body, headers: bearer }))
    for (const reply of REPEATING_REPLIES) {
      repeating.reply(reply)
      await as({ 'x-ledgerock-region': REPEATING_REGION }).catch(() => null)
    }
    for (const [name, bytes] of filesBelow(journalDirectory(system.dataDir))) {
      journals.set(name, bytes)
    }
  }
  await leaveInTheMiddle(bearer.authorization)
  const pair = { accessKeyId: made.access_key_id, secretAccessKey: made.secret_access_key }
  const signed = await signedCall(system.gatewayUrl, pair, { region: 'us-east-1' })
  expect((await say(signed)).status).toBe(200)
  // Another text of the same length under the same signature.
  const question = 'Name three rivers of Europe.'
  const replayed = signed.body.replace(question, SAID.prompt.padEnd(question.length))
  await ours(say({ ...signed, body: replayed }))
  const identified = await say({
    path: CONVERSE_PATH,
    headers: { 'x-ledgerock-aws-identity': proof },
  })
  expect(identified.status).toBe(200)
  // A proof that is none must not be kept either.
  await ours(say({ path: CONVERSE_PATH, headers: { 'x-ledgerock-aws-identity': `${proof}x` } }))
  const [sessionSecret = '', sessionToken = ''] = issued()
  expect(sessionToken).not.toBe('')
  secrets = {
    ...CREDENTIALS,
    bearer: made.key,
    pairSecret: made.secret_access_key,
    proof: proof.slice(-60),
    sessionSecret,
    sessionToken,
  }
  await eventually(async () => {
    const rows = await allCalls(system)
    return rows.length >= system.simulator.calls().length ? rows : null
  }, 'the calls in the ledger')
}

const say = (call: Partial<GatewayCall>): Promise<GatewayAnswer> =>
  callGateway(system.gatewayUrl, call)

/** An answer of the gateway's own, which must repeat nothing of what it was sent. */
async function ours(call: Promise<GatewayAnswer>): Promise<void> {
  const { status, text } = await call
  if (status >= 400) told.push(text)
}

async function leaveInTheMiddle(authorization: string): Promise<void> {
  const client = createWireClient(system.gatewayUrl)
  for (const { path, body, stream } of SECRET_CALLS) {
    const headers = {
      ...SECRET_HEADERS,
      authorization,
      'x-simulator-fault': stream ? 'slow_chunks:5' : 'latency:200',
    }
    const leaving = stream ? 'mid_stream' : 'before_answer'
    await client.send({ protocol: 'h2c', path, body, headers, leaving })
  }
  client.close()
}

type MadeKey = {
  readonly key: string
  readonly access_key_id: string
  readonly secret_access_key: string
}

async function createKey(): Promise<MadeKey> {
  const body = JSON.stringify({ name: 'secrecy', sigv4: true, bind: { team: TEAM } })
  return (await (await system.api('/api/v1/keys', { method: 'POST', body })).json()) as MadeKey
}

function sts(): STSClient {
  return new STSClient({ region: 'us-east-1', credentials: KNOWN_CALLER })
}

describe('what was said, and every secret', () => {
  const wanted = (): Canaries => ({ ...SAID, completion: COMPLETION, ...secrets })
  const found = (where: string, content: string | Buffer): string[] =>
    findCanaries(wanted(), where, Buffer.from(content))
  const kept = (content: string | Buffer): boolean =>
    findCanaries({ team: TEAM }, '', Buffer.from(content)).length > 0

  it('[Y18] went through the gateway', () => {
    expect(answered).toBeGreaterThan(SECRET_CALLS.length - 4)
    expect(told.length).toBeGreaterThan(SECRET_CALLS.length * 9)
  })

  it('[Y18] is in no file of the data directory', () => {
    const files = [...filesBelow(system.dataDir)]
    expect(files.length).toBeGreaterThan(10)
    expect([...files, ...journals].flatMap(([name, bytes]) => found(name, bytes))).toEqual([])
    expect([...journals.values()].some(kept)).toBe(true)
    expect(files.filter(([, bytes]) => kept(bytes)).map(([name]) => name)).toContain('policy.json')
  })

  it('[Y18] is in no table of the ledger or of the control database', async () => {
    const tables = [...(await dumpLedger(system.dataDir)), ...dumpControl(system.dataDir)]
    expect(tables.flatMap(([name, rows]) => found(name, rows))).toEqual([])
    const holding = tables.filter(([, rows]) => kept(rows)).map(([name]) => name)
    expect(holding).toContain('ledgerock.calls')
    expect(holding.length).toBeGreaterThan(2)
  })

  it('[Y18] is in no log, metric or trace', () => {
    expect(found('logs', system.log())).toEqual([])
    expect(system.log()).toContain('"level":"')
    expect(found('metrics', metrics)).toEqual([])
    expect(metrics).toContain('ledgerock_')
    expect(found('traces', traces.received())).toEqual([])
    expect(kept(traces.received())).toBe(true)
  })

  it('[Y18] is in no error the gateway writes, and in no answer of the control API', () => {
    expect(told.flatMap((text, index) => found(`${index}: ${text.slice(0, 300)}`, text))).toEqual(
      [],
    )
    expect(told.some(kept)).toBe(true)
  })
})
