// What requests for access and for more of a budget have in common: they end by themselves, are decided once and by another person than
// the one who asked, and are taken back by whoever asked or by an admin. Pure.

import { err, ok, type Result } from '../../kernel/result.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { isMadeBy, personOf } from '../people/access-person.ts'
import { parseExpiry } from '../expiry.ts'
import { governanceProblem, type GovernanceProblem } from './governance-problem.ts'
import type { Asker } from './pauses.ts'
import type { KnownUser } from '../store/access-tables.ts'
import { DECISIONS, type Decided, type Decision } from '../store/access-request-table.ts'

export const REQUEST_DAYS_MAX = 366
/** Of one asker and kind. */
export const PENDING_MAX = 100

export const REQUEST_STATES = [...DECISIONS, 'expired'] as const
export type RequestState = (typeof REQUEST_STATES)[number]

/** As far as a decision is concerned. */
export type AskedFor = {
  readonly requestId: string
  readonly until: string
  readonly askedBy: string
  readonly state: Decision
}

/** What a request of this kind that is over, or decided, is refused with. */
export type DecisionCodes = Readonly<Record<'expired' | 'decided', GovernanceProblem['code']>>

/** In the audit trail. */
export const DECISION_VERBS: Readonly<Record<Decided['state'], string>> = {
  approved: 'approve',
  denied: 'deny',
  withdrawn: 'withdraw',
}

/** Its time ends a request, whatever was decided, without anybody's doing. */
export function stateOf(
  { state, until }: Pick<AskedFor, 'state' | 'until'>,
  nowMs: number,
): RequestState {
  const isOpen = state === 'pending' || state === 'approved'
  return isOpen && Date.parse(until) <= nowMs ? 'expired' : state
}

export function hasTooMany(requests: readonly AskedFor[], askedBy: string, nowMs: number): boolean {
  const mine = requests.filter(
    (one) => one.askedBy === askedBy && stateOf(one, nowMs) === 'pending',
  )
  return mine.length >= PENDING_MAX
}

export type Deciding = {
  readonly asker: Asker
  readonly wanted: Decided['state']
  readonly nowMs: number
  /** Whether no other admin is there who could be asked. */
  readonly isOnlyAdmin: boolean
}

/** Whoever asked decides alone: only where nobody else could, and the audit trail says so. */
export function decidesAlone({ askedBy }: AskedFor, { asker, isOnlyAdmin }: Deciding): boolean {
  return isOnlyAdmin && personOf(askedBy) === personOf(asker.name)
}

/** Of the users as they are now. */
export function hasNoOtherAdmin(asker: Asker, users: readonly KnownUser[]): boolean {
  const admins = users.filter(({ role, disabledAt }) => role === 'admin' && disabledAt === null)
  return admins.every(({ name }) => personOf(name) === personOf(asker.name)) && admins.length > 0
}

/** Why this decision cannot be made by this person now, or null. */
export function decisionRefusal(
  request: AskedFor,
  { asker, wanted, nowMs, isOnlyAdmin }: Deciding,
  codes: DecisionCodes,
): GovernanceProblem | null {
  const { requestId, askedBy, until } = request
  const state = stateOf(request, nowMs)
  const isAsker = personOf(askedBy) === personOf(asker.name)
  const decidedBefore = `the request ${requestId} is ${state} already`
  if (wanted === 'withdrawn') {
    if (!isAsker && asker.role !== 'admin') {
      const detail = `only ${askedBy}, who asked, or an admin withdraws this request`
      return governanceProblem('forbidden', detail)
    }
    const isOpen = state === 'pending' || state === 'approved'
    return isOpen ? null : governanceProblem(codes.decided, decidedBefore)
  }
  if (isAsker && !isOnlyAdmin) {
    const detail = `${askedBy} asked for this, so another admin must decide`
    return governanceProblem('same_person', detail)
  }
  // A no needs nobody else.
  if (wanted === 'approved' && !isAsker && isMadeBy(asker, askedBy)) {
    const detail =
      `${askedBy} asked for this and made the account or the credential of ${asker.name}, ` +
      'so another admin must decide'
    return governanceProblem('same_person', detail)
  }
  if (state === 'expired') {
    return governanceProblem(codes.expired, `the time asked for ended at ${until}`)
  }
  return state === 'pending' ? null : governanceProblem(codes.decided, decidedBefore)
}

export function readUntil(text: string, nowMs: number): Result<number, string> {
  const until = parseExpiry(text, nowMs)
  if (!until.ok) return until
  if (until.value === null || until.value <= nowMs) return err('must lie in the future')
  const isFar = until.value > nowMs + REQUEST_DAYS_MAX * MS_PER_DAY
  return isFar ? err(`must be at most ${REQUEST_DAYS_MAX} days ahead`) : ok(until.value)
}
