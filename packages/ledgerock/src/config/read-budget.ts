// A budget that does not come from the file, held to what the file is held to: the same schema, the same checks of it alone, and the
// same checks beside the others. Pure.

import type { ProblemError } from '@ledgerock/contract'
import * as z from 'zod'
import type { DimensionRule } from '../attribution/dimension-rule.ts'
import type { Budget } from '../governance/budget/budget.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { budgets } from './schema/budget-schema.ts'
import { budgetOf } from './settings/budget-settings.ts'
import { checkBudgets } from './check/check-budgets.ts'
import type { PathFault, Tree } from './raw.ts'
import { pathText, placedIssues } from './validate.ts'
import { writtenBudget } from './written-budget.ts'

const file = z.strictObject({ budgets })
/** `budgets[3]` before the path within a budget. */
const PLACE_LENGTH = 2

/** The budget as the policy has it, or every fault of it, at its place in `written`. */
export function readBudget(
  written: Tree,
  dimensions: readonly DimensionRule[],
): Result<Budget, readonly ProblemError[]> {
  const data = { budgets: [written] }
  const parsed = file.safeParse(data)
  const faults: readonly PathFault[] = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => placedIssues(issue, data))),
    ...checkBudgets(data.budgets, dimensionTree(dimensions)),
  ]
  const [read] = parsed.success ? parsed.data.budgets : []
  if (read !== undefined && faults.length === 0) return ok(budgetOf(read))
  return err(
    faults.map(({ path, message }) => ({ path: pathText(path.slice(PLACE_LENGTH)), message })),
  )
}

/** What keeps `budget` from standing beside `others`, which may stand as they do. A fault of another one names it. */
export function faultsBeside(
  budget: Budget,
  others: readonly Budget[],
  dimensions: readonly DimensionRule[],
): readonly ProblemError[] {
  const all = [...others, budget]
  const before = new Set(faultsAmong(others, dimensions).map(textOf))
  return faultsAmong(all, dimensions)
    .filter((fault) => !before.has(textOf(fault)))
    .map(({ path, message }) => {
      const [, index, ...rest] = path
      if (index === others.length) return { path: pathText(rest), message }
      const name = all[Number(index)]?.name ?? ''
      return { path: '', message: `${name}: ${pathText(rest)} ${message}` }
    })
}

/** What keeps `others` from standing beside the budgets of a file, at their places in it; of one of the others: at `budgets`. */
export function faultsInFile(
  declared: readonly Budget[],
  others: readonly Budget[],
  dimensions: readonly DimensionRule[],
): readonly ProblemError[] {
  const all = [...declared, ...others]
  const before = new Set(faultsAmong(declared, dimensions).map(textOf))
  return faultsAmong(all, dimensions)
    .filter((fault) => !before.has(textOf(fault)))
    .map(({ path, message }) => {
      const [, index, ...rest] = path
      if (Number(index) < declared.length) return { path: pathText(path), message }
      const name = all[Number(index)]?.name ?? ''
      return { path: 'budgets', message: `${name}, made by the API: ${pathText(rest)} ${message}` }
    })
}

function faultsAmong(
  all: readonly Budget[],
  dimensions: readonly DimensionRule[],
): readonly PathFault[] {
  const called = (index: number): string => all[index]?.name ?? ''
  return checkBudgets(all.map(writtenBudget), dimensionTree(dimensions), called)
}

function dimensionTree(dimensions: readonly DimensionRule[]): Tree {
  return Object.fromEntries(dimensions.map((rule) => [rule.name, rule]))
}

function textOf({ path, message }: PathFault): string {
  return `${pathText(path)}: ${message}`
}
