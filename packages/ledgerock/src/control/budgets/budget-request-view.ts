// A request for more of a budget as people see it.

import type { RuleScope } from '../../governance/rule-scope.ts'
import { writtenAmount, type WrittenAmount } from './budget-amount.ts'
import { stateOf, type RequestState } from '../rules/decide-request.ts'
import type { StoredBudgetRequest } from '../store/budget-request-table.ts'

export type BudgetRequestView = WrittenAmount<'amount'> & {
  readonly request_id: string
  readonly budget: string
  readonly counter: string | null
  readonly scope: RuleScope
  readonly until: string
  readonly carry_over: boolean
  readonly reason: string | null
  readonly state: RequestState
  readonly asked_at: string
  readonly asked_by: string
  readonly decided_at: string | null
  readonly decided_by: string | null
  readonly decision_reason: string | null
}

export function budgetRequestView(request: StoredBudgetRequest, nowMs: number): BudgetRequestView {
  return {
    request_id: request.requestId,
    budget: request.budget,
    counter: request.counter,
    scope: request.scope,
    ...writtenAmount('amount', request.unit, BigInt(request.amount)),
    until: request.until,
    carry_over: request.carryOver,
    reason: request.reason,
    state: stateOf(request, nowMs),
    asked_at: request.askedAt,
    asked_by: request.askedBy,
    decided_at: request.decidedAt,
    decided_by: request.decidedBy,
    decision_reason: request.decisionReason,
  }
}
