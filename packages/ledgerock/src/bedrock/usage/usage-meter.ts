// What every reader of a response's usage has in common: it watches the bytes go by, keeps none of the text, and can be asked at
// any moment what the call has used so far. One reader per API shape; `createUsageMeter` picks it.

import type { Tier, UsageKind } from '@ledgerock/contract'
import type { MediaAsk } from '../request/media-ask.ts'
import type { Maker } from '../model-id.ts'

/** What a meter must know of the call it watches. */
export type MeterRequest = {
  readonly inputEstimate: number
  /** Null where the model id does not say. */
  readonly maker: Maker | null
  /** What was asked of a model that is sold by the image, the second or the search; null where nothing was. */
  readonly media: MediaAsk | null
  /** Images, documents, audio and video inside the request's body. */
  readonly mediaParts: number
}

export type MeteredUsage = Readonly<Partial<Record<UsageKind, number>>>

export type UsageReading = {
  /** Counts per kind, cached tokens never inside `input`. */
  readonly usage: MeteredUsage
  /** `response`: AWS's own numbers. `estimated`: at least one number is ours, from bytes seen and sent. */
  readonly usageSource: 'response' | 'estimated'
  /** True where the model did something and nothing is known of how much: not zero, so not to be priced as zero. */
  readonly missing: boolean
  /** Which of several prices a unit has: size and quality of an image, resolution of a video. Null where the answer's unit has one. */
  readonly variant: string | null
  /** AWS charges nothing for this operation: no usage and a cost of zero, which is not the same as unknown. */
  readonly free: boolean
  /** The provider's own usage object as JSON text. */
  readonly rawUsage: string | null
  /** The tier the response says served the call; null where it says nothing, or nothing we know. */
  readonly tierResolved: Tier | null
  readonly stopReason: string | null
  /** Bytes of generated text that passed; what an estimate of the output rests on. */
  readonly outputSeenBytes: number
  /** True once the answer has said all it has to say of its usage; false for one that was cut or ended without it. */
  readonly final: boolean
  /** An error inside a stream that had begun with 200. */
  readonly exception: { readonly type: string } | null
  /** What was wrong with the response, in fixed words and field names; never its text. */
  readonly problems: readonly string[]
}

export type UsageMeter = {
  /**
   * Looks at the next bytes of the body, as they are about to be sent on. True when this chunk ends the usage (the terminal
   * frame of a stream, an exception): settle before forwarding it. Never throws; unreadable bytes end up in `problems`.
   */
  readonly write: (chunk: Buffer) => boolean
  /** The body has ended; an incomplete one is noted. A body that was cut off is simply read as far as it came. */
  readonly end: () => void
  readonly read: () => UsageReading
}
