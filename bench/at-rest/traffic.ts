// A company's traffic, made from a seed: a dozen teams with their applications, features, workflows, tenants and users, eight
// models, streams and whole answers, cache hits, a few errors. Ids are random, as real ones are, because random bytes are what
// a store cannot compress. Every line is made by the gateway's own functions and priced by the shipped price book.

import { settledLine, type Outcome } from '../../packages/ledgerock/src/gateway/attempt/settle.ts'
import type { OpenedLine, SettledLine } from '../../packages/ledgerock/src/journal/line.ts'
import { uuidV7 } from '../../packages/ledgerock/src/kernel/ids.ts'
import { resolveModel } from '../../packages/ledgerock/src/pricing/model-catalog.ts'
import { buildPriceBook } from '../../packages/ledgerock/src/pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../packages/ledgerock/src/pricing/snapshot.ts'

export type TrafficCall = { readonly opened: OpenedLine; readonly settled: SettledLine }

const MODELS = [
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'us.anthropic.claude-haiku-4-5-20251001-v1:0',
  'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'us.amazon.nova-lite-v1:0',
  'amazon.nova-micro-v1:0',
  'us.anthropic.claude-opus-4-6-v1',
  'us.amazon.nova-pro-v1:0',
  'openai.gpt-oss-120b-1:0',
] as const
const TEAMS =
  'search support research checkout fraud content legal people platform mobile growth data'.split(
    ' ',
  )
const APPLICATIONS_PER_TEAM = 3
const ENVIRONMENTS = ['prod', 'prod', 'prod', 'prod', 'prod', 'prod', 'staging', 'dev'] as const
const FEATURES_PER_APPLICATION = 4
const WORKFLOWS_PER_TEAM = 20
const TENANTS = 250
const USERS = 1_500
const FIRST_SEQ = 1
const PROVENANCE = {
  team: 'key',
  application: 'key',
  environment: 'key',
  cost_center: 'key',
  feature: 'header',
  workflow_id: 'header',
  tenant_id: 'header',
  user_id: 'header',
} as const

/** `count` calls spread evenly from `fromMs` over `spanMs`, in the order in which they began; settled one after another. */
export function* traffic(
  seed: number,
  count: number,
  fromMs: number,
  spanMs: number,
): Generator<TrafficCall> {
  const random = mulberry32(seed)
  const book = buildPriceBook([SNAPSHOT_LAYER])
  for (let index = 0; index < count; index += 1) {
    const startedAt = Math.floor(fromMs + (index / count) * spanMs + random() * 20)
    const opened = openedLine(random, startedAt)
    const identity = resolveModel(book, opened.modelRequested)
    const outcome = outcomeOf(random, opened)
    const latencyMs = Math.round(300 + skewed(random) * 9_000)
    const timing = {
      endedAt: startedAt + latencyMs,
      latencyMs,
      firstByteMs: outcome.status === 'ok' ? Math.round(latencyMs * (0.1 + 0.3 * random())) : null,
      gatewayOverheadUs: Math.round(120 + skewed(random) * 400),
    }
    const withModel: OpenedLine = {
      ...opened,
      modelId: identity.modelId,
      inferenceProfile: identity.inferenceProfile,
      scope: identity.scope,
    }
    const openedSeq = FIRST_SEQ + 2 * index
    const settled = settledLine(book, withModel, openedSeq, identity, outcome, timing, [])
    yield { opened: withModel, settled }
  }
}

function openedLine(random: () => number, startedAt: number): OpenedLine {
  const callId = uuidV7(startedAt, bytesOf(random, 10))
  const team = TEAMS[Math.floor(skewed(random) * TEAMS.length)] ?? 'search'
  const application = `${team}-${below(random, APPLICATIONS_PER_TEAM)}`
  const stream = random() < 0.6
  return {
    kind: 'opened',
    boundUsd: null,
    boundTokens: null,
    budgets: [],
    callId,
    // What the AWS SDKs send: random, and the same for the tries of one call.
    logicalId: uuidV4(random),
    attempt: random() < 0.98 ? 1 : 2,
    startedAt,
    operation: stream ? 'converse-stream' : random() < 0.75 ? 'converse' : 'invoke',
    endpoint: 'runtime',
    stream,
    accountId: '123456789012',
    region: 'us-east-1',
    modelRequested: MODELS[Math.floor(skewed(random) * MODELS.length)] ?? MODELS[0],
    modelId: null,
    inferenceProfile: null,
    scope: null,
    tier: 'standard',
    traceId: null,
    keyName: `${application}-prod`,
    principalArn: null,
    billedPrincipalArn: null,
    billedAccountId: '123456789012',
    dimensions: {
      team,
      application,
      environment: ENVIRONMENTS[below(random, ENVIRONMENTS.length)] ?? 'prod',
      cost_center: `cc-${4_700 + TEAMS.indexOf(team)}`,
      feature: `${application}-feature-${below(random, FEATURES_PER_APPLICATION)}`,
      workflow_id: `${team}-workflow-${below(random, WORKFLOWS_PER_TEAM)}`,
      tenant_id: `tenant-${Math.floor(skewed(random) * TENANTS)}`,
      user_id: `u-${10_000 + Math.floor(skewed(random) * USERS)}`,
    },
    attributes: {},
    provenance: PROVENANCE,
    conflicts: [],
    inputEstimate: Math.round(200 + skewed(random) * 8_000),
    policyVersion: 12,
  }
}

function outcomeOf(random: () => number, opened: OpenedLine): Outcome {
  const dice = random()
  const failed = dice < 0.015 ? 'throttled' : dice < 0.025 ? 'client_error' : null
  const common = {
    interruptedBy: null,
    refusal: null,
    awsRequestId: uuidV4(random),
    variant: null,
    free: false,
  }
  if (failed !== null) {
    return {
      ...common,
      status: failed,
      httpStatus: failed === 'throttled' ? 429 : 400,
      errorType: failed === 'throttled' ? 'ThrottlingException' : 'ValidationException',
      usage: {},
      usageSource: 'response',
      rawUsage: null,
      tierResolved: null,
      tierUnknown: false,
    }
  }
  const input = Math.max(1, Math.round(opened.inputEstimate * (0.8 + 0.4 * random())))
  const output = Math.round(20 + skewed(random) * 1_500)
  const cached = random() < 0.4 ? 1_024 * (1 + below(random, 16)) : 0
  const written = cached > 0 && random() < 0.2 ? 1_024 * (1 + below(random, 4)) : 0
  const total = input + output + cached + written
  return {
    ...common,
    status: 'ok',
    httpStatus: 200,
    errorType: null,
    usage: {
      input,
      output,
      ...(cached > 0 ? { cache_read: cached } : {}),
      ...(written > 0 ? { cache_write_5m: written } : {}),
    },
    usageSource: 'response',
    rawUsage:
      `{"cacheReadInputTokens":${cached},"cacheWriteInputTokens":${written},` +
      `"inputTokens":${input},"outputTokens":${output},"totalTokens":${total}}`,
    tierResolved: null,
    tierUnknown: false,
  }
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

/** In [0, 1), small values far more often than large ones: as popularity and sizes are spread. */
function skewed(random: () => number): number {
  return random() ** 3
}

function bytesOf(random: () => number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => below(random, 256))
}

function uuidV4(random: () => number): string {
  const bytes = bytesOf(random, 16)
  bytes[6] = 0x40 | ((bytes[6] as number) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f)
  const hex = Buffer.from(bytes).toString('hex')
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...groups, hex.slice(20)].join('-')
}

/** A small generator whose numbers depend on nothing but the seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
