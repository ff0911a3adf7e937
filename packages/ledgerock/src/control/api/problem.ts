// How the control API says no: RFC 9457 problem details with a code that never changes and every fault of the input at its
// place. Unexpected errors become `internal` here, without their text, which goes to the log only.

import type { Problem, ProblemError } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'

export type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503

const TITLES: Record<ProblemStatus, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
const RETRY_AFTER_SECONDS = 1

export function problem(
  status: ProblemStatus,
  code: string,
  detail: string,
  errors: readonly ProblemError[] = [],
): Problem {
  const type = `urn:ledgerock:problem:${code}`
  return { type, title: TITLES[status], status, detail, code, errors }
}

export function problemResponse(body: Problem): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json' })
  if (body.status === 401) headers.set('www-authenticate', 'Bearer realm="ledgerock"')
  if (body.status === 503) headers.set('retry-after', String(RETRY_AFTER_SECONDS))
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

export function refuse(
  status: ProblemStatus,
  code: string,
  detail: string,
  errors: readonly ProblemError[] = [],
): Response {
  return problemResponse(problem(status, code, detail, errors))
}

/** All faults of a request's input at once. */
export function invalidRequest(errors: readonly ProblemError[]): Response {
  // What concerns the whole has no path.
  const detail = errors
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ')
  return refuse(400, 'invalid_request', detail, errors)
}

/** A Fault's own words are ours and name no secret; what anything else says is not for the caller. */
export function problemOfError(error: unknown): Problem {
  if (!(error instanceof Fault)) {
    return problem(500, 'internal', 'an unexpected error; the server’s log has more')
  }
  return problem(error.retryable ? 503 : 500, error.code, error.message)
}
