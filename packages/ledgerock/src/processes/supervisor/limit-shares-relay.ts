// Carries what workers say of limits to control, and what control gives them back. Nothing is kept: the next second says it anew.

import type { LimitShares } from '../../governance/limit/limit-shares.ts'
import type { WorkerReport } from '../../governance/limit/share-divider.ts'
import type { Peer } from './child.ts'

export type LimitShareRelay = {
  readonly demanded: (worker: Peer, report: WorkerReport) => void
  readonly divided: (round: number, shares: Readonly<Record<string, LimitShares>>) => void
  readonly workerDied: (worker: Peer) => void
}

export function createLimitShareRelay(
  control: () => Peer | undefined,
  workers: () => readonly Peer[],
): LimitShareRelay {
  return {
    demanded(worker, report) {
      control()?.send({ kind: 'limit-demand', worker: worker.name, report })
    },
    divided(round, shares) {
      for (const worker of workers()) {
        const own = shares[worker.name]
        if (own !== undefined) worker.send({ kind: 'limit-shares', round, shares: own })
      }
    },
    workerDied(worker) {
      control()?.send({ kind: 'worker-died', name: worker.name })
    },
  }
}
