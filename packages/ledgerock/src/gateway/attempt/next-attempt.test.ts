import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  nextAttempt,
  retryAfterMs,
  retryReason,
  RETRY_REASONS,
  type Possibilities,
} from './next-attempt.ts'

const MAY: Possibilities = {
  hasFallback: false,
  attempts: 1,
  attemptsMax: 3,
  clientWillRetry: false,
  remainingMs: 60_000,
  retryAfterMs: null,
}
const yes = (): boolean => true

describe('nextAttempt', () => {
  it('[Y15] follows only what Bedrock refused or never got', () => {
    const reasons = (
      [
        ['refused', 'upstream_unreachable', 502],
        ['throttled', null, 429],
        ['upstream_error', null, 429],
        ['upstream_error', null, 500],
        ['upstream_error', null, 503],
        ['upstream_error', null, 424],
        ['upstream_error', null, 408],
        ['client_error', null, 400],
        ['interrupted', null, 502],
        ['ok', null, 200],
      ] as const
    ).map(([status, refusal, httpStatus]) => retryReason({ status, refusal, httpStatus }))
    expect(reasons).toEqual([
      'unreachable',
      'throttled',
      'throttled',
      'unavailable',
      'unavailable',
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('[Y15] leaves the retry to a client that will make it, but takes the fallback', () => {
    const patient = { ...MAY, clientWillRetry: true }
    expect(nextAttempt('throttled', patient, 0.5, yes)).toEqual({ kind: 'none' })
    expect(nextAttempt('throttled', { ...patient, hasFallback: true }, 0.5, yes)).toEqual({
      kind: 'fallback',
      reason: 'throttled',
    })
  })

  it('[Y15] waits a random part of a doubling pause, no less than was asked, inside the deadline', () => {
    expect(nextAttempt('unavailable', MAY, 0.5, yes)).toMatchObject({ delayMs: 50 })
    expect(nextAttempt('unavailable', { ...MAY, attempts: 2 }, 0.5, yes)).toMatchObject({
      delayMs: 100,
    })
    expect(nextAttempt('throttled', { ...MAY, retryAfterMs: 2_000 }, 0, yes)).toMatchObject({
      delayMs: 2_000,
    })
    const late = { ...MAY, remainingMs: 1_000, retryAfterMs: 2_000 }
    expect(nextAttempt('throttled', late, 0, yes)).toEqual({ kind: 'none' })
  })

  it('[Y15] never goes on past the attempts, the deadline or the budget, and asks the budget last', () => {
    const possibilities = fc.record({
      hasFallback: fc.boolean(),
      attempts: fc.integer({ min: 1, max: 6 }),
      attemptsMax: fc.integer({ min: 1, max: 5 }),
      clientWillRetry: fc.boolean(),
      remainingMs: fc.integer({ min: -10, max: 10_000 }),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
    })
    const unit = fc.double({ min: 0, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(
        fc.option(fc.constantFrom(...RETRY_REASONS)),
        possibilities,
        unit,
        fc.boolean(),
        (reason, may, random, budget) => {
          let asked = 0
          const next = nextAttempt(reason, may, random, () => {
            asked += 1
            return budget
          })
          expect(asked).toBe(next.kind === 'again' || (asked === 1 && !budget) ? 1 : 0)
          if (next.kind === 'none') return
          expect(reason).not.toBeNull()
          expect(may.remainingMs).toBeGreaterThan(0)
          expect(next.kind === 'fallback').toBe(may.hasFallback)
          if (next.kind === 'fallback') return
          expect(budget && !may.clientWillRetry && may.attempts < may.attemptsMax).toBe(true)
          expect(next.delayMs).toBeLessThan(may.remainingMs)
          expect(next.delayMs).toBeGreaterThanOrEqual(may.retryAfterMs ?? 0)
        },
      ),
    )
  })

  it('reads Retry-After in both its forms', () => {
    const now = Date.parse('2026-11-21T10:00:00Z')
    expect(retryAfterMs('3', now)).toBe(3_000)
    expect(retryAfterMs('Sat, 21 Nov 2026 10:00:05 GMT', now)).toBe(5_000)
    expect(retryAfterMs('Sat, 21 Nov 2026 09:00:00 GMT', now)).toBe(0)
    expect(retryAfterMs('soon', now)).toBeNull()
    expect(retryAfterMs(undefined, now)).toBeNull()
  })
})
