import { describe, expect, it } from 'vitest'
import type { OpenedLine } from '../../journal/line.ts'
import { formatUsd } from '../../kernel/money.ts'
import { resolveModel } from '../../pricing/model-catalog.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { estimateInterrupted, settledLine, type Outcome } from './settle.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const SONNET = 'us.anthropic.claude-sonnet-4-6'
const NOVA = 'us.amazon.nova-pro-v1:0'
const PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4'
const TIMING = {
  endedAt: Date.parse('2026-11-20T12:00:01Z'),
  latencyMs: 1_000,
  firstByteMs: 300,
  gatewayOverheadUs: 150,
}
const ANSWERED: Outcome = {
  status: 'ok',
  interruptedBy: null,
  refusal: null,
  httpStatus: 200,
  errorType: null,
  awsRequestId: '8d4c1f52',
  usage: {},
  variant: null,
  free: false,
  usageSource: 'response',
  rawUsage: null,
  tierResolved: null,
  tierUnknown: false,
}

function opened(modelRequested: string, more: Partial<OpenedLine> = {}): OpenedLine {
  const { modelId, inferenceProfile, scope } = resolveModel(book, modelRequested)
  return {
    kind: 'opened',
    boundUsd: null,
    boundTokens: null,
    budgets: [],
    callId: '01a1fb67-187b-7e02-9d6a-5b3c8f1e2a47',
    logicalId: 'one',
    attempt: 1,
    startedAt: Date.parse('2026-11-20T12:00:00Z'),
    operation: 'converse',
    endpoint: 'runtime',
    stream: false,
    accountId: null,
    region: 'us-east-1',
    modelRequested,
    modelId,
    inferenceProfile,
    scope,
    tier: 'standard',
    traceId: null,
    keyName: 'search',
    principalArn: null,
    billedPrincipalArn: null,
    billedAccountId: null,
    dimensions: {},
    attributes: {},
    provenance: {},
    conflicts: [],
    inputEstimate: 0,
    policyVersion: 1,
    ...more,
  }
}

function settled(modelRequested: string, outcome: Partial<Outcome>) {
  const line = opened(modelRequested)
  const identity = resolveModel(book, modelRequested)
  return settledLine(book, line, 7, identity, { ...ANSWERED, ...outcome }, TIMING, [])
}

describe('settledLine', () => {
  it.each<readonly [string, string, Partial<Outcome>, string | null, string | null, number]>([
    // 1,000 × 3.3 µ$ + 200 × 16.5 µ$
    ['usage', SONNET, { usage: { input: 1_000, output: 200 } }, '0.0066', null, 2],
    // 1,000 × 0.8 µ$; priority costs 1.4 µ$, flex 0.4
    ['the tier asked for', NOVA, { usage: { input: 1_000 } }, '0.0008', null, 1],
    [
      'the tier that served',
      NOVA,
      { usage: { input: 1_000 }, tierResolved: 'priority' },
      '0.0014',
      null,
      1,
    ],
    [
      'a tier nobody knows',
      NOVA,
      { usage: { input: 1_000 }, tierUnknown: true },
      null,
      'unknown_tier',
      0,
    ],
    [
      'usage up to a cut',
      SONNET,
      { status: 'interrupted', interruptedBy: 'client', usage: { input: 1_000 } },
      '0.0033',
      null,
      1,
    ],
    [
      'an exception after the first words',
      SONNET,
      { status: 'upstream_error', usage: { output: 200 } },
      '0.0033',
      null,
      1,
    ],
    ['an answer without counts', SONNET, {}, null, 'unknown_kind', 0],
    [
      'a cut answer without counts',
      SONNET,
      { status: 'interrupted', interruptedBy: 'upstream' },
      null,
      'unknown_kind',
      0,
    ],
    [
      'no answer at all, without an estimate',
      SONNET,
      { status: 'interrupted', interruptedBy: 'upstream', httpStatus: null },
      null,
      'unknown_kind',
      0,
    ],
    ['a kind without a rate', SONNET, { usage: { requests: 1 } }, null, 'unknown_kind', 0],
    [
      'one kind with and one without a rate',
      SONNET,
      { usage: { input: 1_000, requests: 1 } },
      null,
      'unknown_kind',
      1,
    ],
    [
      'an unknown model',
      'anthropic.claude-sonnet-9',
      { usage: { input: 1 } },
      null,
      'unknown_model',
      0,
    ],
    [
      'a profile only AWS can resolve',
      PROFILE,
      { usage: { input: 1 } },
      null,
      'unresolved_profile',
      0,
    ],
    ['a client error', SONNET, { status: 'client_error', httpStatus: 400 }, '0', null, 0],
    ['throttling', SONNET, { status: 'throttled', httpStatus: 429 }, '0', null, 0],
    ['an error cut short', SONNET, { status: 'interrupted', httpStatus: 500 }, '0', null, 0],
    [
      'an error of an unknown model',
      'anthropic.claude-sonnet-9',
      { status: 'client_error', httpStatus: 404 },
      '0',
      null,
      0,
    ],
    [
      'a refusal of ours',
      SONNET,
      { status: 'refused', refusal: 'draining', httpStatus: 503 },
      '0',
      null,
      0,
    ],
    [
      'an upstream that was never reached',
      SONNET,
      { status: 'refused', refusal: 'upstream_unreachable', httpStatus: null },
      '0',
      null,
      0,
    ],
  ])('[Y10] %s of %s', (_, model, outcome, usd, reason, charges) => {
    const line = settled(model, outcome)
    expect(line.cost === null ? null : formatUsd(line.cost)).toBe(usd)
    expect(line.unpricedReason).toBe(reason)
    expect(line.charges).toHaveLength(charges)
    expect(line.priceBookVersion).toBe(book.version)
  })

  it('[Y10] keeps what the opened line does not say', () => {
    const usage = { input: 1_000, output: 200 }
    const line = settled(SONNET, { usage, rawUsage: '{"inputTokens":1000}', tierResolved: 'flex' })
    expect(line).toMatchObject({ ...TIMING, kind: 'settled', opened: 7, usage, tier: 'flex' })
    expect(line).toMatchObject({ rawUsage: '{"inputTokens":1000}', awsRequestId: '8d4c1f52' })
    expect(settled(SONNET, { usage, tierResolved: 'standard' }).tier).toBeNull()
  })
})

describe('estimateInterrupted', () => {
  const estimated = (model: string, inputEstimate: number) =>
    estimateInterrupted(book, opened(model, { inputEstimate }))

  it('[Y10] is the input that was sent, at its price', () => {
    // 1,840 × 3.3 µ$
    const { usage, cost, unpricedReason } = estimated(SONNET, 1_840)
    expect({ usage, unpricedReason }).toEqual({ usage: { input: 1_840 }, unpricedReason: null })
    expect(cost === null ? null : formatUsd(cost)).toBe('0.006072')
  })

  it('[Y10] is of the model that was called, where that is another than the one asked for', () => {
    const served = { modelId: 'amazon.nova-pro-v1:0', scope: 'geo', inputEstimate: 1_000 } as const
    const { cost } = estimateInterrupted(book, opened(PROFILE, served))
    expect(cost === null ? null : formatUsd(cost)).toBe('0.0008')
  })

  it('[Y10] is nothing for what Bedrock does not charge for', () => {
    const counting = opened(SONNET, { operation: 'count-tokens', inputEstimate: 1_000 })
    expect(estimateInterrupted(book, counting)).toMatchObject({ usage: {}, cost: 0n })
  })

  it('[Y10] is unknown where nothing can be said, not zero', () => {
    expect(estimated(SONNET, 0)).toMatchObject({ cost: null, unpricedReason: 'unknown_kind' })
    const unresolved = { cost: null, unpricedReason: 'unresolved_profile' }
    expect(estimated(PROFILE, 1_840)).toMatchObject(unresolved)
  })
})
