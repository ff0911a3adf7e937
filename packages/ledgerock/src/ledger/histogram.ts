// Latencies are kept as a histogram with logarithmic buckets (as in DDSketch), because counts per bucket can be added and
// subtracted: percentiles then come out of rollups, over any set of rows, and stay right under corrections. A percentile
// is wrong by at most `RELATIVE_ERROR`.
//
//   bucket i holds  BASE^(i-1) < x <= BASE^i ,  answered with  2·BASE^i / (BASE + 1)

/** Largest relative error of a percentile. */
export const RELATIVE_ERROR = 0.01
export const BASE = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
/** Below this (a microsecond) everything is one bucket, which is answered with 0. */
export const SMALLEST_MS = 0.001
/** The number of the bucket for what is smaller than `SMALLEST_MS`. */
export const SMALLEST_BUCKET = -346

/** Count by bucket. Counts may be negative while parts are added up, never in the end. */
export type Histogram = ReadonlyMap<number, number>

export function addHistograms(parts: Iterable<Histogram>): Histogram {
  const sum = new Map<number, number>()
  for (const part of parts) {
    for (const [bucket, count] of part) sum.set(bucket, (sum.get(bucket) ?? 0) + count)
  }
  return sum
}

export function bucketOf(ms: number): number {
  return ms < SMALLEST_MS ? SMALLEST_BUCKET : Math.ceil(Math.log(ms) / Math.log(BASE))
}

/** The nearest-rank percentile in milliseconds, to a tenth; null where there is no sample. */
export function percentileOf(histogram: Histogram, fraction: number): number | null {
  const filled = [...histogram].filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b)
  const total = filled.reduce((sum, [, count]) => sum + count, 0)
  const rank = Math.max(1, Math.ceil(fraction * total))
  let seen = 0
  for (const [bucket, count] of filled) {
    seen += count
    if (seen >= rank) return valueOf(bucket)
  }
  return null
}

function valueOf(bucket: number): number {
  if (bucket <= SMALLEST_BUCKET) return 0
  return Math.round(((2 * BASE ** bucket) / (BASE + 1)) * 10) / 10
}
