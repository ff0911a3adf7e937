// The ways a request is answered without going upstream, and what the ledger keeps of each.

import { UNKNOWN, type RefusalCode } from '@ledgerock/contract'
import type { Attribution } from '../attribution/attribute.ts'
import { refusalResponse, type ErrorResponse } from '../bedrock/error.ts'
import type { Route } from '../bedrock/route.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import type { Call, GatewayDeps, Known } from './call.ts'
import type { GatewayRequest, GatewayResponse } from './listener.ts'
import { openedLine } from './opened-line.ts'
import { sendError } from './send-error.ts'
import { settledLine, type Outcome } from './settle.ts'

/** Not a call of anybody: counted, never written, so that strangers cannot fill the disk. */
export function turnAway(
  deps: GatewayDeps,
  request: GatewayRequest,
  response: GatewayResponse,
  reason: string,
  answer: ErrorResponse,
): void {
  deps.metrics.turnedAway(reason)
  request.resume()
  sendError(response, answer)
}

export function noPolicy(route: Route): ErrorResponse {
  return refusalResponse(route.family, 'identity_unavailable', 'The gateway has no valid policy.')
}

/** The journal cannot take it, so neither can we: an unrecorded call would be money nobody sees. */
export function refuseUnrecorded(deps: GatewayDeps, call: Call, body: Buffer): void {
  deps.bodies.release(body)
  deps.metrics.refused('journal_unavailable')
  const message = 'The gateway cannot record calls at the moment.'
  const details = { callId: call.callId }
  sendError(
    call.response,
    refusalResponse(call.route.family, 'journal_unavailable', message, details),
  )
}

/** A refusal of a known caller is part of the ledger, up to a rate per key; past it only the counter tells. */
export function refuseCall(
  deps: GatewayDeps,
  call: Call,
  known: Known,
  code: RefusalCode,
  message: string,
): void {
  const { route, callId } = call
  deps.metrics.refused(code)
  const answer = refusalResponse(route.family, code, message, { callId })
  sendError(call.response, answer)
  if (!deps.metrics.refusalSampled(call.key.name)) return
  const reservation = deps.journal.reserve()
  if (reservation === null) return
  const book = deps.book()
  const identity = resolveModel(book, route.modelRequested)
  const opened = openedLine(deps, call, { ...known, who: acceptable(known.who) }, identity)
  const seq = deps.journal.append(reservation, opened, () => undefined)
  const outcome: Outcome = {
    status: 'refused',
    interruptedBy: null,
    refusal: code,
    httpStatus: answer.status,
    errorType: answer.headers['x-amzn-errortype'] ?? null,
    awsRequestId: null,
    usage: {},
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
  const line = settledLine(book, opened, seq, identity, outcome, timing)
  deps.journal.append(reservation, line, () => undefined)
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
