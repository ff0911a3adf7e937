// Keeps calls away from a target that answers nothing but faults, so that they fail over or fail at once instead of queueing
// behind time-outs. Closed: calls pass. After a run of failures without a success it opens; when the pause is over one call at
// a time is let through to try, and its success closes it. Pauses double while the tries fail. Time is handed in.
//
// Only what says that the target is ill counts as a failure: no connection, a broken one, 5xx. Throttling is health.

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

const FAILURES_TO_OPEN = 10
const PAUSE_FIRST_MS = 1_000
const PAUSE_MAX_MS = 30_000

/** Lets one call through; whoever holds it says how the target was. */
export type Pass = { readonly isTrial: boolean }

const PLAIN: Pass = { isTrial: false }

export class CircuitBreaker {
  #failures = 0
  #pauseMs = PAUSE_FIRST_MS
  #openUntil: number | null = null
  #trial: Pass | null = null

  /** Null where a call may not go to the target now. A pass must end in `succeeded`, `failed` or `abandoned`. */
  admit(nowMs: number): Pass | null {
    if (this.#openUntil === null) return PLAIN
    if (this.refuses(nowMs)) return null
    this.#trial = { isTrial: true }
    return this.#trial
  }

  refuses(nowMs: number): boolean {
    return this.#openUntil !== null && (nowMs < this.#openUntil || this.#trial !== null)
  }

  /** May be said as soon as the target answers, and again at the end. */
  succeeded(pass: Pass): void {
    if (!this.#counts(pass)) return
    this.#failures = 0
    this.#pauseMs = PAUSE_FIRST_MS
    this.#openUntil = null
    this.#trial = null
  }

  failed(pass: Pass, nowMs: number): void {
    if (!this.#counts(pass)) return
    this.#failures += 1
    if (pass === this.#trial) {
      this.#trial = null
      this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS)
    } else if (this.#failures < FAILURES_TO_OPEN) return
    this.#openUntil = nowMs + this.#pauseMs
  }

  /** The call ended without a word about the target's health: its client left, or it never went out. */
  abandoned(pass: Pass): void {
    if (pass === this.#trial) this.#trial = null
  }

  state(nowMs: number): BreakerState {
    if (this.#openUntil === null) return 'closed'
    return nowMs < this.#openUntil ? 'open' : 'half_open'
  }

  /** Calls from before it opened say nothing of how the target is now; only the trial does. */
  #counts(pass: Pass): boolean {
    return this.#openUntil === null || pass === this.#trial
  }
}
