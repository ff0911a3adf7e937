// Control's part of budgets as the control process runs it: on its channel, its store and the real clock.

import type { RunningLeases } from '../../control/leases/lease-service.ts'
import type { ToChild } from '../messages.ts'

export type BudgetControl = {
  readonly onMessage: (message: ToChild) => void
  /** Resolves when what was said is written. */
  readonly stop: () => Promise<void>
}

export type BudgetControlDeps = {
  readonly leases: RunningLeases
  /** Whether other nodes can be on the store. */
  readonly isShared: boolean
  readonly onError: (error: unknown) => void
}

const TICK_EVERY_MS = 1_000
/** A call waits for what another node gives back, so a recall is looked for several times in its patience. */
const FOLLOW_EVERY_MS = 100

export function runBudgetControl({ leases, isShared, onError }: BudgetControlDeps): BudgetControl {
  const timers = [every(TICK_EVERY_MS, leases.tick, onError)]
  if (isShared) timers.push(every(FOLLOW_EVERY_MS, leases.follow, onError))
  return {
    onMessage(message) {
      if (message.kind === 'budget-said') leases.said(message.worker, message.message)
      if (message.kind === 'worker-died') leases.workerDied(message.name)
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await leases.idle()
    },
  }
}

/** Leaves out a turn while the one before is under way. */
function every(
  everyMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): NodeJS.Timeout {
  let isBusy = false
  return setInterval(() => {
    if (isBusy) return
    isBusy = true
    void work()
      .catch(onError)
      .finally(() => {
        isBusy = false
      })
  }, everyMs)
}
