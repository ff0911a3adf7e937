// Past calls for tests of rules that are tried on them: from few teams and models, in the order of their beginnings.

import fc from 'fast-check'
import { picodollars } from '../../kernel/money.ts'
import type { PastCall } from '../trial/past-call.ts'
import type { TriedRules } from '../trial/simulate-policy.ts'
import { NOON } from './arbitrary-rules.ts'

export const DOLLAR = 1_000_000_000_000n

export const NO_TRIED_RULES: TriedRules = {
  access: [],
  grants: [],
  limits: [],
  guardrails: [],
  budgets: [],
  routes: [],
}

export function pastCall(parts: Partial<PastCall> = {}): PastCall {
  return {
    callId: 'call',
    dimensions: { team: 'search', environment: 'prod' },
    keyName: 'search-prod',
    modelRequested: 'amazon.nova-lite-v1:0',
    modelId: 'amazon.nova-lite-v1:0',
    callsModel: true,
    startedMs: NOON,
    endedMs: (parts.startedMs ?? NOON) + 1_000,
    operation: 'converse',
    profileScope: 'in-region',
    tier: 'standard',
    stream: false,
    cost: picodollars(DOLLAR),
    isCounted: true,
    bound: null,
    tokens: 1_000,
    inputTokens: 800,
    outputTokens: 200,
    wasRefused: false,
    isOurs: true,
    ...parts,
  }
}

const HOUR_MS = 3_600_000

/** Over some days; many begin close together. */
export const arbitraryPastCalls: fc.Arbitrary<readonly PastCall[]> = fc
  .array(
    fc.record({
      team: fc.constantFrom('search', 'support', 'unknown'),
      keyName: fc.constantFrom('search-prod', 'batch', null),
      modelId: fc.constantFrom('amazon.nova-lite-v1:0', 'anthropic.claude-sonnet-4-6', null),
      gapMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: HOUR_MS })),
      lastsMs: fc.integer({ min: 0, max: 60_000 }),
      operation: fc.constantFrom('converse', 'invoke', 'messages', 'embeddings', 'count-tokens'),
      stream: fc.boolean(),
      tier: fc.constantFrom('standard', 'priority', 'flex'),
      cents: fc.option(fc.integer({ min: 0, max: 400 }), { freq: 10 }),
      isCounted: fc.boolean(),
      boundCents: fc.option(fc.integer({ min: 0, max: 600 })),
      inputTokens: fc.integer({ min: 0, max: 3_000 }),
      outputTokens: fc.integer({ min: 0, max: 3_000 }),
      wasRefused: fc.boolean(),
      isOurs: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 60, size: 'max' },
  )
  .map((drawn) => {
    let atMs = NOON
    return drawn.map((one, index) => {
      atMs += one.gapMs
      const { team, modelId, cents, boundCents, wasRefused, lastsMs, inputTokens, ...rest } = one
      const tokens = wasRefused ? 0 : inputTokens + one.outputTokens
      const cost = wasRefused ? 0n : cents === null ? null : centsOf(cents)
      return pastCall({
        ...(rest as Partial<PastCall>),
        callId: `call-${index}`,
        dimensions: { team, environment: 'prod' },
        modelRequested: modelId ?? 'arn:unknown',
        modelId,
        startedMs: atMs,
        endedMs: atMs + lastsMs,
        cost: cost === null ? null : picodollars(cost),
        bound: boundCents === null ? null : picodollars(centsOf(boundCents)),
        inputTokens,
        tokens,
        wasRefused,
      })
    })
  })

function centsOf(cents: number): bigint {
  return (BigInt(cents) * DOLLAR) / 100n
}
