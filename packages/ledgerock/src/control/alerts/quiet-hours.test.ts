import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quietUntil } from './quiet-hours.ts'

const night = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'Europe/Berlin' }
const at = (text: string): number => Date.parse(text)
const until = (text: string): string | null => {
  const end = quietUntil(night, at(text))
  return end === null ? null : new Date(end).toISOString()
}

describe('quietUntil', () => {
  it('[C105] goes over midnight by the clock of the zone', () => {
    expect(until('2026-11-20T20:59:59Z')).toBeNull()
    expect(until('2026-11-20T21:00:00Z')).toBe('2026-11-21T06:00:00.000Z')
    expect(until('2026-11-21T05:59:59.999Z')).toBe('2026-11-21T06:00:00.000Z')
    expect(until('2026-11-21T06:00:00Z')).toBeNull()
    expect(until('2026-07-01T20:00:00Z')).toBe('2026-07-02T05:00:00.000Z')
  })

  it('[C105] may be within a day', () => {
    const lunch = { fromMinute: 12 * 60, toMinute: 13 * 60, timeZone: 'UTC' }
    expect(quietUntil(lunch, at('2026-11-20T11:59:00Z'))).toBeNull()
    expect(quietUntil(lunch, at('2026-11-20T12:30:30Z'))).toBe(at('2026-11-20T13:00:00Z'))
  })

  it('[C105] always ends, ahead and within a day', () => {
    const minute = fc.integer({ min: 0, max: 1439 })
    const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia')
    fc.assert(
      fc.property(
        minute,
        minute,
        zone,
        fc.integer({ min: 0, max: 4e12 }),
        (from, to, timeZone, now) => {
          fc.pre(from !== to)
          const end = quietUntil({ fromMinute: from, toMinute: to, timeZone }, now)
          if (end === null) return
          expect(end).toBeGreaterThan(now)
          expect(end - now).toBeLessThanOrEqual(86_400_000)
        },
      ),
    )
  })
})
