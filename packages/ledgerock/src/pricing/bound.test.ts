// The bound of a call, worked by hand from the shipped list.

import { describe, expect, it } from 'vitest'
import { formatUsd, picodollars, type Picodollars } from '../kernel/money.ts'
import {
  boundOfCall,
  FREE_BOUND,
  inputTokensMax,
  outputTokensWithin,
  type BoundAsk,
  type InputFacts,
} from './bound.ts'
import { DEFAULT_LIMITS, limitsOf } from './model-limits.ts'
import { shipped } from './testing/shipped-calls.ts'

const NO_MEDIA: BoundAsk['media'] = {
  bodyBytes: 0,
  mediaBytes: 0,
  mediaParts: 0,
  messages: 0,
  outsideBody: false,
  media: null,
}
const SONNET: BoundAsk = {
  modelId: 'anthropic.claude-sonnet-4-6',
  region: 'us-east-1',
  scope: 'geo',
  tier: 'standard',
  atMs: Date.parse('2026-11-20'),
  accountId: null,
  inputTokens: 1_000,
  maxTokens: 200,
  choices: 1,
  media: NO_MEDIA,
}
const usdOf = (ask: BoundAsk): string | null => {
  const { usd } = boundOfCall(shipped, ask)
  return usd === null ? null : formatUsd(usd)
}
const media = (some: Partial<NonNullable<BoundAsk['media']['media']>>): BoundAsk['media'] => ({
  ...NO_MEDIA,
  media: { images: null, videoSeconds: null, documents: null, ...some },
})

describe('boundOfCall', () => {
  it('[P24] takes every token of the input for the dearest there is', () => {
    // 1,000 × 6.6 (a cache write for an hour) + 200 × 16.5 = 9,900 µ$
    expect(boundOfCall(shipped, SONNET)).toEqual({
      usd: 9_900_000_000n,
      tokens: 1_200,
      outputTokens: 200,
    })
  })

  it('[P24] takes each of several answers at full length', () => {
    // 6,600 + 3 × 200 × 16.5 = 16,500 µ$
    expect(usdOf({ ...SONNET, choices: 3 })).toBe('0.0165')
    expect(boundOfCall(shipped, { ...SONNET, choices: 3 }).tokens).toBe(1_600)
  })

  it('[P24] takes the dearest band the input may reach, for input and output', () => {
    const haiku = { ...SONNET, modelId: 'anthropic.claude-haiku-5-5', maxTokens: 0 }
    const perToken = (inputTokens: number) =>
      (boundOfCall(shipped, { ...haiku, inputTokens }).usd as Picodollars) / BigInt(inputTokens)
    expect(perToken(100_001)).toBeGreaterThan(perToken(100_000))
    expect(perToken(100_000)).toBe(perToken(1))
  })

  it('[P24] takes the tier asked for, or the standard one where that is dearer', () => {
    const nova = { ...SONNET, modelId: 'amazon.nova-pro-v1:0', scope: 'in-region' } as const
    const [standard, priority, flex] = (['standard', 'priority', 'flex'] as const).map(
      (tier) => boundOfCall(shipped, { ...nova, tier }).usd as Picodollars,
    ) as [Picodollars, Picodollars, Picodollars]
    expect(priority).toBeGreaterThan(standard)
    // A call that flex has no room for may be served, and is charged, as any other.
    expect(flex).toBe(standard)
  })

  it('[P24] a reserved tier is bounded by what serves the rest of its calls', () => {
    expect(usdOf({ ...SONNET, tier: 'reserved' })).toBe(usdOf(SONNET))
  })

  it.each<[string, Partial<BoundAsk>]>([
    ['a model nobody knows', { modelId: 'acme.thinker' }],
    ['a region it is not sold in', { region: 'mars-north-1' }],
  ])('[P24] knows no bound in dollars of %s, but one in tokens', (_, rest) => {
    const { usd, tokens } = boundOfCall(shipped, { ...SONNET, ...rest })
    expect([usd, tokens]).toEqual([null, 1_200])
  })

  it('[P24] a tier without a price is bounded by the dearest tier that has one', () => {
    expect(usdOf({ ...SONNET, tier: 'latency-optimized' })).toBe(usdOf(SONNET))
    const nova = { ...SONNET, modelId: 'amazon.nova-2-lite-v1:0', scope: 'in-region' } as const
    const [standard, priority, fast] = (['standard', 'priority', 'latency-optimized'] as const).map(
      (tier) => usdOf({ ...nova, tier }),
    )
    expect(fast).toBe(priority)
    expect(fast).not.toBe(standard)
    const room = picodollars(10_000_000_000n)
    const most = outputTokensWithin(shipped, { ...nova, tier: 'latency-optimized' }, room)
    expect(most).toBe(outputTokensWithin(shipped, { ...nova, tier: 'priority' }, room))
  })

  it('[P24] knows prices by their time', () => {
    const terra = { ...SONNET, modelId: 'openai.gpt-5.6-terra' }
    const at = (day: string) => usdOf({ ...terra, atMs: Date.parse(day) })
    const [before, after] = [at('2026-07-24'), at('2026-11-20')]
    expect(before).not.toBe(after)
    // And again, now that the cell has been asked at another time.
    expect([at('2026-07-24'), at('2026-11-20')]).toEqual([before, after])
  })

  it('[P25] a call without a maximum is bounded by its model’s', () => {
    const { outputTokens } = boundOfCall(shipped, { ...SONNET, maxTokens: null })
    expect(outputTokens).toBe(limitsOf(SONNET.modelId).outputTokens)
    const unknown = boundOfCall(shipped, { ...SONNET, modelId: 'acme.thinker', maxTokens: null })
    expect(unknown.outputTokens).toBe(DEFAULT_LIMITS.outputTokens)
  })

  it.each<[string, string, BoundAsk['media'], string]>([
    ['pictures', 'stability.sd3-5-large-v1:0', media({ images: 3 }), '0.24'],
    // Nobody said how many seconds: the longest film there is.
    ['a film', 'amazon.nova-reel-v1:1', NO_MEDIA, '9.6'],
    ['a film of six seconds', 'amazon.nova-reel-v1:1', media({ videoSeconds: 6 }), '0.48'],
    // 250 documents, and four more for what a thousand tokens may be cut into.
    ['searches', 'cohere.rerank-v3-5:0', media({ documents: 250 }), '0.006'],
  ])('[P24] of %s counts what they are sold by', (_, modelId, facts, usd) => {
    const ask = {
      ...SONNET,
      scope: 'in-region',
      modelId,
      region: 'us-west-2',
      media: facts,
    } as const
    expect(boundOfCall(shipped, ask)).toMatchObject({ tokens: 0, outputTokens: 0 })
    expect(usdOf(ask)).toBe(usd)
  })

  it('[P24] a guardrail may look at all of the text under every policy that has a price', () => {
    const facts = { ...NO_MEDIA, bodyBytes: 2_500, messages: 2 }
    const ask = { ...SONNET, scope: 'in-region', modelId: 'guardrail', media: facts } as const
    // (3 units + 2 for the rounding of each part) × (0.15 + 0.15) / 1,000, and the checks' own prices with them.
    const { usd, tokens } = boundOfCall(shipped, ask)
    expect(usd).toBeGreaterThanOrEqual(1_500_000_000n)
    expect(usd).toBeLessThan(5_000_000_000n)
    expect(tokens).toBe(0)
  })

  it('[P24] what is free is bounded by nothing', () => {
    expect(FREE_BOUND).toEqual({ usd: 0n, tokens: 0, outputTokens: 0 })
  })
})

describe('inputTokensMax', () => {
  const FACTS: InputFacts = {
    bodyBytes: 5_000,
    mediaBytes: 0,
    mediaParts: 0,
    messages: 3,
    tools: 0,
    outsideBody: false,
  }
  const CLAUDE = SONNET.modelId

  it('[P25] takes each byte of the body for a token, and a little for what stands around it', () => {
    const most = inputTokensMax(FACTS, CLAUDE)
    expect(most).toBeGreaterThanOrEqual(5_000)
    expect(most).toBeLessThan(5_500)
    expect(inputTokensMax({ ...FACTS, tools: 2 }, CLAUDE)).toBeGreaterThanOrEqual(most + 1_679)
  })

  it('[P25] takes a picture for the largest its model looks at', () => {
    const pictures = { ...FACTS, bodyBytes: 905_000, mediaBytes: 900_000, mediaParts: 2 }
    const most = inputTokensMax(FACTS, CLAUDE)
    expect(inputTokensMax(pictures, CLAUDE)).toBe(most + 2 * 4_784)
    expect(inputTokensMax(pictures, 'qwen.qwen3-vl-235b-a22b')).toBe(most + 2 * 16_384)
  })

  it('[P25] takes what lies outside the body for as much as the model takes in', () => {
    const outside = { ...FACTS, outsideBody: true }
    expect(inputTokensMax(outside, CLAUDE)).toBe(1_000_000)
    expect(inputTokensMax(outside, 'acme.thinker')).toBe(DEFAULT_LIMITS.contextTokens)
    expect(inputTokensMax({ ...outside, bodyBytes: 3_000_000 }, CLAUDE)).toBeGreaterThan(3_000_000)
  })
})

describe('outputTokensWithin', () => {
  const dollars = (micro: bigint): Picodollars => picodollars(micro * 1_000_000n)

  it('[P27] is what the room leaves after the input', () => {
    // 6,600 µ$ for the input; 16.5 for each token of the answer.
    expect(outputTokensWithin(shipped, SONNET, dollars(6_632n))).toBe(1)
    expect(outputTokensWithin(shipped, SONNET, dollars(6_633n))).toBe(2)
    expect(outputTokensWithin(shipped, { ...SONNET, choices: 2 }, dollars(6_666n))).toBe(2)
    expect(outputTokensWithin(shipped, SONNET, dollars(6_616n))).toBe(null)
    expect(outputTokensWithin(shipped, SONNET, dollars(10n))).toBe(null)
  })

  it('[P27] is no more than the model writes, and nothing where no price is known', () => {
    const most = limitsOf(SONNET.modelId).outputTokens
    expect(outputTokensWithin(shipped, SONNET, dollars(10n ** 9n))).toBe(most)
    const unknown = { ...SONNET, modelId: 'acme.thinker' }
    expect(outputTokensWithin(shipped, unknown, dollars(10n ** 9n))).toBe(null)
  })
})
