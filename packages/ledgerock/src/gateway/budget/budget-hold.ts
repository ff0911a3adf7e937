// What one attempt holds of its budgets, given up exactly once: settled with what it was charged, or released where it never came to
// be. An attempt that was charged nothing may hand what it holds to the one that follows it.

import type { BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type { BudgetReservation } from '../../governance/budget/budget-claim.ts'
import type { BudgetCharge } from '../../journal/budget-charge.ts'
import { assert } from '../../kernel/assert.ts'
import type { BudgetPlan } from './plan-budgets.ts'

export class BudgetHold {
  readonly plan: BudgetPlan
  readonly #wallet: Pick<BudgetWallet, 'settle' | 'release'>
  #reservation: BudgetReservation | null

  constructor(
    wallet: Pick<BudgetWallet, 'settle' | 'release'>,
    plan: BudgetPlan,
    reservation: BudgetReservation,
  ) {
    this.plan = plan
    this.#wallet = wallet
    this.#reservation = reservation
  }

  settle(charge: BudgetCharge): void {
    const { covering } = this.plan
    const charges = covering.map(({ budget }) => charge[budget.unit])
    this.#wallet.settle(this.#giveUp(), charges)
  }

  release(): void {
    this.#wallet.release(this.#giveUp())
  }

  #giveUp(): BudgetReservation {
    const reservation = this.#reservation
    assert(reservation !== null, 'a reservation is given up once')
    this.#reservation = null
    return reservation
  }
}
