// What a call asks of budgets, and what it is answered.

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
  /** Told that this is too much, the call asks for less. */
  readonly mayShrink?: boolean
}

/** Held for one attempt of a call, in every budget it claims; to be settled or released exactly once. */
export type BudgetReservation = { readonly claims: readonly BudgetClaim[] }

export type ReserveOutcome =
  | { readonly kind: 'held'; readonly reservation: BudgetReservation }
  /** The claim that too little is left for, and what a smaller one could have. */
  | { readonly kind: 'spent'; readonly claim: BudgetClaim; readonly left: bigint }
  /** Nobody could say in time. */
  | { readonly kind: 'unavailable'; readonly claim: BudgetClaim }
