// A request for access as people see it. Its time ends it, whatever was decided, without anybody's doing.

import type { RuleScope } from '../governance/rule-scope.ts'
import { DECISIONS, type StoredAccessRequest } from './store/access-request-table.ts'

export const ACCESS_REQUEST_STATES = [...DECISIONS, 'expired'] as const
export type AccessRequestState = (typeof ACCESS_REQUEST_STATES)[number]

export type AccessRequestView = {
  readonly request_id: string
  readonly model: string
  readonly scope: RuleScope
  readonly until: string
  readonly reason: string
  readonly state: AccessRequestState
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

export function stateOf(request: StoredAccessRequest, nowMs: number): AccessRequestState {
  const { state, until } = request
  const isOpen = state === 'pending' || state === 'approved'
  return isOpen && Date.parse(until) <= nowMs ? 'expired' : state
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
