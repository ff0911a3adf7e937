// The clock on the wall of a time zone: what is added to UTC, which date it is, and when a day begins. Days of 23 or 25 hours are
// one day, and where midnight does not exist the day begins with the first instant that does. Reports and budgets both count by it.

import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from './time.ts'

/** `month` counts from 0; a month or a day beyond the last one runs on into what follows. */
export type LocalDate = { readonly year: number; readonly month: number; readonly day: number }

export type LocalClock = {
  /** What is added to UTC to get the zone's time. */
  readonly offsetMs: (ms: number) => number
  readonly dateOf: (ms: number) => LocalDate
  readonly startOfDay: (date: LocalDate) => number
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

/** Costs tens of microseconds to make; keep it where it is used often. */
export function localClock(zone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsetMs = (ms: number): number => {
    if (zone === 'UTC') return 0
    const part = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0
    const asUtc = Date.UTC(
      of('year'),
      of('month') - 1,
      of('day'),
      of('hour'),
      of('minute'),
      of('second'),
    )
    return asUtc - Math.floor(ms / 1_000) * 1_000
  }
  const dateOf = (ms: number): LocalDate => {
    const shifted = new Date(ms + offsetMs(ms))
    return {
      year: shifted.getUTCFullYear(),
      month: shifted.getUTCMonth(),
      day: shifted.getUTCDate(),
    }
  }
  const startOfDay = ({ year, month, day }: LocalDate): number => {
    const midnight = Date.UTC(year, month, day)
    const before = midnight - offsetMs(midnight - MS_PER_DAY)
    const after = midnight - offsetMs(midnight + MS_PER_DAY)
    const isMidnight = (ms: number): boolean => ms + offsetMs(ms) === midnight
    const earliest = Math.min(before, after)
    const latest = Math.max(before, after)
    if (isMidnight(earliest)) return earliest
    if (isMidnight(latest)) return latest
    return firstAfterGap(midnight, earliest - MS_PER_HOUR, latest + MS_PER_HOUR, offsetMs)
  }
  return { offsetMs, dateOf, startOfDay }
}

/** The clocks jumped over midnight: the day begins with the jump, which is on a whole minute. */
function firstAfterGap(
  midnight: number,
  fromMs: number,
  toMs: number,
  offsetMs: (ms: number) => number,
): number {
  let before = Math.floor(fromMs / MS_PER_MINUTE)
  let after = Math.ceil(toMs / MS_PER_MINUTE)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    const ms = middle * MS_PER_MINUTE
    if (ms + offsetMs(ms) < midnight) before = middle
    else after = middle
  }
  return after * MS_PER_MINUTE
}
