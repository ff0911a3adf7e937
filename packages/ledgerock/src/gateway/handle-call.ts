// The life of a call in the gateway, as one readable function: recognise, identify, attribute, admit, open, forward. What comes
// back is the `Exchange`'s business. Nothing here waits but for the client's body, the opened line's write, and, before the
// very first call, AWS credentials.

import { hash } from 'node:crypto'
import type { RefusalCode } from '@ledgerock/contract'
import { attribute, type Attribution } from '../attribution/attribute.ts'
import { readClientHeaders } from '../attribution/client-headers.ts'
import { readRequestIds, type RequestIds } from '../attribution/request-ids.ts'
import { canonicalQuery } from '../bedrock/canonical-query.ts'
import { canonicalUri } from '../bedrock/canonical-uri.ts'
import { createUsageMeter } from '../bedrock/create-usage-meter.ts'
import { bedrockError, refusalResponse, unknownRoute } from '../bedrock/error.ts'
import { parseModelId } from '../bedrock/model-id.ts'
import { readRequestFacts, type RequestFacts } from '../bedrock/request-facts.ts'
import { recognise } from '../bedrock/route.ts'
import { Fault } from '../kernel/fault.ts'
import { uuidV7 } from '../kernel/ids.ts'
import type { AwsCredentials } from '../platform/sigv4.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import type { Call, GatewayDeps, Known } from './call.ts'
import { Exchange } from './exchange.ts'
import { identify } from './identify.ts'
import type { GatewayRequest, GatewayResponse } from './listener.ts'
import { openedLine } from './opened-line.ts'
import type { ReadBody } from './read-body.ts'
import {
  answerRefusal,
  noPolicy,
  refuseCall,
  refuseUnrecorded,
  settleRefused,
  turnAway,
  type OpenedCall,
} from './refuse-call.ts'
import { settledLine } from './settle.ts'

export function createCallHandler(
  deps: GatewayDeps,
): (request: GatewayRequest, response: GatewayResponse) => void {
  return function handleCall(request, response) {
    const beganAt = deps.clock.monotonic()
    const startedAt = deps.clock.now()
    const callId = uuidV7(startedAt, deps.random())
    const route = recognise(request.method ?? '', request.url ?? '')
    const arrival = { request, response, callId }
    if (route === null) return turnAway(deps, arrival, 'unknown_route', unknownRoute())
    const policy = deps.policy()
    if (policy === null) return turnAway(deps, arrival, 'identity_unavailable', noPolicy(route))
    const client = readClientHeaders(request.rawHeaders, policy.rules)
    const identified = identify(policy, client, startedAt)
    if (!identified.ok) {
      deps.metrics.credentialRefused(identified.reason)
      const answer = refusalResponse(route.family, 'credential', identified.message)
      return turnAway(deps, arrival, 'credential', answer)
    }
    const { key } = identified
    const call: Call = { route, request, response, client, policy, key, callId, startedAt, beganAt }
    const declaredBytes = Number(client.values['content-length'] ?? 0)
    deps.bodies.read(request, declaredBytes, (body) => admit(deps, call, body))
  }
}

/** With the body here: who and why, then whether the call may go on. */
function admit(deps: GatewayDeps, call: Call, body: ReadBody): void {
  const { route, client } = call
  if (body.kind === 'client_gone') return
  const bodyAt = deps.clock.monotonic()
  const bytes = body.kind === 'whole' ? body.bytes : null
  const read = bytes === null ? null : readRequestFacts(route, client.values, bytes)
  const facts = read?.ok === true ? read.value : null
  const { rules, cardinality } = call.policy
  const requestMetadata = facts?.requestMetadata ?? null
  const sources = { binding: call.key.bind, identity: null, client, requestMetadata }
  const who = attribute(rules, sources, cardinality)
  const bodySha256 = bytes === null ? '' : hash('sha256', bytes, 'hex')
  const ids = readRequestIds(client.values, bodySha256, () => call.callId)
  const refuse = (code: RefusalCode, message: string): void => {
    if (bytes !== null) deps.bodies.release(bytes)
    refuseCall(deps, call, { who, ids, facts }, code, message)
  }
  const faulty = dimensionFault(who, ids, body.kind)
  if (faulty !== null) return refuse('dimension', faulty)
  if (body.kind === 'too_large') return refuse('body_too_large', 'The request body is too large.')
  if (body.kind === 'overload') return refuse('overload', 'The gateway is out of room for bodies.')
  if (read?.ok === false) {
    deps.bodies.release(body.bytes)
    const answer = bedrockError(400, 'ValidationException', read.problem.message)
    return turnAway(deps, call, 'malformed', answer)
  }
  const region =
    route.region ?? client.values['x-ledgerock-region'] ?? call.key.region ?? deps.upstream.region
  if (region !== deps.upstream.region) {
    deps.bodies.release(body.bytes)
    const answer = bedrockError(400, 'ValidationException', `No target serves region ${region}.`)
    return turnAway(deps, call, 'unknown_region', answer)
  }
  const known: Known = { who, ids, facts }
  const payload: Payload = { bytes: body.bytes, sha256: bodySha256, at: bodyAt }
  if (deps.draining()) return refuse('draining', 'The gateway is shutting down.')
  const credentials = deps.upstream.credentials()
  if (credentials !== null) {
    return open(deps, call, known, payload, credentials)
  }
  deps.upstream.whenReady().then(
    (ready) => open(deps, call, known, payload, ready),
    (error: unknown) => {
      deps.logger.error({ reason: String(error) }, 'no_aws_credentials')
      refuse('identity_unavailable', 'The gateway has no AWS credentials.')
    },
  )
}

type Payload = {
  readonly bytes: Buffer
  readonly sha256: string
  /** When it was here; monotonic milliseconds. */
  readonly at: number
}

/** The call is made known to the journal; once the kernel has that line, the request goes upstream. */
function open(
  deps: GatewayDeps,
  call: Call,
  known: Known,
  payload: Payload,
  credentials: AwsCredentials,
): void {
  const reservation = deps.journal.reserve()
  if (reservation === null) return refuseUnrecorded(deps, call, payload.bytes)
  const identity = resolveModel(deps.book(), call.route.modelRequested)
  const opened = openedLine(deps, call, known, identity)
  try {
    const seq = deps.journal.append(reservation, opened, (error) => {
      const openedCall = { reservation, opened, seq, identity }
      if (error === null) return forward(deps, call, known, payload, credentials, openedCall)
      deps.bodies.release(payload.bytes)
      const message = 'The gateway cannot record calls at the moment.'
      const answer = answerRefusal(deps, call, 'journal_unavailable', message)
      settleRefused(deps, call, openedCall, 'journal_unavailable', answer)
    })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    deps.journal.release(reservation)
    deps.bodies.release(payload.bytes)
    answerRefusal(deps, call, 'dimension', 'The attribution of this call is too large to record.')
  }
}

function forward(
  deps: GatewayDeps,
  call: Call,
  known: Known,
  payload: Payload,
  credentials: AwsCredentials,
  { reservation, opened, seq, identity }: OpenedCall,
): void {
  const { route, response, callId } = call
  const facts = known.facts as RequestFacts
  const sentAt = deps.clock.monotonic()
  const exchange = new Exchange(
    {
      monotonic: deps.clock.monotonic,
      createMeter: (status, headers) =>
        createUsageMeter(route, parseModelId(route.modelRequested), facts, status, headers),
      unansweredUsage: () => (facts.inputEstimate > 0 ? { input: facts.inputEstimate } : {}),
      settle(outcome, firstByteAt, upstreamEndedAt, done) {
        clearTimeout(timer)
        deps.bodies.release(payload.bytes)
        const now = deps.clock.monotonic()
        const timing = {
          endedAt: deps.clock.now(),
          latencyMs: Math.round(now - call.beganAt),
          firstByteMs: firstByteAt === null ? null : Math.round(firstByteAt - call.beganAt),
          gatewayOverheadUs: Math.round((sentAt - payload.at + (now - upstreamEndedAt)) * 1_000),
        }
        const line = settledLine(deps.book(), opened, seq, identity, outcome, timing)
        deps.journal.append(reservation, line, (error) => {
          if (error !== null) deps.logger.error({ call_id: callId }, 'settled_line_not_safe_yet')
          deps.metrics.settled(line, opened)
          done(line.cost)
        })
      },
    },
    route,
    callId,
    response,
  )
  const timer = setTimeout(() => exchange.timeOut(), deps.callTimeoutMs)
  if (exchange.abandoned()) return
  deps.upstream.send(
    {
      method: 'POST',
      path: route.upstreamPath,
      canonicalPath: canonicalUri(route.upstreamPath),
      canonicalQuery: canonicalQuery(route.upstreamPath),
      headers: call.client.forward,
      body: payload.bytes,
      bodySha256: payload.sha256,
    },
    credentials,
    exchange,
  )
}

function dimensionFault(who: Attribution, ids: RequestIds, body: ReadBody['kind']): string | null {
  const faults = [...who.invalid, ...ids.invalid].map(
    ({ dimension, message }) => `${dimension}: ${message}`,
  )
  // A body that was not read may hold the metadata that is missed.
  if (body === 'whole') faults.push(...who.missing.map((name) => `${name}: is required`))
  return faults.length === 0 ? null : `Invalid attribution: ${faults.join('; ')}.`
}
