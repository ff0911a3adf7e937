// When the ledger is asked what counters hold besides leases: now and then, soon after something has changed, and at once where calls
// wait for it.

import type { Budget } from '../../governance/budget/budget.ts'
import type { Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { refreshSpend, type SpendWindow } from './budget-spend.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { once } from '../once.ts'

export type LeaseRefreshDeps = {
  readonly keeper: LeaseKeeper
  readonly ledger: Pick<Ledger, 'budgetSpend'>
  readonly budgets: () => readonly Budget[]
  readonly clock: Clock
  readonly nodeId: string
  readonly onAsked: (windows: readonly SpendWindow[]) => void
  readonly onError: (error: unknown) => void
}

export type LeaseRefresh = {
  readonly soon: () => void
  /** Somebody waits for it. */
  readonly now: () => void
  /** Once a second. */
  readonly tick: () => Promise<void>
}

const EVERY_MS = 10_000
/** The ledger works for us a twentieth of the time at most. */
const SHARE = 20
const AGAIN_MS = 1_000
/** So often in a row for those who wait; a counter the ledger cannot tell of would be asked for without end. */
const TURNS_MAX = 3

export function createLeaseRefresh(deps: LeaseRefreshDeps): LeaseRefresh {
  const { keeper, clock, nodeId } = deps
  let dueMs = 0
  let isAsked = false
  let isUrgent = false

  async function turn(): Promise<void> {
    const startMs = clock.monotonic()
    isAsked = false
    isUrgent = false
    dueMs = startMs + AGAIN_MS
    const isDone = await refreshSpend(deps)
    const nowMs = clock.monotonic()
    if (isDone) dueMs = nowMs + Math.max(EVERY_MS, SHARE * (nowMs - startMs))
    else isAsked = true
  }

  const run = once(async () => {
    for (let turns = 1; ; turns += 1) {
      await turn()
      // Whoever came while the ledger was asked may have been answered with the others.
      if (turns === TURNS_MAX || !isUrgent || !lacks(keeper)) return
    }
  })

  /** On a fleet one node asks for all: the first of those that live. */
  function isFirst(): boolean {
    return keeper.nodes().every((one) => one.nodeId >= nodeId || !keeper.isAlive(one.nodeId))
  }

  return {
    soon() {
      isAsked = true
    },
    now() {
      isUrgent = true
      void run().catch(deps.onError)
    },
    async tick() {
      if (isAsked || (clock.monotonic() >= dueMs && isFirst())) await run()
    },
  }
}

/** Whether there is a counter nothing is known of. */
function lacks(keeper: LeaseKeeper): boolean {
  for (const { row } of keeper.book().entries()) if (row.other === null) return true
  return false
}
