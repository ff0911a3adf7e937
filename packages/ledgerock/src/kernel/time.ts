// Instants are milliseconds since the epoch, UTC, as `number`; on every wire ISO 8601 with "Z". Code never reads a clock of
// its own: it takes a `Clock`, so that a simulation can own time.

export type Clock = {
  /** Milliseconds since the epoch; may jump when the machine's clock is set. */
  readonly now: () => number
  /** Milliseconds since some fixed point, with fractions; never goes back. For durations. */
  readonly monotonic: () => number
}

export const MS_PER_SECOND = 1_000
export const MS_PER_MINUTE = 60_000
export const MS_PER_HOUR = 3_600_000
export const MS_PER_DAY = 86_400_000

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
