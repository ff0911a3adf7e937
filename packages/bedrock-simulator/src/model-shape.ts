// What is known of a model, and the words for it.

import type { CacheTtl } from './cache-ttl.ts'

/** Shapes that write text. `openai` is the chat completion that most open-weight models take. */
export const TEXT_FAMILIES = [
  'anthropic',
  'nova',
  'openai',
  'jamba',
  'mistral',
  'llama',
  'deepseek-r1',
  'cohere-command',
  'cohere-chat',
  'titan-text',
  'pegasus',
] as const
export type TextFamily = (typeof TEXT_FAMILIES)[number]

/** Shapes that make something else: vectors, rankings, pictures, films. */
export const MEDIA_FAMILIES = [
  'titan-embedding',
  'titan-multimodal',
  'nova-embedding',
  'cohere-embedding',
  'marengo',
  'rerank',
  'amazon-image',
  'stability',
  'stability-xl',
  'nova-reel',
  'luma-ray',
] as const
export type MediaFamily = (typeof MEDIA_FAMILIES)[number]

export type Family = TextFamily | MediaFamily

export const GEOGRAPHIES = ['us', 'eu', 'apac', 'jp', 'au', 'ca', 'in', 'us-gov', 'global'] as const
export type Geography = (typeof GEOGRAPHIES)[number]

export type PaidTier = 'priority' | 'flex'

export type CacheRules = {
  readonly ttls: readonly CacheTtl[]
  readonly prefixTokensMin: number
}

export type ConverseSupport = { readonly system: boolean; readonly tools: boolean }

export type Model = {
  readonly id: string
  readonly family: Family
  /** What a request without a limit may write, and the most a request may ask for. */
  readonly outputTokensDefault: number
  readonly outputTokensMax: number
  /** Where the request says what to cache. */
  readonly cache: CacheRules | null
  /** Where the service decides by itself what to cache; `paidWrites` where it charges for writing. */
  readonly implicitCache: {
    readonly prefixTokensMin: number
    readonly paidWrites: boolean
  } | null
  /** What it takes on Converse; null where Converse does not know it. */
  readonly converse: ConverseSupport | null
  readonly geographies: readonly Geography[]
  readonly paidTiers: readonly PaidTier[]
  readonly latencyOptimized: boolean
}
