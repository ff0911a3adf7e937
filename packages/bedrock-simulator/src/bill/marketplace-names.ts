// The Marketplace's words for what it sells, typed one by one as they stand for us-east-1: seen on bills and price lists, or written
// by hand after their neighbours. They do not name the model: the product does. The third field of the description says what one
// unit is; where the unit is just `Units`, only that field does.

import type { ChargeKind } from '../cost.ts'
import type { ListedScope, ListedTier } from './usage-names.ts'

export type MarketplaceName = {
  readonly kind: ChargeKind
  readonly scope: ListedScope
  readonly tier: ListedTier
  readonly isLongContext: boolean
  readonly usageType: string
  /** The description's third field. */
  readonly tail: string
}

function word(
  kind: ChargeKind,
  scope: ListedScope,
  usageType: string,
  tail: string,
  rest: { readonly tier?: ListedTier; readonly isLongContext?: boolean } = {},
): MarketplaceName {
  const { tier = 'standard', isLongContext = false } = rest
  return { kind, scope, tier, isLongContext, usageType, tail }
}

const BATCH = { tier: 'batch' } as const
const LONG = { isLongContext: true } as const
const OPTIMIZED = { tier: 'latency-optimized' } as const

export const CAMEL_NAMES: readonly MarketplaceName[] = [
  word('input', 'regional', 'USE1-MP:USE1_InputTokenCount-Units', 'Million Input Tokens'),
  word('output', 'regional', 'USE1-MP:USE1_OutputTokenCount-Units', 'Million Response Tokens'),
  word(
    'cache_read',
    'regional',
    'USE1-MP:USE1_CacheReadInputTokenCount-Units',
    'Million Cache Read Input Tokens',
  ),
  word(
    'cache_write_5m',
    'regional',
    'USE1-MP:USE1_CacheWriteInputTokenCount-Units',
    'Million Cache Write Input Tokens',
  ),
  word(
    'cache_write_1h',
    'regional',
    'USE1-MP:USE1_CacheWrite1hInputTokenCount-Units',
    'Million Cache Write 1h Input Tokens',
  ),
  word(
    'cache_write_30m',
    'regional',
    'USE1-MP:USE1_CacheWrite30mInputTokenCount-Units',
    'Million Cache Write 30m Input Tokens',
  ),
  word(
    'input',
    'global',
    'USE1-MP:USE1_InputTokenCount_Global-Units',
    'Million Input Tokens Global',
  ),
  word(
    'output',
    'global',
    'USE1-MP:USE1_OutputTokenCount_Global-Units',
    'Million Response Tokens Global',
  ),
  word(
    'cache_read',
    'global',
    'USE1-MP:USE1_CacheReadInputTokenCount_Global-Units',
    'Million Cache Read Input Tokens Global',
  ),
  word(
    'cache_write_5m',
    'global',
    'USE1-MP:USE1_CacheWriteInputTokenCount_Global-Units',
    'Million Cache Write Input Tokens Global',
  ),
  word(
    'cache_write_1h',
    'global',
    'USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units',
    'Million Cache Write 1h Input Tokens Global',
  ),
  word(
    'input',
    'regional',
    'USE1-MP:USE1_InputTokenCount_Batch-Units',
    'Million Input Tokens Batch',
    BATCH,
  ),
  word(
    'output',
    'regional',
    'USE1-MP:USE1_OutputTokenCount_Batch-Units',
    'Million Response Tokens Batch',
    BATCH,
  ),
  word(
    'input',
    'global',
    'USE1-MP:USE1_InputTokenCount_Global_Batch-Units',
    'Million Input Tokens Global Batch',
    BATCH,
  ),
  word(
    'output',
    'global',
    'USE1-MP:USE1_OutputTokenCount_Global_Batch-Units',
    'Million Response Tokens Global Batch',
    BATCH,
  ),
  word(
    'input',
    'regional',
    'USE1-MP:USE1_InputTokenCount_LatencyOptimized-Units',
    'Million Input Tokens Latency Optimized',
    OPTIMIZED,
  ),
  word(
    'output',
    'regional',
    'USE1-MP:USE1_OutputTokenCount_LatencyOptimized-Units',
    'Million Response Tokens Latency Optimized',
    OPTIMIZED,
  ),
  word('images', 'regional', 'USE1-MP:USE1_created_image-Units', 'Image'),
  word('image_input', 'regional', 'USE1-MP:USE1_InputImageCount-Units', 'Input Image'),
  word('search_units', 'regional', 'USE1-MP:USE1_search_units-Units', 'Search Unit'),
]

export const SNAKE_NAMES: readonly MarketplaceName[] = [
  word('input', 'regional', 'USE1-MP:USE1_input_tokens_standard-Units', 'Input Tokens - Standard'),
  word(
    'output',
    'regional',
    'USE1-MP:USE1_output_tokens_standard-Units',
    'Output Tokens - Standard',
  ),
  word(
    'cache_read',
    'regional',
    'USE1-MP:USE1_cache_read_tokens_standard-Units',
    'Cache Read Tokens - Standard',
  ),
  word(
    'cache_write_5m',
    'regional',
    'USE1-MP:USE1_cache_write_tokens_standard-Units',
    'Cache Write Tokens - Standard',
  ),
  word(
    'cache_write_30m',
    'regional',
    'USE1-MP:USE1_cache_write_tokens_standard-Units',
    'Cache Write Tokens - Standard',
  ),
  word(
    'cache_write_1h',
    'regional',
    'USE1-MP:USE1_cache_write_tokens_1h_standard-Units',
    'Cache Write Tokens 1h - Standard',
  ),
  word(
    'input',
    'global',
    'USE1-MP:USE1_input_tokens_global_standard-Units',
    'Input Tokens - Standard, Global',
  ),
  word(
    'output',
    'global',
    'USE1-MP:USE1_output_tokens_global_standard-Units',
    'Output Tokens - Standard, Global',
  ),
  word(
    'cache_read',
    'global',
    'USE1-MP:USE1_cache_read_tokens_global_standard-Units',
    'Cache Read Tokens - Standard, Global',
  ),
  word(
    'cache_write_5m',
    'global',
    'USE1-MP:USE1_cache_write_tokens_global_standard-Units',
    'Cache Write Tokens - Standard, Global',
  ),
  word(
    'cache_write_30m',
    'global',
    'USE1-MP:USE1_cache_write_tokens_global_standard-Units',
    'Cache Write Tokens - Standard, Global',
  ),
  word(
    'cache_write_1h',
    'global',
    'USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units',
    'Cache Write Tokens 1h - Standard, Global',
  ),
  word(
    'output',
    'regional',
    'USE1-MP:USE1_output_tokens_batch-Units',
    'Output Tokens - Batch',
    BATCH,
  ),
  word('input', 'regional', 'USE1-MP:USE1_input_tokens_batch-Units', 'Input Tokens - Batch', BATCH),
  word(
    'input',
    'regional',
    'USE1-MP:USE1_input_tokens_long_ctx_standard-Units',
    'Input Tokens Long Context - Standard',
    LONG,
  ),
  word(
    'output',
    'regional',
    'USE1-MP:USE1_output_tokens_long_ctx_standard-Units',
    'Output Tokens Long Context - Standard',
    LONG,
  ),
  word(
    'cache_read',
    'regional',
    'USE1-MP:USE1_cache_read_tokens_long_ctx_standard-Units',
    'Cache Read Tokens Long Context - Standard',
    LONG,
  ),
  word(
    'cache_write_30m',
    'regional',
    'USE1-MP:USE1_cache_write_tokens_long_ctx_standard-Units',
    'Cache Write Tokens Long Context - Standard',
    LONG,
  ),
  word(
    'input',
    'global',
    'USE1-MP:USE1_input_tokens_long_ctx_global_standard-Units',
    'Input Tokens Long Context - Standard, Global',
    LONG,
  ),
  word(
    'output',
    'global',
    'USE1-MP:USE1_output_tokens_long_ctx_global_standard-Units',
    'Output Tokens Long Context - Standard, Global',
    LONG,
  ),
  word(
    'cache_read',
    'global',
    'USE1-MP:USE1_cache_read_tokens_long_ctx_global_standard-Units',
    'Cache Read Tokens Long Context - Standard, Global',
    LONG,
  ),
  word(
    'cache_write_30m',
    'global',
    'USE1-MP:USE1_cache_write_tokens_long_ctx_global_standard-Units',
    'Cache Write Tokens Long Context - Standard, Global',
    LONG,
  ),
]

/** Products whose names stand on bills or follow AWS's way of naming them, and who sells them. */
export const PRODUCTS: Readonly<Record<string, readonly [name: string, seller: string]>> = {
  'anthropic.claude-sonnet-4-6': ['Claude Sonnet 4.6 (Amazon Bedrock Edition)', 'Anthropic, PBC'],
  'anthropic.claude-sonnet-4-5-20250929-v1:0': [
    'Claude Sonnet 4.5 (Amazon Bedrock Edition)',
    'Anthropic, PBC',
  ],
  'anthropic.claude-opus-4-6-v1': ['Claude Opus 4.6 (Amazon Bedrock Edition)', 'Anthropic, PBC'],
  'anthropic.claude-haiku-4-5-20251001-v1:0': [
    'Claude Haiku 4.5 (Amazon Bedrock Edition)',
    'Anthropic, PBC',
  ],
  'anthropic.claude-3-7-sonnet-20250219-v1:0': [
    'Claude 3.7 Sonnet (Amazon Bedrock Edition)',
    'Anthropic, PBC',
  ],
  'anthropic.claude-3-5-haiku-20241022-v1:0': [
    'Claude 3.5 Haiku (Amazon Bedrock Edition)',
    'Anthropic, PBC',
  ],
  'openai.gpt-5.6-terra': ['GPT-5.6 Terra (Amazon Bedrock Edition)', 'OpenAI, LLC'],
  'openai.gpt-5.5': ['GPT-5.5 (Amazon Bedrock Edition)', 'OpenAI, LLC'],
  'cohere.rerank-v3-5:0': ['Cohere Rerank 3.5 (Amazon Bedrock Edition)', 'Cohere Inc.'],
  'stability.stable-image-core-v1:1': [
    'Stable Image Core 1.1 (Amazon Bedrock Edition)',
    'Stability AI Ltd',
  ],
}
