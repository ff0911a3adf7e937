// Nodes with real wallets on one control store and one ledger, in virtual time, for tests of how leases are granted. The ledger is a
// list of calls, and answers by the same rules as any.

import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { createBudgetWallet, type BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type { BudgetClaim, ReserveOutcome } from '../../governance/budget/budget-claim.ts'
import { instanceKey, type FromWallet, type ToWallet } from '../../governance/budget/lease.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import type { JournalEndState } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { createLeaseService, type RunningLeases } from '../leases/lease-service.ts'
import type { ControlStore } from '../store/control-store.ts'
import { chargeLine, createWorldLedger, entryOfCall } from './world-ledger.ts'

const STEP_MS = 10
const FOLLOW_MS = 100
export const T0 = Date.parse('2026-10-14T12:00:00.000Z')

export function testBudget(changes: Partial<Budget> = {}): Budget {
  return {
    name: 'team',
    scope: {},
    per: null,
    period: { kind: 'day' },
    timeZone: 'UTC',
    unit: 'usd',
    limit: '1000',
    mode: 'hard',
    shadow: false,
    missingMaxTokens: 'model_max',
    unpricedReserve: '0',
    alertAt: [],
    alertForecastAt: null,
    carryOver: false,
    raises: [],
    ...changes,
  }
}

/** A call, or a correction, as the ledger has it. `budget` null: charged to none. */
export type LedgerCall = {
  readonly journalId: string
  readonly budget: string | null
  readonly fromMs: number
  readonly atMs: number
  readonly counter: string | null
  readonly amount: bigint
  /** Left out: `counter` is its team and its user. */
  readonly dimensions?: Readonly<Record<string, string>>
}

export function createTestLedger() {
  const calls: LedgerCall[] = []
  const ends = new Map<string, JournalEndState>()
  const books = createWorldLedger(
    () => calls.map(entryOf),
    (journalId) => ends.get(journalId) ?? 'running',
  )
  const ledger = {
    calls,
    ends,
    asked: 0,
    failure: null as Error | null,
    /** Runs while a question is under way. */
    meanwhile: async (): Promise<void> => {},
    budgetSpend: (async (question) => {
      ledger.asked += 1
      if (ledger.failure !== null) throw ledger.failure
      await ledger.meanwhile()
      return books.budgetSpend(question)
    }) satisfies Ledger['budgetSpend'],
    journalEnds: books.journalEnds,
    shipNow: async () => {},
  }
  return ledger
}

function entryOf({ journalId, budget, fromMs, atMs, counter, amount, ...call }: LedgerCall) {
  const value: Readonly<Record<string, string>> =
    counter === null ? {} : { team: counter, user: counter }
  return entryOfCall({
    journalId,
    atMs,
    dimensions: call.dimensions ?? value,
    usd: amount,
    tokens: 0,
    charges: budget === null ? [] : [chargeLine('usd', { budget, fromMs, counter }, amount)],
    version: 1,
  })
}

export type TestLedger = ReturnType<typeof createTestLedger>

export function createLeaseWorld(budgets: readonly Budget[], isLedgerShared = true) {
  let nowMs = T0
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
  const ledger = createTestLedger()
  const clock = { now: () => nowMs, monotonic: () => nowMs - T0 }
  const state = { budgets }
  const nodes: TestNode[] = []

  type TestWorker = ReturnType<typeof worker>
  type TestNode = {
    readonly leases: RunningLeases
    readonly workers: Map<string, TestWorker>
    readonly errors: unknown[]
  }

  function worker(name: string, holder: string, say: (message: FromWallet) => void) {
    const wallet = createBudgetWallet({
      holder,
      send: say,
      now: clock.monotonic,
      after: (ms, run) => {
        const timer = { atMs: nowMs + ms, run }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      patienceMs: 250,
    })
    return {
      name,
      holder,
      wallet,
      reserve: (amount: bigint, counter: string | null = null): Promise<ReserveOutcome> =>
        new Promise((resolve) => wallet.reserve([claim(amount, counter)], resolve)),
      /** A whole call: held at its bound, charged, in its journal, which the ledger has at once. */
      async call(bound: bigint, charge: bigint, counter: string | null = null) {
        const claimed = claim(bound, counter)
        const outcome: ReserveOutcome = await new Promise((resolve) =>
          wallet.reserve([claimed], resolve),
        )
        if (outcome.kind !== 'held') return outcome.kind
        wallet.settle(outcome.reservation, [charge])
        const { fromMs } = claimed
        const written = { journalId: holder, budget: claimed.budget, atMs: nowMs }
        ledger.calls.push({ ...written, fromMs, counter, amount: charge })
        return 'held'
      },
    }
  }

  function claim(amount: bigint, counter: string | null): BudgetClaim {
    const [budget] = state.budgets
    if (budget === undefined) throw new Error('no budget')
    const { fromMs, toMs } = instanceAt(budget.period, budget.timeZone, nowMs)
    const instance = instanceKey(budget.name, fromMs, counter)
    const hard = budget.mode === 'hard'
    return { instance, budget: budget.name, counter, fromMs, toMs, hard, amount }
  }

  /** Lets everything run that waits for nothing but the store. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      for (const { leases } of nodes) await leases.idle()
    }
  }

  /** Seconds for everybody; where several nodes are on the store, what others recall is looked for ten times as often. */
  async function pass(ms: number): Promise<void> {
    const endMs = nowMs + ms
    while (nowMs < endMs) {
      const stepMs = timers.size > 0 ? STEP_MS : FOLLOW_MS
      nowMs = Math.min(endMs, nowMs + stepMs - (nowMs % stepMs))
      for (const timer of timers) {
        if (timer.atMs > nowMs) continue
        timers.delete(timer)
        timer.run()
      }
      const isSecond = nowMs % 1_000 === 0
      if (isSecond) await second()
      else if (nowMs % FOLLOW_MS === 0 && nodes.length > 1) await follow()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await settle()
  }

  /** As a worker of the gateway does: what the next period may need is asked for a minute before. */
  function lookAhead(wallet: BudgetWallet): void {
    for (const ending of wallet.endingBy(nowMs + MS_PER_MINUTE)) {
      const { budget: name, counter, toMs } = ending
      const budget = state.budgets.find((one) => one.name === name)
      if (budget === undefined || toMs === null) continue
      const next = instanceAt(budget.period, budget.timeZone, toMs)
      const { fromMs } = next
      const instance = instanceKey(name, fromMs, counter)
      wallet.expect({ instance, budget: name, counter, fromMs, toMs: next.toMs }, ending.instance)
    }
  }

  async function second(): Promise<void> {
    for (const { workers } of nodes) {
      for (const { wallet } of workers.values()) {
        lookAhead(wallet)
        wallet.report()
      }
    }
    await settle()
    for (const { leases, errors } of nodes) {
      await leases.tick().catch((error: unknown) => errors.push(error))
    }
  }

  async function follow(): Promise<void> {
    await settle()
    for (const { leases, errors } of nodes) {
      await leases.follow().catch((error: unknown) => errors.push(error))
    }
  }

  return {
    ledger,
    clock,
    state,
    pass,
    settle,
    now: () => nowMs,
    jump: (ms: number) => {
      nowMs += ms
    },
    node(store: Pick<ControlStore, 'kind' | 'read' | 'write'>, nodeId: string) {
      const errors: unknown[] = []
      const stops: (string | null)[] = []
      const told: { readonly holder: string | null; readonly message: ToWallet }[] = []
      const workers = new Map<string, TestWorker>()
      const start = (): RunningLeases => {
        const life = { isOver: false }
        lives.push(life)
        return createLeaseService({
          store,
          ledger,
          budgets: () => state.budgets,
          clock,
          nodeId,
          isLedgerShared,
          tell: (holder, message) => {
            if (life.isOver) return
            told.push({ holder, message })
            for (const one of workers.values()) {
              if (holder === null || one.holder === holder)
                one.wallet.taken(structuredClone(message))
            }
          },
          pause: pass,
          onStop: (health) => stops.push(health.stop),
          onError: (error) => errors.push(error),
        })
      }
      const lives: { isOver: boolean }[] = []
      let leases = start()
      const node = {
        get leases() {
          return leases
        },
        workers,
        errors,
        stops,
        told,
        worker(name: string, holder: string) {
          const one = worker(name, holder, (message) => leases.said(name, structuredClone(message)))
          workers.set(name, one)
          return one
        },
        /** The worker is gone; its journal is in the ledger as far as `end` says. */
        kill(name: string, end: JournalEndState) {
          const one = workers.get(name)
          if (one === undefined) throw new Error(`no ${name}`)
          workers.delete(name)
          ledger.ends.set(one.holder, end)
          leases.workerDied(name)
        },
        /** Control dies with all it remembers; its workers go on. */
        restart() {
          for (const life of lives) life.isOver = true
          leases = start()
        },
        stop: () => {
          nodes.splice(nodes.indexOf(node), 1)
        },
      }
      nodes.push(node)
      return node
    },
  }
}

type World = ReturnType<typeof createLeaseWorld>
type Node = ReturnType<World['node']>

/** Waits in virtual time, for longer than a call's patience. */
export async function answered<T>(world: World, outcome: Promise<T>): Promise<T> {
  const answers: T[] = []
  void outcome.then((value) => answers.push(value))
  for (let waited = 0; waited < 400 && answers.length === 0; waited += 20) await world.pass(20)
  const [answer] = answers
  if (answer === undefined) throw new Error('no answer')
  return answer
}

export const only = (node: Node) => {
  const [state] = node.leases.states()
  if (state === undefined) throw new Error('no state')
  return state
}
