// Hard budgets under everything that goes wrong: control and its store, nodes, workers with real wallets, their journals and the
// ledger, on a clock of its own. One number is one game; it is played the same every time. When it is over, everything heals, and what
// is left of every budget must be found and nothing more; then everybody ends, and every counter must be what the ledger has.

import { chargeOf, type FromWallet, type ToWallet } from '../budget/lease.ts'
import { BudgetTruth } from './budget-truth.ts'
import {
  claimOf,
  diceOf,
  planOf,
  type Dice,
  type Plan,
  type SimulatedClaim,
} from './simulated-budgets.ts'
import { SimulatedControl, SimulatedStore, type Plant } from './simulated-control.ts'
import { SimulatedWorker, type Outcomes } from './simulated-worker.ts'
import { VirtualTime } from './virtual-time.ts'

export type SimulationResult = Outcomes & {
  readonly violations: readonly string[]
  readonly plan: Plan
}

type Node = { readonly control: SimulatedControl; workers: SimulatedWorker[] }

const TICK_MS = 250
const HEAL_MS = 8_000
const TRIES = 20

export function simulateBudgets(seed: number, plant: Plant | null = null): SimulationResult {
  const game = new Game(seed, plant)
  game.play()
  game.heal()
  game.findWhatIsLeft()
  game.end()
  return { ...game.outcomes, violations: game.truth.violations, plan: game.plan }
}

class Game {
  readonly plan: Plan
  readonly truth: BudgetTruth
  readonly outcomes: Outcomes = { held: 0, spent: 0, unavailable: 0 }
  readonly #dice: Dice
  readonly #time = new VirtualTime()
  readonly #store = new SimulatedStore()
  readonly #nodes: Node[] = []
  #isHealed = false
  #workers = 0

  constructor(seed: number, plant: Plant | null) {
    this.#dice = diceOf(seed)
    this.plan = planOf(seed, this.#dice)
    // A calm network brings every word at once; else a holder may be believed for as long as it is not silent.
    const newsMs = this.plan.isCalm ? 4 * this.plan.delayMs + 60 : 3_600 + 4 * this.#delayMsMax()
    this.truth = new BudgetTruth(this.plan.budgets, this.#time.now, newsMs)
    for (let node = 0; node < this.plan.nodes; node += 1) {
      const control = new SimulatedControl({
        plan: this.plan,
        dice: this.#dice,
        time: this.#time,
        store: this.#store,
        truth: this.truth,
        plant,
        send: (holder, message) => this.#toWorker(node, holder, message),
      })
      this.#nodes.push({ control, workers: [] })
      for (let worker = 0; worker < this.plan.workers; worker += 1) this.#startWorker(node)
      this.#tick(control)
    }
  }

  play(): void {
    const { faultEveryMs, playMs } = this.plan
    const fault = (): void => {
      if (this.#isHealed) return
      this.#fault()
      this.#time.after(this.#dice.below(2 * faultEveryMs), fault)
    }
    if (faultEveryMs < Infinity) this.#time.after(faultEveryMs, fault)
    this.#time.play(playMs)
  }

  /** Everything works again, and nobody calls. */
  heal(): void {
    this.#isHealed = true
    for (const { control, workers } of this.#nodes) {
      control.heal()
      for (const worker of workers) {
        worker.isCut = false
        worker.hasCallers = false
      }
    }
    this.#time.play(HEAL_MS + this.plan.callMs)
  }

  /** Nothing is pinned: whatever is left can be had, and nothing beyond it. */
  findWhatIsLeft(): void {
    const probe = this.#startWorker(0)
    probe.hasCallers = false
    for (const budget of this.plan.budgets) {
      if (!budget.isHard) continue
      for (let user = 0; user < (budget.isPer ? this.plan.users : 1); user += 1) {
        const claim = claimOf(budget, user, this.#time.now(), 0n)
        if (claim === null) continue
        const left = this.truth.remaining(claim)
        if (left > 0n) this.#mustBe('held', probe, { ...claim, amount: left })
        this.#mustBe('spent', probe, { ...claim, amount: left > 0n ? left + 1n : 1n })
      }
    }
  }

  /** At rest a counter is what the ledger has. */
  end(): void {
    for (const { workers } of this.#nodes) for (const worker of workers) worker.wallet.close()
    this.#time.play(3_000)
    for (const node of this.#nodes) for (const worker of node.workers) this.#stop(worker, false, 0)
    this.#time.play(1_000)
    const ledger = new Map<string, bigint>()
    for (const { charges, holder } of this.#store.journals)
      for (const [instance, charge] of charges) {
        ledger.set(instance, (ledger.get(instance) ?? 0n) + charge)
        if (charge !== 0n && this.#store.rows.get(instance)?.leases.has(holder) !== true)
          ledger.set(instance, (ledger.get(instance) ?? 0n) - charge)
      }
    for (const [instance, { leases }] of this.#store.rows) {
      let counter = 0n
      for (const lease of leases.values()) {
        if (lease.state === 'open') this.truth.violated(`${instance} of ${lease.holder} is open`)
        counter += lease.state === 'lost' ? this.#ledgerOf(instance, lease.holder) : chargeOf(lease)
      }
      const sum = ledger.get(instance) ?? 0n
      if (counter !== sum) this.truth.violated(`${instance} counts ${counter}, the ledger ${sum}`)
    }
  }

  #ledgerOf(instance: string, holder: string): bigint {
    const journal = this.#store.journals.find((one) => one.holder === holder)
    return journal?.charges.get(instance) ?? 0n
  }

  #mustBe(wanted: 'held' | 'spent', probe: SimulatedWorker, claim: SimulatedClaim): void {
    const seen: string[] = []
    for (let tries = 0; tries < TRIES && seen.at(-1) !== wanted; tries += 1) {
      let isAnswered = false
      probe.wallet.reserve([claim], (outcome) => {
        isAnswered = true
        seen.push(outcome.kind)
        if (outcome.kind === 'held') probe.wallet.release(outcome.reservation)
      })
      this.#time.play(400)
      if (!isAnswered) seen.push('no answer')
      if (seen.at(-1) === 'held' || seen.at(-1) === 'spent') break
    }
    if (seen.at(-1) !== wanted)
      this.truth.violated(`${claim.instance}: ${claim.amount} of what is left ${seen.join(' ')}`)
  }

  #fault(): void {
    const dice = this.#dice
    const node = dice.pick(this.#nodes)
    const worker = dice.pick(node?.workers ?? [])
    if (node === undefined) return
    switch (dice.below(10)) {
      case 0:
      case 1:
        if (worker !== undefined) this.#stop(worker, false, dice.between(200, 4_000))
        break
      case 2:
        node.control.crash()
        break
      case 3:
        node.control.isCut = true
        this.#later(100, 6_000, () => (node.control.isCut = false))
        break
      case 4:
        if (worker === undefined) break
        worker.isCut = true
        this.#later(100, 5_000, () => (worker.isCut = false))
        break
      case 5:
        if (!dice.happens(0.3)) break
        for (const one of node.workers.slice()) this.#stop(one, true, dice.between(200, 4_000))
        break
      case 6: {
        const periodMs = this.plan.budgets[0]?.periodMs ?? 10_000
        if (worker !== undefined) worker.skewMs = dice.between(-2 * periodMs, 2 * periodMs)
        break
      }
      case 7:
        this.#correct()
        break
      case 8: {
        const budget = dice.pick(this.plan.budgets)
        const by = BigInt(dice.below(3 * this.plan.boundMax))
        if (budget === undefined) break
        budget.limit += by
        this.truth.raised(budget.name, by)
        break
      }
      case 9:
        if (node.control.isUp && !node.control.isCut) node.control.reclaim()
    }
  }

  #correct(): void {
    const budget = this.#dice.pick(this.plan.budgets)
    if (budget === undefined) return
    const user = this.#dice.below(this.plan.users)
    const claim = claimOf(budget, user, this.#time.now(), 0n)
    if (claim === null) return
    // Never below what the calls were charged in the first place.
    const used = Number(this.truth.usedOf(claim))
    const by = BigInt(this.#dice.between(-Math.floor(used / 20), Math.floor(used / 10)))
    this.#store.row(claim).other += by
    this.truth.corrected(claim, by)
  }

  #startWorker(at: number): SimulatedWorker {
    this.#workers += 1
    const holder = `n${at}j${this.#workers}`
    const worker = new SimulatedWorker({
      holder,
      plan: this.plan,
      dice: this.#dice,
      time: this.#time,
      truth: this.truth,
      outcomes: this.outcomes,
      send: (message) => this.#toControl(at, message),
    })
    if (!this.plan.isCalm && this.#dice.happens(0.2)) worker.skewMs = this.#dice.between(-900, 900)
    this.#nodes[at]?.workers.push(worker)
    return worker
  }

  #stop(worker: SimulatedWorker, isPowerLoss: boolean, shippedAfterMs: number): void {
    this.#store.journals.push(worker.end(isPowerLoss, this.#time.now() + shippedAfterMs))
    for (const [at, node] of this.#nodes.entries()) {
      if (!node.workers.includes(worker)) continue
      node.workers = node.workers.filter((one) => one !== worker)
      if (!this.#isHealed)
        this.#later(100, 1_000, () => {
          if (!this.#isHealed) this.#startWorker(at)
        })
    }
  }

  #tick(control: SimulatedControl): void {
    control.tick()
    this.#time.after(TICK_MS, () => this.#tick(control))
  }

  #toControl(node: number, message: FromWallet): void {
    this.#deliver(() => this.#nodes[node]?.control.receive(message))
  }

  /** A worker of another node hears of it when its own control next looks into the store. */
  #toWorker(from: number, holder: string, message: ToWallet): void {
    const at = this.#nodes.findIndex(({ workers }) => workers.some((one) => one.holder === holder))
    const node = this.#nodes[at]
    if (node === undefined) return
    const give = (): void =>
      this.#deliver(() => node.workers.find((one) => one.holder === holder)?.receive(message))
    if (at === from) give()
    else
      this.#time.after(this.#dice.between(0, 300), () => {
        if (node.control.isUp && !node.control.isCut) give()
      })
  }

  #deliver(give: () => void): void {
    const { delayMs, lossShare, repeatShare } = this.plan
    const dice = this.#dice
    if (this.#isHealed || this.plan.isCalm) {
      this.#time.after(delayMs === 0 ? 0 : dice.below(Math.min(delayMs, 20)), give)
      return
    }
    if (dice.happens(lossShare)) return
    this.#time.after(dice.below(delayMs), give)
    if (dice.happens(repeatShare)) this.#time.after(dice.below(this.#delayMsMax()), give)
  }

  /** What comes twice may come late. */
  #delayMsMax(): number {
    return this.plan.delayMs * 3
  }

  #later(from: number, to: number, run: () => void): void {
    this.#time.after(this.#dice.between(from, to), run)
  }
}
