// Reads the instant of `--at`: a date (midnight UTC), a timestamp with its offset, or `-7d` before now. A time without an
// offset is refused, because it would mean something else on the next machine.

import { err, ok, type Result } from '../kernel/result.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'

const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const AGO = /^-(\d{1,6})([dh])$/

export function parseInstant(text: string, nowMs: number): Result<number, string> {
  const [, count, unit] = AGO.exec(text) ?? []
  if (count !== undefined) {
    return ok(nowMs - Number(count) * (unit === 'd' ? MS_PER_DAY : MS_PER_HOUR))
  }
  const [, year, month, day] = DATE.exec(text) ?? []
  const ms = year === undefined ? Number.NaN : Date.parse(text)
  if (Number.isNaN(ms) || !isDay(Number(year), Number(month), Number(day))) {
    return err(
      `${JSON.stringify(text)} is not a date, a timestamp such as 2026-10-01T12:00:00Z, or -7d`,
    )
  }
  return ok(ms)
}

/** `Date.parse` takes 2026-02-30 for March 2. */
function isDay(year: number, month: number, day: number): boolean {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day
}
