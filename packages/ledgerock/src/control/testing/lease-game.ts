// Hard budgets as control really keeps them, under everything that goes wrong: `LeaseService` on the tables of a real store, real wallets,
// books by the rules of any ledger, on a clock of its own. One number is one game, the same every time. When it is over everything
// heals: what is left of every budget must be found and nothing more, and then every counter must be what the books have.

import type { Budget } from '../../governance/budget/budget.ts'
import {
  compileBudgets,
  type BudgetRules,
  type Covering,
} from '../../governance/budget/budget-rules.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { instanceKey, type ToWallet } from '../../governance/budget/lease.ts'
import { diceOf, type Dice } from '../../governance/testing/simulated-budgets.ts'
import { VirtualTime } from '../../governance/testing/virtual-time.ts'
import {
  createLeaseService,
  type LeaseServiceDeps,
  type RunningLeases,
} from '../leases/lease-service.ts'
import type { ControlStore } from '../store/control-store.ts'
import {
  BEFORE_HOUR_MS,
  changedBudget,
  gamePlanOf,
  STRETCH_MS,
  toNextHour,
  type GamePlan,
  type GameResult,
} from './lease-game-plan.ts'
import { GameBooks, type GamePlant } from './lease-game-books.ts'
import { LeaseTruth } from './lease-game-truth.ts'
import { GameWorker } from './lease-game-worker.ts'
import { forgetful, openMemoryStore } from './memory-store.ts'
import { sharedStore, type SharedStore } from './shared-store.ts'

const T0 = Date.parse('2026-10-14T12:20:00.000Z')
const STEP_MS = 5
const CUT_OFF = 'cut off'
const NEWS_MS = 4_500
const HEAL_MS = 16_000

export async function playLeases(
  seed: number,
  plant: GamePlant | null = null,
): Promise<GameResult> {
  const game = new Game(seed, plant)
  await game.begin()
  await game.play()
  await game.heal()
  await game.findWhatIsLeft()
  await game.end()
  return { plan: game.plan, violations: game.truth.violations, ...game.outcomes }
}

type Life = { isOver: boolean; readonly leases: RunningLeases }
type Node = {
  readonly at: number
  readonly way: SharedStore
  readonly workers: Map<string, GameWorker>
  life: Life | null
}

class Game {
  readonly plan: GamePlan
  readonly truth: LeaseTruth
  readonly outcomes = { held: 0, spent: 0, unavailable: 0 }
  readonly #dice: Dice
  readonly #plant: GamePlant | null
  readonly #time = new VirtualTime()
  readonly #nodes: Node[] = []
  readonly #books: GameBooks
  readonly #refusals: {
    readonly claim: Covering
    readonly amount: bigint
    readonly left: bigint
  }[] = []
  #store: ControlStore | null = null
  #wallOffsetMs = 0
  #rules: BudgetRules
  #isHealed = false
  #isBusy = false
  #journals = 0

  constructor(seed: number, plant: GamePlant | null) {
    this.#dice = diceOf(seed)
    this.#plant = plant
    this.plan = gamePlanOf(seed, this.#dice)
    this.truth = new LeaseTruth(this.#time.now, NEWS_MS)
    this.#books = new GameBooks(this.#dice, this.#time, this.truth, plant)
    this.#rules = compileBudgets(this.plan.budgets)
    this.truth.setBudgets(this.plan.budgets)
  }

  async begin(): Promise<void> {
    const clock = { now: () => this.#wallMs(), monotonic: this.#time.now }
    const store = await openMemoryStore(clock)
    this.#store = store
    for (let at = 0; at < this.plan.nodes; at += 1) {
      const way = sharedStore(store, () => ({ identity: 'db:1', nowMs: this.#wallMs() }))
      const node: Node = { at, way, workers: new Map(), life: null }
      this.#nodes.push(node)
      await this.#startControl(node)
      for (let one = 0; one < this.plan.workers; one += 1) this.#startWorker(node, `w${at}${one}`)
      const phaseMs = this.#dice.below(1_000)
      this.#every(1_000, phaseMs, () =>
        node.life?.leases.tick().catch((error) => this.#failed(error)),
      )
      if (this.plan.nodes > 1) {
        this.#every(250, phaseMs, () =>
          node.life?.leases.follow().catch((error) => this.#failed(error)),
        )
      }
    }
    const { faultEveryMs, correctEveryMs } = this.plan
    if (faultEveryMs < Infinity) this.#every(faultEveryMs, faultEveryMs, () => this.#fault())
    if (correctEveryMs < Infinity) this.#every(correctEveryMs, 1_000, () => this.#correct())
  }

  /** Stretches of traffic, and between them an hour that ends. */
  async play(): Promise<void> {
    await this.#pass(STRETCH_MS)
    for (let stretch = 0; stretch < this.plan.stretches; stretch += 1) {
      if (stretch === 0 && this.plan.change !== null) await this.#change()
      for (const beforeMs of BEFORE_HOUR_MS) {
        this.#wallOffsetMs += toNextHour(this.#wallMs(), beforeMs)
        await this.#pass(STRETCH_MS)
      }
    }
  }

  /** Everything works again, and nobody calls; what was lost is written off. */
  async heal(): Promise<void> {
    this.#isHealed = true
    for (const node of this.#nodes) {
      node.way.fault.next = null
      for (const worker of node.workers.values()) worker.hasCallers = false
    }
    await this.#pass(HEAL_MS)
    for (const node of this.#nodes) {
      for (const { instance, holder, state } of (await node.life?.leases.leases()) ?? []) {
        if (state !== 'lost') continue
        await node.life?.leases.reclaim(instance, holder, 'mia', 'the disk is gone')
        for (const call of this.truth.calls)
          if (call.holder === holder && !call.isBooked) this.truth.writtenOff(call)
      }
    }
    for (const { life } of this.#nodes) life?.leases.refreshSoon()
    await this.#pass(HEAL_MS)
  }

  /** Nothing is pinned: whatever is left can be had, and nothing beyond it. */
  async findWhatIsLeft(): Promise<void> {
    const [node] = this.#nodes
    if (node === undefined) return
    const probe = this.#startWorker(node, 'probe')
    probe.hasCallers = false
    await this.#pass(2_500)
    for (const budget of this.#rules.budgets) {
      if (budget.mode !== 'hard') continue
      for (const counter of this.truth.counters(budget.name)) {
        const claim = this.#claim(budget, counter)
        const left = BigInt(budget.limit) - this.truth.used(claim)
        if (left > 0n) await this.#mustBe('held', probe, claim, left)
        await this.#mustBe('spent', probe, claim, left > 0n ? left + 1n : 1n)
      }
    }
  }

  /** At rest a counter is what the books have. */
  async end(): Promise<void> {
    for (const { workers } of this.#nodes) for (const one of workers.values()) one.wallet.close()
    await this.#pass(3_000)
    const last = this.#nodes.at(-1)
    for (const { budget, counter, instance, key, reserved, spent } of last?.life?.leases.states() ??
      []) {
      const used = this.truth.used({ budget, counter, instance })
      if (used !== spent) this.truth.violated(`${key} is ${spent}, its calls ${used}`)
      if (reserved !== 0n) this.truth.violated(`${key} holds ${reserved} at rest`)
    }
    const check = await last?.life?.leases.check()
    for (const { instance, counted, ledger } of check?.findings ?? [])
      this.truth.violated(`${instance} counts ${counted}, the books ${ledger}`)
    if (check?.moving !== 0) this.truth.violated('something moves at rest')
    await this.#store?.close()
  }

  async #mustBe(kind: string, probe: GameWorker, claim: Covering, amount: bigint): Promise<void> {
    const answers: string[] = []
    // What nobody knows yet is asked of the books, and others are asked to give back.
    for (let tries = 0; tries < 12; tries += 1) {
      if ((answers[0] ?? 'unavailable') !== 'unavailable') break
      probe.try(claim, amount, (said) => answers.unshift(said))
      await this.#pass(400)
    }
    if (answers[0] !== kind)
      this.truth.violated(`${claim.key}: ${amount} is ${answers[0]}, should be ${kind}`)
  }

  #claim(budget: Budget, counter: string | null): Covering {
    const instance = instanceAt(budget.period, budget.timeZone, this.#wallMs())
    const key = instanceKey(budget.name, instance.fromMs, counter)
    return { budget, hard: true, unit: budget.unit, counter, instance, key }
  }

  #wallMs(): number {
    return T0 + this.#wallOffsetMs + Math.floor(this.#time.now())
  }

  #every(everyMs: number, phaseMs: number, work: () => unknown): void {
    const turn = (): void => {
      this.#isBusy = true
      void work()
      this.#time.after(everyMs, turn)
    }
    this.#time.after(phaseMs, turn)
  }

  async #pass(ms: number): Promise<void> {
    const untilMs = this.#time.now() + ms
    while (this.#time.now() < untilMs) {
      this.#time.play(Math.min(STEP_MS, untilMs - this.#time.now()))
      if (!this.#isBusy) continue
      this.#isBusy = false
      // All that is not done with waits for promises only.
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#refusals.length > 0) await this.#judgeRefusals()
    }
  }

  /** What a lost lease counts beyond its calls is missing, and nobody is to blame. */
  async #judgeRefusals(): Promise<void> {
    const refusals = this.#refusals.splice(0)
    const leases = this.#store?.read.leases
    const rows = (await leases?.instancesSince(0)) ?? []
    const lost = ((await leases?.leasesSince(0)) ?? []).filter(({ state }) => state === 'lost')
    for (const { claim, amount, left } of refusals) {
      let pinned = 0n
      for (const lease of lost) {
        const row = rows.find(({ instance }) => instance === lease.instance)
        if (row?.budget !== claim.budget.name || row.counter !== claim.counter) continue
        const kept = lease.granted - lease.returned
        pinned += kept > lease.settled ? kept : lease.settled
      }
      if (left - pinned >= amount)
        this.truth.violated(`${claim.key} refused ${amount} with ${left - pinned} left`)
    }
  }

  #startWorker(node: Node, name: string): GameWorker {
    this.#journals += 1
    const skewMs = this.plan.skewMs[node.at] ?? 0
    const worker: GameWorker = new GameWorker({
      holder: `j${this.#journals}`,
      name,
      plan: this.plan,
      dice: this.#dice,
      time: this.#time,
      truth: this.truth,
      wallMs: () => this.#wallMs() + skewMs,
      rules: () => this.#rules,
      send: (message) => this.#carry(() => node.life?.leases.said(name, structuredClone(message))),
      written: (call) => this.#books.ship(call),
      refused: (claim, amount) => {
        const left = this.truth.surelyLeft(claim)
        if (left !== null && left >= amount) this.#refusals.push({ claim, amount, left })
      },
      counted: (kind) => {
        this.outcomes[kind] += 1
      },
    })
    node.workers.set(name, worker)
    return worker
  }

  /** Late, lost or twice. */
  #carry(receive: () => void): void {
    const deliver = (): void => {
      this.#isBusy = true
      receive()
    }
    const { delayMs, lossShare, repeatShare } = this.plan
    const isRough = !this.#isHealed
    if (isRough && this.#dice.happens(lossShare)) return
    this.#time.after(this.#dice.between(0, delayMs), deliver)
    if (isRough && this.#dice.happens(repeatShare))
      this.#time.after(this.#dice.between(0, 1_500), deliver)
  }

  async #startControl(node: Node): Promise<void> {
    const clock = {
      now: () => this.#wallMs() + (this.plan.skewMs[node.at] ?? 0),
      monotonic: this.#time.now,
    }
    const life = { isOver: false }
    const leases = createLeaseService({
      store: this.#storeOf(node),
      ledger: this.#books.ledger,
      budgets: () => this.#rules.budgets,
      clock: this.#plant === 'hears the dead for ever' ? { ...clock, monotonic: () => 0 } : clock,
      nodeId: `node-${node.at}`,
      isLedgerShared: true,
      tell: (holder, message) => {
        if (life.isOver) return
        if (!this.#isHealed && this.#dice.happens(this.plan.crashShare)) return this.#crash(node)
        this.#tell(node, holder, message)
      },
      pause: (ms) => this.#pass(ms),
      onStop: () => {},
      onError: (error) => this.#failed(error),
    })
    node.life = Object.assign(life, { leases })
    await leases.open().catch((error: unknown) => this.#failed(error))
  }

  #tell(node: Node, holder: string | null, message: ToWallet): void {
    for (const worker of node.workers.values()) {
      if (holder !== null && worker.holder !== holder) continue
      this.#carry(() => worker.receive(structuredClone(message)))
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Error && error.message === CUT_OFF) return
    this.truth.violated(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  #storeOf({ way }: Node): LeaseServiceDeps['store'] {
    const { shared } = way
    const store = this.plan.nodes > 1 ? shared : { ...shared, kind: 'sqlite' as const }
    if (this.#plant !== 'loses what it committed') return store
    return forgetful(store, () => this.#dice.happens(0.05))
  }

  #fault(): void {
    if (this.#isHealed) return
    const node = this.#dice.pick(this.#nodes)
    if (node === undefined) return
    const kind = this.#dice.below(4)
    if (kind === 0) this.#crash(node)
    else if (kind === 1) {
      const { fault } = node.way
      fault.next = new Error(CUT_OFF)
      this.#time.after(this.#dice.between(100, 5_000), () => {
        fault.next = null
      })
    } else {
      const worker = this.#dice.pick([...node.workers.values()])
      if (worker !== undefined) this.#kill(node, worker)
    }
  }

  #crash(node: Node): void {
    if (node.life === null) return
    node.life.isOver = true
    node.life = null
    this.#time.after(this.#dice.between(50, 2_500), () => {
      this.#isBusy = true
      void this.#startControl(node)
    })
  }

  #kill(node: Node, worker: GameWorker): void {
    node.workers.delete(worker.name)
    const isUnsure = this.#dice.happens(this.plan.unsureShare)
    this.#books.ended(worker.holder, worker.die(), isUnsure)
    node.life?.leases.workerDied(worker.name)
    this.#time.after(this.#dice.between(10, 1_000), () => {
      const next = this.#startWorker(node, worker.name)
      next.hasCallers = !this.#isHealed
    })
  }

  #correct(): void {
    if (this.#isHealed || !this.#books.correct()) return
    for (const { life } of this.#nodes) life?.leases.refreshSoon()
  }

  /** One of the budgets is another from now on, or is gone for a while. */
  async #change(): Promise<void> {
    const { change } = this.plan
    const { budgets } = this.#rules
    const one = this.#dice.pick(budgets)
    if (change === null || one === undefined) return
    if (change === 'absence') {
      this.#setBudgets(budgets.filter((other) => other !== one))
      await this.#pass(this.#dice.between(200, 9_000))
      this.#setBudgets(budgets)
    } else {
      const next = changedBudget(one, change, this.#dice)
      this.#setBudgets(budgets.map((other) => (other === one ? next : other)))
    }
    await this.#pass(STRETCH_MS)
  }

  #setBudgets(budgets: readonly Budget[]): void {
    this.#rules = compileBudgets(budgets)
    this.truth.setBudgets(budgets)
  }
}
