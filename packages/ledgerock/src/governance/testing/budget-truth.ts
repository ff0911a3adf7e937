// What really happened in a simulation, known to nobody in it, and whether the promises held: no hard budget is passed, and nobody is told
// that nothing is left while there was enough besides what came free just before, so that nobody who decides could know of it.

import type { InstanceName } from '../budget/lease.ts'
import type { SimulatedBudget, SimulatedClaim } from './simulated-budgets.ts'

type Instance = {
  readonly fromMs: number
  /** Charged, or held by calls under way. */
  used: bigint
  /** Counted without a lease. */
  other: bigint
  /** Idle in leases that are lost. */
  pinned: bigint
  /** What came free, newest last. */
  readonly freed: { readonly atMs: number; readonly by: bigint }[]
}

type Counter = {
  readonly instances: Map<string, Instance>
  /** Charged beyond bounds, and taken off by corrections: what may lie above the limit for all that anybody could do. */
  excess: bigint
}

export class BudgetTruth {
  readonly violations: string[] = []
  readonly #now: () => number
  /** How old the news may be that a refusal rests on. */
  readonly #newsMs: number
  readonly #budgets: ReadonlyMap<string, SimulatedBudget>
  readonly #raises: { readonly atMs: number; readonly name: string; readonly by: bigint }[] = []
  readonly #counters = new Map<string, Counter>()

  constructor(budgets: readonly SimulatedBudget[], now: () => number, newsMs: number) {
    this.#budgets = new Map(budgets.map((budget) => [budget.name, budget]))
    this.#now = now
    this.#newsMs = newsMs
  }

  admitted(claims: readonly SimulatedClaim[]): void {
    for (const claim of claims) {
      const { counter, instance } = this.#of(claim)
      instance.used += claim.amount
      if (!claim.hard) continue
      const used = this.#fullestWindow(claim)
      const limit = this.#limit(claim)
      if (used > limit + counter.excess)
        this.#violated(`${claim.instance} is passed: ${used} of ${limit}`)
    }
  }

  ended(claim: SimulatedClaim, charge: bigint): void {
    const { counter, instance } = this.#of(claim)
    instance.used += charge - claim.amount
    this.#freed(instance, claim.amount - charge)
    if (charge > claim.amount) counter.excess += charge - claim.amount
  }

  raised(name: string, by: bigint): void {
    this.#raises.push({ atMs: this.#now(), name, by })
  }

  corrected(claim: SimulatedClaim, by: bigint): void {
    const { counter, instance } = this.#of(claim)
    instance.other += by
    if (by < 0n) counter.excess -= by
    this.#freed(instance, -by)
  }

  /** What a lost lease counts beyond its calls, or short of them once it was reclaimed. */
  pinned(name: InstanceName, by: bigint): void {
    const { instance } = this.#of(name)
    instance.pinned += by
    this.#freed(instance, -by)
  }

  /** Calls that nobody has a line of any more. */
  writtenOff(name: InstanceName, by: bigint): void {
    if (by > 0n) this.#of(name).counter.excess += by
  }

  refused(claim: SimulatedClaim): void {
    const sinceMs = this.#now() - this.#newsMs
    const isNews = ({ atMs }: { readonly atMs: number }): boolean => atMs >= sinceMs
    const freed = this.#sum(claim, (instance) => sumOf(instance.freed.filter(isNews)))
    const raised = this.#raises.filter((raise) => raise.name === claim.budget && isNews(raise))
    const remaining = this.remaining(claim) - freed - sumOf(raised)
    if (remaining >= claim.amount)
      this.#violated(`${claim.instance} refused ${claim.amount} with ${remaining} remaining`)
  }

  remaining(claim: SimulatedClaim): bigint {
    const sum = this.#sum(claim, ({ other, pinned, used }) => used + other + pinned)
    return this.#limit(claim) - sum
  }

  usedOf(claim: SimulatedClaim): bigint {
    return this.#of(claim).instance.used
  }

  violated(what: string): void {
    this.#violated(what)
  }

  #violated(what: string): void {
    if (this.violations.length < 10) this.violations.push(`${this.#now()} ms: ${what}`)
  }

  #limit({ budget }: SimulatedClaim): bigint {
    return this.#budgets.get(budget)?.limit ?? 0n
  }

  /** Of those that a call of this instance counts in, each as long as the budget says. */
  #fullestWindow(claim: SimulatedClaim): bigint {
    const { counter, instance: own } = this.#of(claim)
    const lengthMs = claim.fromMs - claim.sinceMs
    if (lengthMs === 0) return own.used
    const instances = [...counter.instances.values()]
    let fullest = own.used
    for (const { fromMs: lastMs } of instances) {
      if (lastMs < claim.fromMs || lastMs > claim.fromMs + lengthMs) continue
      let used = 0n
      for (const { fromMs, used: one } of instances)
        if (fromMs <= lastMs && fromMs >= lastMs - lengthMs) used += one
      if (used > fullest) fullest = used
    }
    return fullest
  }

  #sum(claim: SimulatedClaim, of: (instance: Instance) => bigint): bigint {
    let sum = 0n
    const { counter, instance: own } = this.#of(claim)
    if (claim.sinceMs === claim.fromMs) return of(own)
    for (const instance of counter.instances.values())
      if (instance.fromMs >= claim.sinceMs) sum += of(instance)
    return sum
  }

  #freed(instance: Instance, by: bigint): void {
    if (by <= 0n) return
    const atMs = this.#now()
    instance.freed.push({ atMs, by })
    if (instance.freed.length < 1_024) return
    const first = instance.freed.findIndex((one) => one.atMs >= atMs - this.#newsMs)
    instance.freed.splice(0, first)
  }

  #of(claim: InstanceName) {
    const key = `${claim.budget}/${claim.counter ?? ''}`
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      counter = { instances: new Map(), excess: 0n }
      this.#counters.set(key, counter)
    }
    let instance = counter.instances.get(claim.instance)
    if (instance === undefined) {
      instance = { fromMs: claim.fromMs, used: 0n, other: 0n, pinned: 0n, freed: [] }
      counter.instances.set(claim.instance, instance)
    }
    return { counter, instance }
  }
}

function sumOf(changes: readonly { readonly by: bigint }[]): bigint {
  return changes.reduce((sum, { by }) => sum + by, 0n)
}
