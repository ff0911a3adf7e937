// Reads what the gateway must know of a request's body. Found by one scan; the body is never parsed and never changed. A body that is not
// JSON, or names an accounting key twice (which of the two counts would be the upstream's choice, not ours), is refused.

import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '../../kernel/result.ts'
import { duplicateKey, malformed, type RequestProblem } from './request-problem.ts'
import { NO_PLACES, shapeOf } from './request-shape.ts'
import type { Route } from '../route.ts'
import type { HeaderRecord, RequestFacts } from './request-facts.ts'

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
