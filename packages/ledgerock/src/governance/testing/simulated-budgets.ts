// What one seed of the simulation is about: budgets, how many workers on how many nodes, how bad the network is, what goes wrong.

import type { BudgetClaim } from '../budget/budget-claim.ts'
import { instanceKey } from '../budget/lease.ts'

export type SimulatedBudget = {
  readonly name: string
  readonly isHard: boolean
  /** A counter for each user. */
  readonly isPer: boolean
  /** Every how many users one is covered. */
  readonly everyUser: number
  /** Null: total. */
  readonly periodMs: number | null
  /** Of how many periods the limit is; 1 unless it rolls. */
  readonly window: number
  limit: bigint
}

export type Plan = {
  readonly seed: number
  /** Nothing is lost and nobody dies. */
  readonly isCalm: boolean
  readonly nodes: number
  readonly workers: number
  readonly users: number
  readonly delayMs: number
  readonly lossShare: number
  readonly repeatShare: number
  readonly crashShare: number
  readonly playMs: number
  readonly callEveryMs: number
  readonly callMs: number
  readonly boundMax: number
  readonly exceedShare: number
  readonly faultEveryMs: number
  readonly forgottenMs: number
  readonly budgets: readonly SimulatedBudget[]
}

export type Dice = {
  readonly share: () => number
  readonly below: (end: number) => number
  readonly between: (from: number, to: number) => number
  readonly happens: (share: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T | undefined
}

/** mulberry32: the same seed gives the same game. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  const share = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (end: number): number => Math.floor(share() * end)
  return {
    share,
    below,
    between: (from, to) => from + Math.floor(share() * (to - from + 1)),
    happens: (wanted) => share() < wanted,
    pick: (list) => list[below(list.length)],
  }
}

export function planOf(seed: number, dice: Dice): Plan {
  const isCalm = dice.happens(0.3)
  const rough = (share: number): number => (isCalm ? 0 : dice.share() * share)
  const users = dice.between(1, 4)
  const boundMax = dice.between(2, 200)
  const playMs = dice.between(8_000, 40_000)
  const periodMs = dice.happens(0.3) ? null : dice.between(4_000, 40_000)
  const callEveryMs = dice.between(25, 250)
  /** So that some limits are reached early, some late, some never. */
  const limit = (): bigint => {
    const calls = Math.min(periodMs ?? playMs, playMs) / callEveryMs
    return BigInt(1 + Math.floor(calls * boundMax * dice.share() * dice.share() * 1.5))
  }
  const budget = (name: string, isPer: boolean, everyUser: number): SimulatedBudget => {
    const isRolling = periodMs !== null && dice.happens(0.25)
    return {
      name,
      isPer,
      everyUser,
      isHard: dice.happens(0.8),
      periodMs,
      window: isRolling ? dice.between(2, 4) : 1,
      limit: limit(),
    }
  }
  const budgets = [budget('org', false, 1)]
  if (dice.happens(0.6)) budgets.push(budget('team', false, 2))
  if (dice.happens(0.5)) budgets.push(budget('user', true, 1))
  return {
    seed,
    isCalm,
    nodes: dice.between(1, 3),
    workers: dice.between(1, 3),
    users,
    delayMs: isCalm ? dice.between(0, 8) : dice.between(0, dice.happens(0.3) ? 800 : 40),
    lossShare: rough(0.3),
    repeatShare: rough(0.3),
    crashShare: rough(0.02),
    playMs,
    callEveryMs,
    callMs: dice.between(10, dice.happens(0.3) ? 12_000 : 1_500),
    boundMax,
    exceedShare: dice.happens(0.2) ? 0.02 : 0,
    faultEveryMs: isCalm ? Infinity : dice.between(300, 6_000),
    forgottenMs: dice.between(500, dice.happens(0.5) ? 3_000 : 60_000),
    budgets,
  }
}

export type SimulatedClaim = BudgetClaim & { readonly sinceMs: number }

/** Null: the budget does not cover the user. */
export function claimOf(
  budget: SimulatedBudget,
  user: number,
  wallMs: number,
  amount: bigint,
): SimulatedClaim | null {
  if (user % budget.everyUser !== 0) return null
  const { isHard: hard, name, periodMs, window } = budget
  const fromMs = periodMs === null ? 0 : Math.max(0, Math.floor(wallMs / periodMs) * periodMs)
  const counter = budget.isPer ? `u${user}` : null
  return {
    instance: instanceKey(name, fromMs, counter),
    budget: name,
    counter,
    fromMs,
    toMs: periodMs === null ? null : fromMs + periodMs,
    sinceMs: periodMs === null ? 0 : fromMs - (window - 1) * periodMs,
    hard,
    amount,
  }
}
