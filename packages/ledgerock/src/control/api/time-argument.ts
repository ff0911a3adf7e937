// Reads `from` and `to`: a date (its midnight in the asked zone), a timestamp with its offset, or `-7d` before now. Without
// them it is the month to date: from the beginning of the month in which `to` lies.

import type { ProblemError } from '@ledgerock/contract'
import { isTimeZone } from '../../kernel/time-zone.ts'
import { bucketStarts } from '../../ledger/bucket.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/
const ENOUGH = 8

export type TimeRange = { readonly from: string; readonly to: string; readonly tz: string }
export type TimeArguments = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly tz?: string | undefined
}

export function parseTimeRange(
  given: TimeArguments,
  nowMs: number,
): Result<TimeRange, readonly ProblemError[]> {
  const { tz = 'UTC' } = given
  const errors: ProblemError[] = []
  const zone = isTimeZone(tz) ? tz : 'UTC'
  if (zone !== tz)
    errors.push({ path: 'tz', message: `${JSON.stringify(tz)} is no IANA time zone` })
  const read = (path: 'from' | 'to', fallback: number): number => {
    const text = given[path]
    if (text === undefined) return fallback
    const parsed = parseTime(text, zone, nowMs)
    if (!parsed.ok) errors.push({ path, message: parsed.problem })
    return parsed.ok ? parsed.value : fallback
  }
  const toMs = read('to', nowMs)
  const fromMs = read('from', startOfMonth(zone, toMs - 1))
  if (errors.length === 0 && fromMs >= toMs) {
    const message = `must be before to: ${isoTime(fromMs)} is not before ${isoTime(toMs)}`
    errors.push({ path: 'from', message })
  }
  return errors.length > 0 ? err(errors) : ok({ from: isoTime(fromMs), to: isoTime(toMs), tz })
}

/** The instant a time argument means. */
export function parseTime(text: string, zone: string, nowMs: number): Result<number, string> {
  const utc = parseInstant(text, nowMs)
  if (!utc.ok || !DATE.test(text) || zone === 'UTC') return utc
  // The day begins somewhere within a day of the same date's midnight in UTC; a date a zone skipped has no beginning.
  const starts = bucketStarts('day', zone, utc.value - MS_PER_DAY, utc.value + MS_PER_DAY, ENOUGH)
  const dateIn = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
  const start = starts?.find((ms) => dateIn.format(ms) === text)
  return start === undefined ? err(`there is no ${text} in ${zone}`) : ok(start)
}

function startOfMonth(zone: string, ms: number): number {
  const [start] = bucketStarts('month', zone, ms, ms + 1, ENOUGH) ?? []
  return start ?? ms
}
