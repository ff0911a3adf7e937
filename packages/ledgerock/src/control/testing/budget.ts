// Budgets and counters for tests: one of everything, of which a test says only what it is about.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import type { BudgetState } from '../leases/budget-state.ts'

export const DOLLAR = 1_000_000_000_000n

export function budgetWith(parts: Partial<Budget> = {}): Budget {
  return {
    name: 'search-monthly',
    scope: { team: ['search'] },
    per: null,
    period: { kind: 'month', startsOn: 1 },
    timeZone: 'UTC',
    unit: 'usd',
    limit: String(500n * DOLLAR),
    mode: 'hard',
    shadow: false,
    missingMaxTokens: 'model_max',
    unpricedReserve: String(DOLLAR),
    alertAt: [80, 100],
    alertForecastAt: null,
    carryOver: false,
    raises: [],
    ...parts,
  }
}

export function stateWith(
  budget: Budget,
  nowMs: number,
  counter: string | null,
  parts: Partial<BudgetState> = {},
): BudgetState {
  const instance = instanceAt(budget.period, budget.timeZone, nowMs)
  const limit = BigInt(budget.limit)
  return {
    budget,
    instance,
    key: instanceKey(budget.name, instance.fromMs, counter),
    counter,
    limit,
    spent: 0n,
    reserved: 0n,
    remaining: limit,
    exposure: 0n,
    refusedAtMs: null,
    exhaustedAtMs: null,
    forecast: null,
    ...parts,
  }
}
