// A worker in a simulation: a real wallet, callers, and a journal that survives the process but, when the power goes, loses its last lines.

import { createBudgetWallet, type BudgetWallet } from '../budget/budget-wallet.ts'
import type { BudgetReservation } from '../budget/budget-claim.ts'
import type { FromWallet, ToWallet } from '../budget/lease.ts'
import type { BudgetTruth } from './budget-truth.ts'
import type { EndedJournal } from './simulated-control.ts'
import { claimOf, type Dice, type Plan, type SimulatedClaim } from './simulated-budgets.ts'
import type { VirtualTime } from './virtual-time.ts'

export const PATIENCE_MS = 250
/** What a journal that is not synced yet may lose. */
const UNSYNCED_MS = 100

export type WorkerDeps = {
  readonly holder: string
  readonly plan: Plan
  readonly dice: Dice
  readonly time: VirtualTime
  readonly truth: BudgetTruth
  readonly send: (message: FromWallet) => void
  readonly outcomes: Outcomes
}

export type Outcomes = { held: number; spent: number; unavailable: number }

/** Of one line: what the ledger says less without it. */
type Line = { readonly atMs: number; readonly charges: readonly (readonly [string, bigint])[] }

export class SimulatedWorker {
  readonly holder: string
  readonly wallet: BudgetWallet
  isAlive = true
  /** The way to control is cut. */
  isCut = false
  hasCallers = true
  /** Its clock less the others'. */
  skewMs = 0
  readonly #deps: WorkerDeps
  readonly #charges = new Map<string, bigint>()
  readonly #cut = new Map<string, bigint>()
  #lines: Line[] = []

  constructor(deps: WorkerDeps) {
    this.#deps = deps
    this.holder = deps.holder
    const { plan, time } = deps
    this.wallet = createBudgetWallet({
      holder: deps.holder,
      send: (message) => {
        if (this.isAlive && !this.isCut) deps.send(message)
      },
      now: time.now,
      after: (ms, run) =>
        time.after(ms, () => {
          if (this.isAlive) run()
        }),
      patienceMs: PATIENCE_MS,
      idleMs: plan.forgottenMs / 2,
      forgottenMs: plan.forgottenMs,
    })
    time.after(deps.dice.below(1_000), () => this.#report())
    time.after(deps.dice.below(2 * plan.callEveryMs), () => this.#callAgain())
  }

  receive(message: ToWallet): void {
    if (this.isAlive && !this.isCut) this.wallet.taken(message)
  }

  /** From now on nothing happens in it; what its journal has is known. */
  end(isPowerLoss: boolean, shippedAtMs: number): EndedJournal {
    this.isAlive = false
    const used = new Map(this.#charges)
    if (isPowerLoss) {
      const lostSinceMs = this.#deps.time.now() - this.#deps.dice.below(UNSYNCED_MS)
      for (const { atMs, charges } of this.#lines)
        if (atMs > lostSinceMs) for (const [instance, by] of charges) this.#charge(instance, -by)
    }
    return {
      holder: this.holder,
      shippedAtMs,
      isUnsure: isPowerLoss,
      charges: this.#charges,
      used,
      boundsOfCutCalls: this.#cut,
    }
  }

  claims(user: number, amount: bigint): readonly SimulatedClaim[] {
    const { plan, time } = this.#deps
    const wallMs = time.now() + this.skewMs
    return plan.budgets.flatMap((budget) => claimOf(budget, user, wallMs, amount) ?? [])
  }

  #report(): void {
    if (!this.isAlive) return
    const { plan, time } = this.#deps
    this.wallet.report()
    const wallMs = time.now() + this.skewMs
    for (const name of this.wallet.endingBy(wallMs + 2_000)) {
      const budget = plan.budgets.find((one) => one.name === name.budget)
      if (budget === undefined || name.toMs === null) continue
      const user = Number(name.counter?.slice(1) ?? 0)
      const next = claimOf(budget, user, name.toMs, 0n)
      if (next !== null) this.wallet.expect(next, name.instance)
    }
    time.after(1_000, () => this.#report())
  }

  #callAgain(): void {
    const { dice, plan, time } = this.#deps
    if (!this.isAlive) return
    if (this.hasCallers) this.#call()
    const lullMs = dice.happens(0.01) ? dice.between(1_000, 8_000) : 0
    time.after(lullMs + dice.below(2 * plan.callEveryMs), () => this.#callAgain())
  }

  #call(): void {
    const { dice, outcomes, plan, truth } = this.#deps
    const bound = dice.happens(0.05) ? 4 * plan.boundMax : dice.between(0, plan.boundMax)
    const claims = this.claims(dice.below(plan.users), BigInt(bound))
    const isGone = dice.happens(0.03)
    this.wallet.reserve(claims, (outcome) => {
      outcomes[outcome.kind] += 1
      if (outcome.kind === 'spent') {
        const refused = claims.find(({ instance }) => instance === outcome.claim.instance)
        if (refused !== undefined) truth.refused(refused)
      }
      if (outcome.kind !== 'held') return
      if (isGone) this.wallet.release(outcome.reservation)
      else this.#attempt(claims, outcome.reservation)
    })
  }

  #attempt(claims: readonly SimulatedClaim[], reservation: BudgetReservation): void {
    const { dice, plan, time, truth } = this.#deps
    truth.admitted(claims)
    this.#line(claims.map(({ amount, instance }) => [instance, amount]))
    for (const { amount, instance } of claims) add(this.#cut, instance, amount)
    time.after(dice.below(plan.callMs), () => {
      if (!this.isAlive) return
      const part = dice.happens(plan.exceedShare) ? 1 + dice.share() : dice.share()
      const charges = claims.map(({ amount }) => BigInt(Math.round(Number(amount) * part)))
      this.#line(claims.map(({ amount, instance }, at) => [instance, (charges[at] ?? 0n) - amount]))
      for (const [at, claim] of claims.entries()) {
        add(this.#cut, claim.instance, -claim.amount)
        truth.ended(claim, charges[at] ?? 0n)
      }
      this.wallet.settle(reservation, charges)
      const isRetried = this.hasCallers && dice.happens(0.05)
      const again = isRetried ? this.wallet.reserveAgain(claims) : null
      if (again !== null) this.#attempt(claims, again)
    })
  }

  #line(charges: Line['charges']): void {
    const atMs = this.#deps.time.now()
    for (const [instance, by] of charges) this.#charge(instance, by)
    this.#lines.push({ atMs, charges })
    if (this.#lines.length > 1_000)
      this.#lines = this.#lines.filter((line) => line.atMs >= atMs - UNSYNCED_MS)
  }

  #charge(instance: string, by: bigint): void {
    add(this.#charges, instance, by)
  }
}

function add(sums: Map<string, bigint>, key: string, by: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + by)
}
