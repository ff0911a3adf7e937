// Plans drawn many times: at the promised rate, and the same for the same seed.

import { describe, expect, it } from 'vitest'

import { drawFaults, drawLatencyMs } from './draw-faults.ts'
import type { FaultPlan } from './fault.ts'
import { mix } from './random.ts'

const DRAWS = 20_000

describe('draw faults', () => {
  it('[S11] meets each fault about as often as planned, one at a time', () => {
    const plan: FaultPlan = {
      throttle: 0.1,
      error5xx: 0.1,
      timeout: 0.05,
      cut: { probability: 0.1, frame: 3 },
      slow: { probability: 0.2, delayMs: 5 },
    }
    const counts = new Map<string, number>()
    for (let call = 0; call < DRAWS; call++) {
      const label = drawFaults(plan, mix(7, call)).label ?? 'none'
      counts.set(label, (counts.get(label) ?? 0) + 1)
    }
    const share = (label: string): number => (counts.get(label) ?? 0) / DRAWS
    expect(share('throttle')).toBeCloseTo(0.1, 1)
    expect(share('error500') + share('error503')).toBeCloseTo(0.1, 1)
    expect(share('error503')).toBeGreaterThan(0.03)
    expect(share('timeout')).toBeCloseTo(0.05, 1)
    expect(share('cut@3')).toBeCloseTo(0.1, 1)
    expect(share('slow_chunks:5')).toBeCloseTo(0.2, 1)
    expect(share('none')).toBeCloseTo(0.45, 1)
  })

  it('[S1] gives the same call the same fault', () => {
    const plan: FaultPlan = { throttle: 0.3, midstream: { probability: 0.5, frame: null } }
    for (let call = 0; call < 200; call++) {
      expect(drawFaults(plan, mix(1, call))).toEqual(drawFaults(plan, mix(1, call)))
    }
  })

  it('[S11] spreads latency around its median and 99th percentile', () => {
    const draws = Array.from({ length: DRAWS }, (_, call) =>
      drawLatencyMs({ p50: 20, p99: 200 }, mix(3, call)),
    ).toSorted((left, right) => left - right)
    expect(draws[DRAWS / 2]).toBeGreaterThan(18)
    expect(draws[DRAWS / 2]).toBeLessThan(22)
    expect(draws[DRAWS * 0.99]).toBeGreaterThan(160)
    expect(draws[DRAWS * 0.99]).toBeLessThan(240)
    expect(drawLatencyMs(15, 1)).toBe(15)
  })
})
