// A wallet with room for everything, which counts what is held and keeps what was settled: for tests that are not about budgets.

import type { BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type { BudgetReservation } from '../../governance/budget/budget-claim.ts'

export function createHoldingWallet(): BudgetWallet {
  let held = 0
  const hold = (claims: BudgetReservation['claims']): BudgetReservation => {
    held += 1
    return { claims }
  }
  const end = (): void => void (held -= 1)
  return {
    reserve: (claims, answer) => answer({ kind: 'held', reservation: hold(claims) }),
    reserveAgain: hold,
    settle: end,
    release: end,
    taken: () => undefined,
    report: () => undefined,
    endingBy: () => [],
    expect: () => undefined,
    close: () => undefined,
    state: () => null,
    figures: () => ({
      accounts: 0,
      waiting: held,
      waited: 0,
      spent: 0,
      unavailable: 0,
      balances: new Map(),
    }),
  }
}
