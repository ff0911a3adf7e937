// A worker in a game of leases: a real wallet, callers, and a journal whose lines reach the books a little later. It looks ahead as the
// gateway's worker does.

import { instanceAt } from '../../governance/budget/budget-period.ts'
import type { BudgetRules, Covering } from '../../governance/budget/budget-rules.ts'
import { createBudgetWallet, type BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import type { BudgetReservation } from '../../governance/budget/budget-claim.ts'
import { instanceKey, type FromWallet, type ToWallet } from '../../governance/budget/lease.ts'
import type { Dice } from '../../governance/testing/simulated-budgets.ts'
import type { VirtualTime } from '../../governance/testing/virtual-time.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import { TEAMS, USERS, type GamePlan } from './lease-game-plan.ts'
import type { LeaseTruth, TrueCall } from './lease-game-truth.ts'
import { chargeLine } from './world-ledger.ts'

export type GameWorkerDeps = {
  readonly holder: string
  readonly name: string
  readonly plan: GamePlan
  readonly dice: Dice
  readonly time: VirtualTime
  readonly truth: LeaseTruth
  /** By the clock of its node. */
  readonly wallMs: () => number
  readonly rules: () => BudgetRules
  readonly send: (message: FromWallet) => void
  /** Its journal has the call as it ended. */
  readonly written: (call: TrueCall) => void
  readonly refused: (covering: Covering, amount: bigint) => void
  readonly counted: (kind: 'held' | 'spent' | 'unavailable') => void
}

type Flight = { readonly call: TrueCall; readonly reservation: BudgetReservation }

export class GameWorker {
  readonly holder: string
  readonly name: string
  readonly wallet: BudgetWallet
  isAlive = true
  hasCallers = true
  readonly #deps: GameWorkerDeps
  readonly #flights = new Set<Flight>()

  constructor(deps: GameWorkerDeps) {
    this.#deps = deps
    this.holder = deps.holder
    this.name = deps.name
    const { dice, plan, time } = deps
    this.wallet = createBudgetWallet({
      holder: deps.holder,
      send: (message) => {
        if (this.isAlive) deps.send(message)
      },
      now: time.now,
      after: (ms, run) =>
        time.after(ms, () => {
          if (this.isAlive) run()
        }),
      patienceMs: 250,
    })
    time.after(0, () => this.#report())
    time.after(50 + dice.below(plan.callEveryMs), () => this.#callAgain())
  }

  receive(message: ToWallet): void {
    if (this.isAlive) this.wallet.taken(message)
  }

  /** Calls under way are cut off: each is charged its bound. */
  die(): readonly TrueCall[] {
    this.isAlive = false
    return [...this.#flights].map(({ call }) => call)
  }

  /** The probe's: held only as long as it takes to hear that it could be. */
  try(claimed: Covering, amount: bigint, answer: (kind: string) => void): void {
    const { budget, counter, key: instance } = claimed
    const { fromMs, toMs } = claimed.instance
    const claim = { instance, budget: budget.name, counter, fromMs, toMs, hard: true, amount }
    this.wallet.reserve([claim], (outcome) => {
      if (outcome.kind === 'held') this.wallet.release(outcome.reservation)
      answer(outcome.kind)
    })
  }

  #report(): void {
    if (!this.isAlive) return
    const { rules, time, wallMs } = this.#deps
    for (const ending of this.wallet.endingBy(wallMs() + MS_PER_MINUTE)) {
      const { budget: name, counter, instance, toMs } = ending
      const budget = rules().byName(name)
      if (budget === null || toMs === null) continue
      const next = instanceAt(budget.period, budget.timeZone, toMs)
      const { fromMs } = next
      const key = instanceKey(name, fromMs, counter)
      this.wallet.expect(
        { instance: key, budget: name, counter, fromMs, toMs: next.toMs },
        instance,
      )
    }
    this.wallet.report()
    time.after(1_000, () => this.#report())
  }

  #callAgain(): void {
    const { dice, plan, time } = this.#deps
    if (!this.isAlive) return
    if (this.hasCallers) this.#call()
    const lullMs = dice.happens(0.02) ? dice.between(1_000, 5_000) : 0
    time.after(lullMs + dice.below(2 * plan.callEveryMs), () => this.#callAgain())
  }

  #call(): void {
    const { counted, dice, holder, plan, refused, rules, truth, wallMs } = this.#deps
    const dimensions = { user: dice.pick(USERS) ?? 'ann', team: dice.pick(TEAMS) ?? 'ads' }
    const atMs = wallMs()
    const governed = { dimensions, keyName: null, modelRequested: 'model', modelId: 'model' }
    const covering = rules().covering(governed, atMs)
    const usd = BigInt(dice.happens(0.05) ? 4 * plan.boundMax : dice.between(0, plan.boundMax))
    const tokens = dice.between(0, plan.boundMax)
    const boundOf = ({ unit }: Covering): bigint => (unit === 'usd' ? usd : BigInt(tokens))
    const claims = covering.map((one) => ({
      instance: one.key,
      budget: one.budget.name,
      counter: one.counter,
      fromMs: one.instance.fromMs,
      toMs: one.instance.toMs,
      hard: one.hard,
      amount: boundOf(one),
    }))
    const isGone = dice.happens(0.03)
    this.wallet.reserve(claims, (outcome) => {
      counted(outcome.kind)
      if (outcome.kind === 'spent') {
        const one = covering.find(({ key }) => key === outcome.claim.instance)
        if (one !== undefined) refused(one, boundOf(one))
      }
      if (outcome.kind !== 'held') return
      if (isGone) return this.wallet.release(outcome.reservation)
      const charges = covering.map((one) => lineOf(one, boundOf(one)))
      const call: TrueCall = { holder, atMs, dimensions, usd, tokens, charges, isBooked: false }
      truth.admitted(call, covering)
      this.#attempt(call, covering, outcome.reservation)
    })
  }

  #attempt(call: TrueCall, covering: readonly Covering[], reservation: BudgetReservation): void {
    const { dice, plan, time, truth, written } = this.#deps
    const flight = { call, reservation }
    this.#flights.add(flight)
    time.after(dice.below(plan.callMs), () => {
      if (!this.isAlive) return
      this.#flights.delete(flight)
      const part = dice.happens(plan.exceedShare) ? 1 + dice.share() : dice.share()
      const usd = BigInt(Math.round(Number(call.usd) * part))
      const tokens = Math.round(call.tokens * part)
      const amounts = covering.map(({ unit }) => (unit === 'usd' ? usd : BigInt(tokens)))
      const charges = covering.map((one, at) => lineOf(one, amounts[at] ?? 0n))
      truth.changed(call, { usd, tokens, charges })
      this.wallet.settle(reservation, amounts)
      written(call)
    })
  }
}

function lineOf({ unit, budget, instance, counter }: Covering, amount: bigint) {
  return chargeLine(unit, { budget: budget.name, fromMs: instance.fromMs, counter }, amount)
}
