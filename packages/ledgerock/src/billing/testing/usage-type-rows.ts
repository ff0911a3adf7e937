// What a bill's usage types mean, typed by hand from AWS's pages, its price lists and bills that people have shown; nothing here was
// made by a program, so that it can contradict the one that reads. A row is
//
//   usage type | unit [; third field of the description] = region, model, kind, scope, tier, what a unit counts [long] [variant …]
//
// A row without a meaning ends in `!` and why; under `#` stands the product that a Marketplace line names.

export const NATIVE_ROWS = `
# Amazon Bedrock
USE1-Claude4.6Sonnet-input-tokens | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 input in-region standard 1000 token
USE1-Claude4.6Sonnet-output-tokens | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 output in-region standard 1000 token
USE1-Claude4.6Sonnet-cache-read-input-token-count | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 cache_read in-region standard 1000 token
USE1-Claude4.6Sonnet-cache-write-input-token-count | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 cache_write_5m in-region standard 1000 token
USE1-Claude4.6Sonnet-cache-write-input-token-count-1h | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 cache_write_1h in-region standard 1000 token
USE1-Claude4.6Sonnet-output-tokens-cross-region-global | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-6 output global standard 1000 token
USE1-Claude4.6Opus-input-tokens | 1K tokens
  = us-east-1 anthropic.claude-opus-4-6-v1 input in-region standard 1000 token
USW2-Claude4.6Opus-output-tokens | 1K tokens
  = us-west-2 anthropic.claude-opus-4-6-v1 output in-region standard 1000 token
USE1-Claude4.5Haiku-input-token-count-global | 1K tokens
  = us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 input global standard 1000 token
USE1-Claude4.5Haiku-output-token-count | 1K tokens
  = us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 output in-region standard 1000 token
EUC1-Claude4.5Haiku-output-token-count-global | 1K tokens
  = eu-central-1 anthropic.claude-haiku-4-5-20251001-v1:0 output global standard 1000 token
USE1-Claude4.5Sonnet-input-tokens-batch | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-5-20250929-v1:0 input in-region batch 1000 token
USE1-Claude4.5Opus-output-tokens | 1K tokens
  = us-east-1 anthropic.claude-opus-4-5-20251101-v1:0 output in-region standard 1000 token
USE1-Claude4.1Opus-cache-read-input-token-count | 1K tokens
  = us-east-1 anthropic.claude-opus-4-1-20250805-v1:0 cache_read in-region standard 1000 token
USE1-Claude4Opus-input-tokens | 1K tokens
  = us-east-1 anthropic.claude-opus-4-20250514-v1:0 input in-region standard 1000 token
APN1-Claude4Sonnet-output-tokens | 1K tokens
  = ap-northeast-1 anthropic.claude-sonnet-4-20250514-v1:0 output in-region standard 1000 token
USE1-Claude4Sonnet-cache-read-input-token-count-cross-region-global | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_read global standard 1000 token
USE1-Claude4Sonnet-cache-read-input-token-count-long-context-cross-region-global | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_read global standard 1000 token long
USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 input global standard 1000 token long
USE1-Claude4Sonnet-output-tokens-long-context | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 output in-region standard 1000 token long
USE1-Claude4Sonnet-cache-write-input-token-count-long-context-cross-region-global | 1K tokens
  = us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_write_5m global standard 1000 token long
USE1-Claude3Sonnet-input-tokens | 1K tokens
  = us-east-1 anthropic.claude-3-sonnet-20240229-v1:0 input in-region standard 1000 token
USE1-Claude2.0-input-tokens | 1K tokens = us-east-1 anthropic.claude-v2 input in-region standard 1000 token
USE1-Claude3-5Haiku-input-tokens-latency-optimized | 1K tokens
  = us-east-1 anthropic.claude-3-5-haiku-20241022-v1:0 input in-region latency-optimized 1000 token
USE2-Claude3-5Haiku-output-tokens-latency-optimized | 1K tokens
  = us-east-2 anthropic.claude-3-5-haiku-20241022-v1:0 output in-region latency-optimized 1000 token
USE1-NovaPro-input-tokens | 1K tokens = us-east-1 amazon.nova-pro-v1:0 input in-region standard 1000 token
USE1-NovaPro-output-tokens | 1K tokens = us-east-1 amazon.nova-pro-v1:0 output in-region standard 1000 token
USE1-NovaPro-cache-read-input-token-count | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 cache_read in-region standard 1000 token
USE1-NovaPro-cache-write-input-token-count | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 cache_write in-region standard 1000 token
USE1-NovaPro-input-tokens-batch | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 input in-region batch 1000 token
USE1-NovaPro-input-tokens-priority | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 input in-region priority 1000 token
USE1-NovaPro-output-tokens-flex | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 output in-region flex 1000 token
USE1-NovaPro-output-tokens-latency-optimized | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 output in-region latency-optimized 1000 token
USE1-NovaPro-cache-read-input-token-count-priority | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 cache_read in-region priority 1000 token
UGW1-NovaPro-input-tokens-priority | 1K tokens
  = us-gov-west-1 amazon.nova-pro-v1:0 input in-region priority 1000 token
EU-NovaLite-input-tokens | 1K tokens = eu-west-1 amazon.nova-lite-v1:0 input in-region standard 1000 token
EUW1-NovaLite-output-tokens | 1K tokens
  = eu-west-1 amazon.nova-lite-v1:0 output in-region standard 1000 token
EUN1-NovaMicro-input-tokens | 1K tokens
  = eu-north-1 amazon.nova-micro-v1:0 input in-region standard 1000 token
EUW3-NovaMicro-output-tokens-batch | 1K tokens
  = eu-west-3 amazon.nova-micro-v1:0 output in-region batch 1000 token
USE1-NovaPremier-input-tokens | 1K tokens
  = us-east-1 amazon.nova-premier-v1:0 input in-region standard 1000 token
USE1-NovaSonic-text-input-tokens | 1K tokens
  = us-east-1 amazon.nova-sonic-v1:0 input in-region standard 1000 token
USE1-NovaSonic-speech-input-tokens | 1K tokens
  = us-east-1 amazon.nova-sonic-v1:0 audio_input in-region standard 1000 token
USE1-NovaSonic-speech-output-tokens | 1K tokens
  = us-east-1 amazon.nova-sonic-v1:0 audio_output in-region standard 1000 token
USE1-Nova2.0Lite-input-tokens | 1K tokens
  = us-east-1 amazon.nova-2-lite-v1:0 input in-region standard 1000 token
USE1-Nova2.0Lite-input-tokens-flex | 1K tokens
  = us-east-1 amazon.nova-2-lite-v1:0 input in-region flex 1000 token
USE1-Nova2.0Lite-input-tokens-cross-region-global | 1K tokens
  = us-east-1 amazon.nova-2-lite-v1:0 input global standard 1000 token
USE1-Nova2.0Lite-output-tokens-cross-region-global | 1K tokens
  = us-east-1 amazon.nova-2-lite-v1:0 output global standard 1000 token
USE1-Nova2.0Lite-input-tokens-cross-region-global-batch | 1K tokens
  = us-east-1 amazon.nova-2-lite-v1:0 input global batch 1000 token
USW2-Nova2.0Lite-input-tokens-priority-cross-region-global | 1K tokens
  = us-west-2 amazon.nova-2-lite-v1:0 input global priority 1000 token
USW2-Nova2.0Lite-output-tokens-flex-cross-region-global | 1K tokens
  = us-west-2 amazon.nova-2-lite-v1:0 output global flex 1000 token
USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global | 1K tokens
  = us-east-1 amazon.nova-2-pro-preview-20251202-v1:0 input global priority 1000 token
USE1-gpt-oss-120b-input-tokens | 1K tokens
  = us-east-1 openai.gpt-oss-120b-1:0 input in-region standard 1000 token
USE1-gpt-oss-120b-output-tokens-priority | 1K tokens
  = us-east-1 openai.gpt-oss-120b-1:0 output in-region priority 1000 token
APS3-gpt-oss-20b-output-tokens-flex | 1K tokens
  = ap-south-1 openai.gpt-oss-20b-1:0 output in-region flex 1000 token
USE1-GPT-OSS-Safeguard-20B-input-tokens-priority | 1K tokens
  = us-east-1 openai.gpt-oss-safeguard-20b input in-region priority 1000 token
USE1-GPT-OSS-Safeguard-120B-output-tokens-batch | 1K tokens
  = us-east-1 openai.gpt-oss-safeguard-120b output in-region batch 1000 token
USE1-Gemma-3-4B-IT-input-tokens-flex | 1K tokens
  = us-east-1 google.gemma-3-4b-it input in-region flex 1000 token
USW2-Gemma-3-27B-IT-output-tokens | 1K tokens
  = us-west-2 google.gemma-3-27b-it output in-region standard 1000 token
USE1-Llama4-Maverick-17B-input-tokens-batch | 1K tokens
  = us-east-1 meta.llama4-maverick-17b-instruct-v1:0 input in-region batch 1000 token
USE2-Llama4-Scout-17B-output-tokens | 1K tokens
  = us-east-2 meta.llama4-scout-17b-instruct-v1:0 output in-region standard 1000 token
USE1-Llama3-1-405B-input-tokens | 1K tokens
  = us-east-1 meta.llama3-1-405b-instruct-v1:0 input in-region standard 1000 token
USE2-Llama3-1-70B-LatencyOptimized-output-tokens | 1K tokens
  = us-east-2 meta.llama3-1-70b-instruct-v1:0 output in-region latency-optimized 1000 token
USE1-Llama3-2-1B-output-tokens | 1K tokens
  = us-east-1 meta.llama3-2-1b-instruct-v1:0 output in-region standard 1000 token
USW2-Llama3-3-70B-input-tokens-batch | 1K tokens
  = us-west-2 meta.llama3-3-70b-instruct-v1:0 input in-region batch 1000 token
USE1-MistralSmall-input-tokens-batch | 1K tokens
  = us-east-1 mistral.mistral-small-2402-v1:0 input in-region batch 1000 token
EUW3-MistralLarge-output-tokens | 1K tokens
  = eu-west-3 mistral.mistral-large-2402-v1:0 output in-region standard 1000 token
USW2-MistralLarge2407-output-tokens | 1K tokens
  = us-west-2 mistral.mistral-large-2407-v1:0 output in-region standard 1000 token
USW2-Mistral-Large-3-675b-Instruct-input-tokens | 1K tokens
  = us-west-2 mistral.mistral-large-3-675b-instruct input in-region standard 1000 token
USW2-Mistral-Large-3-675b-Instruct-input-tokens-batch | 1K tokens
  = us-west-2 mistral.mistral-large-3-675b-instruct input in-region batch 1000 token
USE1-PixtralLarge2502-input-tokens | 1K tokens
  = us-east-1 mistral.pixtral-large-2502-v1:0 input in-region standard 1000 token
USE1-Ministral-3-14b-Instruct-input-tokens | 1K tokens
  = us-east-1 mistral.ministral-3-14b-instruct input in-region standard 1000 token
USE1-DeepSeek-R1-output-tokens | 1K tokens = us-east-1 deepseek.r1-v1:0 output in-region standard 1000 token
USE1-DeepSeekV3-1-input-tokens | 1K tokens = us-east-1 deepseek.v3-v1:0 input in-region standard 1000 token
USE1-deepseek.v3.2-input-tokens | 1K tokens = us-east-1 deepseek.v3.2 input in-region standard 1000 token
USE1-TitanEmbeddingV2-Text-input-tokens | 1K tokens
  = us-east-1 amazon.titan-embed-text-v2:0 input in-region standard 1000 token
EU-TitanEmbeddingV2-Text-input-tokens-batch | 1K tokens
  = eu-west-1 amazon.titan-embed-text-v2:0 input in-region batch 1000 token
USE1-TitanEmbeddingsG1-Text-input-tokens | 1K tokens
  = us-east-1 amazon.titan-embed-text-v1 input in-region standard 1000 token
USE1-TitanEmbeddingsG1-Image-input-image | image
  = us-east-1 amazon.titan-embed-image-v1 image_input in-region standard 1 image
USE1-NovaMultiModalEmbeddings-input-tokens | 1K tokens
  = us-east-1 amazon.nova-2-multimodal-embeddings-v1:0 input in-region standard 1000 token
USE1-TitanTextG1-Express-output-tokens | 1K tokens
  = us-east-1 amazon.titan-text-express-v1 output in-region standard 1000 token
USE1-TitanText-Premier-input-tokens | 1K tokens
  = us-east-1 amazon.titan-text-premier-v1:0 input in-region standard 1000 token
USE1-NovaCanvas-T2I-1024-Premium | image
  = us-east-1 amazon.nova-canvas-v1:0 images in-region standard 1 image variant up to 1024x1024, premium
USE1-NovaCanvas-T2I-1024-Standard | image
  = us-east-1 amazon.nova-canvas-v1:0 images in-region standard 1 image variant up to 1024x1024, standard
USE1-NovaCanvas-I2I-2048-Premium | image
  = us-east-1 amazon.nova-canvas-v1:0 images in-region standard 1 image variant up to 2048x2048, premium
USE1-TitanImageGeneratorG1-I2I-512-Premium | image
  = us-east-1 amazon.titan-image-generator-v1 images in-region standard 1 image variant 512x512, premium
USW2-Ray-V2-Medfps-HDRes | Second
  = us-west-2 luma.ray-v2:0 video_seconds in-region standard 1 second variant 720p, 24 fps
USW2-AmazonRerank-v1-searchunits | Search Units
  = us-west-2 amazon.rerank-v1:0 search_units in-region standard 1 query
USE1-Guardrail-ContentPolicyUnitsConsumed | TextUnits
  = guardrail us-east-1 - text_units_content in-region standard 1 text_unit
USE1-Guardrail-TopicPolicyUnitsConsumed | TextUnits
  = guardrail us-east-1 - text_units_topic in-region standard 1 text_unit
USE1-Guardrail-WordPolicyUnitsConsumed | TextUnits
  = guardrail us-east-1 - text_units_word in-region standard 1 text_unit
APS2-Guardrail-ContextualGroundingPolicyUnitsConsumed | 1K text units
  = guardrail ap-southeast-2 - text_units_contextual_grounding in-region standard 1000 text_unit
USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed | TextUnits
  = guardrail us-east-1 - text_units_automated_reasoning in-region standard 1 text_unit
USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits | Hours
  = provisioned us-east-1 amazon.nova-2-lite-v1:0 model_unit_hours in-region standard 1 model_unit_hour
  variant no-commit
USE1-Nova2.0Lite-ProvisionedThroughput-1month-ModelUnits | Hours
  = provisioned us-east-1 amazon.nova-2-lite-v1:0 model_unit_hours in-region standard 1 model_unit_hour
  variant 1-month
USW2-Llama3-1-70B-ProvisionedThroughput-6months-ModelUnits | hour
  = provisioned us-west-2 meta.llama3-1-70b-instruct-v1:0 model_unit_hours in-region standard 1
  model_unit_hour variant 6-months
USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits | hour
  = provisioned us-east-1 amazon.titan-text-premier-v1:0 model_unit_hours in-region standard 1
  model_unit_hour variant custom no-commit
EU-Claude4.5Sonnet-reserved-1-month-input-tokens-per-minute-cross-region-global | 1K TPM Hour
  = reserved eu-west-1 anthropic.claude-sonnet-4-5-20250929-v1:0 tpm_hours global reserved 1000 tpm_hour
  variant 1-month input
USE1-Nova2.0Lite-Customization-Storage | Model/month
  = storage us-east-1 amazon.nova-2-lite-v1:0 storage_months in-region standard 1 storage_month
USE1-OSS-CustomModelImport-Storage-v2:0 | month
  = storage us-east-1 - storage_months in-region standard 1 storage_month variant custom-import
USE1-openai.gpt-oss-120b-mantle-input-tokens-standard | 1K tokens
  = us-east-1 openai.gpt-oss-120b-1:0 input in-region standard 1000 token
USE1-anthropic.claude-sonnet-5-mantle-input-tokens-standard | 1K tokens
  = us-east-1 anthropic.claude-sonnet-5 input in-region standard 1000 token
USE1-anthropic.claude-sonnet-5-mantle-output-tokens-global-standard | 1K tokens
  = us-east-1 anthropic.claude-sonnet-5 output global standard 1000 token
USE1-anthropic.claude-sonnet-5-mantle-cache-write-tokens-1h-standard | 1K tokens
  = us-east-1 anthropic.claude-sonnet-5 cache_write_1h in-region standard 1000 token
USE1-anthropic.claude-sonnet-5-mantle-cache-read-tokens-global-standard | 1K tokens
  = us-east-1 anthropic.claude-sonnet-5 cache_read global standard 1000 token
USE1-anthropic.claude-opus-5-5-mantle-input-tokens-global-standard | 1K tokens
  = us-east-1 anthropic.claude-opus-5-5 input global standard 1000 token
USE1-anthropic.claude-opus-5-5-mantle-output-tokens-global-standard | 1K tokens
  = us-east-1 anthropic.claude-opus-5-5 output global standard 1000 token
USE1-anthropic.claude-opus-4-8-mantle-input-tokens-standard | 1K tokens
  = us-east-1 anthropic.claude-opus-4-8 input in-region standard 1000 token
EUC1-anthropic.claude-opus-4-7-mantle-output-tokens-standard | 1K tokens
  = eu-central-1 anthropic.claude-opus-4-7 output in-region standard 1000 token
USE1-anthropic.claude-haiku-4-5-mantle-input-tokens-standard | 1K tokens
  = us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 input in-region standard 1000 token
USW2-moonshotai.kimi-k3-mantle-input-tokens-standard | 1K tokens
  = us-west-2 moonshotai.kimi-k3 input in-region standard 1000 token
USW2-moonshotai.kimi-k3-mantle-output-tokens-global-flex | 1K tokens
  = us-west-2 moonshotai.kimi-k3 output global flex 1000 token
USW2-moonshotai.kimi-k3-mantle-cache-read-tokens-standard | 1K tokens
  = us-west-2 moonshotai.kimi-k3 cache_read in-region standard 1000 token
USW2-moonshotai.kimi-k3-mantle-cache-write-tokens-30m-standard | 1K tokens
  = us-west-2 moonshotai.kimi-k3 cache_write_30m in-region standard 1000 token
USE1-KimiK2.5-mantle-input-tokens-standard | 1K tokens
  = us-east-1 moonshotai.kimi-k2.5 input in-region standard 1000 token
USW2-mistral.mistral-large-3-675b-instruct-mantle-output-tokens-standard | 1K tokens
  = us-west-2 mistral.mistral-large-3-675b-instruct output in-region standard 1000 token
APN1-xai.grok-4.6-mantle-input-tokens-standard | 1K tokens
  = ap-northeast-1 xai.grok-4.6 input in-region standard 1000 token
APN1-xai.grok-4.7-mantle-output-tokens-global-standard | 1K tokens
  = ap-northeast-1 xai.grok-4.7 output global standard 1000 token
USW2-zai.glm5-mantle-input-tokens-priority | 1K tokens
  = us-west-2 zai.glm-5 input in-region priority 1000 token
USE2-zai.glm-4.7-flash-mantle-output-tokens-standard | 1K tokens
  = us-east-2 zai.glm-4.7-flash output in-region standard 1000 token
USE1-qwen.qwen3-next-80b-a3b-instruct-mantle-input-tokens-flex | 1K tokens
  = us-east-1 qwen.qwen3-next-80b-a3b input in-region flex 1000 token
USE1-minimax.minimax-m2.5-mantle-output-tokens-standard | 1K tokens
  = us-east-1 minimax.minimax-m2.5 output in-region standard 1000 token
SAE1-nvidia.nemotron-nano-9b-v2-mantle-input-tokens-standard | 1K tokens
  = sa-east-1 nvidia.nemotron-nano-9b-v2 input in-region standard 1000 token
UGW1-openai.gpt-5.6-terra-mantle-cache-write-tokens-30m-long-ctx-standard | 1K tokens
  = us-gov-west-1 openai.gpt-5.6-terra cache_write_30m in-region standard 1000 token long
USE1-anthropic.claude-opus-5-5-reserved-1-month-input-tokens-per-minute | 1K TPM Hour
  = reserved us-east-1 anthropic.claude-opus-5-5 tpm_hours in-region reserved 1000 tpm_hour variant
  1-month input
`

/** What must not be taken for something it is not. */
export const UNMAPPED_ROWS = `
# Amazon Bedrock
USE1-NovaPro-cache-write-input-token-count-custom-model | 1K tokens
  = us-east-1 amazon.nova-pro-v1:0 (not a call's)
USE1-Nova2.0Pro-input-image-token-count-cross-region-global | 1K tokens
  = us-east-1 amazon.nova-2-pro-preview-20251202-v1:0 (not a call's)
USW2-Nova2.0Omni-input-audio-token-count | 1K tokens
  = us-west-2 - audio_input in-region standard 1000 token ! model
USE1-cohere.rerank-english-v3-search-units | Search Units
  = us-east-1 - search_units in-region standard 1 query ! model
USE1-NovaReel-T2V-Medfps-HDRes | Second
  = us-east-1 - video_seconds in-region standard 1 second variant 720p, 24 fps ! model
USE1-Zyx9-input-tokens | 1K tokens = us-east-1 - input in-region standard 1000 token ! model
NovaPro-input-tokens | 1K tokens = - amazon.nova-pro-v1:0 input in-region standard 1000 token ! region
NovaCanvas-T2I-1024-Standard | image
  = - amazon.nova-canvas-v1:0 images in-region standard 1 image variant up to 1024x1024, standard ! region
USE1-NovaPro-input-tokens | bananas = us-east-1 amazon.nova-pro-v1:0 input in-region standard ! unit
USE1-NovaPro-input-tokens | image = us-east-1 amazon.nova-pro-v1:0 input in-region standard ! unit
USE1-NovaPro-input-tokens | Training Tokens = us-east-1 amazon.nova-pro-v1:0 input in-region standard ! unit
USE1-NovaCanvas-T2I-1024-Premium | 1K tokens
  = us-east-1 amazon.nova-canvas-v1:0 images in-region standard variant up to 1024x1024, premium ! unit
USE1-Guardrail-SomethingNewUnitsConsumed | TextUnits = guardrail - - ! usage_type
USE1-NovaPro-input-output-tokens | 1K tokens = - - ! usage_type
USE1-NovaPro-input-tokens-flex-batch | 1K tokens = - - ! usage_type
USE1-NovaPro-cache-read-write-tokens | 1K tokens = - - ! usage_type
USE1-NovaPro-cache-write-tokens-1h-5m | 1K tokens = - - ! usage_type
USE1-NovaPro-input-tokens-global-geo | 1K tokens = - - ! usage_type
USE1-NovaPro-input-tokens-sideways | 1K tokens = - - ! usage_type
USE1-NovaPro-input | 1K tokens = - - ! usage_type
USE1-NovaPro-input-tokens-long | 1K tokens = - - ! usage_type
USE1-MP:USW2_InputTokenCount-Units | 1M tokens = - - ! usage_type
USE1-something-new | Units = - - ! usage_type
USE1-Nova2.0Lite-Customization-Training | 1K tokens = other us-east-1 amazon.nova-2-lite-v1:0 (not a call's)
USE1-Nova2.0Lite-RFT-Training-Hours | Hours = other us-east-1 amazon.nova-2-lite-v1:0 (not a call's)
USE1-Nova2.0Lite-nova-grounding | Requests = other us-east-1 amazon.nova-2-lite-v1:0 (not a call's)
USE1-Llama-CustomModelImport-Inference-v1:0 | Minutes = other us-east-1 - (not a call's)
# Claude Sonnet 4.6 (Amazon Bedrock Edition)
USE1-MP:USE1_CacheStorage-Units | Units = other us-east-1 anthropic.claude-sonnet-4-6 (not a call's)
USE1-MP:USE1_CacheValidationCount-Units | Units = other us-east-1 anthropic.claude-sonnet-4-6 (not a call's)
# Claude Orion 9 (Amazon Bedrock Edition)
USE1-MP:USE1_InputTokenCount-Units | 1M tokens = us-east-1 - input in-region standard 1000000 token ! model
# Somebody Else's Models (SaaS)
USE1-MP:USE1_InputTokenCount-Units | Units = - - ! usage_type
`
