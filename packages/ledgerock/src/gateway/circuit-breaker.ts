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

export class CircuitBreaker {
  #failures = 0
  #pauseMs = PAUSE_FIRST_MS
  #openUntil: number | null = null
  #trying = false

  /** Whether a call may go to the target now. A call let through must end in `succeeded`, `failed` or `abandoned`. */
  admit(nowMs: number): boolean {
    if (this.#openUntil === null) return true
    if (nowMs < this.#openUntil || this.#trying) return false
    this.#trying = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#pauseMs = PAUSE_FIRST_MS
    this.#openUntil = null
    this.#trying = false
  }

  failed(nowMs: number): void {
    this.#failures += 1
    const wasTry = this.#trying
    this.#trying = false
    if (wasTry) this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MAX_MS)
    if (wasTry || (this.#openUntil === null && this.#failures >= FAILURES_TO_OPEN)) {
      this.#openUntil = nowMs + this.#pauseMs
    }
  }

  /** The call ended without a word about the target's health: its client left, or it never went out. */
  abandoned(): void {
    this.#trying = false
  }

  state(nowMs: number): BreakerState {
    if (this.#openUntil === null) return 'closed'
    return nowMs < this.#openUntil ? 'open' : 'half_open'
  }
}
