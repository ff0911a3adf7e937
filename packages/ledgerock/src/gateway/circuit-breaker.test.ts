import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker()
  for (let failure = 0; failure < 10; failure += 1) {
    expect(breaker.admit(0)).toBe(true)
    breaker.failed(0)
  }
  return breaker
}

describe('circuit breaker', () => {
  it('[Y16] opens after a run of failures, and a success in between starts the run anew', () => {
    const breaker = new CircuitBreaker()
    for (let failure = 0; failure < 9; failure += 1) breaker.failed(0)
    breaker.succeeded()
    for (let failure = 0; failure < 9; failure += 1) breaker.failed(0)
    expect(breaker.state(0)).toBe('closed')
    breaker.failed(0)
    expect(breaker.state(0)).toBe('open')
    expect(breaker.admit(999)).toBe(false)
  })

  it('[Y16] lets one call try at a time once the pause is over; its success closes it', () => {
    const breaker = opened()
    expect(breaker.state(1_000)).toBe('half_open')
    expect(breaker.admit(1_000)).toBe(true)
    expect(breaker.admit(1_000)).toBe(false)
    breaker.succeeded()
    expect(breaker.admit(1_000)).toBe(true)
    expect(breaker.admit(1_000)).toBe(true)
  })

  it('[Y16] waits twice as long after each failed try, up to half a minute', () => {
    const breaker = opened()
    let now = 0
    const pauses: number[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      const from = now
      while (!breaker.admit(now)) now += 500
      pauses.push(now - from)
      breaker.failed(now)
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('[Y16] gives the try to another call when the one that had it ended without a word', () => {
    const breaker = opened()
    expect(breaker.admit(1_000)).toBe(true)
    breaker.abandoned()
    expect(breaker.admit(1_000)).toBe(true)
  })

  it('[Y16] never stays shut: whatever happened, a call is admitted within the longest pause', () => {
    const act = fc.constantFrom('admit', 'fail', 'succeed', 'abandon', 'wait')
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const breaker = new CircuitBreaker()
        let now = 0
        let trying = 0
        for (const what of acts) {
          if (what === 'wait') now += 700
          if (what === 'admit' && breaker.admit(now)) trying += 1
          if (trying === 0) continue
          if (what === 'fail') breaker.failed(now)
          else if (what === 'succeed') breaker.succeeded()
          else if (what === 'abandon') breaker.abandoned()
          else continue
          trying -= 1
        }
        // Every call that was let through ends some time.
        for (; trying > 0; trying -= 1) breaker.abandoned()
        expect(breaker.admit(now + 30_000)).toBe(true)
      }),
    )
  })
})
