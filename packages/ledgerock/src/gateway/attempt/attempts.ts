// An admitted call on its way to Bedrock: one attempt after the other until one is answered. Each attempt has a row of its own:
// its opened line is the journal's before anything is sent, its settled line before the client's last bytes. What an attempt
// waits for (credentials, the model behind a profile, room in its budgets) it waits for only when it is not at hand.

import type { RefusalCode } from '@ledgerock/contract'
import { createStreamUsageHider } from '../../bedrock/edit/hide-stream-usage.ts'
import { createUsageMeter } from '../../bedrock/usage/create-usage-meter.ts'
import { parseModelId } from '../../bedrock/model-id.ts'
import type { BudgetCharge } from '../../journal/budget-charge.ts'
import { Fault } from '../../kernel/fault.ts'
import type { ModelIdentity } from '../../pricing/model-catalog.ts'
import {
  isIll,
  isNothing,
  noteExceeded,
  ownHeaders,
  recordOf,
  type Attempt,
  type Way,
} from './attempt.ts'
import { AttemptRoom, type Place } from './attempt-room.ts'
import type { BudgetHold } from '../budget/budget-hold.ts'
import { toldHeaders } from '../budget/call-budgets.ts'
import type { GatewayDeps, Lent } from '../call.ts'
import type { AdmittedCall } from '../admitted-call.ts'
import { isUnknownProfile, modelInstead } from './called-model.ts'
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
import { openedLine } from './opened-line.ts'
import type { BudgetRefusal } from '../budget/plan-budgets.ts'
import type { Step } from './plan-steps.ts'
import { calledAt, prepareAttempt, unmadeAttempt } from './prepare-attempt.ts'
import { answerRefusal, refuseCall, settleRefused, type OpenedCall } from '../refuse-call.ts'
import { Reply } from '../reply.ts'
import { probableUsage } from './settle.ts'
import type { Target } from './upstream.ts'

export class Attempts {
  readonly #deps: GatewayDeps
  readonly #admitted: AdmittedCall
  readonly #steps: readonly Step<Target>[]
  readonly #reply: Reply
  readonly #patience: ClientPatience
  readonly #onLeave: OnLeave
  readonly #room: AttemptRoom
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
    this.#room = new AttemptRoom(admitted.budgets)
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
    const { call, known } = this.#admitted
    const called = modelInstead(this.#deps.book(), step, call, known) ?? known.model
    const isUnknown = isUnknownProfile(this.#deps.profiles, called)
    if (lent !== null && !isUnknown) return this.#claim(step, lent, pass)
    const credentials = lent ?? step.target.lender.load(dimensions)
    const model = isUnknown ? this.#deps.profiles.look(called) : null
    Promise.all([credentials, model]).then(
      ([ready]) => this.#claim(step, ready, pass),
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

  /** What the attempt may cost at most is held in its budgets before anybody knows of it. */
  #claim(step: Step<Target>, lent: Lent, pass: Pass): void {
    const way: Way = { step, lent, pass, identity: this.#calledAt(step) }
    let waited = false
    this.#room.claim(this.#place(way, this.#step), (room) => {
      if (waited && this.#reply.gone) return this.#abandon(way, room.ok ? room.value : null)
      if (room.ok) return this.#open(way, room.value)
      step.target.breaker.abandoned(pass)
      const { code, budget, message } = room.problem
      this.#deps.metrics.ruleRefused(code, budget)
      this.#refuse(code, message, room.problem)
    })
    waited = true
  }

  /** The attempt is made known to the journal; once the kernel has that line, the request goes upstream. */
  #open(way: Way, budget: BudgetHold | null): void {
    const { deps, admitted } = this.#parts()
    const { call, known } = admitted
    const reservation = deps.journal.reserve()
    if (reservation === null) {
      this.#abandon(way, budget)
      answerRefusal(deps, call, call.callId, 'journal_unavailable', NOT_RECORDED)
      return
    }
    const attempt = prepareAttempt(deps, admitted, way, budget, this.#made)
    const opened = openedLine(call, known, attempt)
    this.#made += 1
    this.#madeAtStep += 1
    try {
      const seq = deps.journal.append(reservation, opened, (error) => {
        const openedCall = { reservation, opened, seq, identity: attempt.identity }
        if (error === null) return this.#forward(attempt, openedCall)
        const answer = answerRefusal(
          deps,
          call,
          attempt.callId,
          'journal_unavailable',
          NOT_RECORDED,
        )
        settleRefused(deps, call, openedCall, 'journal_unavailable', answer)
        this.#abandon(way, budget)
      })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      deps.journal.release(reservation)
      this.#abandon(way, budget)
      answerRefusal(deps, call, attempt.callId, 'dimension', TOO_LARGE_TO_RECORD)
    }
  }

  /** The attempt is not made, and none follows. */
  #abandon({ step, pass }: Pick<Way, 'step' | 'pass'>, budget: BudgetHold | null): void {
    step.target.breaker.abandoned(pass)
    budget?.release()
    this.#deps.bodies.release(this.#admitted.payload.bytes)
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
      ownHeaders: ownHeaders(admitted, attempt),
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
    openedCall: OpenedCall,
    ended: Ended,
    overheadBeforeMs: number,
    done: (settled: Settled) => void,
  ): void {
    const { deps, admitted } = this.#parts()
    const { call, payload } = admitted
    const { reservation, opened } = openedCall
    const { outcome, firstByteAt } = ended
    admitted.hold?.attemptEnded(outcome.usage)
    const now = deps.clock.monotonic()
    const timing = {
      endedAt: deps.clock.now(),
      latencyMs: Math.round(now - attempt.beganAt),
      firstByteMs: firstByteAt === null ? null : Math.round(firstByteAt - attempt.beganAt),
      gatewayOverheadUs: Math.round((overheadBeforeMs + now - ended.upstreamEndedAt) * 1_000),
    }
    const recorded = recordOf(deps, admitted, attempt, openedCall, ended, timing)
    const { line, charge, told } = recorded
    noteExceeded(deps, opened, charge)
    let next = NONE
    deps.journal.append(reservation, line, (error) => {
      if (error !== null) deps.logger.error({ call_id: opened.callId }, 'settled_line_not_safe_yet')
      deps.metrics.settled(line, opened)
      deps.traces?.settled(opened, line, call.client.values['traceparent'] ?? null)
      const again = next.kind !== 'none'
      if (outcome.refusal !== null && !again) deps.metrics.refused(outcome.refusal)
      done({ cost: line.cost, again, told: toldHeaders(told) })
      this.#goOn(next)
    })
    // After the line: what is given up may let another call in, whose own line must come later.
    next = this.#next(attempt, ended, charge)
    if (next.kind === 'none') deps.bodies.release(payload.bytes)
  }

  /** Tells the breaker how the target is, and whether this attempt is followed by another, for which there is room in its budgets. */
  #next(attempt: Attempt, ended: Ended, charge: BudgetCharge): NextAttempt {
    const { pass, budget } = attempt
    const { target } = attempt.step
    const { outcome } = ended
    const now = this.#deps.clock.monotonic()
    const reason = retryReason(outcome)
    if (outcome.interruptedBy === 'client') target.breaker.abandoned(pass)
    else if (isIll(ended, reason)) target.breaker.failed(pass, now)
    else target.breaker.succeeded(pass)
    const other = this.#nextStep(now)
    const next = this.#follow(ended, reason, other !== null, now)
    if (next.kind === 'again' && budget !== null && isNothing(charge)) {
      this.#room.keep(budget, this.#step)
      return next
    }
    budget?.settle(charge)
    if (next.kind === 'none') return NONE
    const index = next.kind === 'fallback' && other !== null ? other : this.#step
    return this.#room.prepare(this.#placeOf(index)) ? next : NONE
  }

  #follow(
    { unsaid, retryAfter }: Ended,
    reason: RetryReason | null,
    hasFallback: boolean,
    now: number,
  ): NextAttempt {
    const { deps } = this.#parts()
    if (!unsaid || deps.draining()) return NONE
    return nextAttempt(
      reason,
      {
        hasFallback,
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

  #place({ step, lent, identity }: Way, index: number): Place {
    return { index, step, identity, accountId: lent.accountId }
  }

  /** Of a step that is not in hand yet. */
  #placeOf(index: number): Place {
    const step = this.#steps[index] as Step<Target>
    const lent = step.target.lender.current(this.#admitted.known.who.dimensions)
    return { index, step, identity: this.#calledAt(step), accountId: lent?.accountId ?? null }
  }

  /** Nobody waits for another attempt any more. */
  #dropBody(): void {
    this.#room.drop()
    this.#deps.bodies.release(this.#admitted.payload.bytes)
  }

  #goOn(next: NextAttempt): void {
    if (next.kind !== 'none' && this.#reply.gone) return this.#dropBody()
    switch (next.kind) {
      case 'none':
        return
      case 'fallback':
        return this.#fallBack(next.reason)
      case 'again':
        this.#deps.metrics.retried(next.reason)
        setTimeout(() => {
          if (this.#reply.gone) this.#dropBody()
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

  #refuse(code: RefusalCode, message: string, refused: BudgetRefusal | null = null): void {
    const { deps, admitted } = this.#parts()
    const { call, known, remarks } = admitted
    this.#dropBody()
    const step = this.#steps[this.#step] as Step<Target>
    const attempt = unmadeAttempt(deps, admitted, step, this.#made, refused?.plan ?? null)
    const { budget = null, remaining = null } = refused ?? {}
    refuseCall(deps, call, known, code, message, { attempt, changes: remarks, budget, remaining })
  }

  #calledAt(step: Step<Target>): ModelIdentity {
    return calledAt(this.#deps, this.#admitted, step)
  }

  #parts(): { readonly deps: GatewayDeps; readonly admitted: AdmittedCall } {
    return { deps: this.#deps, admitted: this.#admitted }
  }
}

const HEALTHY_BELOW = 500
const NOT_RECORDED = 'The gateway cannot record calls at the moment.'
const TOO_LARGE_TO_RECORD = 'The attribution of this call is too large to record.'

const NONE: NextAttempt = { kind: 'none' }
