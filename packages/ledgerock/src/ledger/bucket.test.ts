import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTimeZone } from '../kernel/time-zone.ts'
import { bucketStarts } from './bucket.ts'

const iso = (starts: readonly number[] | null) =>
  (starts ?? []).map((ms) => new Date(ms).toISOString())
const at = (text: string) => Date.parse(text)

describe('bucketStarts', () => {
  it('[L9] a day of the time zone may have 23 or 25 hours', () => {
    const days = bucketStarts(
      'day',
      'Europe/Berlin',
      at('2026-03-28T12:00Z'),
      at('2026-03-30T12:00Z'),
      99,
    )
    expect(iso(days)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ])
    const autumn = bucketStarts(
      'day',
      'America/New_York',
      at('2026-11-01T12:00Z'),
      at('2026-11-02T12:00Z'),
      99,
    )
    expect(iso(autumn)).toEqual(['2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'])
  })

  it('[L9] where midnight does not exist the day begins with the first instant that does', () => {
    const days = bucketStarts(
      'day',
      'Africa/Cairo',
      at('2026-04-23T12:00Z'),
      at('2026-04-25T12:00Z'),
      99,
    )
    expect(iso(days)).toEqual([
      '2026-04-22T22:00:00.000Z',
      '2026-04-23T22:00:00.000Z',
      '2026-04-24T21:00:00.000Z',
    ])
  })

  it("[L9] weeks begin on Monday, months on the first, hours on the zone's own hour", () => {
    const weeks = bucketStarts('week', 'UTC', at('2026-10-07T05:00Z'), at('2026-10-13T00:00Z'), 99)
    expect(iso(weeks)).toEqual(['2026-10-05T00:00:00.000Z', '2026-10-12T00:00:00.000Z'])
    const months = bucketStarts(
      'month',
      'Asia/Tokyo',
      at('2026-12-15T00:00Z'),
      at('2027-01-15T00:00Z'),
      99,
    )
    expect(iso(months)).toEqual(['2026-11-30T15:00:00.000Z', '2026-12-31T15:00:00.000Z'])
    const hours = bucketStarts(
      'hour',
      'Asia/Kolkata',
      at('2026-10-05T00:00Z'),
      at('2026-10-05T01:00Z'),
      99,
    )
    expect(iso(hours)).toEqual(['2026-10-04T23:30:00.000Z', '2026-10-05T00:30:00.000Z'])
  })

  it('[L9] buckets cover the range without gap, whatever the zone', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/Santiago',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ]
    const granularity = fc.constantFrom('hour', 'day', 'week', 'month')
    const from = fc.integer({ min: at('2024-01-01'), max: at('2027-01-01') })
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        granularity,
        from,
        fc.integer({ min: 1, max: 90 }),
        (zone, grain, fromMs, days) => {
          const toMs = fromMs + days * 3_600_000
          const starts = bucketStarts(grain, zone, fromMs, toMs, 10_000) ?? []
          expect(starts[0]).toBeLessThanOrEqual(fromMs)
          expect(starts.at(-1)).toBeLessThan(toMs)
          for (const [index, start] of starts.entries()) {
            if (index > 0) expect(start).toBeGreaterThan(starts[index - 1] as number)
          }
          if (starts.length > 1) expect(starts[1]).toBeGreaterThan(fromMs)
        },
      ),
    )
  })

  it('[L9] refuses more buckets than asked for', () => {
    expect(bucketStarts('hour', 'UTC', 0, 3_600_000 * 11, 10)).toBeNull()
    expect(isTimeZone('Europe/Berlin')).toBe(true)
    expect(isTimeZone('Mars/Olympus')).toBe(false)
  })
})
