// How AWS would spell something on sale: usage type, attributes, unit and description, in its four schemes and with its many ways to
// say a tier. Written from what its price lists show and apart from the reader, so that the two can contradict each other.

import type { Tier } from '@ledgerock/contract'
import type { PricedModel } from '../price-document.ts'
import type { PriceKey } from '../price-list/read-sku.ts'

export type SkuWords = {
  readonly offer: 'AmazonBedrock' | 'AmazonBedrockFoundationModels' | 'AmazonBedrockService'
  readonly usagetype: string
  readonly attributes: { readonly [name: string]: string }
  readonly unit: string
  readonly description: string
  /** Price of the book × 10^`shift` is the price of AWS's unit. */
  readonly shift: number
}

/** Chooses one of the ways AWS writes the same thing. */
export type Pick = <Item>(items: readonly Item[]) => Item

const PREFIXES: { readonly [region: string]: string } = {
  'us-east-1': 'USE1',
  'us-east-2': 'USE2',
  'us-west-2': 'USW2',
  'eu-west-1': 'EU',
  'eu-central-1': 'EUC1',
  'ap-south-1': 'APS3',
  'ap-southeast-5': 'APS7',
  'ap-northeast-1': 'APN1',
  'us-gov-west-1': 'UGW1',
}

export const WRITTEN_REGIONS: readonly string[] = Object.keys(PREFIXES)

/** Null: AWS has no word for it. */
export function wordsFor(model: PricedModel | null, key: PriceKey, pick: Pick): SkuWords | null {
  const prefix = PREFIXES[key.region] ?? ''
  if (model === null) return sharedWords(prefix, key)
  if (key.unit === 'token') return tokenWords(model, prefix, key, pick)
  return otherWords(model, prefix, key, pick)
}

/** `Claude4.6Sonnet`, `NovaPro`, `Llama3.170BInstruct`. */
function billingName(model: PricedModel): string {
  const [, family, version] = /^Claude (\w+) (\d[\d.]*)$/.exec(model.name) ?? []
  if (family !== undefined) return `Claude${version ?? ''}${family}`
  return model.name.replaceAll(/[^\w.+]/g, '').replaceAll('+', 'Plus')
}

function product(model: PricedModel): string {
  return `${model.name} (Amazon Bedrock Edition)`
}

const NATIVE_WORDS: { readonly [kind: string]: readonly string[] } = {
  input: ['input-tokens', 'input-token-count', 'text-input-tokens'],
  output: ['output-tokens', 'output-token-count', 'text-output-tokens'],
  cache_read: ['cache-read-input-token-count'],
  cache_write: ['cache-write-input-token-count'],
  cache_write_5m: ['cache-write-input-token-count-5m'],
  cache_write_30m: ['cache-write-input-token-count-30m'],
  cache_write_1h: ['cache-write-input-token-count-1h'],
  audio_input: ['speech-input-tokens', 'input-audio-token-count'],
  audio_output: ['speech-output-tokens', 'output-audio-token-count'],
}
const MANTLE_WORDS: { readonly [kind: string]: string } = {
  input: 'input-tokens',
  output: 'output-tokens',
  cache_read: 'cache-read-tokens',
  cache_write: 'cache-write-tokens',
  cache_write_5m: 'cache-write-tokens-5m',
  cache_write_30m: 'cache-write-tokens-30m',
  cache_write_1h: 'cache-write-tokens-1h',
}
const CAMEL_WORDS: { readonly [kind: string]: string } = {
  input: 'InputTokenCount',
  output: 'OutputTokenCount',
  cache_read: 'CacheReadInputTokenCount',
  cache_write: 'CacheWriteInputTokenCount',
  cache_write_5m: 'CacheWrite5mInputTokenCount',
  cache_write_30m: 'CacheWrite30mInputTokenCount',
  cache_write_1h: 'CacheWrite1hInputTokenCount',
}

function tokenWords(
  model: PricedModel,
  prefix: string,
  key: PriceKey,
  pick: Pick,
): SkuWords | null {
  const schemes = [nativeTokens]
  if (MANTLE_WORDS[key.kind] !== undefined && key.tier !== 'latency-optimized') {
    schemes.push(mantleTokens, snakeTokens)
  }
  if (CAMEL_WORDS[key.kind] !== undefined && CAMEL_TIERS[key.tier] !== undefined) {
    schemes.push(camelTokens)
  }
  return pick(schemes)(model, prefix, key, pick)
}

function nativeTokens(
  model: PricedModel,
  prefix: string,
  key: PriceKey,
  pick: Pick,
): SkuWords | null {
  const words = NATIVE_WORDS[key.kind]
  if (words === undefined) return null
  const said = sayTier(key.tier as Tier, pick)
  const scope = key.scope === 'global' ? pick(['-cross-region-global', '-global']) : ''
  const long = key.contextAbove > 0 ? '-long-context' : ''
  const tail = pick([`${scope}${said.suffix}`, `${said.suffix}${scope}`])
  return {
    offer: long === '' ? 'AmazonBedrock' : pick(['AmazonBedrock', 'AmazonBedrockService']),
    usagetype: `${prefix}-${billingName(model)}-${pick(words)}${long}${tail}`,
    attributes: {
      servicename: 'Amazon Bedrock',
      provider: model.provider,
      ...pick([{}, { model: model.name }]),
      ...said.attributes,
    },
    unit: pick(['1K tokens', '1k tokens']),
    description: `$ per 1K tokens for ${model.name}`,
    shift: -3,
  }
}

/** In the usage type, in `service_tier`, in `feature` or behind the inference type. */
function sayTier(
  tier: Tier,
  pick: Pick,
): { readonly suffix: string; readonly attributes: { readonly [name: string]: string } } {
  if (tier === 'standard') {
    return {
      suffix: '',
      attributes: pick([{}, { service_tier: 'standard' }, { feature: 'On-demand Inference' }]),
    }
  }
  const feature: { readonly [name: string]: string } =
    tier === 'batch' ? { feature: pick(['Batch Inference', 'BatchInference']) } : {}
  const ways = [
    { suffix: `-${tier}`, attributes: {} },
    { suffix: `-${tier}`, attributes: { service_tier: tier } },
    { suffix: '', attributes: { service_tier: tier } },
    { suffix: '', attributes: { inferenceType: `Input tokens ${tier}` } },
    ...(tier === 'batch' ? [{ suffix: '', attributes: feature }] : []),
  ]
  return pick(ways)
}

function mantleTokens(model: PricedModel, prefix: string, key: PriceKey): SkuWords {
  const words = MANTLE_WORDS[key.kind] ?? ''
  const long = key.contextAbove > 0 ? '-long-ctx' : ''
  const scope = key.scope === 'global' ? '-global' : ''
  const name = model.aliases?.[0] ?? model.model_id
  return {
    offer: 'AmazonBedrock',
    usagetype: `${prefix}-${name}-mantle-${words}${long}${scope}-${key.tier}`,
    attributes: { servicename: 'Amazon Bedrock', service_tier: key.tier },
    unit: '1K tokens',
    description: `$ per 1K token for ${name}-mantle-${words}`,
    shift: -3,
  }
}

function snakeTokens(model: PricedModel, prefix: string, key: PriceKey): SkuWords {
  const words = (MANTLE_WORDS[key.kind] ?? '').replaceAll('-', '_')
  const long = key.contextAbove > 0 ? '_long_ctx' : ''
  const scope = key.scope === 'global' ? '_global' : ''
  return {
    offer: 'AmazonBedrockFoundationModels',
    usagetype: `${prefix}-MP:${prefix}_${words}${long}${scope}_${key.tier}-Units`,
    attributes: { servicename: product(model), operation: '' },
    unit: '1M tokens',
    description: `AWS Marketplace software usage|${key.region}|Tokens - ${key.tier}`,
    shift: 0,
  }
}

const CAMEL_TIERS: { readonly [tier: string]: string } = {
  standard: '',
  batch: '_Batch',
  'latency-optimized': '_LatencyOptimized',
}

function camelTokens(model: PricedModel, prefix: string, key: PriceKey, pick: Pick): SkuWords {
  const long = key.contextAbove > 0 ? '_LCtx' : ''
  const scope = key.scope === 'global' ? '_Global' : ''
  const words = `${CAMEL_WORDS[key.kind]}${long}${scope}${CAMEL_TIERS[key.tier]}`
  const [unit, tail, shift] = pick([
    ['Units', 'Million Input Tokens Regional', 0],
    ['1M tokens', 'Million Input Tokens', 0],
    ['Units', 'thousand Cache Read Input Tokens Regional', -3],
  ] as const)
  return {
    offer: 'AmazonBedrockFoundationModels',
    usagetype: `${prefix}-MP:${prefix}_${words}-Units`,
    attributes: { servicename: product(model), operation: pick(['', 'Usage']) },
    unit,
    description: `AWS Marketplace software usage|${key.region}|${tail}`,
    shift,
  }
}

const PIECES: { readonly [kind: string]: readonly [dimension: string, unit: string] } = {
  images: ['created_image', 'image'],
  image_input: ['InputImageCount', 'Units'],
  audio_input: ['inputAudioSecond', 'Units'],
  video_seconds: ['inputVideoSecond', 'Units'],
  search_units: ['search_units', 'Units'],
  requests: ['inputTextRequestCount', 'Text Requests'],
}
const VIDEO_SIZES: { readonly [variant: string]: string } = {
  '720p, 24 fps': 'Medfps-HDRes',
  '540p, 24 fps': 'Medfps-SDRes',
}
const TERMS: { readonly [variant: string]: string } = {
  'no-commit': 'NoCommit',
  '1-month': '1month',
  '6-months': '6months',
}

function otherWords(
  model: PricedModel,
  prefix: string,
  key: PriceKey,
  pick: Pick,
): SkuWords | null {
  const { variant } = key
  const name = billingName(model)
  const native = (thing: string, unit: string): SkuWords => ({
    offer: 'AmazonBedrock',
    usagetype: `${prefix}-${name}-${thing}`,
    attributes: { servicename: 'Amazon Bedrock', model: model.name },
    unit,
    description: `$ per ${unit}`,
    shift: 0,
  })
  const marketplace = (dimension: string, unit: string, tail: string): SkuWords => ({
    offer: 'AmazonBedrockFoundationModels',
    usagetype: `${prefix}-MP:${prefix}_${dimension}-Units`,
    attributes: { servicename: product(model) },
    unit,
    description: `AWS Marketplace software usage|${key.region}|${tail}`,
    shift: 0,
  })
  if (key.kind === 'model_unit_hours') {
    const term = TERMS[variant ?? '']
    return term === undefined
      ? null
      : native(`ProvisionedThroughput-${term}-ModelUnits`, pick(['hour', 'hours']))
  }
  if (key.kind === 'storage_months') return native('Customization-Storage', 'Model/month')
  if (key.kind === 'tpm_hours') {
    const [, months = '', direction = ''] =
      /^(\d)-months? (input|output)$/.exec(variant ?? '') ?? []
    const flow = direction === 'input' ? 'Input' : 'Output'
    const scope = key.scope === 'global' ? 'Global' : 'Geo'
    const tail = `Per Hour per 1K ${flow} TPM Reserved ${months} Month ${scope}`
    const dimension = `Reserved_${months}Month_${flow}TPM_${scope}`
    return { ...marketplace(dimension, '1M TPM Hour', tail), shift: -3 }
  }
  if (key.tier !== 'standard' && key.tier !== 'batch') return null
  const batch = key.tier === 'batch' ? '_batch' : ''
  if (variant === null) {
    const [dimension, unit] = PIECES[key.kind] ?? []
    if (dimension === undefined || unit === undefined) return null
    const scope = key.scope === 'global' ? '_global' : ''
    return marketplace(`${dimension}${scope}${batch}`, unit, 'each')
  }
  const [, size, quality] = /^(?:up to )?(\d+)x\1, (standard|premium)\b/.exec(variant) ?? []
  if (key.kind === 'images' && size !== undefined && quality !== undefined) {
    const premium = quality === 'premium' ? 'Premium' : 'Standard'
    return native(`${pick(['T2I', 'I2I'])}-${size}-${premium}`, 'image')
  }
  const video = VIDEO_SIZES[variant]
  return key.kind === 'video_seconds' && video !== undefined
    ? native(`${pick(['T2V', 'I2V'])}-${video}`, pick(['Second', 'seconds']))
    : null
}

const POLICIES: { readonly [kind: string]: string } = {
  text_units_content: 'ContentPolicy',
  text_units_topic: 'TopicPolicy',
  text_units_word: 'WordPolicy',
  text_units_sensitive_information: 'SensitiveInformationPolicy',
  text_units_sensitive_information_free: 'SensitiveInformationPolicyFree',
  text_units_contextual_grounding: 'ContextualGroundingPolicy',
  text_units_automated_reasoning: 'AutomatedReasoningPolicy',
}

function sharedWords(prefix: string, key: PriceKey): SkuWords | null {
  if (key.kind === 'storage_months' && key.variant === 'custom-import') {
    return {
      offer: 'AmazonBedrock',
      usagetype: `${prefix}-Llama-CustomModelImport-Storage-v1:0`,
      attributes: { servicename: 'Amazon Bedrock' },
      unit: 'Model/month',
      description: '$ per model and month',
      shift: 0,
    }
  }
  const policy = POLICIES[key.kind]
  if (policy === undefined) return null
  return {
    offer: 'AmazonBedrock',
    usagetype: `${prefix}-Guardrail-${policy}UnitsConsumed`,
    attributes: { servicename: 'Amazon Bedrock' },
    unit: 'TextUnit',
    description: '$ per text unit',
    shift: -3,
  }
}
