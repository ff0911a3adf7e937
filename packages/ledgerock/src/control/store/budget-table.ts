// Budgets people made, beside those of the file. What was replaced or deleted stays, with who did it: leases and calls in the ledger
// name their budgets.

import type { Kysely, Transaction } from 'kysely'
import type { Budget } from '../../governance/budget/budget.ts'
import type { Role } from '../people/roles.ts'
import type { BudgetsTable, ControlDatabase } from './schema.ts'

export type StoredBudget = {
  readonly budgetId: string
  /** Without raises: those have a table of their own. */
  readonly budget: Budget
  readonly setAt: string
  readonly setBy: string
  readonly setByRole: Role
  readonly removedAt: string | null
  readonly removedBy: string | null
}

export type BudgetReads = {
  /** By name. */
  readonly inForce: () => Promise<readonly StoredBudget[]>
  /** All there ever were of a name, oldest first. */
  readonly named: (name: string) => Promise<readonly StoredBudget[]>
}

export type BudgetWrites = BudgetReads & {
  readonly insert: (budget: Omit<StoredBudget, 'removedAt' | 'removedBy'>) => Promise<void>
  readonly remove: (budgetId: string, at: string, by: string) => Promise<void>
}

export function budgetReads(database: Kysely<ControlDatabase>): BudgetReads {
  return {
    async inForce() {
      const rows = await database
        .selectFrom('budgets')
        .selectAll()
        .where('removed_at', 'is', null)
        .execute()
      // Not by the database: its collation may be another on each engine.
      return rows.map(storedBudget).toSorted((left, right) => {
        return left.budget.name < right.budget.name ? -1 : 1
      })
    },
    async named(name) {
      const rows = await database
        .selectFrom('budgets')
        .selectAll()
        .where('name', '=', name)
        .orderBy('set_at')
        .orderBy('budget_id')
        .execute()
      return rows.map(storedBudget)
    },
  }
}

export function budgetWrites(transaction: Transaction<ControlDatabase>): BudgetWrites {
  return {
    ...budgetReads(transaction),
    async insert({ budgetId, budget, setAt, setBy, setByRole }) {
      await transaction
        .insertInto('budgets')
        .values({
          budget_id: budgetId,
          name: budget.name,
          terms: JSON.stringify(budget),
          set_at: setAt,
          set_by: setBy,
          set_by_role: setByRole,
          removed_at: null,
          removed_by: null,
        })
        .execute()
    },
    async remove(budgetId, at, by) {
      await transaction
        .updateTable('budgets')
        .set({ removed_at: at, removed_by: by })
        .where('budget_id', '=', budgetId)
        .where('removed_at', 'is', null)
        .execute()
    },
  }
}

function storedBudget(row: BudgetsTable): StoredBudget {
  return {
    budgetId: row.budget_id,
    budget: JSON.parse(row.terms) as Budget,
    setAt: row.set_at,
    setBy: row.set_by,
    setByRole: row.set_by_role as Role,
    removedAt: row.removed_at,
    removedBy: row.removed_by,
  }
}
