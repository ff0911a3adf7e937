// A rate as a bucket: it fills at the rate up to a minute's worth, and what is taken empties it. It may be overdrawn by what was
// not known when a call began (its tokens); then nothing is let through until the debt is paid by time. The clock is handed in;
// one that jumps backwards fills nothing and empties nothing.

export type TokenBucket = {
  /** May be negative. */
  level: number
  filledAtMs: number
}

const MS_PER_MINUTE = 60_000

/** Full: who was quiet may begin with what a minute allows. */
export function createBucket(perMinute: number, nowMs: number): TokenBucket {
  return { level: perMinute, filledAtMs: nowMs }
}

export function fill(bucket: TokenBucket, perMinute: number, nowMs: number): void {
  const passedMs = nowMs - bucket.filledAtMs
  bucket.filledAtMs = nowMs
  if (passedMs > 0) bucket.level += (passedMs * perMinute) / MS_PER_MINUTE
  // Also when the rate became smaller since.
  if (bucket.level > perMinute) bucket.level = perMinute
}

/** How long until `amount` can be taken from a bucket that was just filled; Infinity where it never can. */
export function waitMs(bucket: TokenBucket, perMinute: number, amount: number): number {
  if (bucket.level >= amount) return 0
  if (perMinute <= 0) return Number.POSITIVE_INFINITY
  return ((amount - bucket.level) * MS_PER_MINUTE) / perMinute
}

export function take(bucket: TokenBucket, amount: number): void {
  bucket.level -= amount
}
