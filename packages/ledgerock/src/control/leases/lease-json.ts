// Leases and what a check of budgets found, as the API writes them: with the unit of their budget, which a lease does not know itself.

import type { BudgetUnit } from '../../governance/budget/budget.ts'
import { isoTime } from '../../kernel/time.ts'
import { writtenAmount } from '../budgets/budget-amount.ts'
import type { BudgetCheck, Freed, LeaseView } from './leases.ts'

/** Null: no budget of that name is declared any more, and nobody knows what the digits count. */
export type UnitOf = (budget: string) => BudgetUnit | null

export function leaseJson(lease: LeaseView, unitOf: UnitOf) {
  const amount = inUnit(unitOf(lease.budget))
  return {
    instance: lease.instance,
    budget: lease.budget,
    counter: lease.counter,
    // `total` began with everything.
    period_from: lease.fromMs === 0 ? null : isoTime(lease.fromMs),
    holder: lease.holder,
    node_id: lease.nodeId,
    state: lease.state,
    cut_off: lease.cutOff,
    ...amount('granted', lease.granted),
    ...amount('returned', lease.returned),
    ...amount('settled', lease.settled),
    ...amount('held', lease.held),
  }
}

export function freedJson({ instance, holder, freed }: Freed, unitOf: UnitOf) {
  const unit = unitOf(budgetOf(instance))
  return { instance, holder, ...inUnit(unit)('freed', freed) }
}

export function checkJson({ checked, moving, findings, lost }: BudgetCheck, unitOf: UnitOf) {
  return {
    sound: findings.length === 0,
    checked,
    moving,
    findings: findings.map(({ instance, budget, counter, counted, ledger }) => {
      const amount = inUnit(unitOf(budget))
      const difference = counted - ledger
      return {
        instance,
        budget,
        counter,
        ...amount('counted', counted),
        ...amount('ledger', ledger),
        ...amount('difference', difference),
      }
    }),
    lost: lost.map(({ instance, budget, counter, amount }) => ({
      instance,
      budget,
      counter,
      ...inUnit(unitOf(budget))('lost', amount),
    })),
  }
}

/** `instanceKey` begins with it, and no name of a budget has an @. */
function budgetOf(instance: string): string {
  return instance.split('@', 1)[0] ?? instance
}

function inUnit(unit: BudgetUnit | null) {
  return <Name extends string>(name: Name, amount: bigint) =>
    writtenAmount(name, unit ?? 'usd', unit === null ? null : amount)
}
