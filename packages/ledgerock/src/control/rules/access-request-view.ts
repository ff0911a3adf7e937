// A request for access to a model as people see it.

import type { RuleScope } from '../../governance/rule-scope.ts'
import { stateOf, type RequestState } from './decide-request.ts'
import type { StoredAccessRequest } from '../store/access-request-table.ts'

export type AccessRequestView = {
  readonly request_id: string
  readonly model: string
  readonly scope: RuleScope
  readonly until: string
  readonly reason: string
  readonly state: RequestState
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

export function requestView(request: StoredAccessRequest, nowMs: number): AccessRequestView {
  return {
    request_id: request.requestId,
    model: request.model,
    scope: request.scope,
    until: request.until,
    reason: request.reason,
    state: stateOf(request, nowMs),
    asked_at: request.askedAt,
    asked_by: request.askedBy,
    decided_at: request.decidedAt,
    decided_by: request.decidedBy,
    decision_reason: request.decisionReason,
  }
}
