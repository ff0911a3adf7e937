import { describe, expect, it } from 'vitest'
import { isTimeZone, localClock } from './time-zone.ts'

const startOfDay = (zone: string, year: number, month: number, day: number) =>
  new Date(localClock(zone).startOfDay({ year, month: month - 1, day })).toISOString()

describe('localClock', () => {
  it('[K6] a day begins at midnight of its zone', () => {
    expect(startOfDay('UTC', 2026, 10, 5)).toBe('2026-10-05T00:00:00.000Z')
    expect(startOfDay('Asia/Kathmandu', 2026, 10, 5)).toBe('2026-10-04T18:15:00.000Z')
    expect(startOfDay('America/New_York', 2026, 11, 2)).toBe('2026-11-02T05:00:00.000Z')
  })

  it('[K6] where there are two midnights it begins at the first', () => {
    expect(startOfDay('America/Havana', 2026, 11, 1)).toBe('2026-11-01T04:00:00.000Z')
  })

  it('[K6] where there is none it begins with the first instant after', () => {
    expect(startOfDay('Africa/Cairo', 2026, 4, 24)).toBe('2026-04-23T22:00:00.000Z')
    // Samoa had no 30th of December in 2011.
    expect(startOfDay('Pacific/Apia', 2011, 12, 30)).toBe(startOfDay('Pacific/Apia', 2011, 12, 31))
  })

  it('[K6] a month or a day beyond the last runs on', () => {
    expect(startOfDay('UTC', 2026, 13, 1)).toBe('2027-01-01T00:00:00.000Z')
    expect(startOfDay('UTC', 2026, 2, 29)).toBe('2026-03-01T00:00:00.000Z')
  })

  it('[K6] knows which zones there are', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([
      true,
      false,
      false,
    ])
  })
})
