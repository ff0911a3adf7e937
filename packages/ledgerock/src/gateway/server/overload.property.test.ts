import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOverloadGuard, type OverloadGuard } from './overload.ts'

const LIMITS = { callsMax: 20, delayMaxMs: 250 }

type Step =
  | { readonly kind: 'call' }
  | { readonly kind: 'end' }
  | { readonly kind: 'sample'; readonly delayMs: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ kind: 'call' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'end' }) },
  {
    weight: 3,
    arbitrary: fc
      .integer({ min: 0, max: 2_000 })
      .map((delayMs): Step => ({ kind: 'sample', delayMs })),
  },
)

/** How many of the next `calls` are admitted, each ending at once. */
function admitted(guard: OverloadGuard, calls: number): number {
  let count = 0
  for (let call = 0; call < calls; call += 1) {
    if (!guard.admit()) continue
    count += 1
    guard.ended()
  }
  return count
}

describe('overload guard', () => {
  it('[Y25] never has more calls in flight than it may, and counts each refusal, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const guard = createOverloadGuard(LIMITS)
        let open = 0
        let refused = 0
        for (const { kind, ...rest } of steps) {
          if (kind === 'sample') guard.sample((rest as { delayMs: number }).delayMs)
          else if (kind === 'call') {
            if (guard.admit()) open += 1
            else refused += 1
          } else if (open > 0) {
            open -= 1
            guard.ended()
          }
          const { calls, shed, shedShare } = guard.status()
          expect(calls).toBe(open)
          expect(calls).toBeLessThanOrEqual(LIMITS.callsMax)
          expect(shed.calls + shed.event_loop).toBe(refused)
          expect(shedShare).toBeLessThanOrEqual(7 / 8)
        }
      }),
    )
  })

  it('[Y25] takes every call it has room for again after fourteen punctual looks, from any past', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 })), (delays) => {
        const guard = createOverloadGuard(LIMITS)
        for (const delay of delays) guard.sample(delay)
        for (let look = 0; look < 14; look += 1) guard.sample(LIMITS.delayMaxMs / 2)
        expect(guard.status().shedShare).toBe(0)
        expect(admitted(guard, 100)).toBe(100)
      }),
    )
  })

  it('[Y25] refuses the share it says, evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), (looks) => {
        const guard = createOverloadGuard(LIMITS)
        for (let look = 0; look < looks; look += 1) guard.sample(1_000)
        const { shedShare } = guard.status()
        expect(admitted(guard, 1_600)).toBe(1_600 * (1 - shedShare))
      }),
    )
  })

  it('[Y25] is not moved by one long pause, and never refuses all', () => {
    const guard = createOverloadGuard(LIMITS)
    for (const delay of [3_000, 0, 900, 900, 0]) guard.sample(delay)
    expect(guard.status().shedShare).toBe(0)
    for (let look = 0; look < 100; look += 1) guard.sample(900)
    expect(guard.status().shedShare).toBe(7 / 8)
    expect(admitted(guard, 80)).toBe(10)
  })

  it('[Y25] holds its share between the two bounds, so that it does not swing', () => {
    const guard = createOverloadGuard(LIMITS)
    for (const delay of [300, 300, 300, 300]) guard.sample(delay)
    const { shedShare } = guard.status()
    expect(shedShare).toBe(1 / 4)
    for (let look = 0; look < 50; look += 1) guard.sample(200)
    expect(guard.status().shedShare).toBe(shedShare)
  })

  it('[Y25] takes a place for each call and gives it back once', () => {
    const guard = createOverloadGuard({ ...LIMITS, callsMax: 2 })
    expect([guard.admit(), guard.admit(), guard.admit()]).toEqual([true, true, false])
    guard.ended()
    expect([guard.admit(), guard.admit()]).toEqual([true, false])
    guard.ended()
    guard.ended()
    expect(() => guard.ended()).toThrow('more calls ended')
  })
})
