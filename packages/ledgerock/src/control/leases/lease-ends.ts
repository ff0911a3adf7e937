// Leases whose holders are not heard of any more: the ledger says when a journal has ended and all of it is in the books, and what its
// calls were charged; that closes the lease. Nothing is closed because time has gone by.

import { instanceKey } from '../../governance/budget/lease.ts'
import type { Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { StoredLease } from '../store/lease-tables.ts'

export type LeaseEndsDeps = {
  readonly keeper: LeaseKeeper
  readonly ledger: Pick<Ledger, 'journalEnds'>
  readonly clock: Clock
  readonly nodeId: string
  readonly heard: () => ReadonlySet<string>
  readonly isDead: (holder: string) => boolean
}

type JournalEnd = Awaited<ReturnType<Ledger['journalEnds']>>[number]
/** `unknownSinceMs`: since when the ledger says it has never seen the journal. */
type Asked = {
  readonly nextMs: number
  readonly pauseMs: number
  readonly unknownSinceMs: number | null
}

const PAUSE_FIRST_MS = 500
const PAUSE_MAX_MS = 10_000
/** Its calls may be waited for. */
const PAUSE_DEAD_MS_MAX = 1_000
/** A journal nobody can find after this long, though its worker is gone, is lost. It goes on counting as it did. */
const UNKNOWN_MS_MAX = 60_000
const JOURNALS_MAX = 100

/** Once a second: asks for those that are due, and closes what has ended. */
export function createLeaseEnds(deps: LeaseEndsDeps): () => Promise<void> {
  const { keeper, clock } = deps
  const asked = new Map<string, Asked>()

  function due(): readonly string[] {
    const heard = deps.heard()
    const silent = new Set<string>()
    for (const { leases } of keeper.book().entries()) {
      for (const { nodeId, state, holder } of leases.values()) {
        if (nodeId === deps.nodeId && state !== 'closed' && !heard.has(holder)) silent.add(holder)
      }
    }
    for (const holder of asked.keys()) if (!silent.has(holder)) asked.delete(holder)
    const nowMs = clock.monotonic()
    return [...silent]
      .filter((holder) => (asked.get(holder)?.nextMs ?? 0) <= nowMs)
      .slice(0, JOURNALS_MAX)
  }

  function note({ journalId, state }: JournalEnd): void {
    const nowMs = clock.monotonic()
    const before = asked.get(journalId)
    const maxMs = deps.isDead(journalId) ? PAUSE_DEAD_MS_MAX : PAUSE_MAX_MS
    const pauseMs = Math.min((before?.pauseMs ?? PAUSE_FIRST_MS / 2) * 2, maxMs)
    const unknownSinceMs = state === 'unknown' ? (before?.unknownSinceMs ?? nowMs) : null
    asked.set(journalId, { nextMs: nowMs + pauseMs, pauseMs, unknownSinceMs })
  }

  function isGone({ journalId, state }: JournalEnd): boolean {
    const sinceMs = asked.get(journalId)?.unknownSinceMs ?? null
    const isLong = sinceMs !== null && clock.monotonic() - sinceMs > UNKNOWN_MS_MAX
    return state === 'unknown' && isLong && deps.isDead(journalId)
  }

  return async () => {
    const holders = due()
    if (holders.length === 0) return
    const ends = await deps.ledger.journalEnds(holders)
    for (const end of ends) note(end)
    const over = ends.filter(
      (end) => end.state === 'ended' || end.state === 'unsure' || isGone(end),
    )
    if (over.length === 0) return
    await keeper.write(({ draft }) => {
      const byHolder = new Map(over.map((end) => [end.journalId, end]))
      for (const { leases } of draft.entries()) {
        for (const lease of leases.values()) {
          const end = byHolder.get(lease.holder)
          if (end === undefined || lease.state === 'closed') continue
          const after = ended(lease, end)
          if (after.state !== lease.state || after.settled !== lease.settled) draft.putLease(after)
        }
      }
    })
  }
}

function ended(lease: StoredLease, { state, charges }: JournalEnd): StoredLease {
  const charge = charges.find(
    ({ budget, fromMs, counter }) => instanceKey(budget, fromMs, counter) === lease.instance,
  )
  const settled = BigInt(charge?.amount ?? '0')
  if (state === 'ended') return { ...lease, settled, reserved: 0n, bare: true, state: 'closed' }
  const atLeast = settled > lease.settled ? settled : lease.settled
  return { ...lease, settled: atLeast, state: 'lost' }
}
