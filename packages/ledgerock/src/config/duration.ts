// Lengths of time as people write them: a whole number and one unit (`20ms`, `10s`, `60m`, `24h`, `400d`). There is no
// default unit, because a bare number is how `30` seconds become 30 milliseconds.

import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../kernel/time.ts'

const UNITS = {
  ms: 1,
  s: MS_PER_SECOND,
  m: MS_PER_MINUTE,
  h: MS_PER_HOUR,
  d: MS_PER_DAY,
} as const

export const DURATION_PATTERN = /^[0-9]{1,12}(ms|s|m|h|d)$/

const DURATION_MS_MAX = 36_500 * MS_PER_DAY

/** Milliseconds, or null where the text is not a duration of at most a hundred years. */
export function parseDuration(text: string): number | null {
  const match = /^([0-9]{1,12})(ms|s|m|h|d)$/.exec(text)
  if (match === null) return null
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]
  return ms <= DURATION_MS_MAX ? ms : null
}
