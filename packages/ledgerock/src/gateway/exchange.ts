// One exchange with Bedrock: relays the answer to the client byte for byte while its usage is read in passing, and settles the
// call exactly once, before its last bytes go out. Slow clients slow the upstream down; nothing of a stream is kept.
//
//   unary   bytes kept until the end (up to UNARY_HELD_BYTES_MAX) → settled → headers with the cost, body, end
//           a larger answer is passed on one chunk behind, so that its last chunk waits for the settled line
//   stream  each chunk passed on as it comes; the chunk that completes the usage waits for the settled line
//
// A client that leaves: a stream is cancelled upstream and its usage estimated from what passed; a unary call cannot be
// un-run, so its answer is drained and its usage is true.

import type { IncomingHttpHeaders } from 'node:http'
import { constants } from 'node:http2'
import type { Dispatcher } from 'undici'
import type { CallStatus, Interrupter, RefusalCode, UsageSource } from '@ledgerock/contract'
import { CALL_ID_HEADER, COST_HEADER } from '@ledgerock/contract'
import { bedrockError, errorTypeOf, refusalResponse, statusOf } from '../bedrock/error.ts'
import type { Route } from '../bedrock/route.ts'
import type { UsageMeter, UsageReading } from '../bedrock/usage-meter.ts'
import { formatUsd, type Picodollars } from '../kernel/money.ts'
import { clientHeaders } from './client-headers.ts'
import type { GatewayResponse } from './listener.ts'
import { sendError } from './send-error.ts'
import type { Outcome } from './settle.ts'

export const UNARY_HELD_BYTES_MAX = 256 * 1024
const EVENT_STREAM = 'application/vnd.amazon.eventstream'
const UNREACHABLE_STATUS = 502
const TIMED_OUT_STATUS = 408

export type ExchangeDeps = {
  readonly monotonic: () => number
  readonly createMeter: (status: number, headers: IncomingHttpHeaders) => UsageMeter
  /** Usage of a call that ended before its answer began: an estimate of the input. */
  readonly unansweredUsage: () => Outcome['usage']
  /** Writes the settled line; `done` when it is the kernel's. Called once. */
  readonly settle: (
    outcome: Outcome,
    firstByteAt: number | null,
    upstreamEndedAt: number,
    done: (cost: Picodollars | null) => void,
  ) => void
}

type Phase = 'waiting' | 'unary' | 'large' | 'stream' | 'settling' | 'ended'

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #deps: ExchangeDeps
  readonly #route: Route
  readonly #callId: string
  readonly #response: GatewayResponse
  #controller: Dispatcher.DispatchController | null = null
  #phase: Phase = 'waiting'
  #meter: UsageMeter | null = null
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #firstByteAt: number | null = null
  /** Chunks that wait: a unary body, the last chunk of a large one, or what follows the end of a stream's usage. */
  #held: Buffer[] = []
  #heldBytes = 0
  #settled = false
  #upstreamEnded = false
  /** The request went onto a connection: from here on it may have been used, and is charged. */
  #sent = false
  /** The connection broke while the settled line was on its way. */
  #broken = false
  #clientGone = false
  #timedOut = false

  constructor(deps: ExchangeDeps, route: Route, callId: string, response: GatewayResponse) {
    this.#deps = deps
    this.#route = route
    this.#callId = callId
    this.#response = response
    // A client that left while its body was read is told of by no event any more.
    this.#clientGone = response.destroyed === true || response.stream?.destroyed === true
    response.on('close', () => this.#onClientClose())
    response.on('error', () => this.#onClientClose())
    response.on('drain', () => this.#controller?.resume())
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#timedOut) return controller.abort(new Error('call timed out'))
    // Nothing has been sent yet, so a call nobody waits for need not be made.
    if (this.#clientGone) return controller.abort(new Error('client left'))
    this.#sent = true
  }

  /** Settles a call whose client left before anything was sent; false where the client is there. */
  abandoned(): boolean {
    if (!this.#clientGone) return false
    this.#settleInterrupted('client')
    return true
  }

  /** The call has lasted as long as a call may. */
  timeOut(): void {
    if (this.#settled || this.#phase === 'settling') return
    this.#timedOut = true
    this.#controller?.abort(new Error('call timed out'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#meter = this.#deps.createMeter(status, headers)
    const type = headers['content-type']
    if (typeof type === 'string' && type.startsWith(EVENT_STREAM)) {
      this.#phase = 'stream'
      this.#writeHead(null)
      if (!this.#clientGone) this.#response.flushHeaders()
    } else {
      this.#phase = 'unary'
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#firstByteAt ??= this.#deps.monotonic()
    const completesUsage = this.#meter?.write(chunk) ?? false
    switch (this.#phase) {
      case 'unary':
        this.#hold(chunk)
        if (this.#heldBytes > UNARY_HELD_BYTES_MAX && !this.#clientGone) this.#becomeLarge()
        return
      case 'large':
        this.#passHeld()
        this.#hold(chunk)
        return
      case 'stream':
        if (this.#settled || !completesUsage) return this.#pass(chunk)
        this.#hold(chunk)
        return this.#settleAnswer()
      case 'settling':
        return this.#hold(chunk)
      case 'waiting':
      case 'ended':
        return
    }
  }

  onResponseEnd(): void {
    this.#upstreamEnded = true
    this.#meter?.end()
    if (this.#settled) this.#finish()
    else if (this.#phase !== 'settling') this.#settleAnswer()
  }

  onResponseError(): void {
    if (this.#upstreamEnded || this.#phase === 'ended') return
    this.#upstreamEnded = true
    // The usage was complete before the connection broke: the call stands as settled.
    if (this.#settled) return this.#break()
    this.#broken = true
    if (this.#phase === 'settling') return
    if (this.#timedOut) return this.#settleInterrupted('gateway')
    if (this.#clientGone) return this.#settleInterrupted('client')
    if (this.#sent) return this.#settleInterrupted('upstream')
    this.#settleUnreachable()
  }

  #settleAnswer(): void {
    const reading = (this.#meter as UsageMeter).read()
    const errorType =
      exceptionName(reading) ?? errorTypeOf(first(this.#headers['x-amzn-errortype']))
    const answered = statusOf(this.#status, errorType)
    const cut = this.#phase === 'stream' && answered === 'ok' && !reading.final
    const status = this.#clientGone ? 'interrupted' : answered
    const interruptedBy = this.#clientGone ? 'client' : null
    const usageSource = this.#clientGone && !cut ? drained(reading) : reading.usageSource
    const usage = billable(answered, reading) ? reading.usage : {}
    this.#settle({ status, interruptedBy, errorType, usage, usageSource, refusal: null }, reading)
  }

  #settleInterrupted(interruptedBy: Interrupter): void {
    const reading = this.#meter?.read() ?? null
    const free = !this.#sent || this.#status >= 400
    this.#settle(
      {
        status: 'interrupted',
        interruptedBy,
        errorType: null,
        usage: free ? {} : (reading?.usage ?? this.#deps.unansweredUsage()),
        usageSource: reading?.usageSource ?? 'estimated',
        refusal: null,
      },
      reading,
    )
  }

  /** The connection could not be made: nothing was sent, so nothing was used. */
  #settleUnreachable(): void {
    this.#settle(
      {
        status: 'refused',
        interruptedBy: null,
        errorType: null,
        usage: {},
        usageSource: 'response',
        refusal: 'upstream_unreachable',
      },
      null,
    )
  }

  #settle(
    what: {
      readonly status: CallStatus
      readonly interruptedBy: Interrupter | null
      readonly errorType: string | null
      readonly usage: Outcome['usage']
      readonly usageSource: UsageSource
      readonly refusal: RefusalCode | null
    },
    reading: UsageReading | null,
  ): void {
    const phase = this.#phase
    this.#phase = 'settling'
    const outcome: Outcome = {
      ...what,
      httpStatus: this.#status === 0 ? this.#ownStatus() : this.#status,
      awsRequestId: first(this.#headers['x-amzn-requestid']) ?? null,
      rawUsage: reading?.rawUsage ?? null,
      tierResolved: reading?.tierResolved ?? null,
      tierUnknown: reading?.problems.includes('unknown_tier') ?? false,
    }
    const endedAt = this.#deps.monotonic()
    this.#deps.settle(outcome, this.#firstByteAt, endedAt, (cost) => {
      this.#settled = true
      this.#phase = phase
      if (phase === 'waiting') return this.#answerForUpstream(what.refusal)
      if (this.#broken && phase !== 'stream') return this.#break()
      if (phase === 'unary') return this.#answerWhole(cost)
      this.#passHeld()
      if (this.#broken) this.#break()
      else if (this.#upstreamEnded) this.#finish()
    })
  }

  /** What the client is told where Bedrock told nothing; null where nobody is there to be told. */
  #ownStatus(): number | null {
    if (this.#clientGone) return null
    return this.#timedOut ? TIMED_OUT_STATUS : UNREACHABLE_STATUS
  }

  #answerWhole(cost: Picodollars | null): void {
    this.#writeHead(cost)
    this.#passHeld()
    this.#finish()
  }

  /** No answer ever began: the client gets one of ours. A refusal is only what never went upstream. */
  #answerForUpstream(refusal: RefusalCode | null): void {
    this.#phase = 'ended'
    if (this.#clientGone) return
    const callId = this.#callId
    if (refusal !== null) {
      const message = 'Amazon Bedrock cannot be reached from the gateway.'
      const answer = refusalResponse(this.#route.family, refusal, message, { callId })
      return sendError(this.#response, answer)
    }
    const error = this.#timedOut
      ? bedrockError(TIMED_OUT_STATUS, 'ModelTimeoutException', 'The call took too long.')
      : bedrockError(
          UNREACHABLE_STATUS,
          'ServiceUnavailableException',
          'The connection to Amazon Bedrock broke before it answered.',
        )
    sendError(this.#response, { ...error, headers: { ...error.headers, [CALL_ID_HEADER]: callId } })
  }

  #becomeLarge(): void {
    this.#phase = 'large'
    this.#writeHead(null)
    const last = this.#held.pop() as Buffer
    this.#passHeld()
    this.#hold(last)
  }

  #writeHead(cost: Picodollars | null): void {
    if (this.#clientGone) return
    const headers = clientHeaders(this.#headers)
    headers[CALL_ID_HEADER] = this.#callId
    if (cost !== null) headers[COST_HEADER] = formatUsd(cost)
    this.#response.writeHead(this.#status, headers)
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
  }

  #passHeld(): void {
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    for (const chunk of held) this.#pass(chunk)
  }

  #pass(chunk: Buffer): void {
    if (this.#clientGone) return
    const took = this.#response.write(chunk)
    if (!took && !this.#upstreamEnded) this.#controller?.pause()
  }

  #finish(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    if (!this.#clientGone) this.#response.end()
  }

  /** The answer broke off upstream, so it must break off for the client too: a clean end would be a lie. */
  #break(): void {
    this.#phase = 'ended'
    if (this.#clientGone) return
    const { stream } = this.#response
    if (stream !== undefined) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    else this.#response.destroy()
  }

  #onClientClose(): void {
    if (this.#clientGone || this.#phase === 'ended') return
    this.#clientGone = true
    this.#held = []
    // Whoever waited for the client to take more must not wait for ever.
    this.#controller?.resume()
    if (this.#route.stream && !this.#settled) this.#controller?.abort(new Error('client left'))
  }
}

function drained(reading: UsageReading): UsageSource {
  return reading.usageSource === 'response' ? 'drained' : reading.usageSource
}

/** An error answer is not charged; an exception inside a stream comes after tokens were made. */
function billable(status: CallStatus, reading: UsageReading): boolean {
  return status === 'ok' || reading.exception !== null
}

/** An exception inside a stream is named as a field (`throttlingException`); the SDKs and the header name it as a type. */
function exceptionName({ exception }: UsageReading): string | null {
  return exception === null
    ? null
    : exception.type.charAt(0).toUpperCase() + exception.type.slice(1)
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
