// How much of the traffic may be retries: a share of the calls made, so that a target in trouble gets a little more load, never
// a multiple of it. A few retries are always in hand, or a quiet gateway could never retry at all.

const IN_HAND = 10

export class RetryBudget {
  readonly #earnedPerCall: number
  #tokens = IN_HAND

  /** `percent` of the calls may be retried. */
  constructor(percent: number) {
    this.#earnedPerCall = percent / 100
  }

  /** A first attempt was made. */
  earn(): void {
    this.#tokens = Math.min(this.#tokens + this.#earnedPerCall, IN_HAND)
  }

  /** True where a retry may be made; it is paid for then. */
  spend(): boolean {
    if (this.#earnedPerCall === 0 || this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
