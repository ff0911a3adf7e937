import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addHistograms,
  bucketOf,
  percentileOf,
  RELATIVE_ERROR,
  type Histogram,
} from './histogram.ts'

const latency = fc.oneof(fc.nat(200), fc.integer({ min: 0, max: 3_600_000 }))
const ROUNDING_MS = 0.05 + 1e-9

function histogramOf(latencies: readonly number[]): Histogram {
  return addHistograms(latencies.map((ms) => new Map([[bucketOf(ms), 1]])))
}

describe('histogram', () => {
  it('[L6] a percentile is within the stated error of the nearest-rank one', () => {
    const fraction = fc.constantFrom(0.5, 0.9, 0.95, 0.99)
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), fraction, (latencies, part) => {
        const sorted = latencies.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] as number
        const answered = percentileOf(histogramOf(latencies), part) as number
        expect(Math.abs(answered - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR + ROUNDING_MS)
      }),
    )
  })

  it('[L6] whole milliseconds below 50 come back exactly once rounded', () => {
    for (let ms = 0; ms < 50; ms += 1) {
      expect(Math.round(percentileOf(histogramOf([ms]), 0.5) as number)).toBe(ms)
    }
  })

  it('[L6] what a correction takes out is gone', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), fc.array(latency), (kept, removed) => {
        const minus = removed.map((ms): Histogram => new Map([[bucketOf(ms), -1]]))
        const corrected = addHistograms([histogramOf([...kept, ...removed]), ...minus])
        expect(percentileOf(corrected, 0.95)).toBe(percentileOf(histogramOf(kept), 0.95))
      }),
    )
  })

  it('[L6] without a sample there is no percentile', () => {
    expect(percentileOf(new Map(), 0.5)).toBeNull()
    expect(percentileOf(new Map([[7, 0]]), 0.5)).toBeNull()
  })
})
