// The room in budgets that the attempts of one call need, one after the other. The first may wait for it. One that follows another has
// its room before the answer at hand is let go, because there is no way back to that; an attempt that was charged nothing hands on what
// it held.

import { ok, type Result } from '../../kernel/result.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import type { BudgetHold } from '../budget/budget-hold.ts'
import type { CallBudgets } from '../budget/call-budgets.ts'
import type { BudgetRefusal } from '../budget/plan-budgets.ts'
import type { Step } from './plan-steps.ts'
import type { Target } from './upstream.ts'

/** Where an attempt would go, and who pays for it there. */
export type Place = {
  /** Of the call's steps. */
  readonly index: number
  readonly step: Step<Target>
  readonly identity: ModelIdentity
  readonly accountId: string | null
}

/** Null: no budget covers the attempt. */
export type Room = Result<BudgetHold | null, BudgetRefusal>

export class AttemptRoom {
  readonly #budgets: CallBudgets | null
  /** Of the next attempt, and the step it is for. */
  #held: { readonly hold: BudgetHold; readonly index: number } | null = null

  constructor(budgets: CallBudgets | null) {
    this.#budgets = budgets
  }

  /** `answer` is called before this returns wherever nothing has to be waited for. */
  claim({ index, step, identity, accountId }: Place, answer: (room: Room) => void): void {
    const budgets = this.#budgets
    if (budgets === null) return answer(UNCOVERED)
    const held = this.#held
    if (held?.index === index) {
      this.#held = null
      return answer(ok(held.hold))
    }
    this.drop()
    const planned = budgets.plan(step, identity, accountId)
    if (!planned.ok) return answer(planned)
    if (planned.value === null) return answer(UNCOVERED)
    budgets.reserve(planned.value, answer)
  }

  /** For another attempt at the same step. */
  keep(hold: BudgetHold, index: number): void {
    this.#held = { hold, index }
  }

  /** For an attempt that could follow, only from what is at hand; false: there is no room for it. */
  prepare({ index, step, identity, accountId }: Place): boolean {
    const planned = this.#budgets?.plan(step, identity, accountId) ?? UNCOVERED
    if (!planned.ok) return false
    if (planned.value === null) return true
    const hold = this.#budgets?.reserveAgain(planned.value) ?? null
    if (hold !== null) this.#held = { hold, index }
    return hold !== null
  }

  /** No attempt follows, or not the one it was held for. */
  drop(): void {
    const held = this.#held
    this.#held = null
    held?.hold.release()
  }
}

const UNCOVERED = ok(null)
