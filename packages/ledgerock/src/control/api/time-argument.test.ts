import { describe, expect, it } from 'vitest'
import { parseTimeRange } from './time-argument.ts'

const now = Date.parse('2026-10-14T12:00:00.000Z')
const range = (given: Parameters<typeof parseTimeRange>[0]) => {
  const parsed = parseTimeRange(given, now)
  return parsed.ok ? [parsed.value.from, parsed.value.to] : parsed.problem.map(({ path }) => path)
}

describe('parseTimeRange', () => {
  it('[C10] is the month to date by default, in the asked zone', () => {
    expect(range({})).toEqual(['2026-10-01T00:00:00.000Z', '2026-10-14T12:00:00.000Z'])
    expect(range({ tz: 'Asia/Tokyo' })[0]).toBe('2026-09-30T15:00:00.000Z')
    expect(range({ to: '2026-09-01' })).toEqual([
      '2026-08-01T00:00:00.000Z',
      '2026-09-01T00:00:00.000Z',
    ])
  })

  it.each([
    ['2026-10-02', 'UTC', '2026-10-02T00:00:00.000Z'],
    ['2026-10-02T03:04:05Z', 'Asia/Tokyo', '2026-10-02T03:04:05.000Z'],
    ['2026-10-02T03:04:05.678+02:00', 'UTC', '2026-10-02T01:04:05.678Z'],
    ['-7d', 'UTC', '2026-10-07T12:00:00.000Z'],
    ['-36h', 'UTC', '2026-10-13T00:00:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    // Midnight did not exist: the clocks went from 23:59 to 01:00.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
    ['2026-10-02', 'Pacific/Kiritimati', '2026-10-01T10:00:00.000Z'],
    ['2026-10-02', 'Pacific/Niue', '2026-10-02T11:00:00.000Z'],
  ])('[C10] reads %s in %s', (from, tz, expected) => {
    expect(range({ from, tz })[0]).toBe(expected)
  })

  it.each(['', 'today', '2026-13-01', '2026-02-30', '2026-10-02 03:04', '2026-10-02T03:04:05'])(
    '[C11] refuses %j',
    (from) => {
      expect(range({ from })).toEqual(['from'])
    },
  )

  it('[C11] refuses a date the zone skipped', () => {
    expect(range({ from: '2011-12-30', tz: 'Pacific/Apia' })).toEqual(['from'])
  })
})
