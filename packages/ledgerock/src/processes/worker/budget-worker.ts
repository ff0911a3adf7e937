// A worker's wallet among its processes: it pays for the calls of the worker's journal, hears control, and says once a second what changed.
// A minute before a period ends it asks for what the next one may need, so that nobody waits at its first instant; and a worker takes no
// call that control would have to pay for before control has heard it, so that the first one is served like any other.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import type { BudgetRules } from '../../governance/budget/budget-rules.ts'
import { createBudgetWallet, type BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import {
  instanceKey,
  type FromWallet,
  type LeaseGrant,
  type ToWallet,
} from '../../governance/budget/lease.ts'
import type { Clock } from '../../kernel/time.ts'

export const BUDGET_REPORT_EVERY_MS = 1_000
/** The longest a call waits for control. */
const PATIENCE_MS = 250
const AHEAD_MS = 60_000
const FIRST_WORD_EVERY_MS = 100
/** Without control calls go on that no budget can refuse. */
const FIRST_WORD_MS_MAX = 5_000

export type WorkerBudgets = {
  readonly wallet: BudgetWallet
  readonly taken: (message: ToWallet) => void
  /** Once a second. */
  readonly report: () => void
  /** Resolves when control has given up a lease of this journal: nothing is granted to it any more. */
  readonly over: Promise<void>
  /** Resolves when control has heard this worker, where the policy has budgets that need it; or after a few seconds without. */
  readonly firstWord: () => Promise<void>
}

/** `journal` may not be there yet; until it is, nothing is said. `policy`: the one in force. */
export function createWorkerBudgets(
  clock: Clock,
  journal: { readonly journalId: string },
  policy: () => { readonly budgets: BudgetRules } | null,
  send: (message: FromWallet) => void,
): WorkerBudgets {
  const heard = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
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

  function report(): void {
    lookAhead()
    wallet.report()
  }

  return {
    wallet,
    report,
    over: over.promise,
    taken(message) {
      if (message.kind === 'budget-heard') heard.resolve()
      if (message.kind === 'budget-grant' && message.grants.some(isOver)) over.resolve()
      wallet.taken(message)
    },
    async firstWord() {
      if (!(policy()?.budgets.budgets ?? []).some(isHard)) return
      report()
      const words = setInterval(report, FIRST_WORD_EVERY_MS)
      const patience = setTimeout(heard.resolve, FIRST_WORD_MS_MAX)
      await heard.promise
      clearInterval(words)
      clearTimeout(patience)
    },
  }
}

function isOver({ isOver: is }: LeaseGrant): boolean {
  return is === true
}

function isHard({ mode, shadow }: Budget): boolean {
  return mode === 'hard' && !shadow
}
