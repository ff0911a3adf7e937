// When the hours, days, weeks and months of a time zone begin. Worked out here and not by the store, so that rollups, scans
// and whoever reads the answer agree about every change of the clocks: a day of 23 or 25 hours is one day, and where midnight
// does not exist the day begins with the first instant that does.

import type { Granularity } from '@ledgerock/contract'
import { exhaustive } from '../kernel/assert.ts'
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../kernel/time.ts'

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

/**
 * The beginnings of all buckets that touch [fromMs, toMs), ascending; the first may lie before `fromMs`. Null if there would
 * be more than `max`. `total` is one bucket without a beginning.
 */
export function bucketStarts(
  granularity: Granularity,
  zone: string,
  fromMs: number,
  toMs: number,
  max: number,
): readonly number[] | null {
  if (granularity === 'total') return []
  const local = localClock(zone)
  const starts: number[] = []
  let start = startOf(granularity, local, fromMs)
  while (start < toMs) {
    if (starts.length === max) return null
    starts.push(start)
    start = nextStart(granularity, local, start)
  }
  return starts
}

type Bucketed = Exclude<Granularity, 'total'>
type LocalDate = { readonly year: number; readonly month: number; readonly day: number }
type LocalClock = {
  /** What is added to UTC to get the zone's time. */
  readonly offsetMs: (ms: number) => number
  readonly dateOf: (ms: number) => LocalDate
  readonly startOfDay: (date: LocalDate) => number
}

function startOf(granularity: Bucketed, local: LocalClock, ms: number): number {
  if (granularity === 'hour') return startOfHour(local, ms)
  const { year, month, day } = local.dateOf(ms)
  switch (granularity) {
    case 'day':
      return local.startOfDay({ year, month, day })
    case 'week': {
      const sinceMonday = (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7
      return local.startOfDay({ year, month, day: day - sinceMonday })
    }
    case 'month':
      return local.startOfDay({ year, month, day: 1 })
    default:
      return exhaustive(granularity)
  }
}

function nextStart(granularity: Bucketed, local: LocalClock, start: number): number {
  const { year, month, day } = local.dateOf(start)
  switch (granularity) {
    case 'hour': {
      const next = startOfHour(local, start + MS_PER_HOUR)
      return next > start ? next : startOfHour(local, start + 2 * MS_PER_HOUR)
    }
    case 'day':
      return local.startOfDay({ year, month, day: day + 1 })
    case 'week':
      return local.startOfDay({ year, month, day: day + 7 })
    case 'month':
      return local.startOfDay({ year, month: month + 1, day: 1 })
    default:
      return exhaustive(granularity)
  }
}

function startOfHour(local: LocalClock, ms: number): number {
  const offset = local.offsetMs(ms)
  return Math.floor((ms + offset) / MS_PER_HOUR) * MS_PER_HOUR - offset
}

function localClock(zone: string): LocalClock {
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
