// What an attempt asks of the budgets that cover it: its bound, worked out before it is made, in the unit of each; and what of the
// call must be changed or refused for that bound to hold. Pure.

import type { EditPlaces } from '../bedrock/request-facts.ts'
import type { Covering } from '../governance/budget-rules.ts'
import type { BudgetClaim } from '../governance/budget-wallet.ts'
import type { BudgetUse } from '../journal/line.ts'
import { picodollars, type Picodollars } from '../kernel/money.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import {
  boundOfCall,
  outputTokensWithin,
  outputTokensWithinTokens,
  type BoundAsk,
  type CallBound,
} from '../pricing/bound.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import { leftOf, unstatedWords } from './budget-words.ts'
import type { StandingOf } from './budget-told.ts'

export type BudgetPlan = {
  readonly covering: readonly Covering[]
  /** One for each that covers. */
  readonly claims: readonly BudgetClaim[]
  readonly uses: readonly BudgetUse[]
  readonly boundUsd: Picodollars | null
  readonly boundTokens: number | null
  /** To be put into the call, which states no maximum of its own; null: nothing is. */
  readonly maxTokens: number | null
  /** Budgets in shadow that would have refused the call. */
  readonly wouldRefuse: readonly string[]
}

export type BudgetRefusal = {
  readonly code: 'budget' | 'model_access' | 'budget_unavailable'
  readonly budget: string
  readonly message: string
}

export type BudgetedAttempt = {
  /** Not empty. */
  readonly covering: readonly Covering[]
  /** It writes text, so that a maximum could be stated. */
  readonly generates: boolean
  readonly places: EditPlaces
  readonly bound: BoundAsk
}

export function planBudgets(
  book: PriceBook,
  standingOf: StandingOf,
  attempt: BudgetedAttempt,
): Result<BudgetPlan, BudgetRefusal> {
  const { covering } = attempt
  const isOpenEnded = attempt.generates && attempt.bound.maxTokens === null
  if (isOpenEnded) {
    const strict = covering.find(({ hard, budget }) => hard && budget.missingMaxTokens === 'refuse')
    if (strict !== undefined) {
      const message = unstatedWords(strict)
      return err({ code: 'budget', budget: strict.budget.name, message })
    }
  }
  const asked = boundOfCall(book, attempt.bound)
  const maxTokens = isOpenEnded ? clampTo(book, standingOf, attempt, asked) : null
  const bound = maxTokens === null ? asked : boundOfCall(book, { ...attempt.bound, maxTokens })
  return ok({ ...planOf(covering, bound, standingOf), maxTokens })
}

function planOf(
  covering: readonly Covering[],
  bound: CallBound,
  standingOf: StandingOf,
): Omit<BudgetPlan, 'maxTokens'> {
  const usd = bound.usd ?? unpricedReserve(covering)
  const tokens = BigInt(bound.tokens)
  const claims: BudgetClaim[] = []
  const uses: BudgetUse[] = []
  let wouldRefuse = NOBODY
  let boundUsd: Picodollars | null = null
  let boundTokens: number | null = null
  for (const one of covering) {
    const { budget, counter, key, hard, unit } = one
    const { fromMs, toMs } = one.instance
    const amount = unit === 'usd' ? usd : tokens
    if (unit === 'usd') boundUsd = usd
    else boundTokens = bound.tokens
    claims.push({ instance: key, budget: budget.name, counter, fromMs, toMs, hard, amount })
    uses.push({ budget: budget.name, fromMs, per: counter, unit })
    if (budget.mode === 'hard' && budget.shadow) {
      const standing = standingOf(key)
      const isShort = standing !== null && leftOf(standing) < amount
      if (isShort) wouldRefuse = [...wouldRefuse, budget.name]
    }
  }
  return { covering, claims, uses, boundUsd, boundTokens, wouldRefuse }
}

const NOBODY: readonly string[] = []

/** Where no price is known: the largest amount that any of the budgets says. */
function unpricedReserve(covering: readonly Covering[]): Picodollars {
  let most = 0n
  for (const { budget } of covering) {
    const reserve = BigInt(budget.unpricedReserve)
    if (reserve > most) most = reserve
  }
  return picodollars(most)
}

/** The most that every budget with `clamp` has room for; null: as much as the model can, or nothing can be put into the call. */
function clampTo(
  book: PriceBook,
  standingOf: StandingOf,
  { covering, bound, places }: BudgetedAttempt,
  asked: CallBound,
): number | null {
  if (places.maxTokens === null) return null
  let most = asked.outputTokens
  for (const { budget, hard, key } of covering) {
    if (!hard || budget.missingMaxTokens !== 'clamp') continue
    const standing = standingOf(key)
    const room = standing === null ? BigInt(budget.limit) : leftOf(standing)
    const fits =
      budget.unit === 'usd'
        ? outputTokensWithin(book, bound, picodollars(room))
        : outputTokensWithinTokens(bound, room)
    // Where not even the input fits, the call is refused as it stands.
    if (fits === null) return null
    if (fits < most) most = fits
  }
  return most === asked.outputTokens ? null : most
}
