// The models that write text, maker by maker.

import type { CacheTtl } from './cache-ttl.ts'
import type {
  CacheRules,
  ConverseSupport,
  Geography,
  Model,
  PaidTier,
  TextFamily,
} from './model-shape.ts'

const BOTH_TIERS: readonly PaidTier[] = ['priority', 'flex']
const BOTH_TTLS: readonly CacheTtl[] = ['5m', '1h']
const WHOLE_CHAT: ConverseSupport = { system: true, tools: true }
/** Converse puts the messages into these models' prompts and can put nothing else there. */
const MESSAGES_ONLY: Partial<Model> = { converse: { system: false, tools: false } }
const NO_TOOLS: Partial<Model> = { converse: { system: true, tools: false } }
const SHORT_TTL: readonly CacheTtl[] = ['5m']

/** Sold in its own region at the standard tier, takes Converse, caches nothing: what `rest` says otherwise wins. */
function textModel(
  id: string,
  family: TextFamily,
  outputTokensDefault: number,
  outputTokensMax: number,
  rest: Partial<Model> = {},
): Model {
  return {
    id,
    family,
    outputTokensDefault,
    outputTokensMax,
    cache: null,
    implicitCache: null,
    converse: WHOLE_CHAT,
    geographies: [],
    paidTiers: [],
    latencyOptimized: false,
    ...rest,
  }
}

function claude(
  id: string,
  outputTokensMax: number,
  cache: CacheRules,
  geographies: readonly Geography[],
): Model {
  return textModel(id, 'anthropic', 4_096, outputTokensMax, { cache, geographies })
}

function nova(id: string, outputTokensMax: number, rest: Partial<Model> = {}): Model {
  const cache = { ttls: SHORT_TTL, prefixTokensMin: 1_000 }
  const geographies: readonly Geography[] = ['us', 'eu', 'apac']
  return textModel(id, 'nova', outputTokensMax, outputTokensMax, { cache, geographies, ...rest })
}

/** Open-weight models of many makers are served by one engine and speak one shape. */
function open(id: string, outputTokensMax: number, rest: Partial<Model> = {}): Model {
  return textModel(id, 'openai', 4_096, outputTokensMax, { paidTiers: BOTH_TIERS, ...rest })
}

function llama(id: string, outputTokensMax: number, rest: Partial<Model> = {}): Model {
  return textModel(id, 'llama', 512, outputTokensMax, rest)
}

const GENERATION_4: CacheRules = { ttls: BOTH_TTLS, prefixTokensMin: 1_024 }
const LARGE_PREFIX: CacheRules = { ttls: BOTH_TTLS, prefixTokensMin: 4_096 }
const US: readonly Geography[] = ['us']

const ANTHROPIC: readonly Model[] = [
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
]

const AMAZON: readonly Model[] = [
  nova('amazon.nova-micro-v1:0', 10_000),
  nova('amazon.nova-lite-v1:0', 10_000, { geographies: ['us', 'eu', 'apac', 'ca'] }),
  nova('amazon.nova-pro-v1:0', 10_000, { paidTiers: BOTH_TIERS, latencyOptimized: true }),
  nova('amazon.nova-2-lite-v1:0', 65_535, {
    geographies: ['us', 'eu', 'jp', 'global'],
    paidTiers: BOTH_TIERS,
  }),
  textModel('amazon.titan-text-lite-v1', 'titan-text', 512, 4_096, MESSAGES_ONLY),
  textModel('amazon.titan-text-express-v1', 'titan-text', 512, 8_192, MESSAGES_ONLY),
  textModel('amazon.titan-text-premier-v1:0', 'titan-text', 512, 3_072, MESSAGES_ONLY),
]

const OPENAI: readonly Model[] = [
  open('openai.gpt-oss-20b-1:0', 16_384),
  open('openai.gpt-oss-120b-1:0', 16_384),
  open('openai.gpt-oss-safeguard-20b', 16_384),
  open('openai.gpt-5.5', 128_000, {
    paidTiers: [],
    implicitCache: { prefixTokensMin: 1_024, paidWrites: false },
  }),
  open('openai.gpt-5.6-terra', 128_000, {
    paidTiers: [],
    geographies: ['us', 'global'],
    implicitCache: { prefixTokensMin: 1_024, paidWrites: true },
  }),
]

const META: readonly Model[] = [
  llama('meta.llama3-8b-instruct-v1:0', 2_048, NO_TOOLS),
  llama('meta.llama3-70b-instruct-v1:0', 2_048, NO_TOOLS),
  llama('meta.llama3-1-8b-instruct-v1:0', 8_192, { geographies: US }),
  llama('meta.llama3-1-70b-instruct-v1:0', 8_192, { geographies: US }),
  llama('meta.llama3-2-11b-instruct-v1:0', 8_192, { geographies: US }),
  llama('meta.llama3-3-70b-instruct-v1:0', 8_192, { geographies: US }),
  llama('meta.llama4-scout-17b-instruct-v1:0', 8_192, { geographies: US }),
  llama('meta.llama4-maverick-17b-instruct-v1:0', 8_192, { geographies: US }),
]

const MISTRAL: readonly Model[] = [
  textModel('mistral.mistral-7b-instruct-v0:2', 'mistral', 512, 8_192, MESSAGES_ONLY),
  textModel('mistral.mixtral-8x7b-instruct-v0:1', 'mistral', 512, 4_096, MESSAGES_ONLY),
  textModel('mistral.mistral-small-2402-v1:0', 'mistral', 512, 8_192),
  textModel('mistral.mistral-large-2402-v1:0', 'mistral', 8_192, 8_192),
  textModel('mistral.mistral-large-2407-v1:0', 'mistral', 8_192, 8_192),
  open('mistral.pixtral-large-2502-v1:0', 8_192, { paidTiers: [], geographies: ['us', 'eu'] }),
  open('mistral.mistral-large-3-675b-instruct', 32_768),
  open('mistral.magistral-small-2509', 40_000),
  open('mistral.ministral-3-8b-instruct', 8_192),
  open('mistral.voxtral-small-24b-2507', 8_192),
]

const COHERE: readonly Model[] = [
  textModel('cohere.command-light-text-v14', 'cohere-command', 20, 4_096, MESSAGES_ONLY),
  textModel('cohere.command-text-v14', 'cohere-command', 20, 4_096, MESSAGES_ONLY),
  textModel('cohere.command-r-v1:0', 'cohere-chat', 4_000, 4_000),
  textModel('cohere.command-r-plus-v1:0', 'cohere-chat', 4_000, 4_000),
]

const OTHERS: readonly Model[] = [
  textModel('ai21.jamba-1-5-mini-v1:0', 'jamba', 4_096, 4_096),
  textModel('ai21.jamba-1-5-large-v1:0', 'jamba', 4_096, 4_096),
  textModel('deepseek.r1-v1:0', 'deepseek-r1', 8_192, 32_768, { ...NO_TOOLS, geographies: US }),
  open('deepseek.v3-v1:0', 81_920),
  open('deepseek.v3.2', 81_920),
  open('google.gemma-3-4b-it', 8_192),
  open('google.gemma-3-27b-it', 8_192),
  open('minimax.minimax-m2', 8_192),
  open('minimax.minimax-m2.5', 8_192),
  open('moonshot.kimi-k2-thinking', 16_384),
  open('moonshotai.kimi-k2.5', 16_384),
  open('nvidia.nemotron-nano-3-30b', 8_192),
  open('nvidia.nemotron-super-3-120b', 32_768),
  open('qwen.qwen3-32b-v1:0', 16_384),
  open('qwen.qwen3-235b-a22b-2507-v1:0', 8_192),
  open('qwen.qwen3-coder-30b-a3b-v1:0', 65_536),
  open('qwen.qwen3-next-80b-a3b', 16_384),
  open('writer.palmyra-vision-7b', 8_192),
  open('writer.palmyra-x4-v1:0', 8_192, { paidTiers: [], geographies: US }),
  open('writer.palmyra-x5-v1:0', 8_192, { paidTiers: [], geographies: US }),
  open('xai.grok-4.7', 65_536, { geographies: ['us', 'global'] }),
  open('zai.glm-4.7', 65_536),
  open('zai.glm-5', 65_536),
  // Pegasus writes about a film; Converse has no place for its media source.
  textModel('twelvelabs.pegasus-1-2-v1:0', 'pegasus', 4_096, 4_096, {
    converse: null,
    geographies: ['us', 'eu', 'apac', 'global'],
  }),
]

export const TEXT_MODELS: readonly Model[] = [
  ...ANTHROPIC,
  ...AMAZON,
  ...OPENAI,
  ...META,
  ...MISTRAL,
  ...COHERE,
  ...OTHERS,
]
