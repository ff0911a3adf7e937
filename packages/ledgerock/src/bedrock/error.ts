// Errors in the shape of the route that was called, so that an AWS SDK throws the type it knows; and what a status and an error
// type of Bedrock's mean for the ledger. Messages are for people: they name the remedy, never the prompt.

import {
  CALL_ID_HEADER,
  REFUSAL_HEADER,
  type CallStatus,
  type RefusalCode,
} from '@ledgerock/contract'
import { exhaustive } from '../kernel/assert.ts'
import type { ApiFamily } from './route.ts'

export type ErrorResponse = {
  readonly status: number
  /** Lower-case names; `content-length` is included. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export function bedrockError(status: number, type: string, message: string): ErrorResponse {
  const body = Buffer.from(JSON.stringify({ message }))
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-amzn-errortype': type,
    },
    body,
  }
}

/** Not a route of ours. */
export function unknownRoute(): ErrorResponse {
  return bedrockError(404, 'UnknownOperationException', 'There is no such operation.')
}

/** How each refusal looks on a Bedrock route. A budget is a quota, because SDKs retry a 429 and not a 400. */
const BEDROCK_REFUSALS: Readonly<
  Record<RefusalCode, { readonly status: number; readonly type: string; readonly retry: boolean }>
> = {
  credential: { status: 403, type: 'UnrecognizedClientException', retry: false },
  dimension: { status: 400, type: 'ValidationException', retry: false },
  body_too_large: { status: 413, type: 'ValidationException', retry: false },
  paused: { status: 403, type: 'AccessDeniedException', retry: false },
  model_access: { status: 403, type: 'AccessDeniedException', retry: false },
  guardrail_required: { status: 403, type: 'AccessDeniedException', retry: false },
  rate_limit: { status: 429, type: 'ThrottlingException', retry: true },
  concurrency: { status: 429, type: 'ThrottlingException', retry: true },
  budget: { status: 400, type: 'ServiceQuotaExceededException', retry: false },
  journal_unavailable: { status: 503, type: 'ServiceUnavailableException', retry: true },
  draining: { status: 503, type: 'ServiceUnavailableException', retry: true },
  overload: { status: 503, type: 'ServiceUnavailableException', retry: true },
  identity_unavailable: { status: 503, type: 'ServiceUnavailableException', retry: true },
  budget_unavailable: { status: 503, type: 'ServiceUnavailableException', retry: true },
  upstream_unreachable: { status: 502, type: 'ServiceUnavailableException', retry: false },
}

const RETRY_AFTER_DEFAULT_S = 1

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
  switch (family) {
    case 'bedrock': {
      const shape = BEDROCK_REFUSALS[code]
      const error = bedrockError(shape.status, shape.type, message)
      const headers: Record<string, string> = { ...error.headers, [REFUSAL_HEADER]: code }
      if (details.callId !== undefined) {
        headers[CALL_ID_HEADER] = details.callId
        headers['x-amzn-requestid'] = details.callId
      }
      if (shape.retry) {
        const seconds = Math.max(1, Math.ceil(details.retryAfterS ?? RETRY_AFTER_DEFAULT_S))
        headers['retry-after'] = String(seconds)
      }
      return { ...error, headers }
    }
    default:
      return exhaustive(family)
  }
}

/** `ThrottlingException:http://…` and `ns#ThrottlingException` are `ThrottlingException`, as the SDKs read them. */
export function errorTypeOf(header: string | undefined): string | null {
  if (header === undefined) return null
  const colon = header.indexOf(':')
  const named = colon < 0 ? header : header.slice(0, colon)
  const type = named.slice(named.indexOf('#') + 1).trim()
  return /^[A-Za-z][A-Za-z0-9_.]{0,99}$/.test(type) ? type : null
}

const THROTTLES = new Set(['throttlingexception', 'toomanyrequestsexception'])
const CLIENT_FAULTS = new Set([
  'validationexception',
  'accessdeniedexception',
  'resourcenotfoundexception',
  'servicequotaexceededexception',
  'conflictexception',
])
/** The model's own failures come with a 4xx status though the caller did nothing wrong. */
const UPSTREAM_FAULTS = new Set([
  'modelnotreadyexception',
  'modelerrorexception',
  'modelstreamerrorexception',
  'modeltimeoutexception',
  'internalserverexception',
  'serviceunavailableexception',
])

/** What an answer of Bedrock's means. `errorType` with a 2xx status is an exception inside a stream. */
export function statusOf(httpStatus: number, errorType: string | null): CallStatus {
  const type = errorType?.toLowerCase() ?? null
  if (type !== null && THROTTLES.has(type)) return 'throttled'
  if (type !== null && UPSTREAM_FAULTS.has(type)) return 'upstream_error'
  if (httpStatus === 429) return 'throttled'
  if (httpStatus === 408 || httpStatus === 424) return 'upstream_error'
  if (httpStatus >= 400 && httpStatus < 500) return 'client_error'
  if (httpStatus >= 200 && httpStatus < 300) {
    if (type === null) return 'ok'
    return CLIENT_FAULTS.has(type) ? 'client_error' : 'upstream_error'
  }
  return 'upstream_error'
}
