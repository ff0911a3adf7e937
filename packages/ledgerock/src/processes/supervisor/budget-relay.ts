// Carries what workers' wallets and control say to each other of budgets. Nothing is kept but who is who: a worker that was started again
// has another journal, and must never be given what was granted to the one before. What is lost is said again.

import type { FromWallet, ToWallet } from '../../governance/budget/lease.ts'
import type { Peer } from './child.ts'

export type BudgetRelay = {
  readonly said: (worker: Peer, message: FromWallet) => void
  /** To the wallet that pays for this journal, or to all of them where `holder` is null. */
  readonly told: (holder: string | null, message: ToWallet) => void
  readonly workerDied: (worker: Peer) => void
}

export function createBudgetRelay(
  control: () => Peer | undefined,
  workers: () => readonly Peer[],
): BudgetRelay {
  /** By worker, as of its last message. */
  const holders = new Map<string, string>()
  return {
    said(worker, message) {
      holders.set(worker.name, message.holder)
      control()?.send({ kind: 'budget-said', worker: worker.name, message })
    },
    told(holder, message) {
      for (const worker of workers()) {
        if (holder === null || holders.get(worker.name) === holder) worker.send(message)
      }
    },
    workerDied(worker) {
      holders.delete(worker.name)
    },
  }
}
