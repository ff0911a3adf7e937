// One measured number: what it is, its median over the rounds with the smallest and the largest, and the goal it is held to.
// A number without rounds is no number here: nothing is reported from a single run.

export type Goal = { readonly atMost: number } | { readonly atLeast: number }

export type Figure = {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
  readonly goal: Goal | null
}

/** What could not be measured here, and why. */
export type Skipped = { readonly name: string; readonly skipped: string }

export type Section = {
  readonly bench: string
  readonly figures: readonly Figure[]
  readonly skipped: readonly Skipped[]
  /** What a reader must know to read the numbers. */
  readonly notes: readonly string[]
}

export function figureOf(
  name: string,
  unit: string,
  values: readonly number[],
  goal: Goal | null = null,
): Figure {
  if (values.length === 0) throw new Error(`nothing was measured for: ${name}`)
  return {
    name,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
    goal,
  }
}

export function isMet({ median: value, goal }: Figure): boolean | null {
  if (goal === null) return null
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** `sorted` ascending; the smallest value that `share` of all do not exceed. */
export function percentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const index = Math.ceil(share * sorted.length) - 1
  return sorted[Math.min(Math.max(index, 0), sorted.length - 1)] as number
}
