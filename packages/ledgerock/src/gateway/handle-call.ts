// The life of a call in the gateway until it may go on, as one readable path: recognise, identify, read the body, attribute,
// admit, and plan where it goes. What comes then, budgets among it, is the business of `Attempts`. Nothing here waits but for the
// client's body, for STS where an AWS identity is seen for the first time, and for the model behind a profile where a rule may hang on
// it.

import { UNKNOWN, type RefusalCode } from '@ledgerock/contract'
import { attributeAnonymous } from '../attribution/anonymous.ts'
import { attribute, type Attribution } from '../attribution/attribute.ts'
import { readClientHeaders } from '../attribution/client-headers.ts'
import { readRequestIds, type RequestIds } from '../attribution/request-ids.ts'
import { notImplemented, problemResponse, refusalResponse, unknownRoute } from '../bedrock/error.ts'
import type { RequestFacts } from '../bedrock/request/request-facts.ts'
import { readRequestFacts } from '../bedrock/request/read-request-facts.ts'
import { isRegion, recognise } from '../bedrock/route.ts'
import type { GuardrailRef } from '../governance/guardrail-rule.ts'
import type { LimitPlaces } from '../governance/limit/rate-limits.ts'
import { uuidV7 } from '../kernel/ids.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import type { ActivePolicy } from './active-policy.ts'
import {
  admitCall,
  changeOf,
  mayFallBack,
  UNGOVERNED,
  type Admission,
  type CallAsk,
} from './admission/admit-call.ts'
import { Attempts } from './attempt/attempts.ts'
import { askedAs, callAsk, needsLook } from './admission/call-ask.ts'
import { CallBudgets } from './budget/call-budgets.ts'
import type { Arrival, Call, GatewayDeps, Known, KnownWhole } from './call.ts'
import type { AdmittedCall } from './admitted-call.ts'
import { chooseTarget } from './attempt/choose-target.ts'
import { identify, type Identified, type NotIdentified } from './identify.ts'
import { LimitHold } from './admission/limit-hold.ts'
import type { GatewayRequest, GatewayResponse } from './server/gateway-request.ts'
import { Payload } from './payload.ts'
import { planSteps, stepsToTake, type Step } from './attempt/plan-steps.ts'
import { isGone, type ReadBody } from './server/read-body.ts'
import { refuseCall, refuseUnwritten, turnAway } from './refuse-call.ts'
import type { Target } from './attempt/upstream.ts'

export function createCallHandler(
  deps: GatewayDeps,
): (request: GatewayRequest, response: GatewayResponse) => void {
  return function handleCall(request, response) {
    const beganAt = deps.clock.monotonic()
    const startedAt = deps.clock.now()
    const callId = uuidV7(startedAt, deps.random())
    const route = recognise(request.method ?? '', request.url ?? '')
    if (route === null) {
      return turnAway(deps, { request, response, callId }, 'unknown_route', unknownRoute())
    }
    const arrival: Arrival = { route, request, response, callId, startedAt, beganAt }
    if (route.operation === 'invoke-with-bidirectional-stream') {
      return turnAway(deps, arrival, 'not_implemented', notImplemented(route.family))
    }
    const policy = deps.policy()
    if (policy === null) {
      return refuseUnwritten(
        deps,
        arrival,
        'identity_unavailable',
        'The gateway has no valid policy.',
      )
    }
    const client = readClientHeaders(request.rawHeaders, policy.rules)
    const goOn = (identified: Identified): void => {
      if (!identified.ok) return refuseStranger(deps, arrival, identified)
      const { caller, confirm } = identified
      readBody(deps, { ...arrival, client, policy, caller }, confirm)
    }
    const identified = identify(policy, deps, client, request, startedAt)
    if (identified instanceof Promise) void identified.then(goOn)
    else goOn(identified)
  }
}

type Confirm = ((bodySha256: string) => NotIdentified | null) | null

function readBody(deps: GatewayDeps, call: Call, confirm: Confirm): void {
  const { request, response } = call
  // A client that left while its identity was asked about sends no body any more.
  if (isGone(request)) return
  if (!deps.overload.admit()) {
    return refuseUnwritten(deps, call, 'overload', 'The gateway has more calls than it can serve.')
  }
  response.on('close', deps.overload.ended)
  const declaredBytes = Number(call.client.values['content-length'] ?? 0)
  deps.bodies.read(request, declaredBytes, (body) => admit(deps, call, confirm, body))
}

/** With the body here: who and why, then whether the call may go on. */
function admit(deps: GatewayDeps, call: Call, confirm: Confirm, body: ReadBody): void {
  if (body.kind === 'client_gone') return
  const { route, client, caller } = call
  const payload = body.kind === 'whole' ? new Payload(body.bytes, deps.clock.monotonic()) : null
  if (confirm !== null) {
    // A signature covers the body, so that without it nobody is known.
    if (payload === null) return refuseUnread(deps, call, body)
    const unconfirmed = confirm(payload.sha256)
    if (unconfirmed !== null) {
      deps.bodies.release(payload.bytes)
      return refuseStranger(deps, call, unconfirmed)
    }
  }
  const read = payload === null ? null : readRequestFacts(route, client.values, payload.bytes)
  const facts = read?.ok === true ? read.value : null
  const model = route.modelRequested ?? facts?.model ?? NO_MODEL
  const region =
    route.region ??
    client.values['x-ledgerock-region'] ??
    caller.region ??
    deps.settings.defaultRegion
  const known: Known = {
    who: attributed(call, facts, model),
    ids: readRequestIds(
      client.values,
      () => payload?.sha256 ?? '',
      () => call.callId,
    ),
    facts,
    model,
    // What is no region's name is refused, and must not enter the ledger as one.
    region: isRegion(region) ? region : deps.settings.defaultRegion,
  }
  const refuse = (code: RefusalCode, message: string): void => {
    if (payload !== null) deps.bodies.release(payload.bytes)
    refuseCall(deps, call, known, code, message)
  }
  const faulty = dimensionFault(known.who, known.ids, caller.kind === 'anonymous', payload !== null)
  if (faulty !== null) return refuse('dimension', faulty)
  if (payload === null) return refuse(...UNREAD[body.kind as 'too_large' | 'overload'])
  if (facts === null) {
    deps.bodies.release(payload.bytes)
    const message = read?.ok === false ? read.problem.message : ''
    return turnAway(deps, call, 'malformed', problemResponse(route.family, 400, message))
  }
  const whole: KnownWhole = { ...known, facts }
  const target = chooseTarget(deps.targets, region, known.who.dimensions)
  if (target === null) {
    deps.bodies.release(payload.bytes)
    const message = `No target serves region ${region} for this call.`
    return turnAway(deps, call, 'unknown_region', problemResponse(route.family, 400, message))
  }
  if (!needsLook(deps, call, model)) return decide(deps, call, whole, payload, target)
  void deps.profiles.look(model).then(() => decide(deps, call, whole, payload, target))
}

/** With everything known: whether the rules let the call go on, and where it goes. */
function decide(
  deps: GatewayDeps,
  call: Call,
  known: KnownWhole,
  payload: Payload,
  target: Target,
): void {
  const { policy } = call
  const isBudgeted = policy.budgets.budgets.length > 0
  const ask = policy.governs || isBudgeted ? callAsk(deps, call, known) : null
  const admission = ask === null || !policy.governs ? UNGOVERNED : askRules(deps, policy, ask)
  const { refusal, places, wouldRefuse, inject } = admission
  const remarks = wouldRefuse.map(changeOf)
  if (refusal !== null) {
    const { code, message, retryAfterS } = refusal
    deps.bodies.release(payload.bytes)
    return refuseCall(deps, call, known, code, message, { retryAfterS, changes: remarks })
  }
  const hold = places === null ? null : holdPlaces(deps, call, places)
  if (deps.draining()) {
    deps.bodies.release(payload.bytes)
    return refuseCall(deps, call, known, 'draining', 'The gateway is shutting down.')
  }
  const { reported } = known.who
  if (reported.length > 0) deps.metrics.dimensionsMissing(reported)
  const budgets =
    ask === null || !isBudgeted || !ask.isLimited
      ? null
      : new CallBudgets(deps, call, known, ask, deps.clock.now())
  const admitted = { call, known, payload, guardrail: inject, remarks, hold, budgets }
  new Attempts(deps, admitted, stepsOf(deps, admitted, ask, target)).start()
}

function stepsOf(
  deps: GatewayDeps,
  { call, known, guardrail, budgets }: AdmittedCall,
  ask: CallAsk | null,
  target: Target,
): readonly Step<Target>[] {
  const { model } = known
  const book = deps.book()
  const identity = resolveModel(book, model)
  const planned = planSteps(deps.settings.routes, deps.targets, book, {
    target,
    model,
    identity,
    operation: call.route.operation,
    tier: known.facts.tierAsked,
    dimensions: known.who.dimensions,
    usedPercent: (budget) => budgets?.usedPercent(budget, identity) ?? null,
  })
  if (planned.length === 1 || ask === null) return stepsToTake(planned, anything)
  return stepsToTake(planned, (step) =>
    mayTake(deps, call.policy, ask, known.facts, guardrail, step),
  )
}

const anything = (): boolean => true

function askRules(deps: GatewayDeps, policy: ActivePolicy, ask: CallAsk): Admission {
  const { clock, metrics, settings } = deps
  const at = { now: clock.now(), monotonic: clock.monotonic() }
  const admission = admitCall(policy, ask, at, settings.dashboardUrl)
  const { refusal, wouldRefuse } = admission
  if (refusal !== null) metrics.ruleRefused(refusal.code, refusal.rule)
  for (const { code, rule } of wouldRefuse) metrics.shadowRefused(code, rule)
  return admission
}

function holdPlaces(deps: GatewayDeps, call: Call, places: LimitPlaces): LimitHold {
  const hold = new LimitHold(call.policy.limits, places, deps.clock.monotonic)
  hold.watch(call.response)
  return hold
}

/** Another model, scope or tier is only taken where the caller might have asked for it, and instead of its own only if it may. */
function mayTake(
  deps: GatewayDeps,
  policy: ActivePolicy,
  ask: CallAsk,
  facts: RequestFacts,
  inject: GuardrailRef | null,
  { model, tier, isRouted }: Step<Target>,
): boolean {
  if (isRouted && !policy.access.mayReroute(ask)) return false
  if (model === null && tier === null) return true
  const asked = model === null ? ask : askedAs(ask, facts, model, resolveModel(deps.book(), model))
  return mayFallBack(policy, tier === null ? asked : { ...asked, tier }, inject, deps.clock.now())
}

/** What stands in the ledger for a model where the operation has none. */
const NO_MODEL = UNKNOWN

const UNREAD: Readonly<
  Record<'too_large' | 'overload', readonly [code: RefusalCode, message: string]>
> = {
  too_large: ['body_too_large', 'The request body is too large.'],
  overload: ['overload', 'The gateway is out of room for bodies.'],
}

function attributed(call: Call, facts: RequestFacts | null, model: string): Attribution {
  const { client, caller, policy, startedAt } = call
  const sources = {
    binding: caller.bind,
    identity: policy.owners.ownerOf(
      {
        principalArn: caller.principalArn,
        accountId: caller.accountId,
        keyName: caller.keyName,
        profile: model.startsWith('arn:') ? model : null,
        project: projectOf(call),
      },
      startedAt,
    ),
    client,
    requestMetadata: facts?.requestMetadata ?? null,
  }
  if (caller.kind === 'anonymous') {
    return attributeAnonymous(policy.rules, sources)
  }
  const who = attribute(policy.rules, sources, policy.cardinality)
  if (caller.principalKind === null) return who
  // What kind of principal calls is ours to say, not the request's.
  return { ...who, attributes: { ...who.attributes, principal_kind: caller.principalKind } }
}

/** Only the mantle endpoint has projects, and AWS sees to it that they are there; elsewhere anybody could name one. */
function projectOf({ route, client }: Call): string | null {
  if (route.endpoint !== 'mantle') return null
  const { values } = client
  return (
    values['openai-project'] ??
    values['anthropic-workspace'] ??
    values['anthropic-workspace-id'] ??
    null
  )
}

function refuseStranger(
  deps: GatewayDeps,
  arrival: Arrival,
  { code, reason, message }: NotIdentified,
): void {
  deps.metrics.credentialRefused(reason)
  turnAway(deps, arrival, code, refusalResponse(arrival.route.family, code, message))
}

function refuseUnread(deps: GatewayDeps, arrival: Arrival, body: ReadBody): void {
  if (body.kind === 'whole' || body.kind === 'client_gone') return
  refuseUnwritten(deps, arrival, ...UNREAD[body.kind])
}

function dimensionFault(
  who: Attribution,
  ids: RequestIds,
  isAnonymous: boolean,
  isRead: boolean,
): string | null {
  const faults = [...who.invalid, ...ids.invalid].map(
    ({ dimension, message }) => `${dimension}: ${message}`,
  )
  // A body that was not read may hold the metadata that is missed; who is nobody can miss nothing.
  if (isRead && !isAnonymous) faults.push(...who.missing.map((name) => `${name}: is required`))
  return faults.length === 0 ? null : `Invalid attribution: ${faults.join('; ')}.`
}
