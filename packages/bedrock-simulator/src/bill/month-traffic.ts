// What is called in a synthetic month: models of every scheme, in their regions, scopes and tiers, with usage of every kind. All
// of it is drawn from one seed.

import type { SimulatedUsage } from '../call-record.ts'
import type { Random } from '../random.ts'
import type { Scope } from '../resolve-model.ts'
import type { BilledTier } from './billed-call.ts'

export type Offer = {
  readonly modelId: string
  readonly scope: Scope
  readonly tier: BilledTier
  readonly regions: readonly string[]
  readonly profile: string | null
  /** Calls of a thousand. */
  readonly weight: number
  readonly usage: 'cached' | 'plain' | 'input' | 'long' | 'ranking' | 'picture' | 'guardrail'
  readonly endpoint: 'runtime' | 'mantle'
}

const US = ['us-east-1', 'us-west-2'] as const
const ALL = ['us-east-1', 'us-east-1', 'us-west-2', 'eu-west-1'] as const
const VIRGINIA = ['us-east-1'] as const

const SONNET = 'anthropic.claude-sonnet-4-6'
const OPUS = 'anthropic.claude-opus-4-6-v1'
const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const SONNET_45 = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
const PRO = 'amazon.nova-pro-v1:0'
const LITE_2 = 'amazon.nova-2-lite-v1:0'
const TERRA = 'openai.gpt-5.6-terra'
const OSS = 'openai.gpt-oss-120b-1:0'

function offer(
  modelId: string,
  scope: Scope,
  weight: number,
  usage: Offer['usage'],
  rest: Partial<Offer> = {},
): Offer {
  const geography = scope === 'global' ? 'global' : 'us'
  const profile = scope === 'in-region' ? null : `${geography}.${modelId}`
  const regions = scope === 'geo' ? US : ALL
  const tier = 'standard'
  return { modelId, scope, tier, regions, profile, weight, usage, endpoint: 'runtime', ...rest }
}

export const OFFERS: readonly Offer[] = [
  offer(SONNET, 'geo', 170, 'cached'),
  offer(SONNET, 'global', 120, 'cached'),
  offer(SONNET, 'global', 15, 'plain', { tier: 'batch' }),
  offer(OPUS, 'geo', 40, 'cached'),
  offer(OPUS, 'global', 40, 'cached'),
  offer(HAIKU, 'geo', 90, 'cached'),
  offer(HAIKU, 'global', 80, 'cached'),
  offer(SONNET_45, 'geo', 60, 'cached'),
  offer(PRO, 'in-region', 70, 'plain', { regions: US }),
  offer(PRO, 'in-region', 20, 'plain', { regions: US, tier: 'priority' }),
  offer(PRO, 'in-region', 20, 'plain', { regions: US, tier: 'flex' }),
  offer(PRO, 'in-region', 15, 'plain', { regions: US, tier: 'batch' }),
  offer(PRO, 'in-region', 10, 'plain', { regions: VIRGINIA, tier: 'latency-optimized' }),
  offer(LITE_2, 'global', 40, 'plain', { regions: ['us-east-1', 'eu-west-1'] }),
  offer(LITE_2, 'global', 20, 'plain', { regions: US, tier: 'priority' }),
  offer(TERRA, 'global', 30, 'plain'),
  offer(TERRA, 'global', 3, 'long'),
  offer(OSS, 'in-region', 40, 'plain', { regions: US, endpoint: 'mantle' }),
  offer(OSS, 'in-region', 20, 'plain', { regions: US, tier: 'flex' }),
  offer('moonshotai.kimi-k2.5', 'in-region', 30, 'plain', { regions: US, endpoint: 'mantle' }),
  offer('amazon.titan-embed-text-v2:0', 'in-region', 30, 'input', { regions: US }),
  offer('amazon.rerank-v1:0', 'in-region', 10, 'ranking', { regions: ['us-west-2'] }),
  offer('amazon.nova-canvas-v1:0', 'in-region', 7, 'picture', { regions: VIRGINIA }),
  offer('', 'in-region', 20, 'guardrail', { regions: VIRGINIA }),
]

export const ORDINARY = OFFERS.filter(({ usage, modelId }) => usage !== 'long' && modelId !== OPUS)

export const UNLISTED = offer('anthropic.claude-unlisted-v1:0', 'in-region', 0, 'plain', {
  regions: VIRGINIA,
})
/** What a profile wraps, and what mantle serves for a project. */
export const PROFILED = offer(SONNET, 'geo', 0, 'cached', { regions: VIRGINIA })
export const PROJECTED = offer(OSS, 'in-region', 0, 'plain', {
  regions: VIRGINIA,
  endpoint: 'mantle',
})

export function pick<Item extends { readonly weight: number }>(
  items: readonly Item[],
  random: Random,
): Item {
  const total = items.reduce((sum, { weight }) => sum + weight, 0)
  let left = random.below(total)
  for (const item of items) {
    left -= item.weight
    if (left < 0) return item
  }
  throw new Error('nothing to pick from')
}

const between = (random: Random, min: number, max: number): number =>
  min + random.below(max - min + 1)

const NONE: SimulatedUsage = {
  input: 0,
  output: 0,
  cache_read: 0,
  cache_write_5m: 0,
  cache_write_1h: 0,
  other: {},
  variant: null,
}

export function drawUsage(usage: Offer['usage'], random: Random): SimulatedUsage {
  switch (usage) {
    case 'plain':
      return { ...NONE, input: between(random, 200, 9_000), output: between(random, 50, 2_500) }
    case 'cached':
      return {
        ...NONE,
        input: between(random, 200, 6_000),
        output: between(random, 50, 2_500),
        cache_read: random.below(2) * between(random, 2_000, 30_000),
        cache_write_5m: random.below(4) === 0 ? between(random, 1_024, 9_000) : 0,
        cache_write_1h: random.below(16) === 0 ? between(random, 1_024, 9_000) : 0,
      }
    case 'long':
      return { ...NONE, input: between(random, 280_000, 400_000), output: between(random, 50, 900) }
    case 'input':
      return { ...NONE, input: between(random, 50, 8_000) }
    case 'ranking':
      return { ...NONE, other: { search_units: between(random, 1, 4) } }
    case 'picture': {
      const variant =
        random.below(2) === 0 ? 'up to 1024x1024, standard' : 'up to 1024x1024, premium'
      return { ...NONE, other: { images: between(random, 1, 4) }, variant }
    }
    case 'guardrail': {
      const units = between(random, 1, 6)
      return { ...NONE, other: { text_units_content: units, text_units_word: units } }
    }
  }
}
