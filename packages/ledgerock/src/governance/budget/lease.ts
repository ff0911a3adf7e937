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
  /** Held by its calls in flight when the holder last spoke. */
  readonly reserved: bigint
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

/**
 * Calls are waiting, or a holder that knows nothing of this lease asks how it stands, or for something ahead of need (`need` is 0 then).
 * Digits. `knows`: the total of grants that has reached the holder, so that an ask that comes twice is granted once.
 */
export type LeaseAsk = LeaseWord &
  InstanceName & {
    readonly knows: string
    /** The holder knows nothing of this lease, not even what it once settled; the word is empty then. */
    readonly isNew: boolean
    /** What the waiting calls lack together beyond the balance at hand. */
    readonly need: string
    /** What the smallest of them lacks. */
    readonly least: string
    /** `spent` refuses none of the waiting calls: each would ask for less then. Absent: it would. */
    readonly mayShrink?: boolean
    /** About what the holder's calls of this budget were charged in the last minute. */
    readonly recent: string
  }

export const LEASE_ANSWERS = ['granted', 'spent', 'unavailable'] as const
/**
 * `spent`: beyond the total this grant names nothing is left that any waiting call could do with, and nobody holds it idle.
 * `unavailable`: that is not known yet, or cannot be asked; the holder asks again as long as its calls have patience.
 */
export type LeaseAnswer = (typeof LEASE_ANSWERS)[number]

/** The lease as the control store has it, after what was granted. */
export type LeaseGrant = {
  readonly instance: string
  /** Totals; digits. A holder that has forgotten the lease goes on from `returned` and `settled`. */
  readonly granted: string
  readonly returned: string
  readonly settled: string
  /** Keep nothing idle (true), or keep what is left for the next calls. */
  readonly bare: boolean
  /** Null: nothing was asked for. */
  readonly answer: LeaseAnswer | null
  /** The lease was given up while its holder could not be heard: nothing is granted to this journal any more, another must begin. */
  readonly isOver?: boolean
  /** With `spent`: beyond `granted`, what could still be granted if everybody gave back what is idle; digits. Absent: nothing. */
  readonly left?: string
}

/** What is known of an instance by control, for warnings, headers and routes. Digits. */
export type InstanceState = {
  readonly instance: string
  /** With raises and what was carried over. */
  readonly limit: string
  /** Settled by anybody, as far as it is known. */
  readonly spent: string
}

/**
 * Worker to control; `ask` at once when a call is short, `report` every second and when something is given back. Ids of both grow
 * together: what is no total (`reserved`, `bare`) counts from the holder's latest message only. A report has everything that control
 * has not confirmed, and comes every second, with or without content: who has not been heard of for `SILENT_MS` may hold anything.
 */
export type FromWallet =
  | {
      readonly kind: 'budget-ask'
      readonly holder: string
      readonly id: number
      readonly asks: readonly LeaseAsk[]
    }
  | {
      readonly kind: 'budget-report'
      readonly holder: string
      readonly id: number
      readonly leases: readonly (LeaseWord & InstanceName)[]
    }

/** After so long without a word of a holder its last one says nothing about what it holds idle. */
export const SILENT_MS = 2_500

/** Control to worker. */
export type ToWallet =
  /** `id`: of the ask it answers; null: a grant nobody asked for. */
  | {
      readonly kind: 'budget-grant'
      readonly id: number | null
      readonly grants: readonly LeaseGrant[]
    }
  /** All that the report of this id said is written in the control store; not for one that came after a later message. */
  | { readonly kind: 'budget-heard'; readonly id: number }
  /** Give back what is idle, say so at once, keep nothing idle until a grant says otherwise. Names totals: a grant may be lost. */
  | { readonly kind: 'budget-recall'; readonly grants: readonly LeaseGrant[] }
  | { readonly kind: 'budget-states'; readonly states: readonly InstanceState[] }

/**
 * The lease after a word of its holder. Totals only grow, so that order does not matter; `isLatest` says whether nothing later of this
 * holder was heard before. What is closed or lost is settled by other evidence.
 */
export function heardOf(lease: Lease, word: LeaseWord, isLatest: boolean): Lease {
  if (lease.state !== 'open') return lease
  const settled = BigInt(word.settled)
  const returned = BigInt(word.returned)
  return {
    ...lease,
    settled: settled > lease.settled ? settled : lease.settled,
    returned: returned > lease.returned ? returned : lease.returned,
    reserved: isLatest ? BigInt(word.reserved) : lease.reserved,
    bare: isLatest ? word.bare : lease.bare,
  }
}

/** A lease before its first grant. */
export function newLease(instance: string, holder: string): Lease {
  const nothing = { granted: 0n, returned: 0n, settled: 0n, reserved: 0n }
  return { instance, holder, ...nothing, bare: false, state: 'open' }
}
