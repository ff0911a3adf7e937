// What the routes of pauses, access, limits and guardrails have in common: how they refuse, the scope of a rule, and the part of
// the whole a reader sees.

import { z } from '@hono/zod-openapi'
import { KEY_FIELD, MODEL_FIELD } from '../../governance/rule-scope.ts'
import { err, type Result } from '../../kernel/result.ts'
import type { GovernanceProblem } from '../rules/governance-problem.ts'
import type { UserScope } from '../people/scope.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest, refuse, type ProblemStatus } from './problem.ts'
import { unexpected } from './query.ts'
import { scopeOf } from './route.ts'

const STATUS: Record<GovernanceProblem['code'], ProblemStatus> = {
  invalid_request: 400,
  forbidden: 403,
  pause_unknown: 404,
  paused_by_admin: 403,
  too_many_pauses: 409,
  access_request_unknown: 404,
  access_request_decided: 409,
  access_request_expired: 409,
  too_many_access_requests: 409,
  same_person: 409,
  budget_unknown: 404,
  raise_request_unknown: 404,
  raise_request_decided: 409,
  raise_request_expired: 409,
  too_many_raise_requests: 409,
  budget_changed: 409,
  budget_declared_in_file: 409,
  budget_name_taken: 409,
  budget_set_by_admin: 403,
  too_many_budgets: 409,
}

export function governanceRefusal({ code, detail, errors }: GovernanceProblem): Response {
  return refuse(STATUS[code], code, detail, errors)
}

const fields = `dimensions, ${KEY_FIELD} or ${MODEL_FIELD}`
export const writtenRuleScope = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .openapi({ description: `${fields} to a value or several; {} is everybody` })
export const ruleScope = z
  .record(z.string(), z.array(z.string()))
  .openapi({ description: `${fields} to values; all fields must fit, one value of each is enough` })

/** A decision needs one. */
export const requiredReason = z.string().trim().min(1).max(1_000).openapi({
  description: 'Why; kept in the audit trail',
})

export const EXAMPLE_AT = '2026-10-14T12:00:00.000Z'
export const EXAMPLE_ID = '4fT0cU2kQx7Z'
export const EXAMPLE_DELIVERY = { acked: ['worker-1', 'worker-2'], missing: [] }
export const delivery = {
  acked: z.array(z.string()).openapi({ description: 'Connected workers that have it' }),
  missing: z.array(z.string()).openapi({ description: 'Those that did not say so in time' }),
}

/** The part a reader of rules sees, after the query was found to ask for nothing else. */
export function readerScope(
  c: ApiContext,
  declared: readonly string[],
  known: readonly string[] = [],
): Result<UserScope | null, Response> {
  const errors = unexpected(c.req.queries(), known)
  if (errors.length > 0) return err(invalidRequest(errors))
  return scopeOf(c, declared)
}
