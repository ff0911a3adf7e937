// Quiet hours by the clock on the wall of their zone. A night on which the clock is changed may end an hour off; whoever waits looks
// again then.

import type { QuietHours } from '../../governance/alert-rule.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'

const MINUTES_PER_DAY = 1440
const MINUTES_PER_HOUR = 60

/** When the quiet hours that `nowMs` lies in are over; null: it lies in none. */
export function quietUntil(quiet: QuietHours, nowMs: number): number | null {
  const { fromMinute, toMinute, timeZone } = quiet
  const minute = minuteOfDay(timeZone, nowMs)
  const isQuiet =
    fromMinute < toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute
  if (!isQuiet) return null
  const minutesLeft = (toMinute - minute + MINUTES_PER_DAY) % MINUTES_PER_DAY
  return (Math.floor(nowMs / MS_PER_MINUTE) + minutesLeft) * MS_PER_MINUTE
}

function minuteOfDay(timeZone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(atMs)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  return part('hour') * MINUTES_PER_HOUR + part('minute')
}
