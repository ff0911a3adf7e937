// An admitted call on its way to Bedrock: one attempt after the other until one is answered. Each attempt has a row of its own:
// its opened line is the journal's before anything is sent, its settled line before the client's last bytes. What an attempt
// waits for (credentials, the model behind a profile) it waits for only when it is not at hand.

import type { RefusalCode } from '@ledgerock/contract'
import { createStreamUsageHider } from '../bedrock/hide-stream-usage.ts'
import { createUsageMeter } from '../bedrock/create-usage-meter.ts'
import { parseModelId } from '../bedrock/model-id.ts'
import { Fault } from '../kernel/fault.ts'
import { uuidV7 } from '../kernel/ids.ts'
import { resolveModel, type ModelIdentity } from '../pricing/model-catalog.ts'
import type { AdmittedCall, GatewayDeps, Lent } from './call.ts'
import { clientPatience, type ClientPatience } from './client-patience.ts'
import { onLeave, type OnLeave } from './disconnect.ts'
import { Exchange, type Ended, type Settled } from './exchange.ts'
import {
  nextAttempt,
  retryAfterMs,
  retryReason,
  type NextAttempt,
  type RetryReason,
} from './next-attempt.ts'
import { openedLine, type AttemptFacts } from './opened-line.ts'
import type { Step } from './plan-steps.ts'
import { prepareRequest, type PreparedRequest } from './prepare-request.ts'
import { profileFor } from './profile-rule.ts'
import { answerRefusal, refuseCall, settleRefused, type OpenedCall } from './refuse-call.ts'
import { Reply } from './reply.ts'
import { settledLine } from './settle.ts'
import type { Target } from './upstream.ts'

/** An attempt about to be made: its own id and beginning, what it asks for and as whom. */
type Attempt = {
  readonly step: Step<Target>
  readonly callId: string
  readonly startedAt: number
  /** Monotonic milliseconds. */
  readonly beganAt: number
  readonly lent: Lent
  readonly identity: ModelIdentity
  readonly prepared: PreparedRequest
}

export class Attempts {
  readonly #deps: GatewayDeps
  readonly #admitted: AdmittedCall
  readonly #steps: readonly Step<Target>[]
  readonly #reply: Reply
  readonly #patience: ClientPatience
  readonly #onLeave: OnLeave
  /** Monotonic. */
  readonly #deadline: number
  #step = 0
  #made = 0
  #madeAtStep = 0

  constructor(deps: GatewayDeps, admitted: AdmittedCall, steps: readonly Step<Target>[]) {
    const { call, known } = admitted
    this.#deps = deps
    this.#admitted = admitted
    this.#steps = steps
    this.#reply = new Reply(call.response)
    this.#patience = clientPatience(call.client.values)
    this.#onLeave = onLeave(deps.settings.disconnect, known.who.dimensions, known.facts.stream)
    const { deadlineMs } = this.#patience
    const patienceMs = deadlineMs === null ? Infinity : Math.max(0, deadlineMs - call.startedAt)
    this.#deadline = call.beganAt + Math.min(deps.settings.callTimeoutMs, patienceMs)
  }

  start(): void {
    this.#deps.retryBudget.earn()
    this.#try()
  }

  #try(): void {
    const step = this.#steps[this.#step] as Step<Target>
    const { clock } = this.#deps
    if (!step.target.breaker.admit(clock.monotonic())) {
      if (this.#step + 1 < this.#steps.length) return this.#fallBack('unreachable')
      return this.#refuse('upstream_unreachable', 'Amazon Bedrock is not answering at the moment.')
    }
    const { dimensions } = this.#admitted.known.who
    const lent = step.target.lender.current(dimensions)
    const profile = this.#profileToLookUp(step)
    if (lent !== null && profile === null) return this.#open(step, lent)
    const credentials = lent ?? step.target.lender.load(dimensions)
    const model = profile === null ? null : this.#deps.profiles.look(profile)
    Promise.all([credentials, model]).then(
      ([ready]) => this.#open(step, ready),
      (error: unknown) => {
        step.target.breaker.abandoned()
        this.#deps.logger.error(
          { target: step.target.name, reason: String(error) },
          'no_aws_credentials',
        )
        this.#refuse('identity_unavailable', 'The gateway has no AWS credentials for this call.')
      },
    )
  }

  /** The attempt is made known to the journal; once the kernel has that line, the request goes upstream. */
  #open(step: Step<Target>, lent: Lent): void {
    const { deps, admitted } = this.#parts()
    const { call, known } = admitted
    const reservation = deps.journal.reserve()
    if (reservation === null) {
      step.target.breaker.abandoned()
      deps.bodies.release(admitted.payload.bytes)
      answerRefusal(deps, call, call.callId, 'journal_unavailable', NOT_RECORDED)
      return
    }
    const attempt = this.#prepare(step, lent)
    const opened = openedLine(call, known, this.#facts(attempt))
    this.#made += 1
    this.#madeAtStep += 1
    try {
      const seq = deps.journal.append(reservation, opened, (error) => {
        const openedCall = { reservation, opened, seq, identity: attempt.identity }
        if (error === null) return this.#forward(attempt, openedCall)
        step.target.breaker.abandoned()
        deps.bodies.release(admitted.payload.bytes)
        const answer = answerRefusal(
          deps,
          call,
          attempt.callId,
          'journal_unavailable',
          NOT_RECORDED,
        )
        settleRefused(deps, call, openedCall, 'journal_unavailable', answer)
      })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      step.target.breaker.abandoned()
      deps.journal.release(reservation)
      deps.bodies.release(admitted.payload.bytes)
      answerRefusal(deps, call, attempt.callId, 'dimension', TOO_LARGE_TO_RECORD)
    }
  }

  #prepare(step: Step<Target>, lent: Lent): Attempt {
    const { deps, admitted } = this.#parts()
    const { call, known } = admitted
    const isFirst = this.#made === 0
    const startedAt = isFirst ? call.startedAt : deps.clock.now()
    const callId = isFirst ? call.callId : uuidV7(startedAt, deps.random())
    const named = this.#modelOf(step)
    const { injectMetadata } = deps.settings
    const prepared = prepareRequest(admitted, { callId, model: named, injectMetadata })
    if (prepared.metadataDropped > 0) deps.metrics.metadataDropped(prepared.metadataDropped)
    return {
      step,
      callId,
      startedAt,
      beganAt: isFirst ? call.beganAt : deps.clock.monotonic(),
      lent,
      identity: identify(deps, named ?? known.model, step.model ?? known.model),
      prepared,
    }
  }

  #forward(attempt: Attempt, openedCall: OpenedCall): void {
    const { deps, admitted } = this.#parts()
    const { call, known, payload } = admitted
    const { route } = call
    const { facts } = known
    const { step, callId, lent, prepared, identity } = attempt
    // Behind a profile it is the model found there that answers, in its maker's own shape.
    const spoken = parseModelId(identity.kind === 'resolved' ? identity.modelId : known.model)
    const sentAt = deps.clock.monotonic()
    const readyAt = this.#made === 1 ? payload.at : attempt.beganAt
    const exchange = new Exchange({
      monotonic: deps.clock.monotonic,
      route,
      callId,
      reply: this.#reply,
      onLeave: this.#onLeave,
      drains: deps.drains,
      routeTaken: step.changes.length === 0 ? null : routeTaken(step, known.model),
      hider: prepared.hidesUsage ? createStreamUsageHider() : null,
      createMeter: (status, headers) => createUsageMeter(route, spoken, facts, status, headers),
      unansweredUsage: () => (facts.inputEstimate > 0 ? { input: facts.inputEstimate } : {}),
      settle: (ended, done) => {
        clearTimeout(timer)
        this.#settle(attempt, openedCall, ended, sentAt - readyAt, done)
      },
    })
    const timer = setTimeout(() => exchange.timeOut(), Math.max(0, this.#deadline - sentAt))
    if (exchange.abandoned()) return
    step.target.send(prepared.request, lent.credentials, exchange)
  }

  #settle(
    attempt: Attempt,
    { reservation, opened, seq, identity }: OpenedCall,
    ended: Ended,
    overheadBeforeMs: number,
    done: (settled: Settled) => void,
  ): void {
    const { deps, admitted } = this.#parts()
    const { call, payload } = admitted
    const { outcome, firstByteAt } = ended
    const next = this.#next(attempt.step.target, ended)
    if (next.kind === 'none') deps.bodies.release(payload.bytes)
    const now = deps.clock.monotonic()
    const timing = {
      endedAt: deps.clock.now(),
      latencyMs: Math.round(now - attempt.beganAt),
      firstByteMs: firstByteAt === null ? null : Math.round(firstByteAt - attempt.beganAt),
      gatewayOverheadUs: Math.round((overheadBeforeMs + now - ended.upstreamEndedAt) * 1_000),
    }
    const changes = [...attempt.step.changes, ...attempt.prepared.changes]
    if (attempt.lent.fellBack) changes.push('identity_fallback')
    const line = settledLine(deps.book(), opened, seq, identity, outcome, timing, changes)
    deps.journal.append(reservation, line, (error) => {
      if (error !== null) deps.logger.error({ call_id: opened.callId }, 'settled_line_not_safe_yet')
      deps.metrics.settled(line, opened)
      deps.traces?.settled(opened, line, call.client.values['traceparent'] ?? null)
      done({ cost: line.cost, again: next.kind !== 'none' })
      this.#goOn(next)
    })
  }

  /** Tells the breaker how the target is, and whether this attempt is followed by another. */
  #next(target: Target, { outcome, unsaid, retryAfter }: Ended): NextAttempt {
    const { deps } = this.#parts()
    const now = deps.clock.monotonic()
    const reason = retryReason(outcome)
    if (outcome.interruptedBy === 'client') target.breaker.abandoned()
    else if (isIll(outcome, reason)) target.breaker.failed(now)
    else target.breaker.succeeded()
    if (!unsaid || deps.draining()) return { kind: 'none' }
    return nextAttempt(
      reason,
      {
        hasFallback: this.#step + 1 < this.#steps.length,
        attempts: this.#madeAtStep,
        attemptsMax: deps.settings.attemptsMax,
        clientWillRetry: this.#patience.willRetry,
        remainingMs: this.#deadline - now,
        retryAfterMs: retryAfterMs(retryAfter, deps.clock.now()),
      },
      deps.jitter(),
      () => deps.retryBudget.spend(),
    )
  }

  #goOn(next: NextAttempt): void {
    switch (next.kind) {
      case 'none':
        return
      case 'fallback':
        return this.#fallBack(next.reason)
      case 'again':
        this.#deps.metrics.retried(next.reason)
        setTimeout(() => {
          if (this.#reply.gone) this.#deps.bodies.release(this.#admitted.payload.bytes)
          else this.#try()
        }, next.delayMs)
        return
    }
  }

  #fallBack(reason: RetryReason): void {
    this.#deps.metrics.fellBack(reason)
    this.#step += 1
    this.#madeAtStep = 0
    this.#try()
  }

  #refuse(code: RefusalCode, message: string): void {
    const { deps, admitted } = this.#parts()
    const { call, known, payload } = admitted
    deps.bodies.release(payload.bytes)
    refuseCall(deps, call, known, code, message)
  }

  /** The model to be named to Bedrock instead of the client's: the step's, or the profile that stands in for it; else null. */
  #modelOf(step: Step<Target>): string | null {
    const { known, call } = this.#admitted
    const { profiles } = step.target
    // Profiles are named in a path only; the APIs that name the model in the body take none.
    if (profiles.length === 0 || call.route.modelRequested === null) return step.model
    const requested = step.model ?? known.model
    const { modelId } = resolveModel(this.#deps.book(), requested)
    return profileFor(profiles, { requested, baseId: modelId }, known.who.dimensions) ?? step.model
  }

  /** An application inference profile nobody has looked up yet, or null. */
  #profileToLookUp(step: Step<Target>): string | null {
    const model = this.#modelOf(step) ?? this.#admitted.known.model
    if (!isProfileArn(model)) return null
    return this.#deps.profiles.known(model) === null ? model : null
  }

  #facts(attempt: Attempt): AttemptFacts {
    const { step, callId, startedAt, identity, lent } = attempt
    return {
      callId,
      startedAt,
      attempt: this.#admitted.known.ids.attempt + this.#made,
      region: step.target.region,
      identity,
      lent,
    }
  }

  #parts(): { readonly deps: GatewayDeps; readonly admitted: AdmittedCall } {
    return { deps: this.#deps, admitted: this.#admitted }
  }
}

const NOT_RECORDED = 'The gateway cannot record calls at the moment.'
const TOO_LARGE_TO_RECORD = 'The attribution of this call is too large to record.'

/** What the model called is: behind a profile the one AWS named, or the one the profile stands in for. */
function identify(deps: GatewayDeps, called: string, standsFor: string): ModelIdentity {
  const book = deps.book()
  if (!isProfileArn(called)) return resolveModel(book, called)
  const found = deps.profiles.known(called)
  const identity = resolveModel(book, called, found === 'unresolvable' ? null : found)
  if (identity.kind === 'resolved' || called === standsFor) return identity
  return { ...resolveModel(book, standsFor), inferenceProfile: called }
}

function isProfileArn(model: string): boolean {
  return model.startsWith('arn:') && parseModelId(model).kind === 'application-inference-profile'
}

/** The target itself is unwell; what it refuses in good health is no sign of it. */
function isIll({ interruptedBy }: Ended['outcome'], reason: RetryReason | null): boolean {
  return reason === 'unreachable' || reason === 'unavailable' || interruptedBy === 'upstream'
}

/** `model=<id>,region=<region>`: what served the call instead. */
function routeTaken(step: Step<Target>, asked: string): string {
  return `model=${step.model ?? asked},region=${step.target.region}`
}
