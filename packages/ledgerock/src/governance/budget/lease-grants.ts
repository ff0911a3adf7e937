// What control grants a worker that is short of balance. Pure: the caller reads the book of an instance inside a transaction that locks
// it, writes what comes out, commits, and only then sends it.
//
// With room left a holder gets what its calls lack and a slice for the next minute. In scarcity everybody is asked to give back what is
// idle and gets just what waiting calls need. `spent` is only said when no message that may still be under way could change it: what
// another holder could still give back is everything granted to it that was not settled, unless it is bare and was heard of just now;
// then it is only what its calls in flight do not hold.

import { chargeOf, newLease, type Lease, type LeaseAnswer, type LeaseAsk } from './lease.ts'

export type InstanceBook = {
  /** With raises in force and what was carried over. */
  readonly limit: bigint
  /** Counted against the limit without a lease; below zero where corrections made calls cheaper. */
  readonly other: bigint
  /** Of all instances in the window, open, closed and lost, with the latest words already in them (`heardOf`), the asker's too. */
  readonly leases: readonly Lease[]
  /**
   * Holders whose last report is older than `SILENT_MS` (an ask does not speak of every lease): dead, cut off, or not yet heard by a
   * control that has just begun.
   */
  readonly silent: ReadonlySet<string>
}

/** See `LeaseAsk`. */
export type AskOf = {
  readonly instance: string
  readonly holder: string
  readonly knows: bigint
  readonly isNew: boolean
  readonly need: bigint
  readonly least: bigint
  readonly recent: bigint
}

export type LeaseName = { readonly holder: string; readonly instance: string }

export type GrantDecision = {
  readonly answer: LeaseAnswer
  /** New total of the asker's lease; never less than before. */
  readonly granted: bigint
  /** The asker's lease from now on, to be written with the total. */
  readonly bare: boolean
  /** Who is to give back what is idle. */
  readonly recall: readonly LeaseName[]
  /** What could be granted beyond that, with all that others may give back. */
  readonly left: bigint
}

/** A slice is at most this part of the limit, and at most this part of what is left. */
const SLICE_OF_LIMIT = 50n
const SLICE_OF_LEFT = 4n

export function askOf(holder: string, ask: LeaseAsk): AskOf {
  return {
    instance: ask.instance,
    holder,
    knows: BigInt(ask.knows),
    isNew: ask.isNew,
    need: BigInt(ask.need),
    least: BigInt(ask.least),
    recent: BigInt(ask.recent),
  }
}

export function answerAsk(book: InstanceBook, ask: AskOf): GrantDecision {
  const { own, others, used } = shared(book, ask)
  if (own.state !== 'open')
    return { answer: 'unavailable', granted: own.granted, bare: true, recall: [], left: 0n }
  const room = book.limit - used
  // Totals: a grant under way is not granted again. A holder that has forgotten the lease had used it up.
  const has = ask.isNew ? own.returned + own.settled : ask.knows
  const ceiling = ceilingOf(own, room)
  const wanted = has + ask.need
  if (wanted > ceiling) return scarce(book, others, own, has + ask.least, room)

  const afterwards = ceiling - atLeast(wanted, own.granted)
  const open = others.filter((lease) => lease.state === 'open')
  const slice = book.limit / SLICE_OF_LIMIT
  const isPlenty = afterwards >= 2n * slice * BigInt(open.length + 1)
  const isBare = !isPlenty && (own.bare || open.some((lease) => isKnown(book, lease)))
  const ahead = isBare ? 0n : smallestOf(slice, ask.recent, afterwards / SLICE_OF_LEFT)
  const granted = atLeast(own.granted, wanted + ahead)
  return { answer: 'granted', granted, bare: isBare, recall: [], left: ceiling - granted }
}

/** What of an open lease somebody else may get once its holder has answered a recall, or its journal has ended. */
export function mayFree(book: InstanceBook, lease: Lease): bigint {
  if (lease.state !== 'open') return 0n
  return atLeast(0n, chargeOf(lease) - lease.settled - (isKnown(book, lease) ? lease.reserved : 0n))
}

/** Everything that is left goes to whom it helps; who is helped no further by anybody hears so. */
function scarce(
  book: InstanceBook,
  others: readonly Lease[],
  own: Lease,
  smallest: bigint,
  room: bigint,
): GrantDecision {
  const ceiling = ceilingOf(own, room)
  const canServe = smallest <= ceiling
  const granted = canServe ? atLeast(own.granted, ceiling) : own.granted
  const recall = others.filter((lease) => mayFree(book, lease) > 0n)
  const free = recall.reduce((sum, lease) => sum + mayFree(book, lease), 0n)
  const isSpent = canServe ? free === 0n : ceiling + free < smallest
  return {
    answer: isSpent ? 'spent' : 'unavailable',
    granted,
    bare: true,
    recall: isSpent ? [] : recall.map(({ holder, instance }) => ({ holder, instance })),
    left: ceilingOf(own, room + free) - granted,
  }
}

/** The most that may be granted in all; `room`: what is left of the limit, below zero where more was spent. */
function ceilingOf(own: Lease, room: bigint): bigint {
  return own.returned + chargeOf(own) + atLeast(0n, room)
}

/** The holder keeps nothing idle, and would have said if that were no longer so. */
function isKnown({ silent }: InstanceBook, { bare, holder }: Lease): boolean {
  return bare && !silent.has(holder)
}

function shared({ leases, other }: InstanceBook, { holder, instance }: AskOf) {
  const isOwn = (lease: Lease): boolean => lease.holder === holder && lease.instance === instance
  return {
    own: leases.find(isOwn) ?? newLease(instance, holder),
    others: leases.filter((lease) => !isOwn(lease)),
    used: leases.reduce((sum, lease) => sum + chargeOf(lease), other),
  }
}

const atLeast = (floor: bigint, amount: bigint): bigint => (amount > floor ? amount : floor)
const smallestOf = (...amounts: readonly bigint[]): bigint =>
  amounts.reduce((smallest, amount) => (amount < smallest ? amount : smallest))
