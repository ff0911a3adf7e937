// One valid request, whatever its shape: the prompt plus how it wants to be served.

import type { Prompt } from './prompt.ts'
import type { RequestMetadata } from './request-metadata.ts'
import { NO_OTHER_USAGE, type OtherUsage } from './usage.ts'

/** Films and long recordings are read only by what answers later. */
export type When = 'now' | 'later'

export const SERVICE_TIERS = ['default', 'priority', 'flex', 'reserved'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]

export const PERFORMANCES = ['standard', 'optimized'] as const
export type Performance = (typeof PERFORMANCES)[number]

/** What the model is to make. */
export type Product = Text | Embeddings | Images | Ranking | Video

export type Text = {
  readonly kind: 'text'
  /** Messages or a bare prompt: some models take both and answer each in its own shape. */
  readonly form: 'chat' | 'completion'
  /** A stream brings the whole answer in one event unless the body asks for pieces. */
  readonly inOnePiece: boolean
  /** JSON the answer repeats: the prompt, the chat so far. */
  readonly echo: string | null
}

export const EMBEDDING_TYPES = ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'] as const
export type EmbeddingType = (typeof EMBEDDING_TYPES)[number]

export type Embeddings = {
  readonly kind: 'embeddings'
  /** What is embedded, one item for each vector; echoed by shapes that do so. */
  readonly items: readonly EmbeddedItem[]
  readonly dimensions: number
  readonly normalize: boolean
  /** Null where the request names no types and the shape has a plain member. */
  readonly types: readonly EmbeddingType[] | null
}

export type EmbeddedItem = {
  readonly medium: 'text' | 'image' | 'audio' | 'video' | 'audio_video'
  /** The text itself, or empty. */
  readonly text: string
}

export type Images = {
  readonly kind: 'images'
  readonly count: number
  readonly width: number
  readonly height: number
}

export type Ranking = {
  readonly kind: 'ranking'
  readonly documents: number
  readonly top: number
}

export type Video = { readonly kind: 'video'; readonly seconds: number }

export const CHAT: Text = { kind: 'text', form: 'chat', inOnePiece: false, echo: null }
export const COMPLETION: Text = { ...CHAT, form: 'completion' }

/** What a request for something else than text leaves open in its prompt. */
export const NO_TEXT = { maxTokens: 0, stopSequences: [], tool: null } as const

/** What the body alone tells. */
export type BodyAsk = {
  readonly prompt: Prompt
  /** OpenAI's `stream_options.include_usage`. */
  readonly includeUsage: boolean
  readonly product: Product
  /** What the request will use beside tokens. */
  readonly other: OtherUsage
  /** What a price can depend on: size and quality of an image, resolution of a video. */
  readonly variant: string | null
}

export type Ask = BodyAsk & {
  readonly tier: ServiceTier | null
  readonly performance: Performance | null
  readonly requestMetadata: RequestMetadata | null
}

export function chatAsk(prompt: Prompt): BodyAsk {
  return { prompt, includeUsage: false, product: CHAT, other: NO_OTHER_USAGE, variant: null }
}
