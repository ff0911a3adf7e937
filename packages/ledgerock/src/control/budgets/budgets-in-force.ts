// The budgets in force: those the file declares and those people made. A name is one budget's; where a node's file has one that was
// made on another node meanwhile, the file's counts here, and no publication waits for people to settle it.

import type { ProblemError } from '@ledgerock/contract'
import type { Budget } from '../../governance/budget/budget.ts'
import type { BudgetTools } from './budget-tools.ts'
import { unitFaults, type UnitOf } from '../leases/budget-units.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import type { StoredBudget } from '../store/budget-table.ts'

/** Without raises. */
export function budgetsOf(
  declared: readonly Budget[],
  stored: readonly StoredBudget[],
): readonly Budget[] {
  const names = new Set(declared.map(({ name }) => name))
  return [...declared, ...stored.map(({ budget }) => budget).filter(({ name }) => !names.has(name))]
}

/** Why the file cannot be in force while people's budgets are, with paths in it. */
export function checkDeclaredBudgets(
  tools: Pick<BudgetTools, 'faultsInFile'>,
  { budgets, dimensions }: Pick<DeclaredPolicy, 'budgets' | 'dimensions'>,
  stored: readonly StoredBudget[],
  units: UnitOf,
): readonly ProblemError[] {
  const made = new Set(stored.map(({ budget }) => budget.name))
  const clashes = budgets.flatMap(({ name }, index) => {
    if (!made.has(name)) return []
    const message = `${name} is the name of a budget that was made by the API; delete that first`
    return [{ path: `budgets[${index}].name`, message }]
  })
  const others = budgetsOf(budgets, stored).slice(budgets.length)
  const recounted = budgets.flatMap((budget, index) =>
    unitFaults(budget, units, `budgets[${index}].`),
  )
  return [...clashes, ...recounted, ...tools.faultsInFile(budgets, others, dimensions)]
}
