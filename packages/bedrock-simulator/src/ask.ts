// One valid request, whatever its shape: the prompt plus how it wants to be served.

import type { Prompt } from './prompt.ts'
import type { RequestMetadata } from './request-metadata.ts'

export const SERVICE_TIERS = ['default', 'priority', 'flex', 'reserved'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]

export const PERFORMANCES = ['standard', 'optimized'] as const
export type Performance = (typeof PERFORMANCES)[number]

export type EmbeddingAsk = {
  readonly dimensions: number
  readonly normalize: boolean
  /** Titan v2 names the types it returns; v1 has none. */
  readonly types: readonly ('float' | 'binary')[] | null
}

/** What the body alone tells. */
export type BodyAsk = {
  readonly prompt: Prompt
  /** OpenAI's `stream_options.include_usage`. */
  readonly includeUsage: boolean
  readonly embedding: EmbeddingAsk | null
}

export type Ask = BodyAsk & {
  readonly tier: ServiceTier | null
  readonly performance: Performance | null
  readonly requestMetadata: RequestMetadata | null
}

export function chatAsk(prompt: Prompt): BodyAsk {
  return { prompt, includeUsage: false, embedding: null }
}
