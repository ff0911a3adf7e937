// The configuration's rules of budgets, as the control plane is handed them.

import { faultsBeside, faultsInFile, readBudget } from '../config/read-budget.ts'
import { writtenBudget } from '../config/written-budget.ts'
import type { BudgetTools } from '../control/budget-tools.ts'

export const budgetTools: BudgetTools = {
  read: readBudget,
  written: writtenBudget,
  faultsBeside,
  faultsInFile,
}
