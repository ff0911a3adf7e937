// What a worker may spend of a hard budget without asking: its lease. One for each worker's journal (the holder) and budget
// instance. Everything the two sides tell each other is a running total, so that a message that comes twice, late or never does no
// harm; who knows less only takes the larger figure.
//
//   control ── granted (total) ──▶ worker      written to the control store before it is sent
//   worker  ── settled, returned (totals), reserved ──▶ control
//
// An open lease counts against the limit as all that was granted and not returned, or as what was settled where that is more. It is closed
// when its holder's journal has ended and the ledger has all of it: then it counts as what its calls were charged. If the journal
// may have lost lines (power, disk), it is lost: it goes on counting as before until somebody reclaims it.

export const LEASE_STATES = ['open', 'closed', 'lost'] as const
export type LeaseState = (typeof LEASE_STATES)[number]

/** As the control store has it. Amounts in the budget's unit. */
export type Lease = {
  /** See `instanceKey`. */
  readonly instance: string
  /** Id of the journal whose calls it pays for. */
  readonly holder: string
  readonly granted: bigint
  readonly returned: bigint
  /** What its calls were charged, as far as the holder has said; once closed, as the ledger has it. */
  readonly settled: bigint
  /** The holder keeps nothing idle: all that is granted and not returned is held by calls in flight, or was settled. */
  readonly bare: boolean
  readonly state: LeaseState
}

/** What a lease counts against the limit. */
export function chargeOf({ granted, returned, settled, state }: Lease): bigint {
  if (state === 'closed') return settled
  const kept = granted - returned
  return kept > settled ? kept : settled
}

/** `name@from`, and `/value` where the budget counts `per` value; the instant in milliseconds, base 36. */
export function instanceKey(budget: string, fromMs: number, counter: string | null): string {
  const key = `${budget}@${fromMs.toString(36)}`
  return counter === null ? key : `${key}/${counter}`
}

/** Of one lease, from its holder; digits. */
export type LeaseWord = {
  readonly instance: string
  readonly settled: string
  readonly reserved: string
  readonly returned: string
  readonly bare: boolean
}

/** What control must know of an instance it may never have heard of. */
export type InstanceName = {
  readonly instance: string
  readonly budget: string
  readonly counter: string | null
  readonly fromMs: number
}

/** Calls are waiting: `need` is what they lack together beyond the balance at hand; digits. */
export type LeaseAsk = LeaseWord & InstanceName & { readonly need: string }

export const LEASE_ANSWERS = ['granted', 'spent', 'unavailable'] as const
/** `spent`: nobody holds anything idle and less than `need` is left. `unavailable`: that is not known yet, or cannot be asked. */
export type LeaseAnswer = (typeof LEASE_ANSWERS)[number]

export type LeaseGrant = {
  readonly instance: string
  /** Total; digits. */
  readonly granted: string
  /** Null: nothing was asked for. */
  readonly answer: LeaseAnswer | null
}

/** What is known of an instance by control, for warnings, headers and routes. Digits. */
export type InstanceState = {
  readonly instance: string
  /** With raises and what was carried over. */
  readonly limit: string
  /** Settled by anybody, as far as it is known. */
  readonly spent: string
}

/** Worker to control; `ask` at once when a call is short, `report` every second about what changed. */
export type FromWallet =
  | { readonly kind: 'budget-ask'; readonly holder: string; readonly id: number; readonly asks: readonly LeaseAsk[] }
  | {
      readonly kind: 'budget-report'
      readonly holder: string
      readonly leases: readonly (LeaseWord & InstanceName)[]
    }

/** Control to worker. */
export type ToWallet =
  /** `id`: of the ask it answers; null: a grant ahead of need. */
  | { readonly kind: 'budget-grant'; readonly id: number | null; readonly grants: readonly LeaseGrant[] }
  /** Give back what is idle, and keep nothing idle from now on until something is granted unasked or a minute has gone by. */
  | { readonly kind: 'budget-recall'; readonly instances: readonly string[] }
  | { readonly kind: 'budget-states'; readonly states: readonly InstanceState[] }
