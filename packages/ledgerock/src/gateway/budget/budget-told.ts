// What is told of the budgets that cover a call: to its client in headers, to the ledger in its record. Figures are as control last
// said them, with what this worker settled since; of a budget nobody has said anything of yet nothing is told.

import type { Covering } from '../../governance/budget/budget-rules.ts'
import type { BudgetStanding } from '../../governance/budget/budget-wallet.ts'
import type { BudgetCharge } from '../../journal/budget-charge.ts'
import { picodollars, type Picodollars } from '../../kernel/money.ts'
import { leftOf } from './budget-words.ts'

export type StandingOf = (instance: string) => BudgetStanding | null

export type BudgetTold = {
  /** The budget with the least left, of those that must hold if there are any: of dollars where there is one, else of tokens. */
  readonly name: string | null
  readonly remainingUsd: Picodollars | null
  readonly remainingTokens: bigint | null
}

export const NOTHING_TOLD: BudgetTold = { name: null, remainingUsd: null, remainingTokens: null }

/** `charge`: what the call was charged and the states do not know yet. */
export function budgetTold(
  covering: readonly Covering[],
  standingOf: StandingOf,
  charge: BudgetCharge,
): BudgetTold {
  let usd: bigint | null = null
  let tokens: bigint | null = null
  let ofUsd: string | null = null
  let ofTokens: string | null = null
  const holdsAny = covering.some(({ hard }) => hard)
  for (const { budget, key, hard } of covering) {
    // What only watches refuses nothing, so what is left of it would hide what the next calls can really have.
    const standing = budget.shadow || (holdsAny && !hard) ? null : standingOf(key)
    if (standing === null) continue
    const left = lessThan(leftOf(standing), charge[budget.unit])
    if (budget.unit === 'usd' && (usd === null || left < usd)) {
      usd = left
      ofUsd = budget.name
    } else if (budget.unit === 'tokens' && (tokens === null || left < tokens)) {
      tokens = left
      ofTokens = budget.name
    }
  }
  return {
    name: ofUsd ?? ofTokens,
    remainingUsd: usd === null ? null : picodollars(usd),
    remainingTokens: tokens,
  }
}

/** Of the soft budget that is furthest: past a threshold or over its limit; null: none is. */
export function budgetWarning(
  covering: readonly Covering[],
  standingOf: StandingOf,
): string | null {
  let warning: string | null = null
  let most = -1
  for (const { budget, key } of covering) {
    if (budget.mode !== 'soft' || budget.shadow) continue
    const standing = standingOf(key)
    const used = standing === null ? null : usedPercent(standing)
    if (used === null || used <= most || used < (budget.alertAt[0] ?? OVER)) continue
    most = used
    warning = `budget=${budget.name},used=${used}%`
  }
  return warning
}

const OVER = 100

/** Whole percent, rounded down; null: a limit of nothing has no share. */
export function usedPercent({ limit, spent }: BudgetStanding): number | null {
  return limit <= 0n ? null : Number((spent * 100n) / limit)
}

function lessThan(left: bigint, charge: bigint): bigint {
  return left > charge ? left - charge : 0n
}
