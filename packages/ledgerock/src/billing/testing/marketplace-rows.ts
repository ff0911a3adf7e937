// Usage types of the Marketplace, in CamelCase and snake_case, as in `usage-type-rows.ts`: typed by hand. They never name the model.

export const MARKETPLACE_ROWS = `
# Claude 3.5 Sonnet (Amazon Bedrock Edition)
USW2-MP:USW2_InputTokenCount-Units | Units; Million Input Tokens
  = us-west-2 anthropic.claude-3-5-sonnet-20240620-v1:0 input in-region standard 1000000 token
# Claude Sonnet 4.5 (Amazon Bedrock Edition)
USE1-MP:USE1_InputTokenCount-Units | Units; Million Input Tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input in-region standard 1000000 token
USE1-MP:USE1_OutputTokenCount-Units | Units; Million Response Tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 output in-region standard 1000000 token
USE1-MP:USE1_InputTokenCount-Units | Units; Million Input Tokens Regional CRIS
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input in-region standard 1000000 token
USE1-MP:USE1_InputTokenCount_Global-Units | Units; Million Input Tokens Global
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input global standard 1000000 token
USE1-MP:USE1_OutputTokenCount_Global-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 output global standard 1000000 token
USE1-MP:USE1_InputTokenCount_Batch-Units | Units; Million Batch Input Tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input in-region batch 1000000 token
USE1-MP:USE1_InputTokenCount_Global_Batch-Units | Units
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input global batch 1000000 token
USE1-MP:USE1_OutputTokenCount_Batch-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 output in-region batch 1000000 token
USE1-MP:USE1_InputTokenCount_LCtx-Units | Units
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input in-region standard 1000000 token long
USE1-MP:USE1_OutputTokenCount_LCtx-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 output in-region standard 1000000 token long
USE1-MP:USE1_CacheReadInputTokenCount-Units | Units; thousand Cache Read Input Tokens Regional
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_read in-region standard 1000 token
USE1-MP:USE1_CacheReadInputTokenCount_Global-Units | Units; Million Cache Read Input Tokens Global
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_read global standard 1000000 token
USE1-MP:USE1_CacheWriteInputTokenCount-Units | Units; Million Cache Write Input Tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_5m in-region standard 1000000 token
USE1-MP:USE1_CacheWriteInputTokenCount_Global-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_5m global standard 1000000 token
USE1-MP:USE1_CacheWrite5mInputTokenCount-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_5m in-region standard 1000000 token
USE1-MP:USE1_CacheWrite1hInputTokenCount-Units | 1M tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_1h in-region standard 1000000 token
USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units | Units
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_1h global standard 1000000 token
USE1-MP:USE1_CacheWrite1hInputTokenCount_LCtx_Global-Units | Units
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 cache_write_1h global standard 1000000 token long
USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units | 1M TPM Hour; Per Hour per 1K Input TPM Reserved 1 Month
  Geo
  = reserved us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 tpm_hours geo reserved 1000 tpm_hour
  variant 1-month input
USE1-MP:USE1_Reserved_1Month_OutputTPM_Global-Units | 1M TPM Hour; Per Hour per 1K Output TPM Reserved 1
  Month Global
  = reserved us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 tpm_hours global reserved 1000 tpm_hour
  variant 1-month output
USE1-MP:USE1_Reserved_3Month_InputTPM_Global-Units | Units; Per Hour per 1K Input TPM Reserved 3 Month
  Global
  = reserved us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 tpm_hours global reserved 1000 tpm_hour
  variant 3-months input
USE1-MP:USE1_ProvisionedThroughput_NoCommit_ModelUnits_Usage-Units | Units
  = provisioned us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 model_unit_hours in-region standard 1
  model_unit_hour variant no-commit
USE1-MP:USE1_ProvisionedThroughput_1MonthCommit_ModelUnits_Usage-Units | Units
  = provisioned us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 model_unit_hours in-region standard 1
  model_unit_hour variant 1-month
USE1-MP:USE1_ProvisionedThroughput_6MonthsCommit_ModelUnits_Usage-Units | Units
  = provisioned us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 model_unit_hours in-region standard 1
  model_unit_hour variant 6-months
USE1-MP:USE1_ModelStorage-Units | Month
  = storage us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 storage_months in-region standard 1
  storage_month
# Claude 3.5 Haiku (Amazon Bedrock Edition)
USE2-MP:USE2_InputTokenCount_LatencyOptimized-Units | Units
  = us-east-2 anthropic.claude-3-5-haiku-20241022-v1:0 input in-region latency-optimized 1000000 token
USE2-MP:USE2_OutputTokenCount_LatencyOptimized-Units | Units
  = us-east-2 anthropic.claude-3-5-haiku-20241022-v1:0 output in-region latency-optimized 1000000 token
# Claude 3 Haiku (Amazon Bedrock Edition)
APS2-MP:APS2_InputTokenCount-Units | Units; Million Input Tokens
  = ap-southeast-2 anthropic.claude-3-haiku-20240307-v1:0 input in-region standard 1000000 token
SAE1-MP:SAE1_OutputTokenCount-Units | Units; Million Response Tokens
  = sa-east-1 anthropic.claude-3-haiku-20240307-v1:0 output in-region standard 1000000 token
# Claude 3 Opus (Amazon Bedrock Edition)
USW2-MP:USW2_InputTokenCount-Units | Units
  = us-west-2 anthropic.claude-3-opus-20240229-v1:0 input in-region standard 1000000 token
# Claude 3.7 Sonnet (Amazon Bedrock Edition)
EU-MP:EU_OutputTokenCount-Units | Units; Million Response Tokens
  = eu-west-1 anthropic.claude-3-7-sonnet-20250219-v1:0 output in-region standard 1000000 token
# Claude Opus 4.1 (Amazon Bedrock Edition)
USW2-MP:USW2_CacheReadInputTokenCount-Units | Units; Million Cache Read Input Tokens
  = us-west-2 anthropic.claude-opus-4-1-20250805-v1:0 cache_read in-region standard 1000000 token
# Claude Haiku 4.5 (Amazon Bedrock Edition)
APN1-MP:APN1_InputTokenCount_Global-Units | 1M tokens
  = ap-northeast-1 anthropic.claude-haiku-4-5-20251001-v1:0 input global standard 1000000 token
APS3-MP:APS3_CacheWrite1hInputTokenCount_Global-Units | Units
  = ap-south-1 anthropic.claude-haiku-4-5-20251001-v1:0 cache_write_1h global standard 1000000 token
# Claude Sonnet 4.6 (Amazon Bedrock Edition)
USE1-MP:USE1_InputTokenCount-Units | 1M tokens; Input Tokens - Standard
  = us-east-1 anthropic.claude-sonnet-4-6 input in-region standard 1000000 token
USE1-MP:USE1_InputTokenCount_Global-Units | 1M tokens; Input Tokens - Standard, Global
  = us-east-1 anthropic.claude-sonnet-4-6 input global standard 1000000 token
USE1-MP:USE1_CacheReadInputTokenCount_Global-Units | Units; Cache Read Tokens - Standard, Global
  = us-east-1 anthropic.claude-sonnet-4-6 cache_read global standard 1000000 token
CAN1-MP:CAN1_ResponseTokenCount-Units | Units
  = ca-central-1 anthropic.claude-sonnet-4-6 output in-region standard 1000000 token
# Claude Opus 4.6 (Amazon Bedrock Edition)
USE1-MP:USE1_OutputTokenCount_Global-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-4-6-v1 output global standard 1000000 token
EUC1-MP:EUC1_cache_read_tokens_standard-Units | 1M tokens
  = eu-central-1 anthropic.claude-opus-4-6-v1 cache_read in-region standard 1000000 token
# Claude Opus 5 (Amazon Bedrock Edition)
APN1-MP:APN1_input_tokens_global_standard-Units | 1M tokens
  = ap-northeast-1 anthropic.claude-opus-5 input global standard 1000000 token
USW2-MP:USW2_input_tokens_standard-Units | 1M tokens
  = us-west-2 anthropic.claude-opus-5 input in-region standard 1000000 token
USW2-MP:USW2_output_tokens_standard-Units | 1M tokens
  = us-west-2 anthropic.claude-opus-5 output in-region standard 1000000 token
USE1-MP:USE1_output_tokens_batch-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5 output in-region batch 1000000 token
USW2-MP:USW2_cache_write_tokens_standard-Units | 1M tokens
  = us-west-2 anthropic.claude-opus-5 cache_write_5m in-region standard 1000000 token
USW2-MP:USW2_cache_write_tokens_1h_standard-Units | 1M tokens
  = us-west-2 anthropic.claude-opus-5 cache_write_1h in-region standard 1000000 token
# Claude Opus 5.5 (Amazon Bedrock Edition)
USE1-MP:USE1_cache_write_tokens_1h_global_standard-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 cache_write_1h global standard 1000000 token
USE1-MP:USE1_cache_writes_tokens_standard-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 cache_write_5m in-region standard 1000000 token
USE1-MP:USE1_cache_read_tokens_global_standard-Units | 1M tokens; Cache Read Tokens - Standard, Global
  = us-east-1 anthropic.claude-opus-5-5 cache_read global standard 1000000 token
USE1-MP:USE1_cache_read_tokens_long_ctx_standard-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 cache_read in-region standard 1000000 token long
USE1-MP:USE1_cache_read_tokens_long_ctx_global_standard-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 cache_read global standard 1000000 token long
USE1-MP:USE1_cache_read_tokens_global_long_ctx_standard-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 cache_read global standard 1000000 token long
USE1-MP:USE1_input_tokens_priority-Units | 1M tokens
  = us-east-1 anthropic.claude-opus-5-5 input in-region priority 1000000 token
# GPT-5.5 (Amazon Bedrock Edition)
USW2-MP:USW2_input_tokens_long_ctx_standard-Units | 1M tokens
  = us-west-2 openai.gpt-5.5 input in-region standard 1000000 token long
USW2-MP:USW2_output_tokens_long_ctx_standard-Units | 1M tokens
  = us-west-2 openai.gpt-5.5 output in-region standard 1000000 token long
USW2-MP:USW2_input_tokens_long_ctx_global_standard-Units | 1M tokens
  = us-west-2 openai.gpt-5.5 input global standard 1000000 token long
USW2-MP:USW2_input_tokens_long_ctx_flex-Units | 1M tokens
  = us-west-2 openai.gpt-5.5 input in-region flex 1000000 token long
USW2-MP:USW2_cached_input_tokens_batch-Units | 1M tokens
  = us-west-2 openai.gpt-5.5 cache_read in-region batch 1000000 token
USE1-MP:USE1_CacheWrite30mInputTokenCount-Units | 1M tokens
  = us-east-1 openai.gpt-5.5 cache_write_30m in-region standard 1000000 token
# GPT-5.6 Terra (Amazon Bedrock Edition)
USE1-MP:USE1_cache_write_tokens_30m_flex-Units | 1M tokens
  = us-east-1 openai.gpt-5.6-terra cache_write_30m in-region flex 1000000 token
USE1-MP:USE1_input_tokens_global_standard-Units | 1M tokens; Input Tokens - Standard, Global
  = us-east-1 openai.gpt-5.6-terra input global standard 1000000 token
# Cohere Embed 3 Model - English (Amazon Bedrock Edition)
USE1-MP:USE1_InputTokenCount-Units | Units
  = us-east-1 cohere.embed-english-v3 input in-region standard 1000000 token
USE1-MP:USE1_InputImageCount-Units | Units
  = us-east-1 cohere.embed-english-v3 image_input in-region standard 1 image
# Cohere Embed 3 Model - Multilingual (Amazon Bedrock Edition)
EUC1-MP:EUC1_InputTokenCount-Units | Units
  = eu-central-1 cohere.embed-multilingual-v3 input in-region standard 1000000 token
# Cohere Rerank v3.5 (Amazon Bedrock Edition)
USW2-MP:USW2_search_units-Units | Units
  = us-west-2 cohere.rerank-v3-5:0 search_units in-region standard 1 query
# Jamba 1.5 Large (Amazon Bedrock Edition)
USE1-MP:USE1_OutputTokenCount-Units | Units
  = us-east-1 ai21.jamba-1-5-large-v1:0 output in-region standard 1000000 token
# Stable Diffusion 3.5 Large v1.0 (Amazon Bedrock Edition)
USW2-MP:USW2_created_image-Units | Units; Output image, SD3.5 Large
  = us-west-2 stability.sd3-5-large-v1:0 images in-region standard 1 image
# Stable Image Core v1.1 (Amazon Bedrock Edition)
USW2-MP:USW2_Created_image-Units | image
  = us-west-2 stability.stable-image-core-v1:1 images in-region standard 1 image
# Marengo Embed v2.7 (Amazon Bedrock Edition)
USE1-MP:USE1_inputVideoSecond-Units | Second
  = us-east-1 twelvelabs.marengo-embed-2-7-v1:0 video_seconds in-region standard 1 second
USE1-MP:USE1_inputAudioSecond-Units | Second
  = us-east-1 twelvelabs.marengo-embed-2-7-v1:0 audio_input in-region standard 1 second
USE1-MP:USE1_inputTextRequestCount-Units | Per 1000 requests
  = us-east-1 twelvelabs.marengo-embed-2-7-v1:0 requests in-region standard 1000 request
# Pegasus v1.2 (Amazon Bedrock Edition)
USW2-MP:USW2_OutputTokenCount-Units | 1M tokens
  = us-west-2 twelvelabs.pegasus-1-2-v1:0 output in-region standard 1000000 token
# Palmyra X5 (Amazon Bedrock Edition)
USW2-MP:USW2_InputTokenCount-Units | Units
  = us-west-2 writer.palmyra-x5-v1:0 input in-region standard 1000000 token
`
