// How a pause, a budget or a request for access or for more of a budget is refused: closed codes that never change.

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
  'budget_unknown',
  'raise_request_unknown',
  'raise_request_decided',
  'raise_request_expired',
  'too_many_raise_requests',
  'budget_changed',
  'budget_declared_in_file',
  'budget_name_taken',
  'budget_set_by_admin',
  'too_many_budgets',
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
