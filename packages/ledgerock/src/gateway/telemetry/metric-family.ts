// Counters, gauges and histograms that cost the hot path an addition: what is counted lies in plain numbers, found by one look-up
// in a small map, and takes the shape `/metrics` wants only when somebody asks. The labels of a family are bounded: past
// `SERIES_MAX` combinations everything further is counted under `other`, so that no caller can grow a page without end.

import type { MetricObject, MetricValue } from 'prom-client'

export type Labels = Readonly<Record<string, string | number>>

/** One family as prom-client's own registries report it, so that reports of all processes can be laid together. */
export type MetricFamily = { readonly report: (common: Labels) => MetricObject }

const SERIES_MAX = 256
const OTHER = 'other'

type Count = { value: number }

/** Counts by one label. */
export class Counter implements MetricFamily {
  readonly #name: string
  readonly #help: string
  readonly #label: string
  readonly #counts = new Map<string, Count>()

  constructor(name: string, help: string, label: string) {
    this.#name = name
    this.#help = help
    this.#label = label
  }

  add(label: string, amount = 1): void {
    const count = this.#counts.get(label) ?? this.#begin(label)
    count.value += amount
  }

  #begin(label: string): Count {
    if (this.#counts.size < SERIES_MAX) return begun(this.#counts, label)
    return this.#counts.get(OTHER) ?? begun(this.#counts, OTHER)
  }

  report(common: Labels): MetricObject {
    const values = Array.from(this.#counts, ([label, { value }]) => ({
      value,
      labels: { [this.#label]: label, ...common },
    }))
    return metric(this.#name, this.#help, 'counter', values)
  }
}

function begun(counts: Map<string, Count>, label: string): Count {
  const count = { value: 0 }
  counts.set(label, count)
  return count
}

/** Counts by two labels; of the second at most `SERIES_MAX` values for each of the first, which is a closed set. */
export class PairCounter implements MetricFamily {
  readonly #name: string
  readonly #help: string
  readonly #labels: readonly [string, string]
  readonly #counts = new Map<string, Map<string, Count>>()

  constructor(name: string, help: string, labels: readonly [string, string]) {
    this.#name = name
    this.#help = help
    this.#labels = labels
  }

  add(first: string, second: string): void {
    let row = this.#counts.get(first)
    if (row === undefined) {
      row = new Map()
      this.#counts.set(first, row)
    }
    const known = row.get(second)
    const label = row.size < SERIES_MAX ? second : OTHER
    const count = known ?? row.get(label) ?? begun(row, label)
    count.value += 1
  }

  report(common: Labels): MetricObject {
    const [one, two] = this.#labels
    const values = Array.from(this.#counts, ([first, row]) =>
      Array.from(row, ([second, { value }]) => ({
        value,
        labels: { [one]: first, [two]: second, ...common },
      })),
    ).flat()
    return metric(this.#name, this.#help, 'counter', values)
  }
}

/** Read when somebody asks; several values stand side by side, each under its labels. */
export function gaugeFamily(
  name: string,
  help: string,
  read: () => number | readonly (readonly [Labels, number])[],
): MetricFamily {
  return readFamily(name, help, 'gauge', read)
}

/** A count that somebody else keeps. */
export function counterFamily(
  name: string,
  help: string,
  read: () => number | readonly (readonly [Labels, number])[],
): MetricFamily {
  return readFamily(name, help, 'counter', read)
}

function readFamily(
  name: string,
  help: string,
  type: 'gauge' | 'counter',
  read: () => number | readonly (readonly [Labels, number])[],
): MetricFamily {
  return {
    report(common) {
      const now = read()
      const series = typeof now === 'number' ? [[{}, now] as const] : now
      const values = series.map(([labels, value]) => ({ value, labels: { ...labels, ...common } }))
      return metric(name, help, type, values)
    },
  }
}

type Distribution = { readonly buckets: number[]; sum: number; count: number }

/** How long things took, in seconds, by one label of a closed set, or by none. */
export class Histogram implements MetricFamily {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #label: string | null
  readonly #series = new Map<string, Distribution>()

  constructor(name: string, help: string, bounds: readonly number[], label: string | null = null) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
    this.#label = label
  }

  observe(seconds: number, label = ''): void {
    let seen = this.#series.get(label)
    if (seen === undefined) {
      seen = { buckets: this.#bounds.map(() => 0), sum: 0, count: 0 }
      this.#series.set(label, seen)
    }
    seen.sum += seconds
    seen.count += 1
    // Kept apart and added up when asked for: a call touches one bucket, not all that are wide enough.
    for (let at = 0; at < this.#bounds.length; at += 1) {
      if (seconds > (this.#bounds[at] as number)) continue
      seen.buckets[at] = (seen.buckets[at] as number) + 1
      return
    }
  }

  report(common: Labels): MetricObject {
    const name = this.#name
    const values = Array.from(this.#series, ([label, { buckets, sum, count }]) => {
      const labels = this.#label === null ? common : { [this.#label]: label, ...common }
      let upTo = 0
      const rows = buckets.map((seen, at) => {
        upTo += seen
        return bucket(name, { le: this.#bounds[at] as number, ...labels }, upTo)
      })
      return [
        ...rows,
        bucket(name, { le: '+Inf', ...labels }, count),
        { value: sum, metricName: `${name}_sum`, labels },
        { value: count, metricName: `${name}_count`, labels },
      ]
    }).flat()
    return metric(name, this.#help, 'histogram', values)
  }
}

type NamedValue = MetricValue<string> & { readonly metricName: string }

function bucket(name: string, labels: Labels, value: number): NamedValue {
  return { value, metricName: `${name}_bucket`, labels }
}

function metric(
  name: string,
  help: string,
  type: 'counter' | 'gauge' | 'histogram',
  values: MetricValue<string>[],
): MetricObject {
  return { name, help, type, values, aggregator: 'sum' } as unknown as MetricObject
}
