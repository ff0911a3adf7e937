// What the routes of users and tokens have in common: how their refusals look, and the reason that a change may carry.

import { z } from '@hono/zod-openapi'
import type { AccessProblem } from '../people/access-problem.ts'
import { refuse, type ProblemStatus } from './problem.ts'
import { component } from './schemas.ts'

const STATUS: Record<AccessProblem['code'], ProblemStatus> = {
  invalid_request: 400,
  user_unknown: 404,
  user_name_taken: 409,
  last_admin: 409,
  token_unknown: 404,
}

export function accessRefusal(problem: AccessProblem): Response {
  return refuse(STATUS[problem.code], problem.code, problem.detail, problem.errors)
}

export const reason = z.string().min(1).max(1_000).nullable().default(null).openapi({
  description: 'Why; kept in the audit trail',
})

export const reasonBody = component('Reason', z.strictObject({ reason }), {
  reason: 'left the company',
})
