// Control in a simulation: a store that survives everything, and on every node a process that does not. What it decides is what
// `answerAsk` says; around that it is the least that keeps the promises: commit before sending, close a lease by its journal only.

import { answerAsk, askOf } from '../budget/lease-grants.ts'
import {
  chargeOf,
  heardOf,
  newLease,
  SILENT_MS,
  type FromWallet,
  type InstanceName,
  type Lease,
  type LeaseAnswer,
  type LeaseGrant,
  type LeaseWord,
  type ToWallet,
} from '../budget/lease.ts'
import type { BudgetTruth } from './budget-truth.ts'
import type { Dice, Plan, SimulatedBudget } from './simulated-budgets.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Mistakes that the checks must find. */
export const PLANTS = [
  'sends before it commits',
  'hears before it commits',
  'reclaims by time-out',
  'closes by the last word',
  'charges nothing for cut calls',
  'trusts the silent',
  'recalls nobody',
  'forgets what was settled',
  'frees what is lost',
  'ignores corrections',
  'drops instances that are over',
  'counts one instance of a window',
] as const
export type Plant = (typeof PLANTS)[number]

/** What the ledger knows of a journal. */
export type EndedJournal = {
  readonly holder: string
  readonly shippedAtMs: number
  readonly isUnsure: boolean
  readonly charges: ReadonlyMap<string, bigint>
  /** What its calls really used. */
  readonly used: ReadonlyMap<string, bigint>
  readonly boundsOfCutCalls: ReadonlyMap<string, bigint>
}

type Row = { readonly name: InstanceName; other: bigint; readonly leases: Map<string, Lease> }

/** Shared by all nodes; every step on it is a transaction. */
export class SimulatedStore {
  readonly rows = new Map<string, Row>()
  readonly heardAtMs = new Map<string, number>()
  readonly latestId = new Map<string, number>()
  readonly journals: EndedJournal[] = []

  row(name: InstanceName): Row {
    let row = this.rows.get(name.instance)
    if (row === undefined) {
      row = { name, other: 0n, leases: new Map() }
      this.rows.set(name.instance, row)
    }
    return row
  }
}

export type ControlDeps = {
  readonly plan: Plan
  readonly dice: Dice
  readonly time: VirtualTime
  readonly store: SimulatedStore
  readonly truth: BudgetTruth
  readonly plant: Plant | null
  /** To a worker of this node or, by way of the store, of another. */
  readonly send: (holder: string, message: ToWallet) => void
}

export class SimulatedControl {
  isUp = true
  /** The store cannot be reached. */
  isCut = false
  /** A new one with every start: what an earlier one began never ends. */
  #life = 0
  #isHealed = false
  readonly #deps: ControlDeps

  constructor(deps: ControlDeps) {
    this.#deps = deps
  }

  /** Somebody starts it again soon. */
  crash(): void {
    this.isUp = false
    this.#life += 1
    const life = this.#life
    this.#deps.time.after(this.#deps.dice.between(50, 2_500), () => {
      if (life === this.#life) this.isUp = true
    })
  }

  heal(): void {
    this.isUp = true
    this.isCut = false
    this.#isHealed = true
  }

  receive(message: FromWallet): void {
    if (!this.isUp) return
    const life = this.#life
    const { dice, plan, plant, time } = this.#deps
    if (plant === 'hears before it commits' && message.kind === 'budget-report')
      this.#deps.send(message.holder, { kind: 'budget-heard', id: message.id })
    const takesMs = plan.isCalm ? 1 : dice.between(0, dice.happens(0.02) ? 400 : 6)
    time.after(takesMs, () => {
      if (!this.isUp || this.isCut || life !== this.#life) return
      const replies = this.#transaction(message)
      // Between commit and sending.
      if (!this.#isHealed && dice.happens(plan.crashShare)) this.crash()
      else for (const [holder, reply] of replies) this.#deps.send(holder, reply)
    })
  }

  #transaction(message: FromWallet): readonly (readonly [string, ToWallet])[] {
    const { plant, store, time } = this.#deps
    const { holder, id } = message
    const isLatest = id > (store.latestId.get(holder) ?? -1)
    if (isLatest) {
      store.latestId.set(holder, id)
      // An ask speaks of some leases only.
      if (message.kind === 'budget-report') store.heardAtMs.set(holder, time.now())
    }
    if (message.kind === 'budget-report') {
      for (const word of message.leases) this.#hear(holder, word, isLatest)
      return isLatest ? [[holder, { kind: 'budget-heard', id }]] : []
    }
    const grants: LeaseGrant[] = []
    const recalls: (readonly [string, ToWallet])[] = []
    for (const ask of message.asks) {
      const row = this.#hear(holder, ask, isLatest)
      const leases = this.#window(row)
      const own = row.leases.get(holder) ?? newLease(ask.instance, holder)
      const book = {
        limit: this.#budget(row).limit,
        other: plant === 'ignores corrections' ? 0n : this.#other(row),
        leases,
        silent: plant === 'trusts the silent' ? new Set<string>() : this.#silent(leases),
      }
      const { answer, bare, granted, recall } = answerAsk(book, askOf(holder, ask))
      const lease = { ...own, granted, bare }
      this.#mustNotPass(row, own, lease)
      if (plant !== 'sends before it commits' || !this.#deps.dice.happens(0.05))
        row.leases.set(holder, lease)
      grants.push(this.#grant(lease, answer))
      for (const other of plant === 'recalls nobody' ? [] : recall) {
        const recalled = store.rows.get(other.instance)?.leases.get(other.holder)
        if (recalled === undefined) continue
        const grant = { ...this.#grant(recalled, null), bare: true }
        recalls.push([other.holder, { kind: 'budget-recall', grants: [grant] }])
      }
    }
    return [[holder, { kind: 'budget-grant', id, grants }], ...recalls]
  }

  /** Leases of journals that have ended are closed as the ledger has them; nothing else closes one. */
  tick(): void {
    const { plant, store, time, truth } = this.#deps
    if (!this.isUp || this.isCut) return
    for (const journal of store.journals) {
      if (journal.shippedAtMs > time.now()) continue
      for (const { leases, name } of store.rows.values()) {
        const lease = leases.get(journal.holder)
        if (lease?.state !== 'open') continue
        const { boundsOfCutCalls, charges, holder, isUnsure, used } = journal
        const charged = charges.get(name.instance) ?? 0n
        if (isUnsure && plant !== 'frees what is lost') {
          leases.set(holder, { ...lease, state: 'lost' })
          truth.pinned(name, chargeOf(lease) - (used.get(name.instance) ?? 0n))
          continue
        }
        const cut = boundsOfCutCalls.get(name.instance) ?? 0n
        const wrong = plant === 'closes by the last word' ? lease.settled : charged - cut
        const isWrong =
          plant === 'closes by the last word' || plant === 'charges nothing for cut calls'
        leases.set(holder, { ...lease, settled: isWrong ? wrong : charged, state: 'closed' })
      }
    }
    this.#misbehave()
  }

  /** An operator writes off what a lost journal may have had: the ledger's word counts from now on. */
  reclaim(): void {
    const { store, truth } = this.#deps
    for (const { charges, holder, used } of store.journals)
      for (const { leases, name } of store.rows.values()) {
        const lease = leases.get(holder)
        if (lease?.state !== 'lost') continue
        const closed: Lease = {
          ...lease,
          settled: charges.get(name.instance) ?? 0n,
          state: 'closed',
        }
        leases.set(holder, closed)
        truth.pinned(name, chargeOf(closed) - chargeOf(lease))
        truth.writtenOff(name, (used.get(name.instance) ?? 0n) - closed.settled)
      }
  }

  #misbehave(): void {
    const { plant, store, time } = this.#deps
    for (const { leases, name } of store.rows.values()) {
      if (plant === 'reclaims by time-out')
        for (const [holder, lease] of leases)
          if (lease.state === 'open' && time.now() - (store.heardAtMs.get(holder) ?? 0) > 5_000)
            leases.set(holder, { ...lease, returned: lease.granted - lease.settled })
      const { periodMs } = this.#budget({ name })
      const isOver = periodMs !== null && name.fromMs + periodMs < time.now()
      if (plant === 'drops instances that are over' && isOver) leases.clear()
    }
  }

  #hear(holder: string, word: LeaseWord & InstanceName, isLatest: boolean): Row {
    // A word of a lease that its holder has forgotten names no budget; the row is there.
    const row = this.#deps.store.row(word)
    const lease = row.leases.get(holder) ?? newLease(word.instance, holder)
    row.leases.set(holder, heardOf(lease, word, isLatest))
    return row
  }

  #grant(lease: Lease, answer: LeaseAnswer | null): LeaseGrant {
    const isForgetful = this.#deps.plant === 'forgets what was settled'
    return {
      instance: lease.instance,
      granted: lease.granted.toString(),
      returned: isForgetful ? '0' : lease.returned.toString(),
      settled: isForgetful ? '0' : lease.settled.toString(),
      bare: lease.bare,
      answer,
    }
  }

  #rowsOf({ name }: Row): readonly Row[] {
    const { periodMs, window } = this.#budget({ name })
    const isAll = this.#deps.plant !== 'counts one instance of a window'
    const sinceMs = name.fromMs - (isAll && periodMs !== null ? (window - 1) * periodMs : 0)
    const found: Row[] = []
    for (const row of this.#deps.store.rows.values()) {
      const isSame = row.name.budget === name.budget && row.name.counter === name.counter
      if (isSame && row.name.fromMs >= sinceMs && (isAll || row.name.instance === name.instance))
        found.push(row)
    }
    return found
  }

  #window(row: Row): readonly Lease[] {
    // An instance that is no rolling one's stands for itself, whatever came after it.
    const rows = this.#budget(row).window === 1 ? [row] : this.#rowsOf(row)
    return rows.flatMap(({ leases }) => [...leases.values()])
  }

  #other(row: Row): bigint {
    const rows = this.#budget(row).window === 1 ? [row] : this.#rowsOf(row)
    return rows.reduce((sum, { other }) => sum + other, 0n)
  }

  #silent(leases: readonly Lease[]): ReadonlySet<string> {
    const { store, time } = this.#deps
    const since = time.now() - SILENT_MS
    return new Set(
      leases.flatMap(({ holder }) =>
        (store.heardAtMs.get(holder) ?? -Infinity) < since ? holder : [],
      ),
    )
  }

  #mustNotPass(row: Row, before: Lease, after: Lease): void {
    const leases = this.#window(row)
    const sum = leases.reduce((total, lease) => total + chargeOf(lease), this.#other(row))
    const grown = chargeOf(after) - chargeOf(before)
    const limit = this.#budget(row).limit
    if (grown > 0n && sum + grown > limit)
      this.#deps.truth.violated(`${row.name.instance}: granted beyond ${limit}`)
  }

  #budget({ name }: Pick<Row, 'name'>): SimulatedBudget {
    const budget = this.#deps.plan.budgets.find((one) => one.name === name.budget)
    if (budget === undefined) throw new Error(`no budget ${name.budget}`)
    return budget
  }
}
