// An approved request for more, as the policy carries it: from the moment of its approval until the end that was asked for.

import type { Budget, BudgetRaise } from '../../governance/budget/budget.ts'
import type { StoredBudgetRequest } from '../store/budget-request-table.ts'

/** Those of one budget; what was asked for in another unit than it has today is no raise of it. */
export function raisesOf(
  { name, unit }: Pick<Budget, 'name' | 'unit'>,
  approved: readonly StoredBudgetRequest[],
): readonly BudgetRaise[] {
  return approved.filter((one) => one.budget === name && one.unit === unit).map(raiseOf)
}

export function raiseOf(request: StoredBudgetRequest): BudgetRaise {
  const { requestId, amount, counter, carryOver, decidedAt, askedAt, until } = request
  const fromMs = Date.parse(decidedAt ?? askedAt)
  return { requestId, amount, counter, fromMs, toMs: Date.parse(until), carryOver }
}
