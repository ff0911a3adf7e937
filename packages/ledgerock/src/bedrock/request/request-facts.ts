// What the gateway must know of a request's body before it may go on: the model and the tier asked for, the most it can generate,
// the metadata, how much text it holds, and where our own changes could go.

import type { Tier } from '@ledgerock/contract'
import type { EditPlaces, NamedGuardrail } from '../edit/edit-places.ts'
import type { MediaAsk } from './media-ask.ts'
import { obeyedLimit, type StatedLimit } from './native-limits.ts'

/** Lower-case names; a repeated header joined by `, ` as HTTP has it. */
export type HeaderRecord = Readonly<Record<string, string | undefined>>

export type RequestFacts = {
  /** The model the body names, where the path names none. Printable ASCII, at most 2,048 characters. */
  readonly model: string | null
  /** What path and body together say: the answer is asked for as a stream. */
  readonly stream: boolean
  /** The client of a Chat Completions stream asks for the usage itself (`stream_options.include_usage`). */
  readonly streamUsageAsked: boolean
  readonly tierAsked: Tier
  /**
   * Null: not stated, or not a whole number; the model's own maximum applies. Of InvokeModel the largest under any maker's word, because
   * the body does not say whose it is: who knows the model asks `maxTokensOf`.
   */
  readonly maxTokens: number | null
  /** All that a body of InvokeModel says, under whose word; null: the API has one word for all models. */
  readonly nativeLimits: readonly StatedLimit[] | null
  /** How many answers are asked for (`n` of OpenAI's shape); each may have `maxTokens`. */
  readonly choices: number
  /** Converse only. Values that are not strings are left to Bedrock to refuse. */
  readonly requestMetadata: Readonly<Record<string, string>> | null
  /** The guardrail the call names, in its body or its headers; only for the APIs that take one. */
  readonly guardrail: NamedGuardrail | null
  readonly media: MediaAsk | null
  readonly bodyBytes: number
  /** Bytes inside JSON strings, as written, base64 media left out. No text has more tokens than bytes. */
  readonly textBytes: number
  /** Base64 images, documents, audio and video inside the body. */
  readonly mediaBytes: number
  readonly mediaParts: number
  /** Messages of a conversation, items of a response's input, parts of a text a guardrail looks at. */
  readonly messages: number
  readonly tools: number
  /** Some of the input lies elsewhere or is neither text nor a picture, so that its size cannot be told from the body. */
  readonly outsideBody: boolean
  /** Tokens the input probably has; for calls that end without AWS's own count. */
  readonly inputEstimate: number
  readonly places: EditPlaces
}

/** The maximum of one answer that this model obeys; null: its own applies. `modelId`: a base id. */
export function maxTokensOf(
  { maxTokens, nativeLimits }: Pick<RequestFacts, 'maxTokens' | 'nativeLimits'>,
  modelId: string,
): number | null {
  return nativeLimits === null ? maxTokens : obeyedLimit(nativeLimits, modelId)
}
