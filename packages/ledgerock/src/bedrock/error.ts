// What the gateway itself answers when a call does not get through: refusals by their code, and other faults by their status, in the
// shape of the route that was called, so that its client throws the type it knows. Messages are for people: they name the remedy,
// never the prompt.

import { CALL_ID_HEADER, REFUSAL_HEADER, type RefusalCode } from '@ledgerock/contract'
import { errorWithShape, type ErrorResponse } from './error-shape.ts'
import type { ApiFamily } from './operation.ts'

export { errorTypeOf, statusOf } from './usage/answer-status.ts'
export type { ErrorResponse } from './error-shape.ts'

type RefusalShape = {
  /** Status and type on Bedrock's own routes. */
  readonly bedrock: readonly [status: number, type: string]
  /** Status on the routes of OpenAI's and Anthropic's APIs; their types follow from it. */
  readonly status: number
  /** OpenAI's `code`, in the words its clients look for. */
  readonly code: string
  readonly retry: 'later' | 'never' | 'unsaid'
}

/** How each refusal looks. On Bedrock's routes a budget is a quota, because AWS's SDKs retry a 429 and not a 400. */
const REFUSALS: Readonly<Record<RefusalCode, RefusalShape>> = {
  credential: refusal([403, 'UnrecognizedClientException'], 401, 'invalid_api_key'),
  dimension: refusal([400, 'ValidationException'], 400, 'dimension'),
  body_too_large: refusal([413, 'ValidationException'], 413, 'body_too_large'),
  paused: refusal([403, 'AccessDeniedException'], 403, 'paused'),
  model_access: refusal([403, 'AccessDeniedException'], 403, 'model_access'),
  guardrail_required: refusal([403, 'AccessDeniedException'], 403, 'guardrail_required'),
  rate_limit: refusal([429, 'ThrottlingException'], 429, 'rate_limit_exceeded', 'later'),
  concurrency: refusal([429, 'ThrottlingException'], 429, 'rate_limit_exceeded', 'later'),
  budget: refusal([400, 'ServiceQuotaExceededException'], 402, 'insufficient_quota'),
  journal_unavailable: unavailable('journal_unavailable'),
  draining: unavailable('draining'),
  overload: unavailable('overload'),
  identity_unavailable: unavailable('identity_unavailable'),
  budget_unavailable: unavailable('budget_unavailable'),
  // The gateway has tried again itself; whether the client does, is the client's affair.
  upstream_unreachable: refusal(
    [502, 'ServiceUnavailableException'],
    502,
    'upstream_unreachable',
    'unsaid',
  ),
}

function refusal(
  bedrock: readonly [number, string],
  status: number,
  code: string,
  retry: RefusalShape['retry'] = 'never',
): RefusalShape {
  return { bedrock, status, code, retry }
}

function unavailable(code: RefusalCode): RefusalShape {
  return refusal([503, 'ServiceUnavailableException'], 503, code, 'later')
}

const RETRY_AFTER_DEFAULT_S = 1
/** OpenAI's and Anthropic's clients, the Anthropic one for Bedrock among them, obey it over what the status would tell them. */
const SHOULD_RETRY_HEADER = 'x-should-retry'

export type RefusalDetails = {
  readonly callId?: string
  /** For the codes that carry `retry-after`; rounded up, at least one second. */
  readonly retryAfterS?: number
}

export function refusalResponse(
  family: ApiFamily,
  code: RefusalCode,
  message: string,
  details: RefusalDetails = {},
): ErrorResponse {
  const shape = REFUSALS[code]
  const [status, type] = family === 'bedrock' ? shape.bedrock : [shape.status, null]
  const callId = details.callId ?? null
  const error = errorWithShape(family, { status, type, code: shape.code, message, callId })
  const headers: Record<string, string> = { ...error.headers, [REFUSAL_HEADER]: code }
  if (callId !== null) headers[CALL_ID_HEADER] = callId
  if (shape.retry === 'never') headers[SHOULD_RETRY_HEADER] = 'false'
  if (shape.retry === 'later') {
    const seconds = Math.max(1, Math.ceil(details.retryAfterS ?? RETRY_AFTER_DEFAULT_S))
    headers['retry-after'] = String(seconds)
  }
  return { ...error, headers }
}

/** What is wrong is the request, or the way to Bedrock; it is no refusal. Sending a 4xx again as it is would not help. */
export function problemResponse(family: ApiFamily, status: number, message: string): ErrorResponse {
  const error = errorWithShape(family, { status, type: null, code: null, message, callId: null })
  return status < 500 && status !== 429 ? notAgain(error) : error
}

const NO_BIDIRECTIONAL =
  'Bidirectional streams do not pass this gateway. Call another operation of the model, or Amazon Bedrock directly.'

export function notImplemented(family: ApiFamily): ErrorResponse {
  const type = family === 'bedrock' ? 'NotImplementedException' : null
  const words = { status: 501, type, code: 'not_implemented', message: NO_BIDIRECTIONAL }
  return notAgain(errorWithShape(family, { ...words, callId: null }))
}

/** Not a route of ours; it has no family, so the answer is Bedrock's. */
export function unknownRoute(): ErrorResponse {
  return bedrockError(404, 'UnknownOperationException', 'There is no such operation.')
}

export function bedrockError(status: number, type: string, message: string): ErrorResponse {
  return errorWithShape('bedrock', { status, type, code: null, message, callId: null })
}

function notAgain(error: ErrorResponse): ErrorResponse {
  return { ...error, headers: { ...error.headers, [SHOULD_RETRY_HEADER]: 'false' } }
}
