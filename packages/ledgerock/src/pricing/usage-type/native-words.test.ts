// Every native and mantle-style usage type that AWS documentation, price lists and public bills have shown, with what it means.

import { describe, expect, it } from 'vitest'
import { meaning, meaningTable } from '../testing/usage-type-meaning.ts'

const WORDS = meaningTable(`
  USE1-Claude4.6Sonnet-input-tokens → us-east-1 anthropic.claude-sonnet-4-6 input in-region standard
  USE1-Claude4.6Sonnet-output-tokens → us-east-1 anthropic.claude-sonnet-4-6 output in-region standard
  USE1-Claude4.6Opus-input-tokens → us-east-1 anthropic.claude-opus-4-6-v1 input in-region standard
  USE1-Claude4.6Opus-output-tokens → us-east-1 anthropic.claude-opus-4-6-v1 output in-region standard
  USE1-Claude4.6Sonnet-cache-read-input-token-count
    → us-east-1 anthropic.claude-sonnet-4-6 cache_read in-region standard
  USE1-Claude4.6Sonnet-output-tokens-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-6 output global standard
  USE1-Claude4.5Haiku-input-token-count-global
    → us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 input global standard
  USE1-Claude4.5Haiku-output-token-count
    → us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 output in-region standard
  USE1-Claude4Opus-input-tokens → us-east-1 anthropic.claude-opus-4-20250514-v1:0 input in-region standard
  USE1-Claude4Sonnet-cache-read-input-token-count-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_read global standard
  USE1-Claude4Sonnet-cache-read-input-token-count-long-context-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_read global standard long
  USE1-Claude4Sonnet-input-tokens-long-context-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 input global standard long
  USE1-Claude4Sonnet-output-tokens-long-context-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 output global standard long
  USE1-Claude4Sonnet-cache-write-input-token-count-long-context-cross-region-global
    → us-east-1 anthropic.claude-sonnet-4-20250514-v1:0 cache_write_5m global standard long
  USE1-Claude4.6Sonnet-cache-write-input-token-count-1h
    → us-east-1 anthropic.claude-sonnet-4-6 cache_write_1h in-region standard
  USE1-Claude3Sonnet-input-tokens
    → us-east-1 anthropic.claude-3-sonnet-20240229-v1:0 input in-region standard
  USE1-Claude2.0-input-tokens → us-east-1 anthropic.claude-v2 input in-region standard
  USE1-Claude3-5Haiku-input-tokens-latency-optimized
    → us-east-1 anthropic.claude-3-5-haiku-20241022-v1:0 input in-region latency-optimized
  USE1-NovaPro-input-tokens → us-east-1 amazon.nova-pro-v1:0 input in-region standard
  USE1-NovaPro-output-tokens → us-east-1 amazon.nova-pro-v1:0 output in-region standard
  USE1-NovaPro-cache-read-input-token-count → us-east-1 amazon.nova-pro-v1:0 cache_read in-region standard
  USE1-NovaPro-cache-write-input-token-count
    → us-east-1 amazon.nova-pro-v1:0 cache_write in-region standard
  USE1-NovaPro-cache-write-input-token-count-custom-model
    → us-east-1 amazon.nova-pro-v1:0 (inference on a custom model)
  USE1-NovaPro-input-tokens-batch → us-east-1 amazon.nova-pro-v1:0 input in-region batch
  USE1-NovaPro-input-tokens-priority → us-east-1 amazon.nova-pro-v1:0 input in-region priority
  USE1-NovaPro-output-tokens-flex → us-east-1 amazon.nova-pro-v1:0 output in-region flex
  USE1-NovaPro-output-tokens-latency-optimized
    → us-east-1 amazon.nova-pro-v1:0 output in-region latency-optimized
  USE1-NovaLite-input-tokens → us-east-1 amazon.nova-lite-v1:0 input in-region standard
  USE1-NovaLite-output-tokens → us-east-1 amazon.nova-lite-v1:0 output in-region standard
  USE1-NovaSonic-text-input-tokens → us-east-1 amazon.nova-sonic-v1:0 input in-region standard
  USE1-NovaSonic-speech-input-tokens
    → us-east-1 amazon.nova-sonic-v1:0 audio_input in-region standard medium:speech
  USE1-NovaSonic-speech-output-tokens
    → us-east-1 amazon.nova-sonic-v1:0 audio_output in-region standard medium:speech
  USE1-Nova2.0Lite-input-tokens → us-east-1 amazon.nova-2-lite-v1:0 input in-region standard
  USE1-Nova2.0Lite-input-tokens-flex → us-east-1 amazon.nova-2-lite-v1:0 input in-region flex
  USE1-Nova2.0Lite-input-tokens-cross-region-global
    → us-east-1 amazon.nova-2-lite-v1:0 input global standard
  USE1-Nova2.0Lite-output-tokens-cross-region-global
    → us-east-1 amazon.nova-2-lite-v1:0 output global standard
  USE1-Nova2.0Lite-input-tokens-cross-region-global-batch
    → us-east-1 amazon.nova-2-lite-v1:0 input global batch
  USW2-Nova2.0Lite-input-tokens-priority-cross-region-global
    → us-west-2 amazon.nova-2-lite-v1:0 input global priority
  USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global
    → us-east-1 amazon.nova-2-pro-preview-20251202-v1:0 input global priority
  USE1-Nova2.0Pro-input-image-token-count-cross-region-global
    → us-east-1 amazon.nova-2-pro-preview-20251202-v1:0 (image tokens)
  USW2-Nova2.0Omni-input-audio-token-count
    → us-west-2 ?Nova2.0Omni audio_input in-region standard medium:speech
  USE1-gpt-oss-120b-output-tokens-priority → us-east-1 openai.gpt-oss-120b-1:0 output in-region priority
  USE1-GPT-OSS-Safeguard-20B-input-tokens-priority
    → us-east-1 openai.gpt-oss-safeguard-20b input in-region priority
  USE1-GPT-OSS-Safeguard-120B-output-tokens-batch
    → us-east-1 openai.gpt-oss-safeguard-120b output in-region batch
  USE1-Gemma-3-4B-IT-input-tokens-flex → us-east-1 google.gemma-3-4b-it input in-region flex
  USE1-Llama4-Maverick-17B-input-tokens-batch
    → us-east-1 meta.llama4-maverick-17b-instruct-v1:0 input in-region batch
  USE1-Llama3-1-405B-input-tokens → us-east-1 meta.llama3-1-405b-instruct-v1:0 input in-region standard
  USE1-Llama3-2-1B-output-tokens → us-east-1 meta.llama3-2-1b-instruct-v1:0 output in-region standard
  USE1-Llama3-1-70B-LatencyOptimized-input-tokens
    → us-east-1 meta.llama3-1-70b-instruct-v1:0 input in-region latency-optimized
  USE1-MistralSmall-input-tokens-batch → us-east-1 mistral.mistral-small-2402-v1:0 input in-region batch
  USW2-Mistral-Large-3-675b-Instruct-input-tokens
    → us-west-2 mistral.mistral-large-3-675b-instruct input in-region standard
  USW2-Mistral-Large-3-675b-Instruct-input-tokens-batch
    → us-west-2 mistral.mistral-large-3-675b-instruct input in-region batch
  USW2-MistralLarge2407-output-tokens → us-west-2 mistral.mistral-large-2407-v1:0 output in-region standard
  USE1-MistralLarge-output-tokens → us-east-1 mistral.mistral-large-2402-v1:0 output in-region standard
  USE1-PixtralLarge2502-input-tokens → us-east-1 mistral.pixtral-large-2502-v1:0 input in-region standard
  USE1-Ministral-3-14b-Instruct-input-tokens
    → us-east-1 mistral.ministral-3-14b-instruct input in-region standard
  USE1-DeepSeek-R1-input-tokens → us-east-1 deepseek.r1-v1:0 input in-region standard
  USE1-DeepSeekV3-1-input-tokens → us-east-1 deepseek.v3-v1:0 input in-region standard
  USE1-KimiK2.5-mantle-input-tokens-standard → us-east-1 moonshotai.kimi-k2.5 input in-region standard
  USE1-TitanEmbeddingV2-Text-input-tokens → us-east-1 amazon.titan-embed-text-v2:0 input in-region standard
  USE1-TitanEmbeddingV2-Text-input-tokens-batch
    → us-east-1 amazon.titan-embed-text-v2:0 input in-region batch
  USE1-TitanEmbeddingsG1-Text-input-tokens → us-east-1 amazon.titan-embed-text-v1 input in-region standard
  USE1-TitanEmbeddingsG1-Image-input-image
    → us-east-1 amazon.titan-embed-image-v1 image_input in-region standard unit:image medium:image
  USE1-NovaMultiModalEmbeddings-input-tokens
    → us-east-1 amazon.nova-2-multimodal-embeddings-v1:0 input in-region standard
  EU-TitanEmbeddingV2-Text-input-tokens → eu-west-1 amazon.titan-embed-text-v2:0 input in-region standard
  USE1-TitanTextG1-Express-output-tokens → us-east-1 amazon.titan-text-express-v1 output in-region standard
  USE1-TitanText-Premier-input-tokens → us-east-1 amazon.titan-text-premier-v1:0 input in-region standard
  USE1-NovaCanvas-T2I-1024-Premium
    → us-east-1 amazon.nova-canvas-v1:0 images in-region standard
      unit:image medium:image variant:up to 1024x1024, premium
  NovaCanvas-T2I-1024-Standard
    → nowhere amazon.nova-canvas-v1:0 images in-region standard
      unit:image medium:image variant:up to 1024x1024, standard
  TitanImageGeneratorG1-I2I-512-Premium
    → nowhere amazon.titan-image-generator-v1 images in-region standard
      unit:image medium:image variant:512x512, premium
  USE1-NovaReel-T2V-Medfps-HDRes
    → us-east-1 amazon.nova-reel-v1:0+amazon.nova-reel-v1:1 video_seconds in-region standard
      unit:second medium:video variant:720p, 24 fps
  USE1-NovaReel-I2V-Medfps-HDRes
    → us-east-1 amazon.nova-reel-v1:0+amazon.nova-reel-v1:1 video_seconds in-region standard
      unit:second medium:video variant:720p, 24 fps
  USW2-Ray-V2-Medfps-HDRes
    → us-west-2 luma.ray-v2:0 video_seconds in-region standard
      unit:second medium:video variant:720p, 24 fps
  USW2-AmazonRerank-v1-searchunits
    → us-west-2 amazon.rerank-v1:0 search_units in-region standard unit:query
  USE1-cohere.rerank-english-v3-search-units
    → us-east-1 ?cohere.rerank-english-v3 search_units in-region standard unit:query
  USE1-Guardrail-ContentPolicyUnitsConsumed
    → us-east-1 ? text_units_content in-region standard unit:text_unit
  USE1-Guardrail-TopicPolicyUnitsConsumed → us-east-1 ? text_units_topic in-region standard
      unit:text_unit
  USE1-Guardrail-WordPolicyUnitsConsumed → us-east-1 ? text_units_word in-region standard unit:text_unit
  USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed
    → us-east-1 ? text_units_automated_reasoning in-region standard unit:text_unit
  USE1-Guardrail-SomethingNewUnitsConsumed → unknown_shape
  USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits
    → us-east-1 amazon.nova-2-lite-v1:0 model_unit_hours in-region standard
      unit:model_unit_hour variant:no-commit
  USE1-Nova2.0Lite-ProvisionedThroughput-1month-ModelUnits
    → us-east-1 amazon.nova-2-lite-v1:0 model_unit_hours in-region standard
      unit:model_unit_hour variant:1-month
  USW2-Llama3-1-70B-ProvisionedThroughput-6months-ModelUnits
    → us-west-2 meta.llama3-1-70b-instruct-v1:0 model_unit_hours in-region standard
      unit:model_unit_hour variant:6-months
  USE1-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits
    → us-east-1 amazon.titan-text-premier-v1:0 model_unit_hours in-region standard
      unit:model_unit_hour variant:custom no-commit
  EU-Claude4.5Sonnet-reserved-1-month-input-tokens-per-minute-cross-region-global
    → eu-west-1 anthropic.claude-sonnet-4-5-20250929-v1:0 tpm_hours global reserved
      unit:tpm_hour variant:1-month input
  USE1-Nova2.0Lite-Customization-Storage
    → us-east-1 amazon.nova-2-lite-v1:0 storage_months in-region standard unit:storage_month
  USE1-Nova2.0Lite-Customization-Training → us-east-1 amazon.nova-2-lite-v1:0 (training of a custom model)
  USE1-Nova2.0Lite-RFT-Training-Hours → us-east-1 amazon.nova-2-lite-v1:0 (training of a custom model)
  USE1-Nova2.0Lite-nova-grounding → us-east-1 amazon.nova-2-lite-v1:0 (web grounding)
  USE1-Llama-CustomModelImport-Inference-v1:0 → us-east-1 ?Llama (inference on an imported model)
  USE1-OSS-CustomModelImport-Storage-v2:0
    → us-east-1 ?OSS storage_months in-region standard unit:storage_month variant:custom-import
  USE1-openai.gpt-oss-120b-mantle-input-tokens-standard
    → us-east-1 openai.gpt-oss-120b-1:0 input in-region standard
  USE1-anthropic.claude-sonnet-5-mantle-input-tokens-standard
    → us-east-1 anthropic.claude-sonnet-5 input in-region standard
  USE1-anthropic.claude-sonnet-5-mantle-output-tokens-global-standard
    → us-east-1 anthropic.claude-sonnet-5 output global standard
  USE1-anthropic.claude-sonnet-5-mantle-cache-write-tokens-1h-standard
    → us-east-1 anthropic.claude-sonnet-5 cache_write_1h in-region standard
  USE1-anthropic.claude-opus-5-5-mantle-input-tokens-global-standard
    → us-east-1 anthropic.claude-opus-5-5 input global standard
  USE1-anthropic.claude-opus-5-5-mantle-output-tokens-global-standard
    → us-east-1 anthropic.claude-opus-5-5 output global standard
  USE1-anthropic.claude-opus-4-8-mantle-input-tokens-standard
    → us-east-1 anthropic.claude-opus-4-8 input in-region standard
  USE1-anthropic.claude-haiku-4-5-mantle-input-tokens-standard
    → us-east-1 anthropic.claude-haiku-4-5-20251001-v1:0 input in-region standard
  USW2-moonshotai.kimi-k3-mantle-input-tokens-standard
    → us-west-2 moonshotai.kimi-k3 input in-region standard
  USW2-moonshotai.kimi-k3-mantle-output-tokens-global-flex
    → us-west-2 moonshotai.kimi-k3 output global flex
  USW2-moonshotai.kimi-k3-mantle-cache-read-tokens-standard
    → us-west-2 moonshotai.kimi-k3 cache_read in-region standard
  USW2-moonshotai.kimi-k3-mantle-cache-write-tokens-30m-standard
    → us-west-2 moonshotai.kimi-k3 cache_write_30m in-region standard
  USW2-mistral.mistral-large-3-675b-instruct-mantle-output-tokens-standard
    → us-west-2 mistral.mistral-large-3-675b-instruct output in-region standard
  APN1-xai.grok-4.6-mantle-input-tokens-standard → ap-northeast-1 xai.grok-4.6 input in-region standard
  USW2-zai.glm5-mantle-input-tokens-priority → us-west-2 zai.glm-5 input in-region priority
  UGW1-openai.gpt-5.6-terra-mantle-cache-write-tokens-30m-long-ctx-standard
    → us-gov-west-1 openai.gpt-5.6-terra cache_write_30m in-region standard long
  USE1-deepseek.v3.2-input-tokens → us-east-1 deepseek.v3.2 input in-region standard
  USE1-qwen.qwen3-next-80b-a3b-instruct-mantle-input-tokens-flex
    → us-east-1 qwen.qwen3-next-80b-a3b input in-region flex
  USE1-anthropic.claude-opus-5-5-reserved-1-month-input-tokens-per-minute
    → us-east-1 anthropic.claude-opus-5-5 tpm_hours in-region reserved
      unit:tpm_hour variant:1-month input
`)

describe('readUsageType', () => {
  it.each(WORDS)('[BW1] reads %s', (text, expected) => {
    expect(meaning(text)).toBe(expected)
  })
})
