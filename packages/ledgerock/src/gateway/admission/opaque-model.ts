// Ids that may stand for anything at any price: a router, an imported model, a prompt. No bound can be said of such a call, so that it is
// let through by no budget that must hold, nor by one for certain models only, of which it may be one.

import type { Budget } from '../../governance/budget/budget.ts'
import { compileScope, MODEL_FIELD, type Governed } from '../../governance/rule-scope.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import { unresolvedWords } from '../budget/budget-words.ts'
import type { BudgetRefusal } from '../budget/plan-budgets.ts'

export function isOpaque(identity: ModelIdentity): boolean {
  return identity.kind === 'unresolved' && identity.reason === 'unresolved_profile'
}

/** The first budget that must hold and covers the call, whichever model it is for. */
export function heldWhatever(budgets: readonly Budget[], call: Governed): Budget | null {
  const holding = budgets.find(({ mode, shadow, scope }) => {
    if (mode !== 'hard' || shadow) return false
    const { [MODEL_FIELD]: _models, ...rest } = scope
    return compileScope(rest)(call)
  })
  return holding ?? null
}

export function unresolved({ name }: Budget, model: string): BudgetRefusal {
  return {
    code: 'model_access',
    budget: name,
    message: unresolvedWords(name, model),
    plan: null,
    remaining: null,
  }
}
