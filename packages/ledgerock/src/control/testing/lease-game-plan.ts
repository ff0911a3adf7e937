// What one number of the games of leases is about: budgets and how they will be changed, how many nodes and workers, how bad the ways
// between them are, and what goes wrong.

import type { Budget } from '../../governance/budget/budget.ts'
import type { BudgetPeriod } from '../../governance/budget/budget-period.ts'
import type { Dice } from '../../governance/testing/simulated-budgets.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { budgetWith } from './budget.ts'

/** What is done to a budget while it is in use. */
export const BUDGET_CHANGES = ['limit', 'period', 'time zone', 'per', 'scope', 'absence'] as const
export type BudgetChange = (typeof BUDGET_CHANGES)[number]

export type GamePlan = {
  readonly seed: number
  /** Nothing is lost and nobody dies. */
  readonly isCalm: boolean
  readonly nodes: number
  readonly workers: number
  readonly callEveryMs: number
  readonly callMs: number
  readonly boundMax: number
  readonly exceedShare: number
  readonly delayMs: number
  readonly lossShare: number
  readonly repeatShare: number
  /** Between a commit and what is said of it. */
  readonly crashShare: number
  readonly faultEveryMs: number
  readonly unsureShare: number
  readonly correctEveryMs: number
  readonly skewMs: readonly number[]
  readonly budgets: readonly Budget[]
  /** Between two stretches of play the clock is set on to just before the next full hour. */
  readonly stretches: number
  readonly change: BudgetChange | null
}

export type GameResult = {
  readonly plan: GamePlan
  readonly violations: readonly string[]
  readonly held: number
  readonly spent: number
  readonly unavailable: number
}

export const USERS = ['ann', 'bob', 'eve'] as const
export const TEAMS = ['ads', 'search'] as const

const PERIODS: readonly BudgetPeriod[] = [
  { kind: 'hour' },
  { kind: 'day' },
  { kind: 'total' },
  { kind: 'rolling', days: 1 },
]

export function gamePlanOf(seed: number, dice: Dice): GamePlan {
  const isCalm = dice.happens(0.3)
  const rough = (share: number): number => (isCalm ? 0 : dice.share() * share)
  const callEveryMs = dice.between(150, 600)
  const boundMax = dice.between(20, 200)
  const workers = dice.between(1, 2)
  const nodes = dice.happens(0.5) ? 2 : 1
  const skew = (): number => (dice.happens(0.3) ? dice.between(-2_000, 2_000) : 0)
  const used = Math.ceil((boundMax * workers * nodes * 20_000) / callEveryMs)
  const change = dice.happens(0.5) ? (dice.pick(BUDGET_CHANGES) ?? null) : null
  return {
    seed,
    isCalm,
    nodes,
    workers,
    callEveryMs,
    callMs: dice.between(5, 1_500),
    boundMax,
    exceedShare: dice.happens(0.3) ? 0.05 : 0,
    delayMs: dice.between(0, 20),
    lossShare: rough(0.15),
    repeatShare: rough(0.15),
    crashShare: rough(0.02),
    faultEveryMs: isCalm ? Infinity : dice.between(1_500, 15_000),
    unsureShare: dice.happens(0.3) ? 0.4 : 0,
    correctEveryMs: dice.happens(0.5) ? dice.between(2_000, 10_000) : Infinity,
    skewMs: Array.from({ length: nodes }, skew),
    budgets: budgetsOf(dice, used),
    stretches: dice.between(1, 3),
    change,
  }
}

/** One for all, one within it, and one for every user: a call is charged to two or three. */
function budgetsOf(dice: Dice, used: number): readonly Budget[] {
  const limit = (share: number): string =>
    String(1 + Math.floor(used * share * (0.2 + dice.share())))
  const common = (share: number): Partial<Budget> => ({
    period: dice.pick(PERIODS) ?? { kind: 'total' },
    mode: dice.happens(0.8) ? 'hard' : 'soft',
    limit: limit(share),
  })
  return [
    budgetWith({ name: 'all', scope: {}, ...common(1) }),
    budgetWith({ name: 'ads', scope: { team: ['ads'] }, ...common(0.5) }),
    budgetWith({
      name: 'each',
      scope: {},
      per: 'user',
      unit: dice.happens(0.5) ? 'usd' : 'tokens',
      ...common(0.3),
    }),
  ]
}

/** `before` as it is changed; of the absence of a budget the game takes care. */
export function changedBudget(before: Budget, change: BudgetChange, dice: Dice): Budget {
  switch (change) {
    case 'limit': {
      const times = dice.happens(0.5) ? dice.between(20, 90) : dice.between(110, 200)
      return { ...before, limit: String((BigInt(before.limit) * BigInt(times)) / 100n + 1n) }
    }
    case 'period': {
      const others = PERIODS.filter(({ kind }) => kind !== before.period.kind)
      return { ...before, period: dice.pick(others) ?? before.period }
    }
    case 'time zone':
      return { ...before, period: { kind: 'day' }, timeZone: 'Asia/Kathmandu' }
    case 'per':
      return { ...before, per: before.per === null ? 'user' : null }
    case 'scope':
      return { ...before, scope: 'team' in before.scope ? {} : { team: ['ads'] } }
    case 'absence':
      return before
  }
}

/** Play goes on so long before a full hour: leases of the next one are asked a minute early. And again just before it. */
export const BEFORE_HOUR_MS = [64_000, 3_000] as const
export const STRETCH_MS = 10_000

/** How far it is to `beforeMs` before the full hour; 0: it is closer than that. */
export function toNextHour(wallMs: number, beforeMs: number): number {
  const leftMs = MS_PER_HOUR - (wallMs % MS_PER_HOUR)
  return Math.max(0, leftMs - beforeMs)
}
