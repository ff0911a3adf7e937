import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { sliceEnd } from './hour-slice.ts'

const HOUR_S = MS_PER_HOUR / 1_000
const MOST = 100

/** Rows by hour; most hours have none. */
const traffic = fc.dictionary(fc.nat(24 * 400).map(String), fc.integer({ min: 1, max: 2 * MOST }), {
  maxKeys: 40,
})

describe('sliceEnd', () => {
  it('[L41] cuts a stretch into whole hours without a row lost, none longer than it may be', async () => {
    await fc.assert(
      fc.asyncProperty(traffic, fc.nat(24 * 400), async (rows, lastHour) => {
        const toMs = lastHour * MS_PER_HOUR
        const between = (fromMs: number, endMs: number) =>
          Object.entries(rows)
            .map(([hour, entries]) => ({ hour_s: Number(hour) * HOUR_S, entries }))
            .filter(({ hour_s }) => hour_s * 1_000 >= fromMs && hour_s * 1_000 < endMs)
            .toSorted((left, right) => left.hour_s - right.hour_s)
        let fromMs = 0
        let seen = 0
        for (;;) {
          const end = await sliceEnd((a, b) => Promise.resolve(between(a, b)), fromMs, toMs, MOST)
          if (end === null) break
          expect(end).toBeGreaterThan(fromMs)
          expect(end).toBeLessThanOrEqual(toMs)
          const hours = between(fromMs, end)
          const sum = hours.reduce((total, { entries }) => total + entries, 0)
          expect(sum <= MOST || hours.length === 1).toBe(true)
          seen += hours.length
          fromMs = end
        }
        expect(seen).toBe(between(0, toMs).length)
      }),
    )
  })
})
