// The pure parts of a call's way through the gateway, each as the gateway calls it, on a realistic call.

import { createHash, createSecretKey, hash, randomBytes } from 'node:crypto'
import { attribute } from '../../packages/ledgerock/src/attribution/attribute.ts'
import { createCardinalityGuard } from '../../packages/ledgerock/src/attribution/cardinality-guard.ts'
import { readClientHeaders } from '../../packages/ledgerock/src/attribution/client-headers.ts'
import {
  compileDimensionRules,
  DEFAULT_DIMENSION_RULES,
} from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { readRequestIds } from '../../packages/ledgerock/src/attribution/request-ids.ts'
import { canonicalUri } from '../../packages/ledgerock/src/bedrock/canonical-uri.ts'
import { createUsageMeter } from '../../packages/ledgerock/src/bedrock/usage/create-usage-meter.ts'
import { readRequestFacts } from '../../packages/ledgerock/src/bedrock/request/read-request-facts.ts'
import { recognise } from '../../packages/ledgerock/src/bedrock/route.ts'
import { createCredentialVerifier } from '../../packages/ledgerock/src/governance/credential/credential.ts'
import { mintKey } from '../../packages/ledgerock/src/governance/credential/key-format.ts'
import {
  NO_RULES,
  POLICY_FORMAT,
  type Policy,
  type PolicyKey,
} from '../../packages/ledgerock/src/governance/policy.ts'
import { createSealer } from '../../packages/ledgerock/src/platform/sealing.ts'
import { digestOfSecret } from '../../packages/ledgerock/src/governance/credential/secret-digest.ts'
import { uuidV7 } from '../../packages/ledgerock/src/kernel/ids.ts'
import { mustOk } from '../../packages/ledgerock/src/kernel/result.ts'
import { createSigV4Signer } from '../../packages/ledgerock/src/platform/sigv4.ts'
import { converseBody, converseRequest } from '../load/request.ts'
import { streamFrames } from '../systems/stream-frames.ts'
import { micro, type Micro } from './micro.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)
const KEYS = 1_000
const LARGE_BODY_BYTES = 190 * 1_024
const FRAMES = 200

export function hotPathMicros(): readonly Micro[] {
  return [...identity(), ...attribution(), ...request(), ...upstream(), ...meters()]
}

function identity(): readonly Micro[] {
  const pepper = createSecretKey(randomBytes(32))
  const minted = Array.from({ length: KEYS }, () => mintKey(randomBytes))
  const keys: readonly PolicyKey[] = minted.map(({ id, text }) => ({
    keyId: id,
    name: `key-${id}`,
    source: 'api',
    secrets: [{ digest: digestOfSecret(pepper, text).toString('hex'), until: null }],
    sigV4: null,
    bind: { team: 'search' },
    region: null,
    expiresAt: null,
    revokedAt: null,
  }))
  const policy: Policy = {
    format: POLICY_FORMAT,
    epoch: 1,
    version: 1,
    publishedAt: new Date(NOW_MS).toISOString(),
    keys,
    dimensions: DEFAULT_DIMENSION_RULES,
    owners: [],
    anonymous: { mode: 'deny', from: [] },
    ...NO_RULES,
  }
  const sealing = createSealer(pepper, randomBytes)
  const verifier = createCredentialVerifier(policy, { pepper, sealing })
  const presented = minted[KEYS >> 1]?.text ?? ''
  if (!verifier.verify(presented, NOW_MS).ok) throw new Error('the key is not valid')
  const random = randomBytes(10)
  return [
    micro(`credential: verify, 1 of ${KEYS} keys`, () => verifier.verify(presented, NOW_MS)),
    micro('call id', () => uuidV7(NOW_MS, random)),
  ]
}

function attribution(): readonly Micro[] {
  const shape = converseRequest('lrk_example', 'converse')
  const raw = Object.entries({ host: '127.0.0.1:8080', ...shape.headers }).flat()
  const rules = mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES))
  const guard = createCardinalityGuard(rules)
  const client = readClientHeaders(raw, rules)
  const binding = { team: 'search', application: 'handbook', environment: 'prod', cost_center: '7' }
  const sources = { binding, identity: null, client, requestMetadata: null }
  const sha256 = createHash('sha256').digest('hex')
  return [
    micro('headers: one pass', () => readClientHeaders(raw, rules)),
    micro('attribute: 4 bound, 4 from headers', () => attribute(rules, sources, guard)),
    micro('request ids', () =>
      readRequestIds(
        client.values,
        () => sha256,
        () => 'own',
      ),
    ),
  ]
}

function request(): readonly Micro[] {
  const { path, body } = converseRequest('lrk_example', 'converse')
  const route = { operation: 'converse' } as const
  const large = converseBody(LARGE_BODY_BYTES)
  const largeText = large.toString()
  for (const bytes of [body, large]) mustOk(readRequestFacts(route, {}, bytes))
  return [
    micro('route', () => recognise('POST', path)),
    micro('request scan, 2 KiB', () => readRequestFacts(route, {}, body)),
    micro('request scan, 190 KiB', () => readRequestFacts(route, {}, large)),
    micro('for comparison: JSON.parse, 190 KiB', () => JSON.parse(largeText)),
    micro('SHA-256, 2 KiB', () => hash('sha256', body, 'hex')),
    micro('SHA-256, 190 KiB', () => hash('sha256', large, 'hex')),
  ]
}

function upstream(): readonly Micro[] {
  const { path, body } = converseRequest('lrk_example', 'converse')
  const signer = createSigV4Signer({ region: 'us-east-1', service: 'bedrock' })
  const credentials = {
    accessKeyId: 'AKIABENCHUPSTREAM000',
    secretAccessKey: 'bench',
    sessionToken: randomBytes(600).toString('base64'),
  }
  const unsigned = {
    method: 'POST',
    canonicalPath: canonicalUri(path),
    canonicalQuery: '',
    headers: { host: 'bedrock-runtime.us-east-1.amazonaws.com' },
    bodySha256: hash('sha256', body, 'hex'),
  }
  return [
    micro('canonical URI', () => canonicalUri(path)),
    micro('SigV4, session credentials', () => signer.sign(credentials, unsigned, NOW_MS)),
  ]
}

function meters(): readonly Micro[] {
  const model = { maker: 'anthropic' } as const
  const facts = { inputEstimate: 480, media: null, mediaParts: 0 }
  const answer = Buffer.from(
    '{"metrics":{"latencyMs":812},"output":{"message":{"content":[{"text":"' +
      'Days that could not be taken because of illness do not lapse. '.repeat(8) +
      '"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":498,' +
      '"outputTokens":117,"totalTokens":615}}',
  )
  const json = { 'content-type': 'application/json' }
  const eventStream = { 'content-type': 'application/vnd.amazon.eventstream' }
  const frames = streamFrames(FRAMES)
  const meterStream = (): unknown => {
    const meter = createUsageMeter({ operation: 'converse-stream' }, model, facts, 200, eventStream)
    for (const frame of frames) meter.write(frame)
    meter.end()
    return meter.read()
  }
  const reading = meterStream() as { readonly final: boolean }
  if (!reading.final) throw new Error('the stream was not read to its end')
  return [
    micro(`usage of a unary answer, ${answer.length} bytes`, () => {
      const meter = createUsageMeter({ operation: 'converse' }, model, facts, 200, json)
      meter.write(answer)
      meter.end()
      return meter.read()
    }),
    micro(`event stream tap, per frame (${FRAMES} frames)`, meterStream, frames.length),
  ]
}
