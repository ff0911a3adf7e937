// What the status and the error type of an answer mean for the ledger, in every family of APIs.

import type { CallStatus } from '@ledgerock/contract'
import { typeForStatus } from '../error-shape.ts'
import type { ApiFamily } from '../operation.ts'

/**
 * `ThrottlingException:http://…` and `ns#ThrottlingException` are `ThrottlingException`, as the SDKs read them. OpenAI's and
 * Anthropic's answers have no such header: there the status says what the body would, whose text is not ours to look at.
 */
export function errorTypeOf(
  header: string | undefined,
  family: ApiFamily = 'bedrock',
  httpStatus = 200,
): string | null {
  if (header === undefined) {
    return family === 'bedrock' || httpStatus < 400 ? null : typeForStatus(family, httpStatus)
  }
  const colon = header.indexOf(':')
  const named = colon < 0 ? header : header.slice(0, colon)
  const type = named.slice(named.indexOf('#') + 1).trim()
  return /^[A-Za-z][A-Za-z0-9_.]{0,99}$/.test(type) ? type : null
}

const THROTTLES = new Set([
  'throttlingexception',
  'toomanyrequestsexception',
  'rate_limit_error',
  'rate_limit_exceeded',
])
const CLIENT_FAULTS = new Set([
  'validationexception',
  'accessdeniedexception',
  'resourcenotfoundexception',
  'servicequotaexceededexception',
  'conflictexception',
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'billing_error',
  'insufficient_quota',
])
/** The model's own failures come with a 4xx status though the caller did nothing wrong. */
const UPSTREAM_FAULTS = new Set([
  'modelnotreadyexception',
  'modelerrorexception',
  'modelstreamerrorexception',
  'modeltimeoutexception',
  'internalserverexception',
  'serviceunavailableexception',
  'api_error',
  'server_error',
  'overloaded_error',
  'timeout_error',
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
