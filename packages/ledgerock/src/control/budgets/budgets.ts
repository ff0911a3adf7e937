// How budgets stand, for whoever asks: the budgets of the policy in force, each with its counters, as far as they are the reader's.

import type { Budget, BudgetUnit } from '../../governance/budget/budget.ts'
import type { Clock } from '../../kernel/time.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import { budgetRows, budgetTerms, type BudgetRow, type BudgetTerms } from './budget-view.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import type { UserScope } from '../people/scope.ts'

export type BudgetService = {
  /** By name, then by counter. */
  readonly list: (own: UserScope | null) => readonly BudgetRow[]
  /** Null: there is none of that name, or it does not concern the reader. */
  readonly find: (
    own: UserScope | null,
    name: string,
  ) => { readonly terms: BudgetTerms; readonly rows: readonly BudgetRow[] } | null
  /** Null: there is none of that name. */
  readonly unitOf: (name: string) => BudgetUnit | null
}

export type BudgetServiceDeps = {
  /** Those in force, with their raises. */
  readonly budgets: () => readonly Budget[]
  /** Those of the file. */
  readonly declared: () => Pick<DeclaredPolicy, 'budgets'>
  readonly states: () => readonly BudgetState[]
  readonly clock: Clock
}

export function createBudgetService(deps: BudgetServiceDeps): BudgetService {
  return {
    list(own) {
      const nowMs = deps.clock.now()
      const states = Map.groupBy(deps.states(), ({ budget }) => budget.name)
      return deps
        .budgets()
        .toSorted((left, right) => (left.name < right.name ? -1 : 1))
        .flatMap((budget) => budgetRows(own, budget, states.get(budget.name) ?? [], nowMs))
    },
    find(own, name) {
      const budget = deps.budgets().find((one) => one.name === name)
      if (budget === undefined) return null
      const states = deps.states().filter((state) => state.budget.name === name)
      const rows = budgetRows(own, budget, states, deps.clock.now())
      const isDeclared = deps.declared().budgets.some((one) => one.name === name)
      const terms = budgetTerms(budget, isDeclared ? 'file' : 'api')
      return rows.length === 0 ? null : { terms, rows }
    },
    unitOf: (name) => deps.budgets().find((one) => one.name === name)?.unit ?? null,
  }
}
