// A worker's side of the limits it shares with others: tells control once a second what was asked of each and takes what control
// gives it. While nothing comes, the last shares stay.

import type { LimitDemand, LimitShares } from '../../governance/limit/limit-shares.ts'
import type { FromChild } from '../messages.ts'

/** How often workers report and are given shares; what nodes know of each other is as old at most. */
export const SHARE_EVERY_MS = 1_000

/** The limits of the policy in force; another policy brings others, which begin as a new worker's do. */
export type SharedLimits = {
  readonly takeDemand: () => readonly LimitDemand[]
  /** On the clock that calls are counted by: until then the shares from before were in force. */
  readonly setShares: (shares: LimitShares, nowMs: number) => void
}

export type WorkerShares = {
  readonly taken: (round: number, shares: LimitShares) => void
  /** Once a second. */
  readonly report: () => void
}

export function createWorkerShares(
  limits: () => SharedLimits | null,
  send: (message: FromChild) => void,
  now: () => number,
): WorkerShares {
  let round: number | null = null
  let shares: LimitShares = {}
  return {
    taken(next, given) {
      round = next
      shares = given
      limits()?.setShares(given, now())
    },
    report() {
      const inForce = limits()
      if (inForce === null) return
      // A policy that came since the last shares may have brought the same rules anew.
      inForce.setShares(shares, now())
      const demand = inForce.takeDemand().map(({ rule, asked, running }) => ({
        rule,
        asked,
        running,
        slots: shares[rule]?.slots ?? null,
      }))
      // Also where there are no rules: control sees that this worker is there before there is one.
      send({ kind: 'limit-demand', report: { round, demand } })
    },
  }
}
