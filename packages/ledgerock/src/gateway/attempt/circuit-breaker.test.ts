import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker, type Pass } from './circuit-breaker.ts'

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker()
  for (let failure = 0; failure < 10; failure += 1) breaker.failed(passOf(breaker, 0), 0)
  return breaker
}

function passOf(breaker: CircuitBreaker, now: number): Pass {
  const pass = breaker.admit(now)
  if (pass === null) throw new Error('the breaker is shut')
  return pass
}

describe('circuit breaker', () => {
  it('[Y16] opens after a run of failures, and a success in between starts the run anew', () => {
    const breaker = new CircuitBreaker()
    const pass = passOf(breaker, 0)
    for (let failure = 0; failure < 9; failure += 1) breaker.failed(pass, 0)
    breaker.succeeded(pass)
    for (let failure = 0; failure < 9; failure += 1) breaker.failed(pass, 0)
    expect(breaker.state(0)).toBe('closed')
    breaker.failed(pass, 0)
    expect(breaker.state(0)).toBe('open')
    expect(breaker.admit(999)).toBeNull()
  })

  it('[Y16] lets one call try at a time once the pause is over; its first sign of life closes it', () => {
    const breaker = opened()
    expect(breaker.state(1_000)).toBe('half_open')
    const trial = passOf(breaker, 1_000)
    expect(breaker.admit(1_000)).toBeNull()
    breaker.succeeded(trial)
    breaker.failed(passOf(breaker, 1_000), 1_000)
    // What becomes of the trial in the end is one failure like any other.
    breaker.failed(trial, 1_000)
    expect(breaker.state(1_000)).toBe('closed')
  })

  it('[Y16] hears nobody but the trial while it is open', () => {
    const breaker = new CircuitBreaker()
    const early = passOf(breaker, 0)
    for (let failure = 0; failure < 10; failure += 1) breaker.failed(early, 0)
    breaker.succeeded(early)
    expect(breaker.state(0)).toBe('open')
    const trial = passOf(breaker, 1_000)
    breaker.abandoned(early)
    breaker.failed(early, 1_000)
    expect(breaker.admit(1_000)).toBeNull()
    breaker.succeeded(trial)
    expect(breaker.state(1_000)).toBe('closed')
  })

  it('[Y16] waits twice as long after each failed try, up to half a minute', () => {
    const breaker = opened()
    let now = 0
    const pauses: number[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      const from = now
      while (breaker.refuses(now)) now += 500
      pauses.push(now - from)
      breaker.failed(passOf(breaker, now), now)
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('[Y16] gives the try to another call when the one that had it ended without a word', () => {
    const breaker = opened()
    breaker.abandoned(passOf(breaker, 1_000))
    expect(breaker.admit(1_000)).not.toBeNull()
  })

  it('[Y16] never stays shut: whatever happened, a call is admitted within the longest pause', () => {
    const act = fc.constantFrom('admit', 'fail', 'succeed', 'abandon', 'wait')
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const breaker = new CircuitBreaker()
        let now = 0
        const passes: Pass[] = []
        for (const what of acts) {
          if (what === 'wait') now += 700
          if (what === 'admit') {
            const pass = breaker.admit(now)
            if (pass !== null) passes.push(pass)
          }
          if (what === 'wait' || what === 'admit') continue
          const pass = passes.shift()
          if (pass === undefined) continue
          if (what === 'fail') breaker.failed(pass, now)
          else if (what === 'succeed') breaker.succeeded(pass)
          else breaker.abandoned(pass)
        }
        // Every call that was let through ends some time.
        for (const pass of passes) breaker.abandoned(pass)
        expect(breaker.admit(now + 30_000)).not.toBeNull()
      }),
    )
  })
})
