// What a budget's instance may spend: its limit, the raises that were approved for it, and what was left over before.
//
// A raise is more, once. It counts for the period it begins in, from its first instant to before its last; where it is carried over,
// what is left of it goes on into the periods that follow, while it lasts. A rolling period has no end at which anything could be
// lost: there a raise counts while it lasts.

import type { Budget, BudgetRaise } from './budget.ts'
import type { PeriodInstance } from './budget-period.ts'

/** How an instance ended. */
export type EndedInstance = {
  readonly instance: PeriodInstance
  /** What had been carried into it; in the budget's unit, as is `spent`. */
  readonly carried: bigint
  readonly spent: bigint
}

/**
 * In the budget's unit. `carried` is what `carriedOver` gave for this instance. Before the instance begins the limit is the one
 * it begins with, after its end the one it ended with.
 */
export function effectiveLimit(
  budget: Budget,
  counter: string | null,
  instance: PeriodInstance,
  carried: bigint,
  atMs: number,
): bigint {
  const at = within(instance, atMs)
  return (
    BigInt(budget.limit) +
    raised(budget, counter, instance, at, isAny) +
    carriedAt(budget, counter, instance, carried, at)
  )
}

/** What goes on into the instance after this one. */
export function carriedOver(budget: Budget, counter: string | null, ended: EndedInstance): bigint {
  const { instance, carried, spent } = ended
  const { toMs } = instance
  if (toMs === null || budget.period.kind === 'rolling') return 0n
  const left = effectiveLimit(budget, counter, instance, carried, toMs) - spent
  if (left <= 0n) return 0n
  const goesOn = (raise: BudgetRaise): boolean => raise.carryOver && raise.toMs > toMs
  const going =
    carriedAt(budget, counter, instance, carried, toMs) +
    raised(budget, counter, instance, toMs - 1, goesOn)
  // What ends with the period is taken to be spent first.
  const own = budget.carryOver ? BigInt(budget.limit) : 0n
  return smaller(left, own + going)
}

/**
 * Where the budget itself carries over, what was left of a raise has become part of it. Else it is all of raises, and ends with
 * them.
 */
function carriedAt(
  budget: Budget,
  counter: string | null,
  { fromMs }: PeriodInstance,
  carried: bigint,
  atMs: number,
): bigint {
  if (budget.carryOver || carried === 0n) return carried
  let lasting = 0n
  for (const raise of budget.raises) {
    const goesOn = raise.carryOver && raise.fromMs < fromMs && raise.toMs > atMs
    if (goesOn && isFor(raise, counter)) lasting += BigInt(raise.amount)
  }
  return smaller(carried, lasting)
}

/** By raises that begin in the instance and are in force. */
function raised(
  { raises, period }: Budget,
  counter: string | null,
  { fromMs }: PeriodInstance,
  atMs: number,
  counts: (raise: BudgetRaise) => boolean,
): bigint {
  const earliest = period.kind === 'rolling' ? Number.NEGATIVE_INFINITY : fromMs
  let sum = 0n
  for (const raise of raises) {
    const inForce = raise.fromMs >= earliest && raise.fromMs <= atMs && atMs < raise.toMs
    if (inForce && isFor(raise, counter) && counts(raise)) sum += BigInt(raise.amount)
  }
  return sum
}

const isAny = (): boolean => true

function isFor(raise: BudgetRaise, counter: string | null): boolean {
  return raise.counter === null || raise.counter === counter
}

function within({ fromMs, toMs }: PeriodInstance, atMs: number): number {
  const begun = Math.max(atMs, fromMs)
  return toMs === null ? begun : Math.min(begun, toMs - 1)
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
