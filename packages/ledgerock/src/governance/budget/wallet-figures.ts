// What a wallet shows of itself: how many calls waited and how they ended, and what lies in its leases of hard budgets.

import type { WalletAccount } from './wallet-account.ts'

/** Of all leases of one budget, in its unit: ready to be spent, and held by calls in flight. */
export type LeaseBalance = { readonly atHand: bigint; readonly held: bigint }

export type WalletFigures = {
  readonly accounts: number
  readonly waiting: number
  /** Totals since the worker began. */
  readonly waited: number
  readonly spent: number
  readonly unavailable: number
  /** By the budget's name. */
  readonly balances: ReadonlyMap<string, LeaseBalance>
}

export function balancesOf(accounts: Iterable<WalletAccount>): ReadonlyMap<string, LeaseBalance> {
  const balances = new Map<string, LeaseBalance>()
  for (const account of accounts) {
    if (!account.isHard) continue
    const { budget } = account.name
    const { atHand, held } = balances.get(budget) ?? { atHand: 0n, held: 0n }
    balances.set(budget, { atHand: atHand + account.atHand(), held: held + account.reserved })
  }
  return balances
}
