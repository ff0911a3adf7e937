// What an attempt asks of the budgets that cover it: its bound, worked out before it is made, in the unit of each; and what of the
// call must be changed or refused for that bound to hold. Pure.
//
// A call that a budget clamps gets a part of what is left: with all of it the next one would find nothing until this one is done. What
// is left is an old figure here, without what other calls hold, so that whoever is told how much there really is plans once more.

import type { EditPlaces } from '../../bedrock/edit/edit-places.ts'
import type { Covering } from '../../governance/budget/budget-rules.ts'
import type { BudgetClaim } from '../../governance/budget/budget-claim.ts'
import type { BudgetUse } from '../../journal/line.ts'
import { picodollars, type Picodollars } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import {
  boundOfCall,
  outputTokensWithin,
  outputTokensWithinTokens,
  type BoundAsk,
  type CallBound,
} from '../../pricing/bound.ts'
import type { PriceBook } from '../../pricing/price-book.ts'
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
  /** What to plan again if too little is left; null: no budget clamps it. */
  readonly clampable: BudgetedAttempt | null
  /** Budgets in shadow that would have refused the call. */
  readonly wouldRefuse: readonly string[]
}

export type BudgetRefusal = {
  readonly code: 'budget' | 'model_access' | 'budget_unavailable'
  readonly budget: string
  readonly message: string
  /** What the attempt would have reserved; null: nobody could say. */
  readonly plan: BudgetPlan | null
  /** What the budget has left, in dollars; null: nobody knows, or it counts tokens. */
  readonly remaining: Picodollars | null
}

export type BudgetedAttempt = {
  /** Not empty. */
  readonly covering: readonly Covering[]
  /** It writes text, so that a maximum could be stated. */
  readonly generates: boolean
  readonly places: EditPlaces
  readonly bound: BoundAsk
}

/** What is really left of one counter, as control says. */
export type RealRoom = { readonly instance: string; readonly left: bigint }

/** `real`: what was learnt since the attempt was planned before; null: nothing. */
export function planBudgets(
  book: PriceBook,
  standingOf: StandingOf,
  attempt: BudgetedAttempt,
  real: RealRoom | null = null,
): Result<BudgetPlan, BudgetRefusal> {
  const { covering } = attempt
  const isOpenEnded = attempt.generates && attempt.bound.maxTokens === null
  if (isOpenEnded) {
    const strict = covering.find(({ hard, budget }) => hard && budget.missingMaxTokens === 'refuse')
    if (strict !== undefined) {
      const message = unstatedWords(strict)
      const asked = boundOfCall(book, attempt.bound)
      const none = { maxTokens: null, clampable: null }
      const plan = { ...planOf(covering, asked, standingOf, false), ...none }
      const remaining = remainingOf(strict, standingOf)
      return err({ code: 'budget', budget: strict.budget.name, message, plan, remaining })
    }
  }
  const asked = boundOfCall(book, attempt.bound)
  const isClampable = isOpenEnded && attempt.places.maxTokens !== null && covering.some(clamps)
  const maxTokens = isClampable ? clampTo(book, standingOf, attempt, asked, real) : null
  const bound = maxTokens === null ? asked : boundOfCall(book, { ...attempt.bound, maxTokens })
  const clampable = isClampable ? attempt : null
  const mayShrink = isClampable && real === null
  return ok({ ...planOf(covering, bound, standingOf, mayShrink), maxTokens, clampable })
}

/** In dollars, for the record of a refusal; null: nobody knows, or it is a budget of tokens. */
export function remainingOf({ budget, key }: Covering, standingOf: StandingOf): Picodollars | null {
  const standing = budget.unit === 'usd' ? standingOf(key) : null
  return standing === null ? null : picodollars(leftOf(standing))
}

function clamps({ hard, budget }: Covering): boolean {
  return hard && budget.missingMaxTokens === 'clamp'
}

function planOf(
  covering: readonly Covering[],
  bound: CallBound,
  standingOf: StandingOf,
  mayShrink: boolean,
): Omit<BudgetPlan, 'maxTokens' | 'clampable'> {
  const usd = bound.usd ?? unpricedReserve(covering)
  const tokens = BigInt(bound.tokens)
  const claims: BudgetClaim[] = []
  const uses: BudgetUse[] = []
  let wouldRefuse = NOBODY
  // Worth knowing of every call that is planned; the reserve is only a bound where it was reserved.
  let boundUsd = bound.usd
  let boundTokens: number | null = null
  for (const one of covering) {
    const { budget, counter, key, hard, unit } = one
    const { fromMs, toMs } = one.instance
    const amount = unit === 'usd' ? usd : tokens
    if (unit === 'usd') boundUsd = usd
    else boundTokens = bound.tokens
    claims.push({
      instance: key,
      budget: budget.name,
      counter,
      fromMs,
      toMs,
      hard,
      amount,
      mayShrink: mayShrink && clamps(one),
    })
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

/** A clamped call gets at most this part of what is left, */
const PART_OF_LEFT = 10n
/** but an answer of so many tokens if all of what is left pays for it: a shorter one helps hardly anybody. */
const DECENT_TOKENS = 4_096

/**
 * What every budget with `clamp` has to give; null: as much as the model can, or not even the input fits, and the call is refused as it
 * stands.
 */
function clampTo(
  book: PriceBook,
  standingOf: StandingOf,
  { covering, bound }: BudgetedAttempt,
  asked: CallBound,
  real: RealRoom | null,
): number | null {
  let most = asked.outputTokens
  for (const one of covering) {
    if (!clamps(one)) continue
    const fits = partFor(book, one, bound, roomOf(one, standingOf, real))
    if (fits === null) return null
    if (fits < most) most = fits
  }
  return most === asked.outputTokens ? null : most
}

function roomOf({ budget, key }: Covering, standingOf: StandingOf, real: RealRoom | null): bigint {
  if (real?.instance === key) return real.left
  const standing = standingOf(key)
  return standing === null ? BigInt(budget.limit) : leftOf(standing)
}

function partFor(
  book: PriceBook,
  { unit }: Covering,
  bound: BoundAsk,
  room: bigint,
): number | null {
  const fits = (part: bigint): number | null =>
    unit === 'usd'
      ? outputTokensWithin(book, bound, picodollars(part))
      : outputTokensWithinTokens(bound, part)
  const part = fits(room / PART_OF_LEFT)
  if (part !== null && part >= DECENT_TOKENS) return part
  const all = fits(room)
  return all === null ? null : Math.min(all, DECENT_TOKENS)
}
