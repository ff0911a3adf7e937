// What a run of load counts: how long each call took, when its first byte came, and what went wrong. Room is made before the
// run; calls of the warm-up are counted but not timed.

import { percentile } from '../figure.ts'

export type Quantiles = { readonly p50: number; readonly p99: number }

export type LoadResult = {
  /** Timed calls that were answered with 200. */
  readonly calls: number
  /** Warm-up included: all calls that were answered with 200. */
  readonly callsInAll: number
  readonly seconds: number
  readonly perSecond: number
  readonly latencyMs: Quantiles
  /** To the first byte of the body. */
  readonly firstByteMs: Quantiles
  /**
   * Share of the timed calls that took 38 to 45 ms longer than the fastest of them: where TCP waits for an acknowledgement that
   * the other side delays, calls gather there.
   */
  readonly plateauShare: number
  /** Answers that were no 200, by status, and connections that broke, as 0. */
  readonly failures: Readonly<Record<number, number>>
}

const TIMED_MAX = 400_000
const PLATEAU_FROM_MS = 38
const PLATEAU_TO_MS = 45

export class Tally {
  readonly #latency = new Float64Array(TIMED_MAX)
  readonly #firstByte = new Float64Array(TIMED_MAX)
  readonly #failures: Record<number, number> = {}
  #timed = 0
  #all = 0
  #began = 0
  #ended = 0

  get isFull(): boolean {
    return this.#timed === TIMED_MAX
  }

  begin(now: number): void {
    this.#began = now
  }

  /** Instants in milliseconds. A call that began before `begin` is warm-up. */
  answered(status: number, sentAt: number, firstByteAt: number, endedAt: number): void {
    if (status !== 200) return this.failed(status)
    this.#all += 1
    if (this.#began === 0 || sentAt < this.#began || this.isFull) return
    this.#latency[this.#timed] = endedAt - sentAt
    this.#firstByte[this.#timed] = firstByteAt - sentAt
    this.#timed += 1
    this.#ended = endedAt
  }

  failed(status: number): void {
    this.#failures[status] = (this.#failures[status] ?? 0) + 1
  }

  result(): LoadResult {
    const seconds = Math.max(this.#ended - this.#began, 0.001) / 1_000
    return {
      calls: this.#timed,
      callsInAll: this.#all,
      seconds,
      perSecond: this.#timed / seconds,
      latencyMs: quantiles(this.#latency.subarray(0, this.#timed)),
      firstByteMs: quantiles(this.#firstByte.subarray(0, this.#timed)),
      plateauShare: plateauShare(this.#latency.subarray(0, this.#timed)),
      failures: this.#failures,
    }
  }
}

function quantiles(values: Float64Array): Quantiles {
  values.sort()
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) }
}

/** `sorted` ascending. */
function plateauShare(sorted: Float64Array): number {
  const fastest = sorted[0] ?? 0
  const onPlateau = sorted.filter(
    (ms) => ms >= fastest + PLATEAU_FROM_MS && ms <= fastest + PLATEAU_TO_MS,
  )
  return onPlateau.length / Math.max(sorted.length, 1)
}
