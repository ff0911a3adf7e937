// Reads the body of the routes that name their model in it: OpenAI's chat completions and responses, Anthropic's messages.
// What only the route knows (stream or not, what to store, what to echo) stands beside the ask.

import type { IncomingHttpHeaders } from 'node:http'

import type { Ask, BodyAsk } from './ask.ts'
import { TEXT_FAMILIES, type Model } from './model-shape.ts'
import { isJsonObject, isString, type JsonObject } from './json-value.ts'
import { readAnthropic } from './read-anthropic.ts'
import { METADATA_HEADER, settle, TIER_HEADER } from './read-ask.ts'
import { readOpenai } from './read-openai.ts'
import { readResponses, type Continued } from './read-responses.ts'
import { invalid, isRefusal, type Refusal } from './refusal.ts'
import { readRequestMetadataHeader, type ReadMetadata } from './request-metadata.ts'
import type { Endpoint, Operation } from './route.ts'

/** What the answer repeats of the request, and what becomes of it. */
export type Wire = {
  readonly model: string
  readonly store: boolean
  readonly previousResponseId: string | null
  /** JSON of an object. */
  readonly metadata: string
}

export type WireAsk = { readonly ask: Ask; readonly wire: Wire }

export type WireRequest = {
  readonly operation: Operation
  readonly endpoint: Endpoint
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
  readonly model: Model
  readonly continued: Continued | null
}

/** Tier words of the two vendors that leave the choice to the service. */
const TIERS_BY_DEFAULT: readonly unknown[] = ['auto', 'standard_only', 'standard']
const TEXT: readonly string[] = TEXT_FAMILIES

export function readWire(request: WireRequest): WireAsk | Refusal {
  const { operation, headers, body, model } = request
  if (!TEXT.includes(model.family)) {
    return invalid(`The model ${model.id} does not support this API.`)
  }
  const asked = readBody(request)
  if (isRefusal(asked)) return asked
  const metadata = requestMetadata(request)
  if (metadata !== null && isRefusal(metadata)) return metadata
  const said = body['service_tier'] ?? headers[TIER_HEADER]
  const service = {
    tier: TIERS_BY_DEFAULT.includes(said) ? undefined : said,
    performance: undefined,
    requestMetadata: metadata?.metadata ?? null,
  }
  const ask = settle(asked, service, model)
  if (isRefusal(ask)) return ask
  const previous = body['previous_response_id']
  return {
    ask,
    wire: {
      model: isString(body['model']) ? body['model'] : model.id,
      store: operation === 'Responses' && body['store'] !== false,
      previousResponseId: isString(previous) ? previous : null,
      metadata: JSON.stringify(isJsonObject(body['metadata']) ? body['metadata'] : {}),
    },
  }
}

function readBody(request: WireRequest): BodyAsk | Refusal {
  const { operation, headers, body, model, continued } = request
  switch (operation) {
    case 'ChatCompletions':
      return readOpenai(body, model)
    case 'Responses':
    case 'CompactResponse':
      return readResponses(body, model, continued)
    default:
      if (model.family !== 'anthropic') {
        return invalid(`The model ${model.id} does not support the Messages API.`)
      }
      if (headers['anthropic-version'] === undefined) {
        return invalid('anthropic-version: header is required')
      }
      return readAnthropic({ ...body, anthropic_version: 'bedrock-2023-05-31' }, model)
  }
}

/** Mantle and the Responses route know no request metadata; they take no notice of the header. */
function requestMetadata({
  operation,
  endpoint,
  headers,
}: WireRequest): ReadMetadata | Refusal | null {
  const sent = headers[METADATA_HEADER]
  if (endpoint === 'mantle' || operation === 'Responses' || typeof sent !== 'string') return null
  return readRequestMetadataHeader(sent)
}
