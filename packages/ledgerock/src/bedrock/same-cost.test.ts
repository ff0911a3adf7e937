// One call, told in every shape that could tell of it, costs the same to the picodollar: a meter that mixes up where a shape puts its
// cached tokens charges for them twice or not at all.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUsd } from '../kernel/money.ts'
import { costOfUsage } from '../pricing/cost-of-usage.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import {
  ANTHROPIC,
  CONVERSE,
  NOVA,
  OPENAI,
  type Shapes,
  type Truth,
} from './testing/told-shapes.ts'
import type { UsageReading } from './usage/usage-meter.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])

/** Large enough on both sides of every context threshold. */
const tokens = fc.oneof(fc.nat(5_000), fc.nat(150_000))
const none = fc.constant(0)
const output = fc.integer({ min: 1, max: 20_000 })

function truths(sold: Partial<Record<keyof Truth, fc.Arbitrary<number>>>): fc.Arbitrary<Truth> {
  const { read = none, written5m = none, written30m = none, written1h = none } = sold
  return fc.record({
    fresh: fc.integer({ min: 1, max: 150_000 }),
    output,
    read,
    written5m,
    written30m,
    written1h,
  })
}

const lifetimes = truths({ read: tokens, written5m: tokens, written1h: tokens })
const halfHours = truths({ read: tokens, written30m: tokens })
const readsOnly = truths({ read: tokens })

/** Models by what they sell, the shapes they are heard in, and a place where they are sold. */
const CASES = [
  ['us.anthropic.claude-sonnet-4-6', { ...CONVERSE, ...ANTHROPIC }, lifetimes],
  ['us.anthropic.claude-haiku-5-5', { ...CONVERSE, ...ANTHROPIC }, lifetimes],
  ['global.anthropic.claude-opus-5', { ...CONVERSE, ...ANTHROPIC }, lifetimes],
  ['us.openai.gpt-5.6-terra', { ...CONVERSE, ...OPENAI }, halfHours],
  ['global.openai.gpt-6-sol', { ...CONVERSE, ...OPENAI }, halfHours],
  [
    'us.amazon.nova-pro-v1:0',
    { ...CONVERSE, ...NOVA },
    truths({ read: tokens, written5m: tokens }),
  ],
  ['us.xai.grok-4.7', { ...CONVERSE, ...OPENAI }, readsOnly],
  // Without a cache every shape says the same, whoever made the model.
  ['qwen.qwen3-32b-v1:0', { ...CONVERSE, ...OPENAI }, truths({})],
] as const satisfies readonly (readonly [string, Shapes, fc.Arbitrary<Truth>])[]

function costOf(model: string, reading: UsageReading): string {
  const identity = resolveModel(book, model)
  if (identity.kind === 'unresolved') return identity.reason
  const cost = costOfUsage(book, {
    modelId: identity.modelId,
    region: 'us-east-1',
    scope: identity.scope,
    tier: 'standard',
    atMs: Date.parse('2026-11-20'),
    usage: reading.usage,
  })
  return cost.kind === 'priced' ? formatUsd(cost.cost) : cost.reason
}

describe('the same call', () => {
  it.each(CASES)('[B19] of %s costs the same in every shape', (model, shapes, calls) => {
    fc.assert(
      fc.property(calls, (truth) => {
        const costs = Object.entries(shapes).map(([shape, read]) => {
          const reading = read(model, truth)
          expect({ shape, ...reading }).toMatchObject({
            shape,
            usageSource: 'response',
            problems: [],
          })
          return costOf(model, reading)
        })
        expect(costs[0]).toMatch(/^\d/)
        expect(costs).toEqual(costs.map(() => costs[0]))
      }),
    )
  })

  it('[B19] costs what the price list says, worked by hand', () => {
    // Claude Sonnet 4.6, geo: 1,000 × 3.3 + 200 × 16.5 + 9,000 × 0.33 + 500 × 4.125 + 100 × 6.6 = 12,292.5 µ$
    const claude = {
      fresh: 1000,
      output: 200,
      read: 9000,
      written5m: 500,
      written30m: 0,
      written1h: 100,
    }
    for (const read of Object.values({ ...CONVERSE, ...ANTHROPIC })) {
      const model = 'us.anthropic.claude-sonnet-4-6'
      expect(costOf(model, read(model, claude))).toBe('0.0122925')
    }
    // GPT-5.6 Terra, geo: 1,000 × 2.2 + 200 × 13.2 + 9,000 × 0.22 + 600 × 2.75 = 8,470 µ$
    const gpt = { ...claude, written5m: 0, written30m: 600, written1h: 0 }
    for (const read of Object.values({ ...CONVERSE, ...OPENAI })) {
      const model = 'us.openai.gpt-5.6-terra'
      expect(costOf(model, read(model, gpt))).toBe('0.00847')
    }
  })
})
