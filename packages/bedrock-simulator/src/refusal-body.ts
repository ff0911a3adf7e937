// Writes a refusal in the shape of the API that was called: Bedrock's JSON with the error type in a header, OpenAI's and
// Anthropic's own error objects. The kinds of error on those two follow the HTTP status, as both vendors document them.

import type { ResponseHeaders } from './exchange.ts'
import { exhaustive } from './exhaustive.ts'
import { ERROR_STATUS, type ErrorType, type Refusal } from './refusal.ts'
import type { ApiFamily } from './route.ts'

export type RefusalReply = {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}

export type RefusalContext = {
  readonly family: ApiFamily
  readonly requestId: string
  readonly model: string | null
}

/** Wrong credentials are 401 on the vendors' own APIs, 403 on Bedrock's. */
const CREDENTIAL_ERRORS: ReadonlySet<ErrorType> = new Set<ErrorType>([
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
])

const ANTHROPIC_ERRORS: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

const OPENAI_ERRORS: { readonly [status: number]: readonly [type: string, code: string | null] } = {
  400: ['invalid_request_error', null],
  401: ['authentication_error', 'invalid_api_key'],
  403: ['permission_error', null],
  404: ['not_found_error', 'not_found'],
  408: ['timeout_error', null],
  413: ['invalid_request_error', null],
  429: ['rate_limit_error', 'rate_limit_exceeded'],
  503: ['service_unavailable_error', null],
}

export function refusalReply(
  refusal: Refusal,
  { family, requestId, model }: RefusalContext,
  status = statusOf(refusal.type, family),
): RefusalReply {
  const body = refusalText(refusal, { family, requestId, model }, status)
  const headers: ResponseHeaders = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
  }
  if (family === 'bedrock') headers['x-amzn-errortype'] = errorTypeHeader(refusal.type)
  else headers[family === 'openai' ? 'x-request-id' : 'request-id'] = requestId
  return { status, headers, body }
}

/** An error object as it stands in a body, and in the middle of a stream. */
export function openaiError(message: string, status: number): string {
  const [type, code] = OPENAI_ERRORS[status] ?? ['server_error', null]
  return JSON.stringify({ error: { message, type, param: null, code } })
}

export function anthropicError(message: string, status: number, requestId: string): string {
  const type = ANTHROPIC_ERRORS[status] ?? 'api_error'
  return JSON.stringify({ type: 'error', request_id: requestId, error: { type, message } })
}

export function statusOf(type: ErrorType, family: ApiFamily): number {
  return family !== 'bedrock' && CREDENTIAL_ERRORS.has(type) ? 401 : ERROR_STATUS[type]
}

function refusalText(
  { type, message }: Refusal,
  { family, requestId, model }: RefusalContext,
  status: number,
): string {
  switch (family) {
    case 'bedrock':
      return type === 'ModelErrorException'
        ? JSON.stringify({ message, originalStatusCode: 500, resourceName: model ?? 'unknown' })
        : JSON.stringify({ message })
    case 'openai':
      return openaiError(message, status)
    case 'anthropic':
      return anthropicError(message, status, requestId)
    default:
      return exhaustive(family)
  }
}

/** The header carries a URI after the name, as the real service sends it; clients cut at the colon. */
function errorTypeHeader(type: ErrorType): string {
  return `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`
}
