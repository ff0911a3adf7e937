// Budgets tried on past calls: counters by period, with what each call was charged. A call is let in where what it cost still fits; in
// truth it must fit with the most it could have cost, so that a budget refuses a little sooner than is shown here.

import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { Budget } from '../budget/budget.ts'
import { carriedOver, effectiveLimit } from '../budget/budget-limit.ts'
import { instanceAt, nextInstance, type PeriodInstance } from '../budget/budget-period.ts'
import { compileBudgets, type Covering } from '../budget/budget-rules.ts'
import { instanceKey } from '../budget/lease.ts'
import type { PastCall } from './past-call.ts'

/** Spent before the first call that is tried, in a period that lasts beyond it. */
export type EarlierSpend = {
  readonly budget: string
  readonly counter: string | null
  /** Any instant of the period; of a rolling one, the hour it was spent in. */
  readonly atMs: number
  readonly amount: bigint
}

export type PastBudgets = {
  readonly covering: (call: PastCall) => readonly Covering[]
  /** Whether too little is left of it for the call. */
  readonly isShort: (covering: Covering, call: PastCall) => boolean
  /** Whole percent; null: a limit of nothing has no share. */
  readonly usedPercent: (covering: Covering, atMs: number) => number | null
  readonly charge: (covering: Covering, call: PastCall) => void
}

type Standing = {
  instance: PeriodInstance
  /** In the instance, or where it rolls in the whole window. */
  spent: bigint
  carried: bigint
  /** Of a rolling period: what was spent by the hour. */
  readonly hours: Map<number, bigint> | null
}

export function createPastBudgets(
  budgets: readonly Budget[],
  fromMs: number,
  earlier: readonly EarlierSpend[],
): PastBudgets {
  const rules = compileBudgets(budgets)
  const before = Map.groupBy(earlier, ({ budget, counter }) => counterKey(budget, counter))
  const standings = new Map<string, Standing>()
  const standingOf = ({ budget, counter, instance }: Covering): Standing => {
    const key = counterKey(budget.name, counter)
    const standing = standings.get(key) ?? firstStanding(budget, fromMs, before.get(key) ?? [])
    standings.set(key, standing)
    goOn(standing, budget, counter, instance)
    return standing
  }
  const limitOf = ({ budget, counter, instance }: Covering, carried: bigint, atMs: number) =>
    effectiveLimit(budget, counter, instance, carried, atMs)
  return {
    covering: (call) => rules.covering(call, call.startedMs),
    isShort(covering, call) {
      const { spent, carried } = standingOf(covering)
      const left = limitOf(covering, carried, call.startedMs) - spent
      return left <= 0n || needOf(covering.budget, call) > left
    },
    usedPercent(covering, atMs) {
      const { spent, carried } = standingOf(covering)
      const limit = limitOf(covering, carried, atMs)
      return limit <= 0n ? null : Number((spent * 100n) / limit)
    },
    charge(covering, call) {
      const standing = standingOf(covering)
      const amount = chargeOf(covering.budget, call)
      standing.spent += amount
      const { hours } = standing
      const { fromMs: hour } = covering.instance
      if (hours !== null) hours.set(hour, (hours.get(hour) ?? 0n) + amount)
    },
  }
}

function counterKey(budget: string, counter: string | null): string {
  return instanceKey(budget, 0, counter)
}

function firstStanding(
  { period, timeZone }: Budget,
  fromMs: number,
  earlier: readonly EarlierSpend[],
): Standing {
  const standing: Standing = {
    instance: instanceAt(period, timeZone, fromMs),
    spent: 0n,
    carried: 0n,
    hours: period.kind === 'rolling' ? new Map() : null,
  }
  for (const { atMs, amount } of earlier) {
    standing.spent += amount
    const hour = Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR
    standing.hours?.set(hour, (standing.hours.get(hour) ?? 0n) + amount)
  }
  return standing
}

/** To the period of the call, through those in which nobody called: they may leave something over too. */
function goOn(
  standing: Standing,
  budget: Budget,
  counter: string | null,
  current: PeriodInstance,
): void {
  const { hours } = standing
  if (standing.instance.fromMs >= current.fromMs) return
  if (hours !== null) {
    for (const [hour, amount] of hours) {
      if (hour >= current.sinceMs) continue
      hours.delete(hour)
      standing.spent -= amount
    }
    standing.instance = current
    return
  }
  const carries = budget.carryOver || budget.raises.some(({ carryOver }) => carryOver)
  if (carries) carryOn(standing, budget, counter, current)
  standing.spent = 0n
  standing.instance = current
}

function carryOn(
  standing: Standing,
  budget: Budget,
  counter: string | null,
  { fromMs }: PeriodInstance,
): void {
  let { instance, spent } = standing
  while (instance.fromMs < fromMs) {
    standing.carried = carriedOver(budget, counter, { instance, carried: standing.carried, spent })
    spent = 0n
    const next = nextInstance(budget.period, budget.timeZone, instance)
    if (next === null) return
    instance = next
  }
}

/** What was refused then cost nothing; now it would have needed room. */
function needOf(budget: Budget, call: PastCall): bigint {
  if (!call.wasRefused) return chargeOf(budget, call)
  return budget.unit === 'usd' ? (call.bound ?? 0n) : 0n
}

/** As calls are charged: what was counted, else the bound; without a price what the budget says of such calls. */
function chargeOf({ unit, unpricedReserve }: Budget, call: PastCall): bigint {
  if (call.wasRefused) return 0n
  if (unit === 'tokens') return BigInt(call.tokens)
  const { cost, bound, isCounted } = call
  if (cost !== null && isCounted) return cost
  const most = bound ?? (cost === null ? BigInt(unpricedReserve) : 0n)
  return cost !== null && cost > most ? cost : most
}
