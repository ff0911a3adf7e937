// What really happened in a game of leases, known to nobody in it: every call from its first instant with what it holds or was charged.
// A call counts for a budget by the rules of the books (`naiveBudgetSpend`), here call by call and told of at once.

import { UNKNOWN, type BudgetChargeLine } from '@ledgerock/contract'
import type { Budget } from '../../governance/budget/budget.ts'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import type { Covering } from '../../governance/budget/budget-rules.ts'
import { compileScope, type Covers } from '../../governance/rule-scope.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import { CHARGE_NEAR_MS } from '../../ledger/budget-question.ts'
import { chargeDigits } from '../../ledger/testing/naive-budget.ts'

/** `isBooked`: the ledger has it as it is. */
export type TrueCall = {
  readonly holder: string
  readonly atMs: number
  readonly dimensions: Readonly<Record<string, string>>
  usd: bigint
  tokens: number
  charges: readonly BudgetChargeLine[]
  isBooked: boolean
}

type Counted = { readonly counter: string | null; readonly fromMs: number; readonly amount: bigint }
type Freed = {
  readonly atMs: number
  readonly budget: string
  readonly counter: string | null
  readonly by: bigint
}
type Counter = Pick<Covering, 'budget' | 'counter' | 'instance'>
type Sums = Map<string | null, Map<number, bigint>>

export class LeaseTruth {
  readonly calls = new Set<TrueCall>()
  readonly violations: string[] = []
  readonly #now: () => number
  readonly #newsMs: number
  #budgets: readonly Budget[] = []
  readonly #covers = new Map<string, Covers>()
  readonly #sums = new Map<string, Sums>()
  /** What may lie above a limit for all that anybody could do, by budget. */
  readonly #excess = new Map<string, bigint>()
  #freed: Freed[] = []
  #changedAtMs = -Infinity

  /** `newsMs`: how old the news may be that a refusal rests on. */
  constructor(now: () => number, newsMs: number) {
    this.#now = now
    this.#newsMs = newsMs
  }

  /** What a budget counts may jump; what calls under way will be found to have counted it cannot stop. */
  setBudgets(budgets: readonly Budget[]): void {
    const before = new Map(this.#budgets.map((budget) => [budget.name, budget]))
    const used = new Map([...this.#sums].map(([name, sums]) => [name, largest(sums)]))
    this.#budgets = budgets
    this.#changedAtMs = this.#now()
    for (const budget of budgets) {
      this.#covers.set(budget.name, compileScope(budget.scope))
      const sums: Sums = new Map()
      this.#sums.set(budget.name, sums)
      let unbooked = 0n
      for (const call of this.calls) {
        this.#add(budget, call, 1n)
        const counted = call.isBooked ? null : this.#countOf(budget, call)
        if (counted !== null) unbooked += counted.amount
      }
      const known = before.get(budget.name)
      if (known === budget) continue
      const jump = largest(sums) - (used.get(budget.name) ?? 0n)
      const lowered = BigInt(known?.limit ?? 0) - BigInt(budget.limit)
      this.#exceed(budget.name, unbooked + atLeastNone(jump) + atLeastNone(lowered))
    }
  }

  admitted(call: TrueCall, covering: readonly Covering[]): void {
    this.calls.add(call)
    for (const budget of this.#budgets) {
      const counted = this.#countOf(budget, call)
      this.#add(budget, call, 1n)
      if (counted === null || budget.mode !== 'hard') continue
      const claimed = covering.find((one) => one.budget.name === budget.name)
      const isClaimed =
        claimed?.counter === counted.counter && claimed.instance.fromMs === counted.fromMs
      if (!isClaimed) this.#exceed(budget.name, counted.amount)
      const instance = instanceAt(budget.period, budget.timeZone, counted.fromMs)
      const used = this.#fullest({ budget, counter: counted.counter, instance })
      const most = BigInt(budget.limit) + (this.#excess.get(budget.name) ?? 0n)
      if (used > most)
        this.violated(`${budget.name}/${counted.counter} is passed: ${used} of ${most}`)
    }
  }

  /** It costs something else than it did: it has ended, or is corrected. */
  changed(call: TrueCall, costs: Pick<TrueCall, 'usd' | 'tokens' | 'charges'>): void {
    if (!this.calls.has(call)) return
    const before = this.#budgets.map((budget) => this.#countOf(budget, call)?.amount ?? 0n)
    for (const budget of this.#budgets) this.#add(budget, call, -1n)
    Object.assign(call, costs)
    for (const [at, budget] of this.#budgets.entries()) {
      this.#add(budget, call, 1n)
      const counted = this.#countOf(budget, call)
      const by = (counted?.amount ?? 0n) - (before[at] ?? 0n)
      if (by > 0n) this.#exceed(budget.name, by)
      if (counted !== null) this.#free(budget, counted.counter, -by)
    }
  }

  /** Nobody has a line of it, and what it may have cost was written off. */
  writtenOff(call: TrueCall): void {
    for (const budget of this.#budgets) this.#add(budget, call, -1n)
    this.calls.delete(call)
  }

  used({ budget, counter, instance }: Counter): bigint {
    let sum = 0n
    for (const [fromMs, amount] of this.#sums.get(budget.name)?.get(counter) ?? [])
      if (fromMs >= instance.sinceMs && fromMs <= instance.fromMs) sum += amount
    return sum
  }

  /** As everybody must know by now; null: too much has changed just before. */
  surelyLeft(one: Counter): bigint | null {
    const nowMs = this.#now()
    if (nowMs - this.#changedAtMs < CHANGE_NEWS_MS) return null
    this.#freed = this.#freed.filter(({ atMs }) => atMs >= nowMs - this.#newsMs)
    const ahead = isRolling(one.budget) ? this.#fullest(one) : this.used(one)
    const freed = this.#freed
      .filter(({ budget, counter }) => budget === one.budget.name && counter === one.counter)
      .reduce((sum, { by }) => sum + by, 0n)
    return BigInt(one.budget.limit) - ahead - freed
  }

  usedBy(holder: string, { budget, counter, instance }: Counter): bigint {
    let sum = 0n
    for (const call of this.calls) {
      if (call.holder !== holder) continue
      const counted = this.#countOf(budget, call)
      if (counted?.counter !== counter) continue
      if (counted.fromMs >= instance.sinceMs && counted.fromMs <= instance.fromMs)
        sum += counted.amount
    }
    return sum
  }

  /** Of the budget's counters now. */
  counters(budget: string): readonly (string | null)[] {
    return [...(this.#sums.get(budget)?.keys() ?? [])]
  }

  violated(what: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(`${this.#now()} ms: ${what}`)
  }

  #exceed(budget: string, by: bigint): void {
    this.#excess.set(budget, (this.#excess.get(budget) ?? 0n) + by)
  }

  #free({ name }: Budget, counter: string | null, by: bigint): void {
    if (by > 0n) this.#freed.push({ atMs: this.#now(), budget: name, counter, by })
  }

  /** Of the windows a call of this instance counts in. */
  #fullest({ budget, counter, instance }: Counter): bigint {
    if (budget.period.kind !== 'rolling') return this.used({ budget, counter, instance })
    const lengthMs = budget.period.days * MS_PER_DAY - MS_PER_HOUR
    let most = 0n
    for (const lastMs of this.#sums.get(budget.name)?.get(counter)?.keys() ?? []) {
      if (lastMs < instance.fromMs || lastMs > instance.fromMs + lengthMs) continue
      const used = this.used({
        budget,
        counter,
        instance: { ...instance, fromMs: lastMs, sinceMs: lastMs - lengthMs },
      })
      if (used > most) most = used
    }
    return most === 0n ? this.used({ budget, counter, instance }) : most
  }

  #add(budget: Budget, call: TrueCall, sign: 1n | -1n): void {
    const counted = this.#countOf(budget, call)
    const sums = this.#sums.get(budget.name)
    if (counted === null || sums === undefined) return
    const { counter, fromMs, amount } = counted
    const own = sums.get(counter) ?? new Map<number, bigint>()
    own.set(fromMs, (own.get(fromMs) ?? 0n) + sign * amount)
    sums.set(counter, own)
  }

  #countOf(budget: Budget, call: TrueCall): Counted | null {
    const { name, per, period, timeZone, unit } = budget
    const counter = per === null ? null : (call.dimensions[per] ?? UNKNOWN)
    const own = call.charges.filter(
      (charge) => charge.budget === name && (charge.usd === null ? 'tokens' : 'usd') === unit,
    )
    for (const charge of own) {
      const fromMs = Date.parse(charge.period)
      const instance = instanceAt(period, timeZone, fromMs)
      const isNear =
        call.atMs >= fromMs - CHARGE_NEAR_MS &&
        (instance.toMs === null || call.atMs < instance.toMs + CHARGE_NEAR_MS)
      if (instance.fromMs === fromMs && isNear && charge.counter === counter)
        return { counter, fromMs, amount: chargeDigits(charge) }
    }
    const covers = this.#covers.get(name)
    const governed = {
      dimensions: call.dimensions,
      keyName: null,
      modelRequested: 'model',
      modelId: 'model',
    }
    if (covers?.(governed) !== true) return null
    const { fromMs } = instanceAt(period, timeZone, call.atMs)
    const cost = unit === 'usd' ? call.usd : BigInt(call.tokens)
    const charged = own.reduce((sum, charge) => sum + chargeDigits(charge), 0n)
    return { counter, fromMs, amount: own.length === 0 ? cost : charged }
  }
}

const CHANGE_NEWS_MS = 20_000
const VIOLATIONS_MAX = 10

function isRolling({ period }: Budget): boolean {
  return period.kind === 'rolling'
}

function largest(sums: Sums): bigint {
  let most = 0n
  for (const counters of sums.values()) {
    const sum = [...counters.values()].reduce((all, one) => all + one, 0n)
    if (sum > most) most = sum
  }
  return most
}

function atLeastNone(amount: bigint): bigint {
  return amount > 0n ? amount : 0n
}
