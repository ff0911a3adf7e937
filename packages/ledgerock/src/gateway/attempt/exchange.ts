// One exchange with Bedrock: relays the answer to the client byte for byte while its usage is read in passing, and settles the
// attempt exactly once, before its last bytes go out. Slow clients slow the upstream down; nothing of a stream is kept.
//
//   unary   bytes kept until the end (up to UNARY_HELD_BYTES_MAX) → settled → headers with the cost, body, end
//           a larger answer is passed on one chunk behind, so that its last chunk waits for the settled line
//   stream  each chunk passed on as it comes; the chunk that completes the usage waits for the settled line
//
// An attempt that failed before anything of its answer went out may be followed by another: then nothing is said to the client.
// A client that leaves has its answer cancelled upstream, and its usage estimated from what passed, or drained, and its usage
// is true.

import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Interrupter, RefusalCode } from '@ledgerock/contract'
import { CALL_ID_HEADER, COST_HEADER } from '@ledgerock/contract'
import { problemResponse, refusalResponse } from '../../bedrock/error.ts'
import type { StreamUsageHider } from '../../bedrock/edit/hide-stream-usage.ts'
import { isStreamed } from '../../bedrock/usage/response-headers.ts'
import type { Route } from '../../bedrock/route.ts'
import type { UsageMeter } from '../../bedrock/usage/usage-meter.ts'
import { formatUsd, type Picodollars } from '../../kernel/money.ts'
import { answered, firstOf, interrupted, unreachable, type Seen } from './answer-outcome.ts'
import { clientHeaders } from '../server/client-headers.ts'
import type { DrainRoom, OnLeave } from './disconnect.ts'
import type { Reply, ReplyWatcher } from '../reply.ts'
import type { Outcome } from './settle.ts'

export const UNARY_HELD_BYTES_MAX = 256 * 1024
const UNREACHABLE_STATUS = 502
const TIMED_OUT_STATUS = 408

/** `again`: nothing was said to the client, and another attempt follows. */
export type Settled = {
  readonly cost: Picodollars | null
  readonly again: boolean
  /** Headers for a client that has none yet; null: none. */
  readonly told: OwnHeaders | null
}

export type OwnHeaders = Readonly<Record<string, string>>

/** How an attempt ended, as the exchange saw it. */
export type Ended = {
  readonly outcome: Outcome
  /** Monotonic milliseconds. */
  readonly firstByteAt: number | null
  readonly upstreamEndedAt: number
  /** Nothing of this attempt went to the client: another may follow. */
  readonly unsaid: boolean
  readonly retryAfter: string | undefined
}

export type ExchangeDeps = {
  readonly monotonic: () => number
  readonly route: Route
  readonly callId: string
  readonly reply: Reply
  readonly onLeave: OnLeave
  readonly drains: DrainRoom
  /** What the client is told besides the call's id, whatever comes of it. */
  readonly ownHeaders: OwnHeaders
  readonly hider: StreamUsageHider | null
  readonly createMeter: (status: number, headers: IncomingHttpHeaders) => UsageMeter
  /** Usage of a call that ended before its answer began: an estimate of the input. */
  readonly unansweredUsage: () => Outcome['usage']
  /** Writes the settled line; `done` when it is the kernel's. Called once. */
  readonly settle: (ended: Ended, done: (settled: Settled) => void) => void
}

type Phase = 'waiting' | 'unary' | 'large' | 'stream' | 'settling' | 'ended'

export class Exchange implements Dispatcher.DispatchHandler, ReplyWatcher {
  readonly #deps: ExchangeDeps
  readonly #reply: Reply
  #controller: Dispatcher.DispatchController | null = null
  #phase: Phase = 'waiting'
  #meter: UsageMeter | null = null
  /** What the client sees of a stream. */
  #filter = UNFILTERED
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
  #timedOut = false
  #drain: NodeJS.Timeout | null = null

  constructor(deps: ExchangeDeps) {
    this.#deps = deps
    this.#reply = deps.reply
    deps.reply.watch(this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#timedOut) return controller.abort(new Error('call timed out'))
    // Nothing has been sent yet, so a call nobody waits for need not be made.
    if (this.#reply.gone) return controller.abort(new Error('client left'))
    this.#sent = true
  }

  /** Settles a call whose client left before anything was sent; false where the client is there. */
  abandoned(): boolean {
    if (!this.#reply.gone) return false
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
    if (!isStreamed(headers)) {
      this.#phase = 'unary'
      return
    }
    this.#phase = 'stream'
    this.#filter = this.#deps.hider ?? UNFILTERED
    this.#writeHead(null)
    this.#reply.flush()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#firstByteAt ??= this.#deps.monotonic()
    const completesUsage = this.#meter?.write(chunk) ?? false
    switch (this.#phase) {
      case 'unary':
        this.#hold(chunk)
        if (this.#heldBytes > UNARY_HELD_BYTES_MAX && !this.#reply.gone) this.#becomeLarge()
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
    if (this.#reply.gone) return this.#settleInterrupted('client')
    if (this.#sent) return this.#settleInterrupted('upstream')
    this.#settle(unreachable(this.#seen()))
  }

  clientLeft(): void {
    if (this.#phase === 'ended') return
    this.#held = []
    // Whoever waited for the client to take more must not wait for ever.
    this.#controller?.resume()
    if (this.#upstreamEnded) return
    const { onLeave, drains } = this.#deps
    // What it used is known once it is being settled; the rest of the answer is for nobody.
    const unknown = !this.#settled && this.#phase !== 'settling'
    const drained = onLeave === 'drain' && unknown && this.#sent && drains.enter()
    if (!drained) return this.#cancel()
    this.#drain = setTimeout(() => this.#cancel(), drains.timeMs)
  }

  clientReady(): void {
    this.#controller?.resume()
  }

  #cancel(): void {
    this.#controller?.abort(new Error('client left'))
  }

  #settleAnswer(): void {
    const reading = (this.#meter as UsageMeter).read()
    this.#settle(answered(this.#seen(), reading))
  }

  #settleInterrupted(by: Interrupter): void {
    const reading = this.#meter?.read() ?? null
    this.#settle(interrupted(this.#seen(), by, reading, this.#deps.unansweredUsage))
  }

  #seen(): Seen {
    const { gone } = this.#reply
    const ownStatus = this.#timedOut ? TIMED_OUT_STATUS : UNREACHABLE_STATUS
    return {
      family: this.#deps.route.family,
      operation: this.#deps.route.operation,
      status: this.#status,
      headers: this.#headers,
      isStream: this.#phase === 'stream',
      clientGone: gone,
      ownStatus: gone ? null : ownStatus,
      sent: this.#sent,
    }
  }

  #settle(outcome: Outcome): void {
    const phase = this.#phase
    this.#phase = 'settling'
    this.#endDrain()
    const ended: Ended = {
      outcome,
      firstByteAt: this.#firstByteAt,
      upstreamEndedAt: this.#deps.monotonic(),
      unsaid: !this.#reply.gone && (phase === 'waiting' || phase === 'unary'),
      retryAfter: firstOf(this.#headers['retry-after']),
    }
    this.#deps.settle(ended, (settled) => {
      this.#settled = true
      this.#phase = phase
      if (settled.again) {
        this.#phase = 'ended'
        return
      }
      if (phase === 'waiting') return this.#answerForUpstream(outcome.refusal)
      if (this.#broken && phase !== 'stream') return this.#break()
      if (phase === 'unary') return this.#answerWhole(settled)
      this.#passHeld()
      if (this.#broken) this.#break()
      else if (this.#upstreamEnded) this.#finish()
    })
  }

  #answerWhole(settled: Settled): void {
    this.#writeHead(settled)
    const only = this.#held.length === 1 ? this.#held.pop() : undefined
    this.#passHeld()
    this.#finish(only)
  }

  /** No answer ever began: the client gets one of ours. A refusal is only what never went upstream. */
  #answerForUpstream(refusal: RefusalCode | null): void {
    this.#phase = 'ended'
    const { callId, route } = this.#deps
    if (refusal !== null) {
      const message = 'Amazon Bedrock cannot be reached from the gateway.'
      return this.#reply.error(refusalResponse(route.family, refusal, message, { callId }))
    }
    const error = this.#timedOut
      ? problemResponse(route.family, TIMED_OUT_STATUS, 'The call took too long.')
      : problemResponse(
          route.family,
          UNREACHABLE_STATUS,
          'The connection to Amazon Bedrock broke before it answered.',
        )
    this.#reply.error({ ...error, headers: { ...error.headers, [CALL_ID_HEADER]: callId } })
  }

  #becomeLarge(): void {
    this.#phase = 'large'
    this.#writeHead(null)
    const last = this.#held.pop() as Buffer
    this.#passHeld()
    this.#hold(last)
  }

  #writeHead(settled: Settled | null): void {
    if (this.#reply.gone) return
    const { callId, ownHeaders } = this.#deps
    const headers = clientHeaders(this.#headers)
    // What is hidden shortens the body.
    if (this.#filter !== UNFILTERED) delete headers['content-length']
    headers[CALL_ID_HEADER] = callId
    Object.assign(headers, ownHeaders, settled?.told)
    const cost = settled?.cost ?? null
    if (cost !== null) headers[COST_HEADER] = formatUsd(cost)
    this.#reply.head(this.#status, headers)
  }

  #hold(chunk: Buffer): void {
    if (this.#reply.gone) return
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
    if (this.#reply.gone) return
    const shown = this.#filter.write(chunk)
    if (shown.length === 0) return
    const took = this.#reply.write(shown)
    if (!took && !this.#upstreamEnded) this.#controller?.pause()
  }

  #finish(last: Buffer = this.#filter.end()): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#reply.end(last.length === 0 ? undefined : last)
  }

  #break(): void {
    this.#phase = 'ended'
    this.#reply.break()
  }

  #endDrain(): void {
    if (this.#drain === null) return
    clearTimeout(this.#drain)
    this.#drain = null
    this.#deps.drains.leave()
  }
}

/** Shows everything. */
const UNFILTERED: StreamUsageHider = { write: (chunk) => chunk, end: () => NOTHING }
const NOTHING = Buffer.alloc(0)
