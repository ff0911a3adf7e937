// A worker's side of budgets: what it may still spend of each without asking, and what it has spent. Pure but for its own figures: the
// clock, the messages' way and the waiting are handed in.

import type { FromWallet, InstanceState, ToWallet } from './lease.ts'

/** What one call asks of one budget. */
export type BudgetClaim = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly fromMs: number
  /** Exclusive; null: never. */
  readonly toMs: number | null
  /** False: only counted, never refused. */
  readonly hard: boolean
  /** The call's bound in the budget's unit. */
  readonly amount: bigint
}

/** Held for one attempt of a call, in every budget it claims; to be settled or released exactly once. */
export type BudgetReservation = { readonly claims: readonly BudgetClaim[] }

export type ReserveOutcome =
  | { readonly kind: 'held'; readonly reservation: BudgetReservation }
  /** `spent`: the claim nothing is left for. `unavailable`: nobody could say in time. */
  | { readonly kind: 'spent' | 'unavailable'; readonly claim: BudgetClaim }

export type WalletDeps = {
  /** The journal whose calls it pays for. */
  readonly holder: string
  readonly send: (message: FromWallet) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Calls back after so many milliseconds; answers how to stop that. */
  readonly after: (ms: number, run: () => void) => () => void
  /** How long a call waits for control; 250 ms. */
  readonly patienceMs: number
}

export type BudgetWallet = {
  /** In all budgets or in none. Where the balance is at hand `answer` is called before this returns. The answer to ignore: none. */
  readonly reserve: (
    claims: readonly BudgetClaim[],
    answer: (outcome: ReserveOutcome) => void,
  ) => void
  /** The same claims again, for another attempt, only from what is at hand; null: not enough. */
  readonly reserveAgain: (claims: readonly BudgetClaim[]) => BudgetReservation | null
  /** What the attempt was charged, one amount for each claim, whatever was reserved. */
  readonly settle: (reservation: BudgetReservation, charges: readonly bigint[]) => void
  readonly release: (reservation: BudgetReservation) => void
  readonly taken: (message: ToWallet) => void
  /** Once a second: says what changed. */
  readonly report: () => void
  /** The worker ends: everything idle goes back. */
  readonly close: () => void
  /** As control last said, with what was settled here since; null: never heard of. */
  readonly state: (instance: string) => InstanceState | null
}

export function createBudgetWallet(deps: WalletDeps): BudgetWallet {
  throw new Error(deps.holder)
}
