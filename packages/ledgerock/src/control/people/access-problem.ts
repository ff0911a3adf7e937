// How a change of users or tokens is refused: closed codes that never change.

import type { ProblemError } from '@ledgerock/contract'

export const ACCESS_PROBLEMS = [
  'invalid_request',
  'user_unknown',
  'user_name_taken',
  'last_admin',
  'token_unknown',
] as const

export type AccessProblem = {
  readonly code: (typeof ACCESS_PROBLEMS)[number]
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export const unknownUser = (name: string): AccessProblem => ({
  code: 'user_unknown',
  detail: `no user is named ${name}`,
  errors: [],
})
