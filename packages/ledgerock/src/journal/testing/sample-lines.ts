// Lines as tests need them: a realistic Claude call with prompt caching and all dimensions, and short ones by number.

import { uuidV7 } from '../../kernel/ids.ts'
import { picodollars } from '../../kernel/money.ts'
import type { OpenedLine, SettledLine } from '../line.ts'

export const REALISTIC_OPENED: OpenedLine = {
  kind: 'opened',
  callId: '01a1fb67-187b-7e02-9d6a-5b3c8f1e2a47',
  logicalId: 'f2b1c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
  attempt: 1,
  startedAt: 1_795_219_200_123,
  operation: 'converse-stream',
  endpoint: 'runtime',
  stream: true,
  accountId: '123456789012',
  region: 'us-east-1',
  modelRequested: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  inferenceProfile: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  scope: 'geo',
  tier: 'standard',
  traceId: null,
  keyName: 'search-prod',
  principalArn: null,
  billedPrincipalArn: null,
  billedAccountId: '123456789012',
  dimensions: {
    team: 'search',
    application: 'search-api',
    environment: 'prod',
    cost_center: 'cc-4711',
    feature: 'answer-cards',
    workflow_id: 'nightly-index',
    tenant_id: 'tenant-0815',
    user_id: 'u-20431',
  },
  attributes: {},
  provenance: {
    team: 'key',
    application: 'key',
    environment: 'key',
    cost_center: 'key',
    feature: 'header',
    workflow_id: 'header',
    tenant_id: 'header',
    user_id: 'header',
  },
  conflicts: [],
  inputEstimate: 1840,
  policyVersion: 12,
  boundUsd: picodollars(1_179_750_000_000n),
  boundTokens: null,
  budgets: [
    { budget: 'search-monthly', fromMs: 1_793_491_200_000, per: null, unit: 'usd' },
    { budget: 'each-user', fromMs: 1_795_132_800_000, per: 'u-20431', unit: 'usd' },
  ],
}

export const REALISTIC_SETTLED: SettledLine = {
  kind: 'settled',
  opened: 123_456,
  endedAt: 1_795_219_204_789,
  status: 'ok',
  interruptedBy: null,
  refusal: null,
  httpStatus: 200,
  errorType: null,
  latencyMs: 4666,
  firstByteMs: 812,
  gatewayOverheadUs: 214,
  inferenceRegion: null,
  tier: null,
  awsRequestId: '8d4c1f52-5b0e-4a7e-9a33-7f21d3c0b9e1',
  usage: { input: 1834, output: 512, cache_read: 18_432, cache_write_5m: 2048 },
  usageSource: 'response',
  rawUsage:
    '{"inputTokens":1834,"outputTokens":512,"totalTokens":22826,"cacheReadInputTokens":18432,' +
    '"cacheWriteInputTokens":2048,"cacheDetails":[{"inputTokens":2048,"ttl":"5m"}]}',
  cost: picodollars(29_030_760_000n),
  unpricedReason: null,
  charges: [
    charge('input', 1834, '0.0000033', 6_052_200_000n, 'r3q1lm8s0v9t4c'),
    charge('output', 512, '0.0000165', 8_448_000_000n, 'r9d7k2p5b0f1ua'),
    charge('cache_read', 18_432, '0.00000033', 6_082_560_000n, 'r0e8g6h4n2j7mv'),
    charge('cache_write_5m', 2048, '0.000004125', 8_448_000_000n, 'r5t1s9c3l8q0ke'),
  ],
  priceBookVersion: 'snapshot-2026-11-20',
  changes: ['request_metadata'],
  budgetName: 'each-user',
  budgetRemaining: picodollars(12_345_678_900_000n),
  saved: null,
}

function charge(
  kind: 'input' | 'output' | 'cache_read' | 'cache_write_5m',
  quantity: number,
  rate: string,
  amount: bigint,
  rateId: string,
): SettledLine['charges'][number] {
  return { kind, quantity, rate, amount: picodollars(amount), rateId }
}

/** The opened line of call number `number`. */
export function openedLine(number: number, more: Partial<OpenedLine> = {}): OpenedLine {
  const startedAt = REALISTIC_OPENED.startedAt + number
  const callId = uuidV7(startedAt, Buffer.alloc(10, number))
  return { ...REALISTIC_OPENED, callId, logicalId: callId, startedAt, ...more }
}

/** A settled line for the opened line of that sequence number. */
export function settledLine(opened: number, more: Partial<SettledLine> = {}): SettledLine {
  return { ...REALISTIC_SETTLED, opened, endedAt: REALISTIC_SETTLED.endedAt + opened, ...more }
}
