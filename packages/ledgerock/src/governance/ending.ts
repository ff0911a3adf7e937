// When something ends, as a number to compare with the clock.

/** Null is never. An instant that cannot be read has passed: a damaged limit must not become no limit. */
export function endingMs(iso: string | null): number {
  if (iso === null) return Number.POSITIVE_INFINITY
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? 0 : ms
}
