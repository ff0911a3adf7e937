// Every Marketplace dimension that price lists and public bills have shown, CamelCase and snake_case, with what it means.

import { describe, expect, it } from 'vitest'
import { meaning, meaningTable } from '../testing/usage-type-meaning.ts'

const DIMENSIONS = meaningTable(`
  InputTokenCount → input in-region standard
  OutputTokenCount → output in-region standard
  ResponseTokenCount → output in-region standard
  InputTokenCount_Global → input global standard
  OutputTokenCount_Global → output global standard
  InputTokenCount_Batch → input in-region batch
  InputTokenCount_Global_Batch → input global batch
  OutputTokenCount_Batch → output in-region batch
  MillionBatchInputTokens → input in-region batch
  InputTokenCount_LatencyOptimized → input in-region latency-optimized
  OutputTokenCount_LatencyOptimized → output in-region latency-optimized
  InputTokenCount_LCtx → input in-region standard long
  CacheReadInputTokenCount → cache_read in-region standard
  CacheReadInputTokenCount_Global → cache_read global standard
  CacheWriteInputTokenCount → cache_write_5m in-region standard
  CacheWriteInputTokenCount_Global → cache_write_5m global standard
  CacheWrite5mInputTokenCount → cache_write_5m in-region standard
  CacheWrite30mInputTokenCount → cache_write_30m in-region standard
  CacheWrite1hInputTokenCount → cache_write_1h in-region standard
  CacheWrite1hInputTokenCount_Global → cache_write_1h global standard
  CacheWrite1hInputTokenCount_LCtx_Global → cache_write_1h global standard long
  CacheStorage → (storage of cached tokens)
  CacheValidationCount → (validation of cached tokens)
  Reserved_1Month_InputTPM_Geo → tpm_hours geo reserved unit:tpm_hour variant:1-month input
  Reserved_1Month_OutputTPM_Global → tpm_hours global reserved unit:tpm_hour variant:1-month output
  Reserved_3Month_InputTPM_Global → tpm_hours global reserved unit:tpm_hour variant:3-months input
  Reserved_3Month_OutputTPM_Geo → tpm_hours geo reserved unit:tpm_hour variant:3-months output
  ProvisionedThroughput_NoCommit_ModelUnits_Usage
    → model_unit_hours in-region standard unit:model_unit_hour variant:no-commit
  ProvisionedThroughput_1MonthCommit_ModelUnits_Usage
    → model_unit_hours in-region standard unit:model_unit_hour variant:1-month
  ProvisionedThroughput_6MonthsCommit_ModelUnits_Usage
    → model_unit_hours in-region standard unit:model_unit_hour variant:6-months
  created_image → images in-region standard unit:image medium:image
  Created_image → images in-region standard unit:image medium:image
  InputImageCount → image_input in-region standard unit:image medium:image
  inputAudioSecond → audio_input in-region standard unit:second medium:audio
  inputVideoSecond → video_seconds in-region standard unit:second medium:video
  inputTextRequestCount → requests in-region standard unit:request
  search_units → search_units in-region standard unit:query
  ModelStorage → storage_months in-region standard unit:storage_month
  input_tokens_standard → input in-region standard
  output_tokens_standard → output in-region standard
  input_tokens_global_standard → input global standard
  output_tokens_batch → output in-region batch
  cache_write_tokens_standard → cache_write_5m in-region standard
  cache_writes_tokens_standard → cache_write_5m in-region standard
  cache_write_tokens_1h_standard → cache_write_1h in-region standard
  cache_write_tokens_1h_global_standard → cache_write_1h global standard
  cache_write_tokens_30m_flex → cache_write_30m in-region flex
  cache_read_tokens_standard → cache_read in-region standard
  cache_read_tokens_global_standard → cache_read global standard
  cache_read_tokens_long_ctx_standard → cache_read in-region standard long
  cache_read_tokens_long_ctx_global_standard → cache_read global standard long
  cache_read_tokens_global_long_ctx_standard → cache_read global standard long
  input_tokens_long_ctx_standard → input in-region standard long
  output_tokens_long_ctx_standard → output in-region standard long
  input_tokens_long_ctx_global_standard → input global standard long
  input_tokens_long_ctx_flex → input in-region flex long
  input_tokens_priority → input in-region priority
  cached_input_tokens_batch → cache_read in-region batch
`)

describe('readUsageType', () => {
  it.each(DIMENSIONS)('[BW1] reads %s', (dimension, expected) => {
    const productName = 'Claude Sonnet 4.6 (Amazon Bedrock Edition)'
    const text = `USE1-MP:USE1_${dimension}-Units`
    expect(meaning(text, { productName })).toBe(`us-east-1 anthropic.claude-sonnet-4-6 ${expected}`)
  })
})
