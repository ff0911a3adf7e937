// The places a call has taken in limits, given back exactly once: when its client has its answer or is gone, and nothing of it runs
// upstream any more. An answer that is read on for nobody still holds its place, because it still uses what the limit protects.

import type { MeteredUsage } from '../../bedrock/usage/usage-meter.ts'
import type { LimitPlaces, RateLimits } from '../../governance/limit/rate-limits.ts'
import { assert } from '../../kernel/assert.ts'
import type { GatewayResponse } from '../server/gateway-request.ts'

export class LimitHold {
  readonly #limits: Pick<RateLimits, 'end'>
  readonly #monotonic: () => number
  #places: LimitPlaces | null
  #running = 0
  #closed = false
  /** Of all attempts that went upstream; null: none did. */
  #tokens: number | null = null

  constructor(limits: Pick<RateLimits, 'end'>, places: LimitPlaces, monotonic: () => number) {
    this.#limits = limits
    this.#places = places
    this.#monotonic = monotonic
  }

  /** The answer is over, or there is nobody to give it to. */
  watch(response: GatewayResponse): void {
    response.on('close', () => this.closed())
    // A client that left before is told of by no event any more.
    if (response.destroyed === true || response.stream?.destroyed === true) this.closed()
  }

  attemptBegan(): void {
    this.#running += 1
  }

  attemptEnded(usage: MeteredUsage): void {
    assert(this.#running > 0, 'more attempts ended than began')
    this.#running -= 1
    this.#tokens = (this.#tokens ?? 0) + tokensOf(usage)
    this.#giveBack()
  }

  closed(): void {
    this.#closed = true
    this.#giveBack()
  }

  #giveBack(): void {
    if (!this.#closed || this.#running > 0 || this.#places === null) return
    const places = this.#places
    this.#places = null
    this.#limits.end(places, this.#tokens, this.#monotonic())
  }
}

/** What a limit of tokens counts: everything a model reads and writes, from a cache or not. */
function tokensOf(usage: MeteredUsage): number {
  return (
    (usage.input ?? 0) +
    (usage.output ?? 0) +
    (usage.cache_read ?? 0) +
    (usage.cache_write ?? 0) +
    (usage.cache_write_5m ?? 0) +
    (usage.cache_write_30m ?? 0) +
    (usage.cache_write_1h ?? 0)
  )
}
