// Control's part of budgets, put together: hears and answers workers, follows what other nodes grant, closes what has ended, asks the
// ledger for what leases do not tell, and says how every budget stands. Whoever runs it brings the clock's beats.

import type { Budget } from '../../governance/budget/budget.ts'
import type { InstanceState, ToWallet } from '../../governance/budget/lease.ts'
import { MS_PER_DAY, MS_PER_HOUR, type Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { instanceNamed } from './budget-counter.ts'
import type { BudgetState } from './budget-state.ts'
import { budgetStates } from './budget-states.ts'
import { createFirstOther, type FirstOther } from './first-other.ts'
import type { BookReads } from './lease-book.ts'
import { checkBudgets } from './lease-check.ts'
import { createLeaseDesk, type LeaseDesk } from './lease-desk.ts'
import { createLeaseEnds } from './lease-ends.ts'
import { createLeaseKeeper, type LeaseKeeper, type LeaseStoreHealth } from './lease-keeper.ts'
import { createLeaseRefresh, type LeaseRefresh } from './lease-refresh.ts'
import { createWriteOffs } from './lease-writeoff.ts'
import type { LeaseService } from './leases.ts'
import { once } from '../once.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredInstance } from '../store/lease-tables.ts'

export type LeaseServiceDeps = {
  readonly store: Pick<ControlStore, 'kind' | 'read' | 'write'>
  readonly ledger: Pick<Ledger, 'budgetSpend' | 'journalEnds' | 'shipNow'>
  /** Of the policy in force. */
  readonly budgets: () => readonly Budget[]
  readonly clock: Clock
  readonly nodeId: string
  /** Whether every node on the store writes to this ledger. */
  readonly isLedgerShared: boolean
  /** To the wallet of this node that pays for this journal, or to all of them where `holder` is null. */
  readonly tell: (holder: string | null, message: ToWallet) => void
  readonly pause: (ms: number) => Promise<void>
  /** Whether anything can be granted has changed. */
  readonly onStop: (health: LeaseStoreHealth) => void
  /** Of what is tried again anyway. */
  readonly onError: (error: unknown) => void
}

export type RunningLeases = LeaseService &
  Pick<LeaseDesk, 'said' | 'workerDied' | 'idle' | 'figures'> & {
    /** Before anybody is heard: reads what is in the store, and asks the ledger for every budget. */
    readonly open: () => Promise<void>
    /** Once a second. */
    readonly tick: () => Promise<void>
    /** Several times a second, where other nodes are on the store: what they recall must be given back at once. */
    readonly follow: () => Promise<void>
    /** Reads what is in the store, and closes what has ended: for whoever asks once. */
    readonly catchUp: () => Promise<void>
    /** The ledger's past has changed: prices were, or a budget is new. */
    readonly refreshSoon: () => void
    /** The node ends in order: closes what has ended, and is awaited by nobody from then on. */
    readonly leave: () => Promise<void>
    readonly health: () => LeaseStoreHealth
  }

const PRUNE_EVERY_MS = MS_PER_HOUR
/** Counters of periods that are over are shown and checked for so long. */
const KEPT_MS = 7 * MS_PER_DAY
/** Of budgets nobody declares any more. */
const KEPT_UNKNOWN_MS = 400 * MS_PER_DAY

export function createLeaseService(deps: LeaseServiceDeps): RunningLeases {
  const { store, ledger, clock, nodeId, budgets, onError } = deps
  const budgetNamed = createNamed(budgets)
  const keeper: LeaseKeeper = createLeaseKeeper({
    store,
    clock,
    nodeId,
    isLedgerShared: deps.isLedgerShared,
    heard: () => desk.heard(),
    isHeard: (holder) => desk.isHeard(holder),
    onMoved: () => first.forget(),
  })
  const first = createFirstOther(budgets, () => keeper.nowMs())
  const refresh = createLeaseRefresh({ ...deps, keeper, onAsked: first.asked })
  const broadcast = createBroadcast(deps.tell)
  const desk: LeaseDesk = createLeaseDesk({
    keeper,
    clock,
    nodeId,
    budgetNamed,
    firstOther: first,
    tell: deps.tell,
    onUnasked: refresh.now,
    onNewHolder: (holder) => {
      broadcast.begin(holder)
      refresh.soon()
    },
    onError,
  })
  const closeEnded = once(
    createLeaseEnds({
      keeper,
      ledger,
      clock,
      nodeId,
      heard: desk.heard,
      isDead: desk.isDead,
    }),
  )
  const prune = createPrune(keeper, clock, budgetNamed)
  const states = (): readonly BudgetState[] => statesNow(keeper, budgets())

  return {
    states,
    ...createWriteOffs({ keeper, ledger, nodeId }),
    check: () => checkBudgets({ keeper, ledger, budgets, closeEnded, pause: deps.pause }),
    said: desk.said,
    workerDied: desk.workerDied,
    idle: desk.idle,
    figures: desk.figures,
    refreshSoon: refresh.soon,
    health: keeper.health,
    ...createTurns({ ...deps, keeper, desk, first, refresh, broadcast, closeEnded, states, prune }),
  }
}

type Turned = LeaseServiceDeps & {
  readonly keeper: LeaseKeeper
  readonly desk: LeaseDesk
  readonly first: FirstOther
  readonly refresh: LeaseRefresh
  readonly broadcast: ReturnType<typeof createBroadcast>
  readonly closeEnded: () => Promise<void>
  readonly states: () => readonly BudgetState[]
  readonly prune: () => Promise<void>
}

/** What is done in turn, from the first look to the last. */
function createTurns(
  parts: Turned,
): Pick<RunningLeases, 'open' | 'catchUp' | 'leave' | 'follow' | 'tick'> {
  const { store, ledger, nodeId, budgets, onError } = parts
  const { keeper, desk, first, refresh, broadcast, closeEnded, states, prune } = parts
  let stop: LeaseStoreHealth['stop'] = null
  const noteStop = (): void => {
    const health = keeper.health()
    if (health.stop !== stop) parts.onStop(health)
    stop = health.stop
  }

  return {
    async open() {
      await keeper.follow()
      first.noteBudgets()
      if (budgets().length === 0) return
      refresh.soon()
      // What the node's own journals have of calls that no budget covered yet.
      await ledger.shipNow()
      await refresh.tick()
    },
    async catchUp() {
      await keeper.follow()
      await closeEnded()
    },
    async leave() {
      if (store.kind !== 'postgres') return
      await ledger.shipNow()
      await keeper.follow()
      await closeEnded()
      // Last of all: a database that knows of this knows of every grant before it, after a failover too.
      await keeper.write(({ tables }) => tables.leases.removeNode(nodeId))
    },
    async follow() {
      desk.recalled(await keeper.follow())
    },
    async tick() {
      if (first.noteBudgets()) refresh.soon()
      // Nobody has to hear of a node where there is nothing to be granted.
      if (store.kind === 'postgres' && budgets().length > 0) await keeper.beat(() => {})
      else await keeper.look()
      noteStop()
      desk.recalled(await keeper.follow())
      desk.recallOverdrawn()
      await prune()
      broadcast.send(states())
      // The ledger may take its time; the next second does not wait for it.
      void closeEnded().catch(onError)
      void refresh.tick().catch(onError)
    },
  }
}

function createNamed(budgets: () => readonly Budget[]): (name: string) => Budget | null {
  let known: readonly Budget[] = []
  let named: ReadonlyMap<string, Budget> = new Map()
  return (name) => {
    const now = budgets()
    if (now !== known) {
      known = now
      named = new Map(now.map((budget) => [budget.name, budget]))
    }
    return named.get(name) ?? null
  }
}

function statesNow(keeper: LeaseKeeper, budgets: readonly Budget[]): readonly BudgetState[] {
  return budgetStates({
    book: keeper.book(),
    budgets,
    nowMs: keeper.nowMs(),
    isCutOff: ({ state, nodeId }) => state === 'open' && !keeper.isAlive(nodeId),
  })
}

/** Tells workers what they do not know yet. */
function createBroadcast(tell: LeaseServiceDeps['tell']) {
  const begun = new Set<string>()
  let said = new Map<string, string>()
  return {
    begin: (holder: string): void => {
      begun.add(holder)
    },
    send(states: readonly BudgetState[]): void {
      const now = new Map<string, string>()
      const changed: InstanceState[] = []
      const all: InstanceState[] = []
      for (const { key, limit, spent } of states) {
        const state = { instance: key, limit: String(limit), spent: String(spent) }
        const text = `${state.limit} ${state.spent}`
        now.set(key, text)
        all.push(state)
        if (said.get(key) !== text) changed.push(state)
      }
      said = now
      if (changed.length > 0) tell(null, { kind: 'budget-states', states: changed })
      for (const holder of begun) tell(holder, { kind: 'budget-states', states: all })
      begun.clear()
    },
  }
}

/** A row that was written while nobody knew its budget does not say; `total` has no end. */
function endOf(row: StoredInstance, budget: Budget | null): number | null {
  if (row.toMs !== null || row.fromMs === 0) return row.toMs
  const instance = budget === null ? null : instanceNamed(budget, row)
  return instance === null ? row.fromMs : instance.toMs
}

/** Counters of periods long over leave the store, and the copy. */
function createPrune(
  keeper: LeaseKeeper,
  clock: Clock,
  budgetNamed: (name: string) => Budget | null,
): () => Promise<void> {
  let dueMs = clock.monotonic() + PRUNE_EVERY_MS
  const overOf = (book: BookReads): readonly string[] => {
    const nowMs = keeper.nowMs()
    const over: string[] = []
    for (const { row } of book.entries()) {
      const budget = budgetNamed(row.budget)
      const period = budget?.period ?? null
      const windowMs = period?.kind === 'rolling' ? period.days * MS_PER_DAY : 0
      const keptMs = period === null ? KEPT_UNKNOWN_MS : KEPT_MS + windowMs
      if ((endOf(row, budget) ?? nowMs) < nowMs - keptMs) over.push(row.instance)
    }
    return over
  }
  return async () => {
    if (clock.monotonic() < dueMs) return
    dueMs = clock.monotonic() + PRUNE_EVERY_MS
    if (overOf(keeper.book()).length === 0) return
    await keeper.write(({ draft }) => draft.dropInstances(overOf(draft)))
  }
}
