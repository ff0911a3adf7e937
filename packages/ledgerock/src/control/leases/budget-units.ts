// What each budget was ever counted in. Leases and calls say of a budget only its name, so a name keeps its unit for good: picodollars
// read as tokens would be nonsense that looks like a figure.

import type { ProblemError } from '@ledgerock/contract'
import type { Budget, BudgetUnit } from '../../governance/budget/budget.ts'
import type { SettingReads, SettingWrites } from '../store/settings.ts'

export type UnitOf = ReadonlyMap<string, BudgetUnit>

const WORDS: Readonly<Record<BudgetUnit, string>> = { usd: 'dollars', tokens: 'tokens' }

export async function unitsSoFar(settings: SettingReads): Promise<UnitOf> {
  const kept = await settings.get('budget_units')
  return new Map(kept === null ? [] : (JSON.parse(kept) as [string, BudgetUnit][]))
}

/** With what comes into force. */
export async function recordUnits(
  settings: SettingWrites,
  budgets: readonly Pick<Budget, 'name' | 'unit'>[],
): Promise<void> {
  const units = new Map(await unitsSoFar(settings))
  const fresh = budgets.filter(({ name }) => !units.has(name))
  if (fresh.length === 0) return
  for (const { name, unit } of fresh) units.set(name, unit)
  await settings.set('budget_units', JSON.stringify([...units]))
}

/** Why the budget cannot have its unit, with a path below `at`. */
export function unitFaults(
  { name, unit }: Pick<Budget, 'name' | 'unit'>,
  units: UnitOf,
  at = '',
): readonly ProblemError[] {
  const before = units.get(name)
  if (before === undefined || before === unit) return []
  const message = `${name} was counted in ${WORDS[before]} before; a budget in another unit needs another name`
  return [{ path: `${at}${unit === 'usd' ? 'limit_usd' : 'limit_tokens'}`, message }]
}
