// What the control plane needs of the configuration's rules to take a budget by API: handed in, so that a budget made by people is held
// to exactly what one of the file is held to, without this folder knowing how a file is read.

import type { ProblemError } from '@ledgerock/contract'
import type { DimensionRule } from '../../attribution/dimension-rule.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import type { Result } from '../../kernel/result.ts'
import type { Json } from '../store/canonical-json.ts'

/** A budget in the words of the file. */
export type BudgetWords = { readonly [field: string]: Json }

export type BudgetTools = {
  /** The budget, or every fault of it by itself. */
  readonly read: (
    written: Readonly<Record<string, unknown>>,
    dimensions: readonly DimensionRule[],
  ) => Result<Budget, readonly ProblemError[]>
  readonly written: (budget: Budget) => BudgetWords
  /** What keeps it from standing beside others. */
  readonly faultsBeside: (
    budget: Budget,
    others: readonly Budget[],
    dimensions: readonly DimensionRule[],
  ) => readonly ProblemError[]
  /** What keeps others from standing beside those of the file, with paths in the file. */
  readonly faultsInFile: (
    declared: readonly Budget[],
    others: readonly Budget[],
    dimensions: readonly DimensionRule[],
  ) => readonly ProblemError[]
}
