// No call costs more than its bound, by any book: whatever it uses within what it may use, whichever tier serves it, at any time, on
// both sides of every threshold; and the bound of what a clamp leaves fits into the room.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tier } from '@ledgerock/contract'
import { picodollars } from '../kernel/money.ts'
import {
  boundOfCall,
  outputTokensWithin,
  outputTokensWithinTokens,
  type BoundAsk,
} from './bound.ts'
import { costOfUsage, type PricedCall } from './cost-of-usage.ts'
import { limitsOf } from './model-limits.ts'
import { buildPriceBook, type PriceBook } from './price-book.ts'
import { arbitraryCall, arbitraryLayers, BAND, MODEL } from './testing/arbitrary-book.ts'
import { overridesOf } from './testing/override-terms.ts'
import { shipped, shippedCall } from './testing/shipped-calls.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { contextTokens, type Usage } from './usage.ts'

const ACCOUNT = '111122223333'
const RECORDING_SECONDS_MAX = 14_400

/** As the meters count: a model sold by another unit says nothing of tokens, and no call uses capacity. */
function metered({ modelId, usage }: PricedCall): Usage {
  const modality = shipped.models.get(modelId)?.model.modality ?? 'text'
  const entries = Object.entries(usage).map(([kind, count = 0]): [string, number] => {
    if (kind === 'output' && modality !== 'text' && modality !== 'speech') return [kind, 0]
    if (kind === 'requests') return [kind, Math.min(count, 1)]
    const isLength = kind === 'video_seconds' || (kind === 'audio_input' && modality !== 'speech')
    if (isLength) return [kind, count % RECORDING_SECONDS_MAX]
    return [kind, /hours|months/.test(kind) ? 0 : count]
  })
  return Object.fromEntries(entries)
}

type Slack = {
  readonly input: number
  readonly output: number
  readonly choices: number
  readonly asked: Tier
}
const slack = fc.record({
  input: fc.oneof(fc.constant(0), fc.nat(400_000)),
  output: fc.oneof(fc.constant(0), fc.nat(100_000)),
  choices: fc.integer({ min: 1, max: 4 }),
  asked: fc.constantFrom<Tier>('standard', 'priority', 'flex', 'reserved', 'latency-optimized'),
})

/** A question whose answer may be this usage and more. What is asked for in one tier may be served in the standard one. */
function askFor(call: PricedCall, usage: Usage, more: Slack): BoundAsk {
  const { modelId, region, scope, atMs, tier, accountId = null } = call
  const inputTokens = contextTokens(usage) + (usage.audio_input ?? 0) + more.input
  const written = (usage.output ?? 0) + (usage.audio_output ?? 0)
  const isFilm = shipped.models.get(modelId)?.model.modality === 'video'
  return {
    modelId,
    region,
    scope,
    atMs,
    accountId,
    tier: tier === 'standard' ? more.asked : (tier ?? 'standard'),
    inputTokens,
    maxTokens: Math.ceil(written / more.choices) + more.output,
    choices: more.choices,
    media: {
      bodyBytes: 0,
      mediaBytes: 0,
      mediaParts: usage.image_input ?? 0,
      messages: 0,
      outsideBody: (usage.video_seconds ?? usage.audio_input ?? 0) > 0,
      media: {
        images: usage.images ?? null,
        documents: (usage.search_units ?? 0) * 100,
        videoSeconds: isFilm ? (usage.video_seconds ?? null) : null,
      },
    },
  }
}

/** True where there were a cost and a bound to compare. */
function expectBounded(book: PriceBook, call: PricedCall, more: Slack): boolean {
  const usage = metered(call)
  const { usd, tokens } = boundOfCall(book, askFor(call, usage, more))
  if (tokens > 0) expect(tokens).toBeGreaterThanOrEqual(contextTokens(usage) + (usage.output ?? 0))
  const cost = costOfUsage(book, { ...call, usage })
  // What has no price in any tier has no bound: it reserves what its budgets say of such calls.
  if (usd === null || cost.kind === 'unpriced') return false
  expect(usd).toBeGreaterThanOrEqual(cost.cost)
  return true
}

const CONTRACTS = buildPriceBook(
  [SNAPSHOT_LAYER],
  overridesOf([
    { name: 'less', models: 'anthropic.*', percent: '-7.3' },
    { name: 'more', models: 'openai.*', percent: '33.37', from: '2026-03-01' },
    { name: 'fixed', models: 'amazon.*', kind: 'cache_write', price: '9.000000000001' },
    { name: 'own', account_id: ACCOUNT, models: 'qwen.*', kind: 'output', price: '77.7' },
    { name: 'long', models: 'zai.*', kind: 'input', price: '8', context_above: 1_000 },
  ]),
)

describe('boundOfCall', () => {
  it('[P24] is no less than what any call of the shipped book costs', () => {
    let compared = 0
    fc.assert(
      fc.property(shippedCall, slack, (call, more) => {
        if (expectBounded(shipped, call, more)) compared += 1
      }),
      { numRuns: 3_000 },
    )
    expect(compared).toBeGreaterThan(1_000)
  })

  it('[P24] is no less under contracts, of an account or of all', () => {
    let compared = 0
    fc.assert(
      fc.property(shippedCall, slack, fc.boolean(), (call, more, isOwn) => {
        const made = { ...call, accountId: isOwn ? ACCOUNT : null }
        if (expectBounded(CONTRACTS, made, more)) compared += 1
      }),
      { numRuns: 1_500 },
    )
    expect(compared).toBeGreaterThan(500)
  })

  it('[P24] is no less by any book, whatever its layers, bands, dates and decimals', () => {
    const exact: Slack = { input: 0, output: 0, choices: 1, asked: 'standard' }
    const calls = fc.array(
      arbitraryCall.filter(({ usage }) => (usage.output ?? 0) < 1_000_000_000),
      { minLength: 20, maxLength: 20 },
    )
    let compared = 0
    fc.assert(
      fc.property(arbitraryLayers, calls, fc.nat(3), (layers, some, few) => {
        const book = buildPriceBook(layers)
        for (const call of some) {
          if (expectBounded(book, call, { ...exact, input: few * BAND })) compared += 1
        }
      }),
      { numRuns: 120 },
    )
    expect(compared).toBeGreaterThan(100)
  })

  it('[P24] has a price for whatever a tier sells to the one that asks for it', () => {
    fc.assert(
      fc.property(shippedCall, (call) => {
        const usage = metered(call)
        const cost = costOfUsage(shipped, { ...call, usage })
        const used = Object.values(usage).some((count = 0) => count > 0)
        fc.pre(cost.kind === 'priced' && used && call.tier !== 'reserved')
        const more: Slack = { input: 0, output: 0, choices: 1, asked: call.tier ?? 'standard' }
        expect(boundOfCall(shipped, askFor(call, usage, more)).usd).not.toBe(null)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[P26] grows with the input and the output', () => {
    fc.assert(
      fc.property(shippedCall, slack, fc.nat(300_000), (call, more, extra) => {
        const ask = askFor(call, metered(call), more)
        const { usd } = boundOfCall(shipped, ask)
        fc.pre(usd !== null)
        const longer = { ...ask, inputTokens: ask.inputTokens + extra }
        const wordier = { ...ask, maxTokens: (ask.maxTokens ?? 0) + extra }
        for (const next of [longer, wordier]) {
          expect(boundOfCall(shipped, next).usd).toBeGreaterThanOrEqual(usd)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('outputTokensWithin', () => {
  const room = fc.bigInt({ min: 0n, max: 20_000_000_000_000n })

  it('[P27] is the most that fits', () => {
    let fitted = 0
    fc.assert(
      fc.property(shippedCall, slack, room, (call, more, dollars) => {
        const ask = { ...askFor(call, metered(call), more), maxTokens: null }
        const boundAt = (maxTokens: number) => boundOfCall(CONTRACTS, { ...ask, maxTokens })
        const most = outputTokensWithin(CONTRACTS, ask, picodollars(dollars))
        if (most === null) {
          const { usd, outputTokens } = boundAt(1)
          if (usd !== null && outputTokens > 0) expect(usd).toBeGreaterThan(dollars)
          return
        }
        fitted += 1
        expect(boundAt(most).usd).toBeLessThanOrEqual(dollars)
        if (most === limitsOf(call.modelId).outputTokens) return
        // Where rates are finer than a picodollar the room for rounding may be left over, and never more.
        const next = boundAt(most + 1).usd as bigint
        expect(next + 25n).toBeGreaterThan(dollars)
      }),
      { numRuns: 3_000 },
    )
    expect(fitted).toBeGreaterThan(500)
  })

  it('[P27] is the most that fits into a room of tokens', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.nat(500_000), fc.integer({ min: 1, max: 9 }), (...some) => {
        const [tokens, inputTokens, choices] = some
        const call: PricedCall = {
          modelId: MODEL,
          region: 'us-east-1',
          scope: 'in-region',
          tier: 'standard',
          atMs: 0,
          usage: { input: inputTokens },
        }
        const plain: Slack = { input: 0, output: 0, choices, asked: 'standard' }
        const ask = askFor(call, call.usage, plain)
        const most = outputTokensWithinTokens(ask, BigInt(tokens)) ?? 0
        const boundAt = (maxTokens: number) => boundOfCall(shipped, { ...ask, maxTokens }).tokens
        if (most > 0) expect(boundAt(most)).toBeLessThanOrEqual(tokens)
        if (most < limitsOf(MODEL).outputTokens) expect(boundAt(most + 1)).toBeGreaterThan(tokens)
      }),
    )
  })
})
