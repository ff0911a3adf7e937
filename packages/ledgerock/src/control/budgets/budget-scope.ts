// Whose calls one counter of a budget is for, and so who may see what it says. Pure.

import type { Budget } from '../../governance/budget/budget.ts'
import type { RuleScope } from '../../governance/rule-scope.ts'

/** Null: of the whole budget. */
export function counterScope(
  { scope, per }: Pick<Budget, 'scope' | 'per'>,
  counter: string | null,
): RuleScope {
  return per === null || counter === null ? scope : { ...scope, [per]: [counter] }
}
