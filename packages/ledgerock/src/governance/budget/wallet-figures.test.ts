import { expect, it } from 'vitest'
import { WalletAccount } from './wallet-account.ts'
import { balancesOf } from './wallet-figures.ts'

function account(budget: string, counter: string, isHard: boolean): WalletAccount {
  const name = { instance: `${budget}@0/${counter}`, budget, counter, fromMs: 0, toMs: null }
  const made = new WalletAccount(name, 0)
  made.isHard = isHard
  made.granted = 100n
  made.hold(30n, 0)
  made.settle(10n, 7n)
  return made
}

it('[G34] a budget’s balance is that of all its counters; what is only counted has none', () => {
  const accounts = [
    account('each', 'search', true),
    account('each', 'ads', true),
    account('soft', 'search', false),
  ]
  expect([...balancesOf(accounts)]).toEqual([['each', { atHand: 146n, held: 40n }]])
})
