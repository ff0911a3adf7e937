// When the hours, days, weeks and months of a time zone begin. Worked out here and not by the store, so that rollups, scans
// and whoever reads the answer agree about every change of the clocks: a day of 23 or 25 hours is one day, and where midnight
// does not exist the day begins with the first instant that does.

import type { Granularity } from '@ledgerock/contract'
import { exhaustive } from '../kernel/assert.ts'
import { MS_PER_HOUR } from '../kernel/time.ts'
import { localClock, type LocalClock } from '../kernel/time-zone.ts'

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
