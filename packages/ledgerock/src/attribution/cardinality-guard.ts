// Keeps a dimension from growing without end: past `maxValues` distinct values, new ones are recorded as `__overflow__`, so that
// a client that puts a timestamp into a dimension cannot make reports and rollups unusable. One guard per process and policy.

import type { DimensionRules } from './dimension-rule.ts'

export type CardinalityGuard = {
  /** True for a value already known, or while there is room for one more. */
  readonly admit: (dimension: number, value: string) => boolean
  /** Makes a value of ours known (a key's binding, say); it may go past the limit. */
  readonly know: (dimension: number, value: string) => void
  readonly size: (dimension: number) => number
}

export function createCardinalityGuard(rules: DimensionRules): CardinalityGuard {
  const known = rules.dimensions.map(() => new Set<string>())
  const limits = rules.dimensions.map(({ rule }) => rule.maxValues)
  return {
    admit(dimension, value) {
      const values = known[dimension] as Set<string>
      if (values.has(value)) return true
      if (values.size >= (limits[dimension] as number)) return false
      values.add(value)
      return true
    },
    know(dimension, value) {
      known[dimension]?.add(value)
    },
    size: (dimension) => known[dimension]?.size ?? 0,
  }
}
