// When a key shall end: a date (its midnight UTC), a timestamp with its offset, or a time from now such as `90d` or `12h`.

import { parseInstant } from '../pricing/parse-instant.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../kernel/time.ts'

const AHEAD = /^\+?(\d{1,5})([dh])$/

export function parseExpiry(text: string | null, nowMs: number): Result<number | null, string> {
  if (text === null) return ok(null)
  const [, many, unit] = AHEAD.exec(text) ?? []
  if (many !== undefined) {
    return ok(nowMs + Number(many) * (unit === 'd' ? MS_PER_DAY : MS_PER_HOUR))
  }
  const parsed = text.startsWith('-') ? null : parseInstant(text, nowMs)
  if (parsed?.ok === true) return parsed
  return err(
    `${JSON.stringify(text)} is not a date, a timestamp such as 2026-10-01T12:00:00Z, ` +
      'or days or hours from now such as 90d or 12h',
  )
}
