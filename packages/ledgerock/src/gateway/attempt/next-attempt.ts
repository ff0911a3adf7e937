// Whether a failed attempt is followed by another one, and where to. Pure: what happened, what may still be done, a random
// number. Only attempts that Bedrock said no to, or that never reached it, are followed: what may have run is not run twice
// behind the client's back.

import type { Outcome } from './settle.ts'

/** Why an attempt is followed by another one. */
export const RETRY_REASONS = ['unreachable', 'throttled', 'unavailable'] as const
export type RetryReason = (typeof RETRY_REASONS)[number]

export type NextAttempt =
  | { readonly kind: 'none' }
  /** The same step once more, after a pause. */
  | { readonly kind: 'again'; readonly delayMs: number; readonly reason: RetryReason }
  /** The next step of the route, at once. */
  | { readonly kind: 'fallback'; readonly reason: RetryReason }

export type Possibilities = {
  readonly hasFallback: boolean
  /** Attempts made at this step so far. */
  readonly attempts: number
  readonly attemptsMax: number
  readonly clientWillRetry: boolean
  /** Until nobody waits any more. */
  readonly remainingMs: number
  /** What the answer's `retry-after` asks for, else null. */
  readonly retryAfterMs: number | null
}

const PAUSE_FIRST_MS = 100
const PAUSE_MAX_MS = 5_000
const NONE: NextAttempt = { kind: 'none' }

/** `random` is in [0, 1): full jitter. `mayRetry` is asked last, because its yes is spent from the budget of retries. */
export function nextAttempt(
  reason: RetryReason | null,
  may: Possibilities,
  random: number,
  mayRetry: () => boolean,
): NextAttempt {
  if (reason === null || may.remainingMs <= 0) return NONE
  // Going elsewhere takes load off whoever is in trouble, so no budget holds it back.
  if (may.hasFallback) return { kind: 'fallback', reason }
  if (may.clientWillRetry || may.attempts >= may.attemptsMax) return NONE
  const pauseMax = Math.min(PAUSE_FIRST_MS * 2 ** (may.attempts - 1), PAUSE_MAX_MS)
  const delayMs = Math.max(Math.ceil(random * pauseMax), may.retryAfterMs ?? 0)
  if (delayMs >= may.remainingMs || delayMs > PAUSE_MAX_MS) return NONE
  return mayRetry() ? { kind: 'again', delayMs, reason } : NONE
}

/** Null where the attempt must not be followed: it succeeded, is the caller's fault, or may have been run. */
export function retryReason(
  outcome: Pick<Outcome, 'status' | 'refusal' | 'httpStatus'>,
): RetryReason | null {
  if (outcome.refusal === 'upstream_unreachable') return 'unreachable'
  if (outcome.status === 'throttled') return 'throttled'
  if (outcome.status !== 'upstream_error') return null
  const { httpStatus } = outcome
  // ModelNotReadyException: one model is not loaded, which says nothing against the target, and nothing has run.
  if (httpStatus === 429) return 'throttled'
  // 502 and 504 are a proxy's, which does not know what became of the call behind it.
  return httpStatus === 500 || httpStatus === 503 ? 'unavailable' : null
}

/** `Retry-After` in seconds or as an HTTP date; null where there is none that can be read. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
