// A rate as a bucket: it fills at the rate up to a minute's worth, and what is taken empties it. It may be overdrawn by what was
// not known when a call began (its tokens); then nothing is let through until the debt is paid by time. The clock is handed in,
// and is monotonic.

export type TokenBucket = {
  /** May be negative. */
  level: number
  filledAtMs: number
  /** The rate it was last filled at. */
  perMinute: number
}

const MS_PER_MINUTE = 60_000

/** Full: who was quiet may begin with what a minute allows. */
export function createBucket(perMinute: number, nowMs: number): TokenBucket {
  return { level: perMinute, filledAtMs: nowMs, perMinute }
}

export function fill(bucket: TokenBucket, perMinute: number, nowMs: number): void {
  const passedMs = nowMs - bucket.filledAtMs
  // Nobody says when a rate was changed, so what is larger gives nothing for the time before.
  const rate = Math.min(bucket.perMinute, perMinute)
  bucket.filledAtMs = nowMs
  bucket.perMinute = perMinute
  if (passedMs > 0) bucket.level += (passedMs * rate) / MS_PER_MINUTE
  // Also when the rate became smaller since.
  if (bucket.level > perMinute) bucket.level = perMinute
}

/** Sums of fractions are not exact: who waited as long as was said must not be told to wait on. */
const ROUNDING = 1e-6

/** How long until `amount` can be taken from a bucket that was just filled; Infinity where it never can. */
export function waitMs(bucket: TokenBucket, perMinute: number, amount: number): number {
  if (bucket.level >= amount - ROUNDING) return 0
  if (perMinute <= 0) return Number.POSITIVE_INFINITY
  return ((amount - bucket.level) * MS_PER_MINUTE) / perMinute
}

/** Nothing of it is used: forgotten, it would be made anew as it is. */
export function isFull(bucket: TokenBucket, perMinute: number): boolean {
  return bucket.level >= perMinute - ROUNDING
}

export function take(bucket: TokenBucket, amount: number): void {
  bucket.level -= amount
}
