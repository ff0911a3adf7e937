// Under which words AWS sells one kind of use: usage type, product, unit, and how much one unit is. The words come from the
// lists; what no list has is sold under the form AWS documents for mantle, with the model's dotted id.

import type { ChargeKind } from '../cost.ts'
import type { Scope } from '../resolve-model.ts'
import type { BilledTier } from './billed-call.ts'
import { CAMEL_NAMES, PRODUCTS, SNAKE_NAMES, type MarketplaceName } from './marketplace-names.ts'
import { inRegion } from './region-words.ts'
import {
  MANTLE_NAMES,
  NATIVE_NAMES,
  type ListedScope,
  type NamesOf,
  type Scheme,
} from './usage-names.ts'

export type Sale = {
  readonly scheme: Scheme | 'other'
  readonly usageType: string
  readonly productCode: string
  /** Empty on the Marketplace. */
  readonly serviceCode: string
  readonly isMarketplace: boolean
  readonly productName: string
  readonly seller: string
  readonly unit: string
  /** How many tokens (images, seconds, …) one unit is. */
  readonly unitSize: bigint
  /** What stands behind the price in AWS's own descriptions, or in the Marketplace's third field. */
  readonly tail: string
}

export type SaleAsk = {
  readonly modelId: string
  readonly region: string
  readonly kind: ChargeKind
  readonly scope: Scope
  readonly tier: BilledTier
  readonly isLongContext: boolean
  readonly variant: string | null
}

export type SaleWords = {
  readonly schemeOf: (modelId: string) => Scheme
  /** The older Marketplace lines say `Units`, the newer ones `1M tokens`. */
  readonly marketplaceUnit: 'Units' | '1M tokens'
  /** Some old lines count cache reads by the thousand and say so in the description only. */
  readonly cacheReadsByThousand: boolean
}

export const SELLER_AWS = 'Amazon Web Services, Inc.'
const THOUSAND = 1_000n
const MILLION = 1_000_000n

const TOKENS: ReadonlySet<string> = new Set([
  'input',
  'output',
  'cache_read',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
])

export function saleOf(ask: SaleAsk, words: SaleWords): Sale {
  if (ask.kind.startsWith('text_units_')) return guardrailSale(ask)
  const scheme = words.schemeOf(ask.modelId)
  const listed: ListedScope = ask.scope === 'global' ? 'global' : 'regional'
  if ((scheme === 'C' || scheme === 'D') && ask.modelId in PRODUCTS) {
    const [first, second] = scheme === 'C' ? [CAMEL_NAMES, SNAKE_NAMES] : [SNAKE_NAMES, CAMEL_NAMES]
    const name = findWord(first, ask, listed) ?? findWord(second, ask, listed)
    if (name !== undefined) return marketplaceSale(ask, name, words)
  }
  const native = namesOf(scheme === 'B' ? MANTLE_NAMES : NATIVE_NAMES, ask, listed)
  if (native !== undefined) return awsSale(ask, scheme === 'B' ? 'B' : 'A', native)
  const other = namesOf(scheme === 'B' ? NATIVE_NAMES : MANTLE_NAMES, ask, listed)
  if (other !== undefined) return awsSale(ask, scheme === 'B' ? 'A' : 'B', other)
  return TOKENS.has(ask.kind) ? awsSale(ask, 'B', documented(ask)) : mediaSale(ask)
}

function namesOf(
  list: readonly NamesOf[],
  { modelId, tier, kind, isLongContext }: SaleAsk,
  scope: ListedScope,
): string | undefined {
  if (isLongContext) return undefined
  return list.find((each) => each.modelId === modelId && each.scope === scope && each.tier === tier)
    ?.names[kind]
}

function findWord(
  list: readonly MarketplaceName[],
  { kind, tier, isLongContext }: SaleAsk,
  scope: ListedScope,
): MarketplaceName | undefined {
  return list.find(
    (each) =>
      each.kind === kind &&
      each.scope === scope &&
      each.tier === tier &&
      each.isLongContext === isLongContext,
  )
}

function marketplaceSale(ask: SaleAsk, name: MarketplaceName, words: SaleWords): Sale {
  const [productName = '', seller = ''] = PRODUCTS[ask.modelId] ?? []
  const isTokens = TOKENS.has(ask.kind)
  const isCamel = name.tail.startsWith('Million')
  const byThousand = isCamel && ask.kind === 'cache_read' && words.cacheReadsByThousand
  // Snake-case words are sold by the million and say so; CamelCase ones say it in one place or the other.
  const unit =
    isTokens && (!isCamel || (words.marketplaceUnit !== 'Units' && !byThousand))
      ? '1M tokens'
      : 'Units'
  const regional = ask.scope === 'geo' && isCamel ? ' Regional CRIS' : ''
  const tail = byThousand ? name.tail.replace('Million', 'thousand') : name.tail
  return {
    scheme: isCamel || !isTokens ? 'C' : 'D',
    usageType: inRegion(name.usageType, ask.region),
    productCode: opaqueCode(productName),
    serviceCode: '',
    isMarketplace: true,
    productName,
    seller,
    unit,
    unitSize: isTokens ? (byThousand ? THOUSAND : MILLION) : 1n,
    tail: `${tail}${regional}`,
  }
}

function awsSale(ask: SaleAsk, scheme: 'A' | 'B', usageType: string): Sale {
  const isTokens = TOKENS.has(ask.kind)
  const isClaude = ask.modelId.startsWith('anthropic.')
  return {
    scheme,
    usageType: inRegion(usageType, ask.region),
    productCode: isClaude && scheme === 'B' ? 'AmazonBedrockService' : 'AmazonBedrock',
    serviceCode: isClaude && scheme === 'B' ? 'AmazonBedrockService' : 'AmazonBedrock',
    isMarketplace: false,
    productName: 'Amazon Bedrock',
    seller: SELLER_AWS,
    unit: isTokens ? '1K tokens' : (MEDIA_UNITS[ask.kind] ?? 'Units'),
    unitSize: isTokens ? THOUSAND : 1n,
    tail: `${ask.modelId} ${ask.kind.replaceAll('_', ' ')}`,
  }
}

/** `-v1:0` and `-1:0`; a name may end in a number of its own. */
const VERSION = /-(v\d+(:\d+)?|\d+:\d+)$/

/** `{region}-{model}-mantle-{token-type}-{tier}`, as AWS's page on usage types has it. */
function documented({ modelId, kind, scope, tier, isLongContext }: SaleAsk): string {
  const model = modelId.replace(VERSION, '').replace(/-\d{8}$/, '')
  const token: Record<string, string> = {
    input: 'input-tokens',
    output: 'output-tokens',
    cache_read: 'cache-read-tokens',
    cache_write_5m: 'cache-write-tokens',
    cache_write_30m: 'cache-write-tokens-30m',
    cache_write_1h: 'cache-write-tokens-1h',
  }
  const long = isLongContext ? '-long-context' : ''
  const global = scope === 'global' ? '-global' : ''
  return `USE1-${model}-mantle-${token[kind] ?? kind}${long}${global}-${tier}`
}

const MEDIA_UNITS: Readonly<Record<string, string>> = {
  images: 'image',
  image_input: 'image',
  video_seconds: 'Second',
  audio_input: 'Second',
  search_units: 'search units',
  requests: 'requests',
}

/** Pictures and films by the word for their size and quality. */
const MEDIA_NAMES: readonly (readonly [modelId: string, variant: string, usageType: string])[] = [
  ['amazon.nova-canvas-v1:0', 'up to 1024x1024, standard', 'USE1-NovaCanvas-T2I-1024-Standard'],
  ['amazon.nova-canvas-v1:0', 'up to 1024x1024, premium', 'USE1-NovaCanvas-T2I-1024-Premium'],
  ['amazon.nova-canvas-v1:0', 'up to 2048x2048, standard', 'USE1-NovaCanvas-T2I-2048-Standard'],
  ['amazon.nova-canvas-v1:0', 'up to 2048x2048, premium', 'USE1-NovaCanvas-T2I-2048-Premium'],
  [
    'amazon.titan-image-generator-v1',
    '512x512, standard',
    'USE1-TitanImageGeneratorG1-T2I-512-Standard',
  ],
  ['amazon.nova-reel-v1:0', '720p, 24 fps', 'USE1-NovaReel-T2V-Medfps-HDRes'],
  ['amazon.nova-reel-v1:1', '720p, 24 fps', 'USE1-NovaReel-T2V-Medfps-HDRes'],
  ['luma.ray-v2:0', '720p, 24 fps', 'USE1-Ray-V2-Medfps-HDRes'],
]

function mediaSale(ask: SaleAsk): Sale {
  const listed = MEDIA_NAMES.find(
    ([modelId, variant]) => modelId === ask.modelId && variant === ask.variant,
  )
  const model = ask.modelId.replace(VERSION, '')
  return awsSale(ask, 'A', listed?.[2] ?? `USE1-${model}-${ask.kind.replaceAll('_', '-')}`)
}

const POLICY_NAMES: Readonly<Record<string, string>> = {
  text_units_content: 'USE1-Guardrail-ContentPolicyUnitsConsumed',
  text_units_topic: 'USE1-Guardrail-TopicPolicyUnitsConsumed',
  text_units_word: 'USE1-Guardrail-WordPolicyUnitsConsumed',
  text_units_sensitive_information: 'USE1-Guardrail-SensitiveInformationPolicyPIIUnitsConsumed',
  text_units_sensitive_information_free:
    'USE1-Guardrail-SensitiveInformationPolicyRegexUnitsConsumed',
  text_units_contextual_grounding: 'USE1-Guardrail-ContextualGroundingPolicyUnitsConsumed',
  text_units_automated_reasoning: 'USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed',
}

function guardrailSale(ask: SaleAsk): Sale {
  const name = POLICY_NAMES[ask.kind] ?? `USE1-Guardrail-${ask.kind}UnitsConsumed`
  return { ...awsSale(ask, 'A', name), scheme: 'other', unit: 'TextUnits', tail: 'text units' }
}

/** Marketplace product codes are random words of 25 letters and digits; this one is drawn from the product's name. */
function opaqueCode(productName: string): string {
  if (productName.startsWith('Claude 3.5 Sonnet')) return '4a524th30q694o538qndh9ucht'
  let state = 7n
  for (const letter of productName)
    state = (state * 1_103n + BigInt(letter.codePointAt(0) ?? 0)) % (1n << 130n)
  return (state * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(36).slice(0, 25)
}
