// AWS's words for what it sells, typed one by one as they stand for us-east-1: seen on bills, price lists and AWS's pages, or, where
// a model's other kinds or tiers were not seen, written after their neighbours by hand. Nothing here is put together by a grammar,
// so that whoever reads a bill cannot agree with us by having the same one; only the region's word is exchanged. In the native and
// mantle schemes each model has words of its own; on the Marketplace the product says which model it is.

import type { ChargeKind } from '../cost.ts'

export const SCHEMES = ['A', 'B', 'C', 'D'] as const
/** A native, B mantle, C Marketplace in CamelCase, D Marketplace in snake_case. */
export type Scheme = (typeof SCHEMES)[number]

/** AWS sells a region's own and its geography's profile under one word. */
export type ListedScope = 'regional' | 'global'
export type ListedTier = 'standard' | 'priority' | 'flex' | 'batch' | 'latency-optimized'

export type UsageNames = { readonly [Kind in ChargeKind]?: string }

export type NamesOf = {
  readonly modelId: string
  readonly scope: ListedScope
  readonly tier: ListedTier
  readonly names: UsageNames
}

const SONNET_46 = 'anthropic.claude-sonnet-4-6'
const OPUS_46 = 'anthropic.claude-opus-4-6-v1'
const HAIKU_45 = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const PRO = 'amazon.nova-pro-v1:0'
const LITE = 'amazon.nova-lite-v1:0'
const MICRO = 'amazon.nova-micro-v1:0'
const LITE_2 = 'amazon.nova-2-lite-v1:0'
const OSS_120B = 'openai.gpt-oss-120b-1:0'
const OSS_20B = 'openai.gpt-oss-20b-1:0'
const MISTRAL_3 = 'mistral.mistral-large-3-675b-instruct'
const KIMI = 'moonshotai.kimi-k2.5'

const of = (modelId: string, scope: ListedScope, tier: ListedTier, names: UsageNames): NamesOf => ({
  modelId,
  scope,
  tier,
  names,
})

export const NATIVE_NAMES: readonly NamesOf[] = [
  of(SONNET_46, 'regional', 'standard', {
    input: 'USE1-Claude4.6Sonnet-input-tokens',
    output: 'USE1-Claude4.6Sonnet-output-tokens',
    cache_read: 'USE1-Claude4.6Sonnet-cache-read-input-token-count',
    cache_write_5m: 'USE1-Claude4.6Sonnet-cache-write-input-token-count',
    cache_write_1h: 'USE1-Claude4.6Sonnet-cache-write-input-token-count-1h',
  }),
  of(SONNET_46, 'global', 'standard', {
    input: 'USE1-Claude4.6Sonnet-input-tokens-cross-region-global',
    output: 'USE1-Claude4.6Sonnet-output-tokens-cross-region-global',
    cache_read: 'USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global',
    cache_write_5m: 'USE1-Claude4.6Sonnet-cache-write-input-token-count-cross-region-global',
    cache_write_1h: 'USE1-Claude4.6Sonnet-cache-write-input-token-count-1h-cross-region-global',
  }),
  of(OPUS_46, 'regional', 'standard', {
    input: 'USE1-Claude4.6Opus-input-tokens',
    output: 'USE1-Claude4.6Opus-output-tokens',
    cache_read: 'USE1-Claude4.6Opus-cache-read-input-token-count',
    cache_write_5m: 'USE1-Claude4.6Opus-cache-write-input-token-count',
    cache_write_1h: 'USE1-Claude4.6Opus-cache-write-input-token-count-1h',
  }),
  of(OPUS_46, 'global', 'standard', {
    input: 'USE1-Claude4.6Opus-input-tokens-cross-region-global',
    output: 'USE1-Claude4.6Opus-output-tokens-cross-region-global',
    cache_read: 'USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global',
    cache_write_5m: 'USE1-Claude4.6Opus-cache-write-input-token-count-cross-region-global',
    cache_write_1h: 'USE1-Claude4.6Opus-cache-write-input-token-count-1h-cross-region-global',
  }),
  of(HAIKU_45, 'regional', 'standard', {
    input: 'USE1-Claude4.5Haiku-input-token-count',
    output: 'USE1-Claude4.5Haiku-output-token-count',
    cache_read: 'USE1-Claude4.5Haiku-cache-read-input-token-count',
    cache_write_5m: 'USE1-Claude4.5Haiku-cache-write-input-token-count',
    cache_write_1h: 'USE1-Claude4.5Haiku-cache-write-input-token-count-1h',
  }),
  of(HAIKU_45, 'global', 'standard', {
    input: 'USE1-Claude4.5Haiku-input-token-count-global',
    output: 'USE1-Claude4.5Haiku-output-token-count-global',
    cache_read: 'USE1-Claude4.5Haiku-cache-read-input-token-count-global',
    cache_write_5m: 'USE1-Claude4.5Haiku-cache-write-input-token-count-global',
    cache_write_1h: 'USE1-Claude4.5Haiku-cache-write-input-token-count-1h-global',
  }),
  of(PRO, 'regional', 'standard', {
    input: 'USE1-NovaPro-input-tokens',
    output: 'USE1-NovaPro-output-tokens',
    cache_read: 'USE1-NovaPro-cache-read-input-token-count',
    cache_write_5m: 'USE1-NovaPro-cache-write-input-token-count',
  }),
  of(PRO, 'regional', 'priority', {
    input: 'USE1-NovaPro-input-tokens-priority',
    output: 'USE1-NovaPro-output-tokens-priority',
    cache_read: 'USE1-NovaPro-cache-read-input-token-count-priority',
    cache_write_5m: 'USE1-NovaPro-cache-write-input-token-count-priority',
  }),
  of(PRO, 'regional', 'flex', {
    input: 'USE1-NovaPro-input-tokens-flex',
    output: 'USE1-NovaPro-output-tokens-flex',
    cache_read: 'USE1-NovaPro-cache-read-input-token-count-flex',
    cache_write_5m: 'USE1-NovaPro-cache-write-input-token-count-flex',
  }),
  of(PRO, 'regional', 'batch', {
    input: 'USE1-NovaPro-input-tokens-batch',
    output: 'USE1-NovaPro-output-tokens-batch',
  }),
  of(PRO, 'regional', 'latency-optimized', {
    input: 'USE1-NovaPro-input-tokens-latency-optimized',
    output: 'USE1-NovaPro-output-tokens-latency-optimized',
  }),
  of(LITE, 'regional', 'standard', {
    input: 'USE1-NovaLite-input-tokens',
    output: 'USE1-NovaLite-output-tokens',
    cache_read: 'USE1-NovaLite-cache-read-input-token-count',
    cache_write_5m: 'USE1-NovaLite-cache-write-input-token-count',
  }),
  of(MICRO, 'regional', 'standard', {
    input: 'USE1-NovaMicro-input-tokens',
    output: 'USE1-NovaMicro-output-tokens',
    cache_read: 'USE1-NovaMicro-cache-read-input-token-count',
    cache_write_5m: 'USE1-NovaMicro-cache-write-input-token-count',
  }),
  of(LITE_2, 'regional', 'standard', {
    input: 'USE1-Nova2.0Lite-input-tokens',
    output: 'USE1-Nova2.0Lite-output-tokens',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count',
  }),
  of(LITE_2, 'regional', 'flex', {
    input: 'USE1-Nova2.0Lite-input-tokens-flex',
    output: 'USE1-Nova2.0Lite-output-tokens-flex',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count-flex',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count-flex',
  }),
  of(LITE_2, 'regional', 'priority', {
    input: 'USE1-Nova2.0Lite-input-tokens-priority',
    output: 'USE1-Nova2.0Lite-output-tokens-priority',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count-priority',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count-priority',
  }),
  of(LITE_2, 'global', 'standard', {
    input: 'USE1-Nova2.0Lite-input-tokens-cross-region-global',
    output: 'USE1-Nova2.0Lite-output-tokens-cross-region-global',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count-cross-region-global',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count-cross-region-global',
  }),
  // The tier stands before the routing …
  of(LITE_2, 'global', 'priority', {
    input: 'USE1-Nova2.0Lite-input-tokens-priority-cross-region-global',
    output: 'USE1-Nova2.0Lite-output-tokens-priority-cross-region-global',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count-priority-cross-region-global',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count-priority-cross-region-global',
  }),
  of(LITE_2, 'global', 'flex', {
    input: 'USE1-Nova2.0Lite-input-tokens-flex-cross-region-global',
    output: 'USE1-Nova2.0Lite-output-tokens-flex-cross-region-global',
    cache_read: 'USE1-Nova2.0Lite-cache-read-input-token-count-flex-cross-region-global',
    cache_write_5m: 'USE1-Nova2.0Lite-cache-write-input-token-count-flex-cross-region-global',
  }),
  // … and behind it.
  of(LITE_2, 'global', 'batch', {
    input: 'USE1-Nova2.0Lite-input-tokens-cross-region-global-batch',
    output: 'USE1-Nova2.0Lite-output-tokens-cross-region-global-batch',
  }),
  of(OSS_120B, 'regional', 'standard', {
    input: 'USE1-gpt-oss-120b-input-tokens',
    output: 'USE1-gpt-oss-120b-output-tokens',
  }),
  of(OSS_120B, 'regional', 'priority', {
    input: 'USE1-gpt-oss-120b-input-tokens-priority',
    output: 'USE1-gpt-oss-120b-output-tokens-priority',
  }),
  of(OSS_120B, 'regional', 'flex', {
    input: 'USE1-gpt-oss-120b-input-tokens-flex',
    output: 'USE1-gpt-oss-120b-output-tokens-flex',
  }),
  of(OSS_20B, 'regional', 'standard', {
    input: 'USE1-gpt-oss-20b-input-tokens',
    output: 'USE1-gpt-oss-20b-output-tokens',
  }),
  of('google.gemma-3-4b-it', 'regional', 'standard', {
    input: 'USE1-Gemma-3-4B-IT-input-tokens',
    output: 'USE1-Gemma-3-4B-IT-output-tokens',
  }),
  of('google.gemma-3-4b-it', 'regional', 'flex', {
    input: 'USE1-Gemma-3-4B-IT-input-tokens-flex',
    output: 'USE1-Gemma-3-4B-IT-output-tokens-flex',
  }),
  of('meta.llama4-maverick-17b-instruct-v1:0', 'regional', 'standard', {
    input: 'USE1-Llama4-Maverick-17B-input-tokens',
    output: 'USE1-Llama4-Maverick-17B-output-tokens',
  }),
  of('mistral.mistral-small-2402-v1:0', 'regional', 'standard', {
    input: 'USE1-MistralSmall-input-tokens',
    output: 'USE1-MistralSmall-output-tokens',
  }),
  of(MISTRAL_3, 'regional', 'standard', {
    input: 'USE1-Mistral-Large-3-675b-Instruct-input-tokens',
    output: 'USE1-Mistral-Large-3-675b-Instruct-output-tokens',
  }),
  of('amazon.titan-text-express-v1', 'regional', 'standard', {
    input: 'USE1-TitanTextG1-Express-input-tokens',
    output: 'USE1-TitanTextG1-Express-output-tokens',
  }),
  of('amazon.titan-embed-text-v1', 'regional', 'standard', {
    input: 'USE1-TitanEmbeddingsG1-Text-input-tokens',
  }),
  of('amazon.titan-embed-text-v2:0', 'regional', 'standard', {
    input: 'USE1-TitanEmbeddingV2-Text-input-tokens',
  }),
  of('amazon.titan-embed-text-v2:0', 'regional', 'batch', {
    input: 'USE1-TitanEmbeddingV2-Text-input-tokens-batch',
  }),
  of('amazon.titan-embed-image-v1', 'regional', 'standard', {
    image_input: 'USE1-TitanEmbeddingsG1-Image-input-image',
  }),
  of('amazon.rerank-v1:0', 'regional', 'standard', {
    search_units: 'USE1-AmazonRerank-v1-searchunits',
  }),
]

export const MANTLE_NAMES: readonly NamesOf[] = [
  of(SONNET_46, 'regional', 'standard', {
    input: 'USE1-anthropic.claude-sonnet-4-6-mantle-input-tokens-standard',
    output: 'USE1-anthropic.claude-sonnet-4-6-mantle-output-tokens-standard',
    cache_read: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-read-tokens-standard',
    cache_write_5m: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-write-tokens-standard',
    cache_write_1h: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-write-tokens-1h-standard',
  }),
  of(SONNET_46, 'global', 'standard', {
    input: 'USE1-anthropic.claude-sonnet-4-6-mantle-input-tokens-global-standard',
    output: 'USE1-anthropic.claude-sonnet-4-6-mantle-output-tokens-global-standard',
    cache_read: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-read-tokens-global-standard',
    cache_write_5m: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-write-tokens-global-standard',
    cache_write_1h: 'USE1-anthropic.claude-sonnet-4-6-mantle-cache-write-tokens-1h-global-standard',
  }),
  of(OPUS_46, 'regional', 'standard', {
    input: 'USE1-anthropic.claude-opus-4-6-mantle-input-tokens-standard',
    output: 'USE1-anthropic.claude-opus-4-6-mantle-output-tokens-standard',
    cache_read: 'USE1-anthropic.claude-opus-4-6-mantle-cache-read-tokens-standard',
    cache_write_5m: 'USE1-anthropic.claude-opus-4-6-mantle-cache-write-tokens-standard',
    cache_write_1h: 'USE1-anthropic.claude-opus-4-6-mantle-cache-write-tokens-1h-standard',
  }),
  of(OPUS_46, 'global', 'standard', {
    input: 'USE1-anthropic.claude-opus-4-6-mantle-input-tokens-global-standard',
    output: 'USE1-anthropic.claude-opus-4-6-mantle-output-tokens-global-standard',
    cache_read: 'USE1-anthropic.claude-opus-4-6-mantle-cache-read-tokens-global-standard',
    cache_write_5m: 'USE1-anthropic.claude-opus-4-6-mantle-cache-write-tokens-global-standard',
    cache_write_1h: 'USE1-anthropic.claude-opus-4-6-mantle-cache-write-tokens-1h-global-standard',
  }),
  of(HAIKU_45, 'regional', 'standard', {
    input: 'USE1-anthropic.claude-haiku-4-5-mantle-input-tokens-standard',
    output: 'USE1-anthropic.claude-haiku-4-5-mantle-output-tokens-standard',
    cache_read: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-read-tokens-standard',
    cache_write_5m: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-standard',
    cache_write_1h: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-1h-standard',
  }),
  of(HAIKU_45, 'global', 'standard', {
    input: 'USE1-anthropic.claude-haiku-4-5-mantle-input-tokens-global-standard',
    output: 'USE1-anthropic.claude-haiku-4-5-mantle-output-tokens-global-standard',
    cache_read: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-read-tokens-global-standard',
    cache_write_5m: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-global-standard',
    cache_write_1h: 'USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-1h-global-standard',
  }),
  of(OSS_120B, 'regional', 'standard', {
    input: 'USE1-openai.gpt-oss-120b-mantle-input-tokens-standard',
    output: 'USE1-openai.gpt-oss-120b-mantle-output-tokens-standard',
  }),
  of(OSS_120B, 'regional', 'priority', {
    input: 'USE1-openai.gpt-oss-120b-mantle-input-tokens-priority',
    output: 'USE1-openai.gpt-oss-120b-mantle-output-tokens-priority',
  }),
  of(OSS_120B, 'regional', 'flex', {
    input: 'USE1-openai.gpt-oss-120b-mantle-input-tokens-flex',
    output: 'USE1-openai.gpt-oss-120b-mantle-output-tokens-flex',
  }),
  of(KIMI, 'regional', 'standard', {
    input: 'USE1-moonshotai.kimi-k2.5-mantle-input-tokens-standard',
    output: 'USE1-moonshotai.kimi-k2.5-mantle-output-tokens-standard',
  }),
  of(KIMI, 'regional', 'flex', {
    input: 'USE1-moonshotai.kimi-k2.5-mantle-input-tokens-flex',
    output: 'USE1-moonshotai.kimi-k2.5-mantle-output-tokens-flex',
  }),
  of(MISTRAL_3, 'regional', 'standard', {
    input: 'USE1-mistral.mistral-large-3-675b-instruct-mantle-input-tokens-standard',
    output: 'USE1-mistral.mistral-large-3-675b-instruct-mantle-output-tokens-standard',
  }),
  of('xai.grok-4.7', 'regional', 'standard', {
    input: 'USE1-xai.grok-4.7-mantle-input-tokens-standard',
    output: 'USE1-xai.grok-4.7-mantle-output-tokens-standard',
  }),
  of('xai.grok-4.7', 'global', 'standard', {
    input: 'USE1-xai.grok-4.7-mantle-input-tokens-global-standard',
    output: 'USE1-xai.grok-4.7-mantle-output-tokens-global-standard',
  }),
]
