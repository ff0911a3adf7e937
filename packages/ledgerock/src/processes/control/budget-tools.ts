// The configuration's rules of budgets, as the control plane is handed them.

import { retentionFault } from '../../config/check/check-retention.ts'
import { faultsBeside, faultsInFile, readBudget } from '../../config/read-budget.ts'
import { writtenBudget } from '../../config/written-budget.ts'
import type { BudgetTools } from '../../control/budgets/budget-tools.ts'
import { err } from '../../kernel/result.ts'

/** `keptMs`: how long calls are kept; null: for ever. */
export function budgetToolsOf(keptMs: () => number | null): BudgetTools {
  return {
    ...budgetTools,
    read(written, dimensions) {
      const read = readBudget(written, dimensions)
      const message = read.ok ? retentionFault(read.value, keptMs()) : null
      return message === null ? read : err([{ path: 'period', message }])
    },
  }
}

export const budgetTools: BudgetTools = {
  read: readBudget,
  written: writtenBudget,
  faultsBeside,
  faultsInFile,
}
