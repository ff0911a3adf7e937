// An admitted call on its way to Bedrock: one attempt after the other until one is answered. Each attempt has a row of its own:
// its opened line is the journal's before anything is sent, its settled line before the client's last bytes. What an attempt
// waits for (credentials, the model behind a profile) it waits for only when it is not at hand.

import type { RefusalCode } from '@ledgerock/contract'
import { createStreamUsageHider } from '../bedrock/hide-stream-usage.ts'
import { createUsageMeter } from '../bedrock/create-usage-meter.ts'
import { parseModelId } from '../bedrock/model-id.ts'
import { Fault } from '../kernel/fault.ts'
import { uuidV7 } from '../kernel/ids.ts'
import { resolveModel } from '../pricing/model-catalog.ts'
import type { AdmittedCall, GatewayDeps, Lent } from './call.ts'
import { identityOf, isUnknownProfile, modelInstead } from './called-model.ts'
import type { Pass } from './circuit-breaker.ts'
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
import { answerRefusal, refuseCall, settleRefused, type OpenedCall } from './refuse-call.ts'
import { Reply } from './reply.ts'
import { probableUsage, settledLine } from './settle.ts'
import type { Target } from './upstream.ts'

type Beginning = Pick<AttemptFacts, 'callId' | 'startedAt' | 'attempt'> & {
  /** Monotonic milliseconds. */
  readonly beganAt: number
}

/** An attempt about to be made: its own id and beginning, what it asks for and as whom. */
type Attempt = Beginning &
  AttemptFacts & {
    readonly step: Step<Target>
    readonly pass: Pass
    readonly lent: Lent
    readonly prepared: PreparedRequest
    /** Everything that is not as the client sent it, for the record. */
    readonly changes: readonly string[]
  }

export class Attempts {
  readonly #deps: GatewayDeps
  readonly #admitted: AdmittedCall
  readonly #steps: readonly Step<Target>[]
  readonly #reply: Reply
  readonly #patience: ClientPatience
  readonly #onLeave: OnLeave
  /** When the call has lasted as long as a call may; monotonic. */
  readonly #deadline: number
  /** When nobody waits for another attempt any more. The client's clock says it, so nothing that runs is ended by it. */
  readonly #patienceEnd: number
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
    this.#deadline = call.beganAt + deps.settings.callTimeoutMs
    this.#patienceEnd = Math.min(this.#deadline, call.beganAt + patienceMs)
  }

  start(): void {
    this.#deps.retryBudget.earn()
    this.#try()
  }

  #try(): void {
    const step = this.#steps[this.#step] as Step<Target>
    const { clock } = this.#deps
    const now = clock.monotonic()
    const pass = step.target.breaker.admit(now)
    if (pass === null) {
      if (this.#nextStep(now) !== null) return this.#fallBack('unreachable')
      return this.#refuse('upstream_unreachable', 'Amazon Bedrock is not answering at the moment.')
    }
    const { dimensions } = this.#admitted.known.who
    const lent = step.target.lender.current(dimensions)
    const called = this.#modelInstead(step) ?? this.#admitted.known.model
    const isUnknown = isUnknownProfile(this.#deps.profiles, called)
    if (lent !== null && !isUnknown) return this.#open(step, lent, pass)
    const credentials = lent ?? step.target.lender.load(dimensions)
    const model = isUnknown ? this.#deps.profiles.look(called) : null
    Promise.all([credentials, model]).then(
      ([ready]) => this.#open(step, ready, pass),
      (error: unknown) => {
        step.target.breaker.abandoned(pass)
        this.#deps.logger.error(
          { target: step.target.name, reason: String(error) },
          'no_aws_credentials',
        )
        if (this.#nextStep(this.#deps.clock.monotonic()) !== null) {
          return this.#fallBack('unreachable')
        }
        this.#refuse('identity_unavailable', 'The gateway has no AWS credentials for this call.')
      },
    )
  }

  /** The attempt is made known to the journal; once the kernel has that line, the request goes upstream. */
  #open(step: Step<Target>, lent: Lent, pass: Pass): void {
    const { deps, admitted } = this.#parts()
    const { call, known } = admitted
    const reservation = deps.journal.reserve()
    if (reservation === null) {
      step.target.breaker.abandoned(pass)
      deps.bodies.release(admitted.payload.bytes)
      answerRefusal(deps, call, call.callId, 'journal_unavailable', NOT_RECORDED)
      return
    }
    const attempt = this.#prepare(step, lent, pass)
    const opened = openedLine(call, known, attempt)
    this.#made += 1
    this.#madeAtStep += 1
    try {
      const seq = deps.journal.append(reservation, opened, (error) => {
        const openedCall = { reservation, opened, seq, identity: attempt.identity }
        if (error === null) return this.#forward(attempt, openedCall)
        step.target.breaker.abandoned(pass)
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
      step.target.breaker.abandoned(pass)
      deps.journal.release(reservation)
      deps.bodies.release(admitted.payload.bytes)
      answerRefusal(deps, call, attempt.callId, 'dimension', TOO_LARGE_TO_RECORD)
    }
  }

  /** What tells one attempt from another; the first has the call's own. */
  #begin(): Beginning {
    const { call, known } = this.#admitted
    const attempt = known.ids.attempt + this.#made
    if (this.#made === 0) {
      const { callId, startedAt, beganAt } = call
      return { callId, startedAt, beganAt, attempt }
    }
    const { clock, random } = this.#deps
    const startedAt = clock.now()
    return { callId: uuidV7(startedAt, random()), startedAt, beganAt: clock.monotonic(), attempt }
  }

  #prepare(step: Step<Target>, lent: Lent, pass: Pass): Attempt {
    const { deps, admitted } = this.#parts()
    const { known } = admitted
    const beginning = this.#begin()
    const { callId } = beginning
    const named = this.#modelInstead(step)
    const { injectMetadata } = deps.settings
    const prepared = prepareRequest(admitted, { callId, model: named, injectMetadata })
    if (prepared.metadataDropped > 0) deps.metrics.metadataDropped(prepared.metadataDropped)
    const asked = step.model ?? known.model
    const identity = identityOf(deps.book(), deps.profiles, named ?? asked, asked)
    const changes = [...step.changes, ...admitted.remarks]
    if (named !== step.model) changes.push('inference_profile')
    if (lent.fellBack) changes.push('identity_fallback')
    changes.push(...prepared.changes)
    const { region } = step.target
    return { ...beginning, step, pass, lent, identity, prepared, changes, region }
  }

  #forward(attempt: Attempt, openedCall: OpenedCall): void {
    const { deps, admitted } = this.#parts()
    const { call, known, payload } = admitted
    const { route } = call
    const { facts } = known
    const { step, callId, lent, prepared, identity } = attempt
    admitted.hold?.attemptBegan()
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
      createMeter: (status, headers) => {
        // A sign of life: nobody has to wait for the end of a long answer to know that the target is well.
        if (status < HEALTHY_BELOW) step.target.breaker.succeeded(attempt.pass)
        return createUsageMeter(route, spoken, facts, status, headers)
      },
      unansweredUsage: () => probableUsage(route.operation, facts.inputEstimate),
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
    admitted.hold?.attemptEnded(outcome.usage)
    const next = this.#next(attempt, ended)
    if (next.kind === 'none') deps.bodies.release(payload.bytes)
    const now = deps.clock.monotonic()
    const timing = {
      endedAt: deps.clock.now(),
      latencyMs: Math.round(now - attempt.beganAt),
      firstByteMs: firstByteAt === null ? null : Math.round(firstByteAt - attempt.beganAt),
      gatewayOverheadUs: Math.round((overheadBeforeMs + now - ended.upstreamEndedAt) * 1_000),
    }
    const line = settledLine(deps.book(), opened, seq, identity, outcome, timing, attempt.changes)
    deps.journal.append(reservation, line, (error) => {
      if (error !== null) deps.logger.error({ call_id: opened.callId }, 'settled_line_not_safe_yet')
      deps.metrics.settled(line, opened)
      deps.traces?.settled(opened, line, call.client.values['traceparent'] ?? null)
      const again = next.kind !== 'none'
      if (outcome.refusal !== null && !again) deps.metrics.refused(outcome.refusal)
      done({ cost: line.cost, again })
      this.#goOn(next)
    })
  }

  /** Tells the breaker how the target is, and whether this attempt is followed by another. */
  #next({ step: { target }, pass }: Attempt, ended: Ended): NextAttempt {
    const { outcome, unsaid, retryAfter } = ended
    const { deps } = this.#parts()
    const now = deps.clock.monotonic()
    const reason = retryReason(outcome)
    if (outcome.interruptedBy === 'client') target.breaker.abandoned(pass)
    else if (isIll(ended, reason)) target.breaker.failed(pass, now)
    else target.breaker.succeeded(pass)
    if (!unsaid || deps.draining()) return { kind: 'none' }
    return nextAttempt(
      reason,
      {
        hasFallback: this.#nextStep(now) !== null,
        attempts: this.#madeAtStep,
        attemptsMax: deps.settings.attemptsMax,
        clientWillRetry: this.#patience.willRetry,
        remainingMs: this.#patienceEnd - now,
        retryAfterMs: retryAfterMs(retryAfter, deps.clock.now()),
      },
      deps.jitter(),
      () => deps.retryBudget.spend(),
    )
  }

  #goOn(next: NextAttempt): void {
    if (next.kind !== 'none' && this.#reply.gone) {
      return this.#deps.bodies.release(this.#admitted.payload.bytes)
    }
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
    this.#step = this.#nextStep(this.#deps.clock.monotonic()) ?? this.#step
    this.#madeAtStep = 0
    this.#try()
  }

  /** The next step whose target is not known to be ill, or null. */
  #nextStep(now: number): number | null {
    for (let next = this.#step + 1; next < this.#steps.length; next += 1) {
      if ((this.#steps[next] as Step<Target>).target.breaker.refuses(now)) continue
      return next
    }
    return null
  }

  #refuse(code: RefusalCode, message: string): void {
    const { deps, admitted } = this.#parts()
    const { call, known, payload } = admitted
    deps.bodies.release(payload.bytes)
    const attempt = this.#unsent()
    refuseCall(deps, call, known, code, message, { attempt, changes: admitted.remarks })
  }

  #modelInstead(step: Step<Target>): string | null {
    const { call, known } = this.#admitted
    return modelInstead(this.#deps.book(), step, call, known)
  }

  /** An attempt that was not made, for the record of its refusal. */
  #unsent(): AttemptFacts {
    const { model } = this.#admitted.known
    const step = this.#steps[this.#step] as Step<Target>
    const identity = resolveModel(this.#deps.book(), step.model ?? model)
    return { ...this.#begin(), region: step.target.region, identity, lent: null }
  }

  #parts(): { readonly deps: GatewayDeps; readonly admitted: AdmittedCall } {
    return { deps: this.#deps, admitted: this.#admitted }
  }
}

const HEALTHY_BELOW = 500
const NOT_RECORDED = 'The gateway cannot record calls at the moment.'
const TOO_LARGE_TO_RECORD = 'The attribution of this call is too large to record.'

/** The target itself is unwell; what it refuses in good health is no sign of it. */
function isIll({ outcome, firstByteAt }: Ended, reason: RetryReason | null): boolean {
  const { interruptedBy } = outcome
  if (reason === 'unreachable' || reason === 'unavailable') return true
  // Not a byte in all the time a call may take.
  const isSilent = interruptedBy === 'gateway' && firstByteAt === null
  return isSilent || interruptedBy === 'upstream'
}

/** `model=<id>,region=<region>`: what served the call instead. */
function routeTaken(step: Step<Target>, asked: string): string {
  return `model=${step.model ?? asked},region=${step.target.region}`
}
