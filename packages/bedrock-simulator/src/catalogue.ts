// The models this Bedrock offers: what shape they speak, how much they write, what they cache and where they are sold.
// Typed by hand. Cache minimums follow AWS's prompt-caching page; a test that wants short prompts overrides them.

import type { CacheTtl } from './cache-ttl.ts'

export const FAMILIES = ['anthropic', 'nova', 'openai', 'titan-embedding'] as const
export type Family = (typeof FAMILIES)[number]

export const GEOGRAPHIES = ['us', 'eu', 'apac', 'jp', 'au', 'ca', 'in', 'us-gov', 'global'] as const
export type Geography = (typeof GEOGRAPHIES)[number]

export type PaidTier = 'priority' | 'flex'

export type CacheRules = {
  readonly ttls: readonly CacheTtl[]
  readonly prefixTokensMin: number
}

export type Model = {
  readonly id: string
  readonly family: Family
  /** What a request without a limit may write, and the most a request may ask for. */
  readonly outputTokensDefault: number
  readonly outputTokensMax: number
  readonly cache: CacheRules | null
  readonly geographies: readonly Geography[]
  readonly paidTiers: readonly PaidTier[]
  readonly latencyOptimized: boolean
}

const NO_TIERS: readonly PaidTier[] = []
const BOTH_TIERS: readonly PaidTier[] = ['priority', 'flex']
const BOTH_TTLS: readonly CacheTtl[] = ['5m', '1h']
const SHORT_TTL: readonly CacheTtl[] = ['5m']

function claude(
  id: string,
  outputTokensMax: number,
  cache: CacheRules,
  geographies: readonly Geography[],
): Model {
  const outputTokensDefault = 4_096
  const common = { family: 'anthropic', paidTiers: NO_TIERS, latencyOptimized: false } as const
  return { id, outputTokensDefault, outputTokensMax, cache, geographies, ...common }
}

function nova(id: string, outputTokensMax: number, rest: Partial<Model>): Model {
  return {
    id,
    family: 'nova',
    outputTokensDefault: outputTokensMax,
    outputTokensMax,
    cache: { ttls: SHORT_TTL, prefixTokensMin: 1_000 },
    geographies: ['us', 'eu', 'apac'],
    paidTiers: NO_TIERS,
    latencyOptimized: false,
    ...rest,
  }
}

function gptOss(id: string): Model {
  return {
    id,
    family: 'openai',
    outputTokensDefault: 4_096,
    outputTokensMax: 16_384,
    cache: null,
    geographies: [],
    paidTiers: BOTH_TIERS,
    latencyOptimized: false,
  }
}

function titanEmbedding(id: string): Model {
  return {
    id,
    family: 'titan-embedding',
    outputTokensDefault: 0,
    outputTokensMax: 0,
    cache: null,
    geographies: [],
    paidTiers: NO_TIERS,
    latencyOptimized: false,
  }
}

const GENERATION_4: CacheRules = { ttls: BOTH_TTLS, prefixTokensMin: 1_024 }
const LARGE_PREFIX: CacheRules = { ttls: BOTH_TTLS, prefixTokensMin: 4_096 }

const MODELS: readonly Model[] = [
  claude('anthropic.claude-sonnet-4-6', 64_000, GENERATION_4, ['us', 'eu', 'jp', 'au', 'global']),
  claude('anthropic.claude-sonnet-4-5-20250929-v1:0', 64_000, GENERATION_4, [
    'us',
    'eu',
    'jp',
    'au',
    'us-gov',
    'global',
  ]),
  claude('anthropic.claude-opus-4-6-v1', 128_000, LARGE_PREFIX, ['us', 'eu', 'au', 'global']),
  claude('anthropic.claude-haiku-4-5-20251001-v1:0', 64_000, LARGE_PREFIX, [
    'us',
    'eu',
    'apac',
    'jp',
    'au',
    'in',
    'global',
  ]),
  claude(
    'anthropic.claude-3-7-sonnet-20250219-v1:0',
    64_000,
    { ttls: SHORT_TTL, prefixTokensMin: 1_024 },
    ['us', 'eu', 'apac'],
  ),
  claude(
    'anthropic.claude-3-5-haiku-20241022-v1:0',
    8_192,
    { ttls: SHORT_TTL, prefixTokensMin: 2_048 },
    ['us', 'eu'],
  ),
  // A model no price list knows: calls to it are served and stay unpriced.
  claude('anthropic.claude-unlisted-v1:0', 64_000, GENERATION_4, ['us', 'eu', 'global']),
  nova('amazon.nova-micro-v1:0', 10_000, {}),
  nova('amazon.nova-lite-v1:0', 10_000, { geographies: ['us', 'eu', 'apac', 'ca'] }),
  nova('amazon.nova-pro-v1:0', 10_000, { paidTiers: BOTH_TIERS, latencyOptimized: true }),
  nova('amazon.nova-2-lite-v1:0', 65_535, {
    geographies: ['us', 'eu', 'jp', 'global'],
    paidTiers: BOTH_TIERS,
  }),
  gptOss('openai.gpt-oss-20b-1:0'),
  gptOss('openai.gpt-oss-120b-1:0'),
  titanEmbedding('amazon.titan-embed-text-v1'),
  titanEmbedding('amazon.titan-embed-text-v2:0'),
]

const modelsById: ReadonlyMap<string, Model> = new Map(MODELS.map((model) => [model.id, model]))

export function findModel(id: string): Model | null {
  return modelsById.get(id) ?? null
}

export function modelIds(): readonly string[] {
  return MODELS.map((model) => model.id)
}
