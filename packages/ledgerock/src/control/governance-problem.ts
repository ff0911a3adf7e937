// How a pause or a request for access is refused: closed codes that never change.

import type { ProblemError } from '@ledgerock/contract'

export const GOVERNANCE_PROBLEMS = [
  'invalid_request',
  'forbidden',
  'pause_unknown',
  'paused_by_admin',
  'too_many_pauses',
  'access_request_unknown',
  'access_request_decided',
  'access_request_expired',
  'too_many_access_requests',
  'same_person',
] as const

export type GovernanceProblem = {
  readonly code: (typeof GOVERNANCE_PROBLEMS)[number]
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export function governanceProblem(
  code: GovernanceProblem['code'],
  detail: string,
  errors: readonly ProblemError[] = [],
): GovernanceProblem {
  return { code, detail, errors }
}
