// Everything the shapes need to write one answer down: what was generated, what it used, what is echoed.

import type { Performance, Product } from './ask.ts'
import type { Model } from './model-shape.ts'
import type { Generation } from './generate.ts'
import type { Usage } from './usage.ts'

export type ResolvedTier = 'default' | 'priority' | 'flex'

export type Answer = {
  readonly model: Model
  readonly generation: Generation
  readonly usage: Usage
  readonly tier: ResolvedTier
  readonly performance: Performance | null
  /** The request had cache points. */
  readonly caching: boolean
  readonly includeUsage: boolean
  readonly product: Product
  /** See `BodyAsk`. */
  readonly variant: string | null
  readonly nowMs: number
}

/** One event of a stream before framing. */
export type StreamEvent = {
  readonly type: string
  /** JSON. */
  readonly payload: string
  /** Output tokens a client has been given once it has this event. */
  readonly outputTokens: number
}

/** What can end a stream's accounting: a fault may drop the events that carry the final usage. */
export type StreamOptions = { readonly withMetadata: boolean }
