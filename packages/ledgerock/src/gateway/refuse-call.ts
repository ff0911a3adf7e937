// The ways a request is answered without going upstream, and what the ledger keeps of each.

import { CALL_ID_HEADER, UNKNOWN, type RefusalCode } from '@ledgerock/contract'
import type { Attribution } from '../attribution/attribute.ts'
import { refusalResponse, type ErrorResponse } from '../bedrock/error.ts'
import type { OpenedLine } from '../journal/line.ts'
import type { Reservation } from '../journal/journal-writer.ts'
import { Fault } from '../kernel/fault.ts'
import type { Picodollars } from '../kernel/money.ts'
import { resolveModel, type ModelIdentity } from '../pricing/model-catalog.ts'
import type { Arrival, Call, GatewayDeps, Known } from './call.ts'
import { openedLine, type AttemptFacts } from './attempt/opened-line.ts'
import { discardBody } from './server/read-body.ts'
import { sendError } from './send-error.ts'
import { settledLine, type Outcome } from './attempt/settle.ts'

/** Not a call of anybody: counted, never written, so that strangers cannot fill the disk. */
export function turnAway(
  deps: GatewayDeps,
  { request, response, callId }: Pick<Arrival, 'request' | 'response' | 'callId'>,
  reason: string,
  answer: ErrorResponse,
): void {
  deps.metrics.turnedAway(reason)
  discardBody(request)
  const headers = { ...answer.headers, [CALL_ID_HEADER]: callId, 'x-amzn-requestid': callId }
  sendError(response, { ...answer, headers })
}

/** A refusal of somebody who is not known, or of a call that there is no room to write down. */
export function refuseUnwritten(
  deps: GatewayDeps,
  arrival: Arrival,
  code: RefusalCode,
  message: string,
): void {
  deps.metrics.refused(code)
  turnAway(deps, arrival, code, refusalResponse(arrival.route.family, code, message))
}

export type RefusedCall = {
  /** The attempt that was not made; else the call as it came. */
  readonly attempt?: AttemptFacts
  /** For the codes that carry `retry-after`. */
  readonly retryAfterS?: number | null
  readonly changes?: readonly string[] | undefined
  /** The budget that refuses the call, and what it has left. */
  readonly budget?: string | null | undefined
  readonly remaining?: Picodollars | null | undefined
}

const NO_CHANGES: readonly string[] = []

/** A refusal of a known caller is part of the ledger, up to a rate per key; past it only the counter tells. */
export function refuseCall(
  deps: GatewayDeps,
  call: Call,
  known: Known,
  code: RefusalCode,
  message: string,
  refused: RefusedCall = {},
): void {
  const { attempt = unsentAttempt(deps, call, known), retryAfterS } = refused
  const answer = answerRefusal(deps, call, attempt.callId, code, message, retryAfterS)
  const { keyName, principalArn } = call.caller
  const name = keyName ?? principalArn
  if (name === null || !deps.metrics.refusalSampled(name)) return
  const reservation = deps.journal.reserve()
  if (reservation === null) return
  const opened = openedLine(call, { ...known, who: acceptable(known.who) }, attempt)
  try {
    const seq = deps.journal.append(reservation, opened, () => undefined)
    const { identity } = attempt
    const openedCall = { reservation, opened, seq, identity }
    settleRefused(deps, call, openedCall, code, answer, refused)
  } catch (error) {
    // Too much was said to fit a line; the refusal stays a number in the metrics.
    if (!(error instanceof Fault)) throw error
    deps.journal.release(reservation)
  }
}

function unsentAttempt(deps: GatewayDeps, call: Call, known: Known): AttemptFacts {
  return {
    callId: call.callId,
    startedAt: call.startedAt,
    attempt: known.ids.attempt,
    region: known.region,
    identity: resolveModel(deps.book(), known.model),
    lent: null,
    tier: null,
    plan: null,
  }
}

export type OpenedCall = {
  readonly reservation: Reservation
  readonly opened: OpenedLine
  readonly seq: number
  readonly identity: ModelIdentity
}

/** The settled line of a call that is known to the journal but never went upstream. */
export function settleRefused(
  deps: GatewayDeps,
  call: Call,
  { reservation, opened, seq, identity }: OpenedCall,
  code: RefusalCode,
  answer: ErrorResponse,
  {
    changes = NO_CHANGES,
    budget = null,
    remaining = null,
  }: Pick<RefusedCall, 'changes' | 'budget' | 'remaining'> = {},
): void {
  const outcome: Outcome = {
    status: 'refused',
    interruptedBy: null,
    refusal: code,
    httpStatus: answer.status,
    errorType: answer.headers['x-amzn-errortype'] ?? null,
    awsRequestId: null,
    usage: {},
    variant: null,
    free: true,
    usageSource: 'response',
    rawUsage: null,
    tierResolved: null,
    tierUnknown: false,
  }
  const timing = {
    endedAt: deps.clock.now(),
    latencyMs: Math.round(deps.clock.monotonic() - call.beganAt),
    firstByteMs: null,
    gatewayOverheadUs: null,
  }
  const line = settledLine(deps.book(), opened, seq, identity, outcome, timing, changes)
  deps.journal.append(
    reservation,
    { ...line, budgetName: budget, budgetRemaining: remaining },
    () => undefined,
  )
}

/** Counts the refusal and answers in the shape of the route. */
export function answerRefusal(
  deps: GatewayDeps,
  call: Call,
  callId: string,
  code: RefusalCode,
  message: string,
  retryAfterS: number | null = null,
): ErrorResponse {
  deps.metrics.refused(code)
  const details = retryAfterS === null ? { callId } : { callId, retryAfterS }
  const answer = refusalResponse(call.route.family, code, message, details)
  sendError(call.response, answer)
  return answer
}

/** What was refused as invalid must not enter the ledger as somebody's value. */
function acceptable(who: Attribution): Attribution {
  if (who.invalid.length === 0) return who
  const dimensions = { ...who.dimensions }
  for (const { dimension } of who.invalid) {
    if (dimension in dimensions) dimensions[dimension] = UNKNOWN
  }
  return { ...who, dimensions }
}
