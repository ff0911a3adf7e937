// What the gateway must know of a request's body before it may go on: the model and the tier asked for, the most it can generate,
// the metadata, how much text it holds, and where our own changes could go. Found by one scan; the body is never parsed and never
// changed. A body that is not JSON, or names an accounting key twice (which of the two counts would be the upstream's choice, not
// ours), is refused.

import { isUtf8 } from 'node:buffer'
import type { Tier } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { BodyEdit } from '../edit/body-edit.ts'
import type { Span } from '../edit/body-place.ts'
import type { GuardrailPlace, NamedGuardrail } from '../edit/guardrail-edit.ts'
import type { MaxTokensPlace } from '../edit/max-tokens-edit.ts'
import type { MediaAsk } from './media-ask.ts'
import { obeyedLimit, type StatedLimit } from './native-limits.ts'
import type { MetadataPlace } from '../edit/request-metadata.ts'
import { duplicateKey, malformed, type RequestProblem } from './request-problem.ts'
import { NO_PLACES, shapeOf } from './request-shape.ts'
import type { Route } from '../route.ts'

/** Lower-case names; a repeated header joined by `, ` as HTTP has it. */
export type HeaderRecord = Readonly<Record<string, string | undefined>>

/** Where our own changes would go, as byte offsets into the body; each is for the function `…Edits` of its name. */
export type EditPlaces = {
  readonly model: Span | null
  readonly metadata: MetadataPlace | null
  readonly streamUsage: BodyEdit | null
  readonly guardrail: GuardrailPlace | null
  readonly maxTokens: MaxTokensPlace | null
}

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

const TEXT_BYTES_PER_TOKEN = 4
/** What Claude counts for an image of the largest size it does not shrink; other media are guessed alike. */
const TOKENS_PER_MEDIA_PART = 1_600

/** Of a request whose body is only forwarded: nothing in it is accounted for. */
const UNREAD: Omit<RequestFacts, 'bodyBytes'> = {
  model: null,
  stream: false,
  streamUsageAsked: false,
  tierAsked: 'standard',
  maxTokens: null,
  nativeLimits: null,
  choices: 1,
  requestMetadata: null,
  guardrail: null,
  media: null,
  textBytes: 0,
  mediaBytes: 0,
  mediaParts: 0,
  messages: 0,
  tools: 0,
  outsideBody: false,
  inputEstimate: 0,
  places: NO_PLACES,
}

export function readRequestFacts(
  route: Pick<Route, 'operation'>,
  headers: HeaderRecord,
  body: Buffer,
): Result<RequestFacts, RequestProblem> {
  const shape = shapeOf(route.operation)
  if (shape === null) return ok({ ...UNREAD, bodyBytes: body.length })
  const { scan } = shape
  scan.reset()
  scan.write(body)
  scan.end()
  if (scan.problem !== null) return err(malformed(scan.problem))
  if (!isUtf8(body)) return err({ code: 'malformed_json', message: 'The body is not UTF-8.' })
  if (scan.duplicate !== null) return err(duplicateKey(scan.duplicate))
  const read = shape.read(scan, body, headers, route.operation)
  const textBytes = scan.stringBytes - scan.mediaBytes
  const { mediaBytes, mediaParts } = scan
  // The values found share the body's memory, which must not be kept until the next request.
  scan.reset()
  if (!read.ok) return read
  const facts = read.value
  return ok({
    model: facts.model,
    stream: facts.stream,
    streamUsageAsked: facts.streamUsageAsked,
    tierAsked: facts.tierAsked,
    maxTokens: facts.maxTokens,
    nativeLimits: facts.nativeLimits,
    choices: facts.choices,
    requestMetadata: facts.requestMetadata,
    guardrail: facts.guardrail,
    media: facts.media,
    bodyBytes: body.length,
    textBytes,
    mediaBytes,
    mediaParts,
    messages: facts.messages,
    tools: facts.tools,
    outsideBody: facts.outsideBody,
    inputEstimate: Math.ceil(textBytes / TEXT_BYTES_PER_TOKEN) + mediaParts * TOKENS_PER_MEDIA_PART,
    places: facts.places,
  })
}
