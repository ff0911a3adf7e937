// A worker's wallet among its processes: it pays for the calls of the worker's journal, hears control, and says once a second what changed.
// A minute before a period ends it asks for what the next one may need, so that nobody waits at its first instant.

import { instanceAt } from '../governance/budget-period.ts'
import type { BudgetRules } from '../governance/budget-rules.ts'
import { createBudgetWallet, type BudgetWallet } from '../governance/budget-wallet.ts'
import { instanceKey, type FromWallet } from '../governance/lease.ts'
import type { Clock } from '../kernel/time.ts'

export const BUDGET_REPORT_EVERY_MS = 1_000
/** The longest a call waits for control. */
const PATIENCE_MS = 250
const AHEAD_MS = 60_000

export type WorkerBudgets = {
  readonly wallet: BudgetWallet
  /** Once a second. */
  readonly report: () => void
}

/** `journal` may not be there yet; until it is, nothing is said. `policy`: the one in force. */
export function createWorkerBudgets(
  clock: Clock,
  journal: { readonly journalId: string },
  policy: () => { readonly budgets: BudgetRules } | null,
  send: (message: FromWallet) => void,
): WorkerBudgets {
  const wallet = createBudgetWallet({
    get holder() {
      return journal.journalId
    },
    send(message) {
      if (message.holder !== '') send(message)
    },
    now: clock.monotonic,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    patienceMs: PATIENCE_MS,
  })

  function lookAhead(): void {
    for (const { budget: name, counter, instance, toMs } of wallet.endingBy(
      clock.now() + AHEAD_MS,
    )) {
      const budget = policy()?.budgets.byName(name) ?? null
      if (budget === null || toMs === null) continue
      const next = instanceAt(budget.period, budget.timeZone, toMs)
      const key = instanceKey(name, next.fromMs, counter)
      const { fromMs } = next
      wallet.expect({ instance: key, budget: name, counter, fromMs, toMs: next.toMs }, instance)
    }
  }

  return {
    wallet,
    report() {
      lookAhead()
      wallet.report()
    },
  }
}
