// The budgets of one call: what each of its attempts asks of them, held before it is made. The call and all its attempts belong to the
// periods in force when it was let in. Budgets that only watch never make a call wait; for one that must hold a call waits only where
// this worker has not enough of it at hand.

import {
  BUDGET_REMAINING_TOKENS_HEADER,
  BUDGET_REMAINING_USD_HEADER,
  BUDGET_WARNING_HEADER,
} from '@ledgerock/contract'
import type { Covering } from '../../governance/budget/budget-rules.ts'
import type { BudgetReservation, ReserveOutcome } from '../../governance/budget/budget-claim.ts'
import type { BudgetCharge } from '../../journal/budget-charge.ts'
import { formatUsd } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import type { CallAsk } from '../admission/admit-call.ts'
import { BudgetHold } from './budget-hold.ts'
import { budgetTold, budgetWarning, usedPercent, type BudgetTold } from './budget-told.ts'
import { spentWords, unavailableWords } from './budget-words.ts'
import { boundAsk } from './call-bound.ts'
import type { Call, GatewayDeps, KnownWhole } from '../call.ts'
import { heldWhatever, isOpaque, unresolved } from '../admission/opaque-model.ts'
import { planBudgets, remainingOf, type BudgetPlan, type BudgetRefusal } from './plan-budgets.ts'
import type { Step } from '../attempt/plan-steps.ts'
import type { Target } from '../attempt/upstream.ts'

type Deps = Pick<GatewayDeps, 'book' | 'wallet' | 'settings'>

export class CallBudgets {
  readonly #deps: Deps
  readonly #call: Call
  readonly #known: KnownWhole
  readonly #ask: CallAsk
  readonly #atMs: number

  /** `atMs`: when the call was let in. */
  constructor(deps: Deps, call: Call, known: KnownWhole, ask: CallAsk, atMs: number) {
    this.#deps = deps
    this.#call = call
    this.#known = known
    this.#ask = ask
    this.#atMs = atMs
  }

  /** Percent of this budget that the counter of the call has used; null: it does not cover the call, or nobody knows. */
  usedPercent(budget: string, identity: ModelIdentity): number | null {
    const covering = this.#covering(identity).find((one) => one.budget.name === budget)
    const standing = covering === undefined ? null : this.#deps.wallet.state(covering.key)
    return standing === null ? null : usedPercent(standing)
  }

  /** What the attempt asks for; null: no budget covers it. */
  plan(
    step: Step<Target>,
    identity: ModelIdentity,
    accountId: string | null,
  ): Result<BudgetPlan | null, BudgetRefusal> {
    const covering = this.#covering(identity)
    const { book, wallet } = this.#deps
    const called = step.model ?? this.#known.model
    if (isOpaque(identity)) {
      const holding = heldWhatever(this.#call.policy.budgets.budgets, this.#ask)
      if (holding !== null) return err(unresolved(holding, called))
    }
    if (covering.length === 0) return NOT_COVERED
    return planBudgets(book(), wallet.state, {
      covering,
      generates: this.#ask.generates,
      places: this.#known.facts.places,
      bound: boundAsk(this.#known, step, identity, accountId, this.#atMs),
    })
  }

  /** In all budgets or in none. Where enough is at hand `answer` is called before this returns. */
  reserve(plan: BudgetPlan, answer: (held: Result<BudgetHold, BudgetRefusal>) => void): void {
    const { wallet } = this.#deps
    wallet.reserve(plan.claims, (outcome) => {
      if (outcome.kind === 'held') return answer(this.#held(plan, outcome.reservation))
      const smaller = outcome.kind === 'spent' ? this.#planSmaller(plan, outcome) : null
      if (smaller === null) return answer(err(this.#refusal(plan, outcome)))
      wallet.reserve(smaller.claims, (again) => {
        if (again.kind === 'held') answer(this.#held(smaller, again.reservation))
        else answer(err(this.#refusal(smaller, again)))
      })
    })
  }

  #held(plan: BudgetPlan, reservation: BudgetReservation): Result<BudgetHold, BudgetRefusal> {
    return ok(new BudgetHold(this.#deps.wallet, plan, reservation))
  }

  /** A call that may be clamped, planned with what is really left; null: that does not make it smaller. */
  #planSmaller({ clampable }: BudgetPlan, { claim, left }: Spent): BudgetPlan | null {
    if (clampable === null) return null
    const { book, wallet } = this.#deps
    const { instance, amount } = claim
    const planned = planBudgets(book(), wallet.state, clampable, { instance, left })
    if (!planned.ok) return null
    const asks = planned.value.claims.find((one) => one.instance === instance)
    return asks !== undefined && asks.amount < amount ? planned.value : null
  }

  /** For an attempt that follows another, only from what is at hand. */
  reserveAgain(plan: BudgetPlan): BudgetHold | null {
    const { wallet } = this.#deps
    const reservation = wallet.reserveAgain(plan.claims)
    return reservation === null ? null : new BudgetHold(wallet, plan, reservation)
  }

  /** `charge`: what the attempt was charged, and the wallet does not know yet. */
  told({ covering }: BudgetPlan, charge: BudgetCharge): BudgetTold {
    return budgetTold(covering, this.#deps.wallet.state, charge)
  }

  /** Of soft budgets; null: there is nothing to warn of. */
  warning({ covering }: BudgetPlan): string | null {
    return budgetWarning(covering, this.#deps.wallet.state)
  }

  /** As the ledger will have the attempt: the model that was asked for, and what it is that serves. */
  #covering(identity: ModelIdentity): readonly Covering[] {
    const { dimensions, keyName } = this.#ask
    const { modelId } = identity
    const governed = { dimensions, keyName, modelRequested: this.#known.model, modelId }
    return this.#call.policy.budgets.covering(governed, this.#atMs)
  }

  #refusal(
    plan: BudgetPlan,
    { kind, claim }: Exclude<ReserveOutcome, { readonly kind: 'held' }>,
  ): BudgetRefusal {
    const { covering } = plan
    const short = covering.find(({ key }) => key === claim.instance) as Covering
    const { wallet, settings } = this.#deps
    const budget = claim.budget
    const remaining = remainingOf(short, wallet.state)
    if (kind === 'unavailable') {
      const message = unavailableWords(short)
      return { code: 'budget_unavailable', budget, message, plan, remaining }
    }
    const standing = wallet.state(claim.instance)
    const message = spentWords(short, standing, claim.amount, settings.dashboardUrl)
    return { code: 'budget', budget, message, plan, remaining }
  }
}

type Spent = Extract<ReserveOutcome, { readonly kind: 'spent' }>

const NOT_COVERED = ok(null)

/** Null: nothing is told. */
export function toldHeaders(told: BudgetTold): Record<string, string> | null {
  const { remainingUsd, remainingTokens } = told
  if (remainingUsd === null && remainingTokens === null) return null
  return {
    ...(remainingUsd === null ? {} : { [BUDGET_REMAINING_USD_HEADER]: formatUsd(remainingUsd) }),
    ...(remainingTokens === null
      ? {}
      : { [BUDGET_REMAINING_TOKENS_HEADER]: String(remainingTokens) }),
  }
}

export function warningHeader(warning: string | null): Record<string, string> {
  return warning === null ? {} : { [BUDGET_WARNING_HEADER]: warning }
}
