// Nodes with real wallets on one control store and one ledger, in virtual time, for tests of how leases are granted. The ledger is a
// list of calls; what it answers about budgets is the plainest arithmetic.

import type { Budget } from '../../governance/budget.ts'
import { instanceAt } from '../../governance/budget-period.ts'
import {
  createBudgetWallet,
  type BudgetClaim,
  type ReserveOutcome,
} from '../../governance/budget-wallet.ts'
import { instanceKey, type FromWallet, type ToWallet } from '../../governance/lease.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { createLeaseService, type RunningLeases } from '../lease-service.ts'
import type { ControlStore } from '../store/control-store.ts'

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
}

type EndState = Awaited<ReturnType<Ledger['journalEnds']>>[number]['state']

export function createTestLedger() {
  const calls: LedgerCall[] = []
  const ends = new Map<string, EndState>()
  const isIn = (atMs: number, fromMs: number, toMs: number | null): boolean =>
    atMs >= fromMs && (toMs === null || atMs < toMs)
  const ledger = {
    calls,
    ends,
    asked: 0,
    failure: null as Error | null,
    /** Runs while a question is under way. */
    meanwhile: async (): Promise<void> => {},
    budgetSpend: (async ({ budgets, liveJournals }) => {
      ledger.asked += 1
      if (ledger.failure !== null) throw ledger.failure
      await ledger.meanwhile()
      return budgets.flatMap(({ id, budget, fromMs, toMs }) => {
        const counters = new Map<string | null, { other: bigint; chargedElse: bigint }>()
        for (const call of calls) {
          const sums = counters.get(call.counter) ?? { other: 0n, chargedElse: 0n }
          if (call.budget === null && isIn(call.atMs, fromMs, toMs)) sums.other += call.amount
          const isElse = call.budget === budget && !liveJournals.includes(call.journalId)
          if (isElse && isIn(call.fromMs, fromMs, toMs)) sums.chargedElse += call.amount
          counters.set(call.counter, sums)
        }
        return [...counters].map(([counter, { other, chargedElse }]) => ({
          id,
          counter,
          other: String(other),
          chargedElse: String(chargedElse),
        }))
      })
    }) satisfies Ledger['budgetSpend'],
    journalEnds: (async (ids) =>
      ids.map((journalId) => {
        const state = ends.get(journalId) ?? 'running'
        const sums = new Map<string, LedgerCall>()
        for (const call of calls) {
          if (call.journalId !== journalId || call.budget === null) continue
          const key = instanceKey(call.budget, call.fromMs, call.counter)
          const before = sums.get(key)?.amount ?? 0n
          sums.set(key, { ...call, amount: before + call.amount })
        }
        const charges = [...sums.values()].map(({ budget, fromMs, counter, amount }) => ({
          budget: budget ?? '',
          fromMs,
          counter,
          unit: 'usd' as const,
          amount: String(amount),
        }))
        return { journalId, state, charges: state === 'running' ? [] : charges }
      })) satisfies Ledger['journalEnds'],
    shipNow: async () => {},
  }
  return ledger
}

export type TestLedger = ReturnType<typeof createTestLedger>

export function createLeaseWorld(budgets: readonly Budget[]) {
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

  async function second(): Promise<void> {
    for (const { workers } of nodes) for (const one of workers.values()) one.wallet.report()
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
          tell: (holder, message) => {
            if (life.isOver) return
            told.push({ holder, message })
            for (const one of workers.values()) {
              if (holder === null || one.holder === holder)
                one.wallet.taken(structuredClone(message))
            }
          },
          pause: pass,
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
        told,
        worker(name: string, holder: string) {
          const one = worker(name, holder, (message) => leases.said(name, structuredClone(message)))
          workers.set(name, one)
          return one
        },
        /** The worker is gone; its journal is in the ledger as far as `end` says. */
        kill(name: string, end: EndState) {
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
