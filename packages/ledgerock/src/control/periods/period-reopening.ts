// Reopening a closed month: asked for with a reason, and approved by another admin; whoever asked may take it back. What was frozen stays
// readable, and the month closes again as its next number.

import { base62 } from '../../governance/credential/base62.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'
import { personOf } from '../people/access-person.ts'
import { billProblem, type BillProblem } from '../month/bill-problem.ts'
import {
  DECISION_VERBS,
  decidesAlone,
  decisionRefusal,
  hasNoOtherAdmin,
  stateOf,
  type DecisionCodes,
} from '../rules/decide-request.ts'
import { ID_BYTES, ID_CHARS, type Asker } from '../rules/pauses.ts'
import { closingOf, takeBack, type AdjustmentDeps } from './period-adjustments.ts'
import type { Decided } from '../store/access-request-table.ts'
import type { ControlWrites } from '../store/control-store.ts'
import type { StoredReopening } from '../store/period-reads.ts'

/** A request nobody decided lapses: months later, its reason is another. */
const REQUEST_DAYS = 14

/** What is not `same_person` is that nothing waits. */
const CODES: DecisionCodes = {
  expired: 'access_request_expired',
  decided: 'access_request_decided',
}

type Answer = Promise<Result<StoredReopening, BillProblem>>

export function askReopening(
  deps: AdjustmentDeps,
  asker: Asker,
  period: string,
  reason: string,
): Answer {
  const nowMs = deps.clock.now()
  return deps.store.write(async ({ periods, audit }) => {
    const closing = await closingOf(periods, period)
    if (closing === null) {
      return err(billProblem('nothing_to_reopen', `${period} is not closed`))
    }
    const waiting = (await periods.reopenings(period)).find((one) => isWaiting(one, nowMs))
    if (waiting !== undefined) {
      const detail = `${waiting.askedBy} asked to reopen ${period} already; an admin decides on it first`
      return err(billProblem('reopening_waits', detail))
    }
    const request: StoredReopening = {
      requestId: base62(deps.random(ID_BYTES), ID_CHARS),
      period,
      number: closing.number,
      until: isoTime(nowMs + REQUEST_DAYS * MS_PER_DAY),
      reason,
      state: 'pending',
      askedAt: isoTime(nowMs),
      askedBy: asker.name,
      decidedAt: null,
      decidedBy: null,
      decisionReason: null,
    }
    await periods.ask(request)
    await audit.append({
      actor: asker.name,
      action: 'period_reopening.ask',
      subject: period,
      before: null,
      after: facts(request),
      reason,
    })
    return ok(request)
  })
}

export function decideReopening(
  deps: AdjustmentDeps,
  asker: Asker,
  period: string,
  { wanted, reason }: { readonly wanted: 'approved' | 'denied'; readonly reason: string | null },
): Answer {
  const nowMs = deps.clock.now()
  return deps.store.write(async (tables) => {
    const closing = await closingOf(tables.periods, period)
    const requests = await tables.periods.reopenings(period)
    const request = requests.find((one) => isWaiting(one, nowMs))
    if (request === undefined || closing?.number !== request.number) {
      const detail = `nobody asked to reopen ${period}, or it was decided or lapsed since`
      return err(billProblem('nothing_to_reopen', detail))
    }
    const isAsker = personOf(request.askedBy) === personOf(asker.name)
    // A no of whoever asked takes the request back, which needs nobody else.
    const state: Decided['state'] = wanted === 'denied' && isAsker ? 'withdrawn' : wanted
    if (state === 'denied' && asker.role !== 'admin') {
      const detail = `only an admin, or ${request.askedBy}, who asked, says no to this`
      return err(billProblem('forbidden', detail))
    }
    const users = await tables.access.users()
    const deciding = { asker, wanted: state, nowMs, isOnlyAdmin: hasNoOtherAdmin(asker, users) }
    const refused = decisionRefusal(request, deciding, CODES)
    if (refused !== null) {
      const code = refused.code === 'same_person' ? 'same_person' : 'nothing_to_reopen'
      return err(billProblem(code, refused.detail))
    }
    const alone = state === 'approved' && decidesAlone(request, deciding)
    const decided: Decided = { state, reason, at: isoTime(nowMs), by: asker.name }
    const next = await record(tables, request, decided, alone)
    if (state === 'approved') {
      await tables.periods.reopen(period, closing.number, decided.at, asker.name)
      await takeBack(deps, tables, closing, asker.name)
    }
    return ok(next)
  })
}

async function record(
  { periods, audit }: ControlWrites,
  request: StoredReopening,
  decided: Decided,
  alone: boolean,
): Promise<StoredReopening> {
  const { state, reason, at, by } = decided
  await periods.decide(request.requestId, decided)
  const next = { ...request, state, decidedAt: at, decidedBy: by, decisionReason: reason }
  await audit.append({
    actor: by,
    action: `period_reopening.${DECISION_VERBS[state]}`,
    subject: request.period,
    before: facts(request),
    after: { ...facts(next), ...(alone ? { only_admin: true } : {}) },
    reason,
  })
  return next
}

function isWaiting(request: StoredReopening, nowMs: number): boolean {
  return stateOf(request, nowMs) === 'pending'
}

function facts({ requestId, number, state, askedBy }: StoredReopening) {
  return { request_id: requestId, number, state, asked_by: askedBy } as const
}
