// A spend question made ready for the store: names checked, instants in milliseconds, buckets as their beginnings, and for each
// stretch of time the source that answers it. And the parts the store answers with, before they become rows.

import type { Picodollars } from '../kernel/money.ts'
import type { Histogram } from './histogram.ts'
import type { Lane } from './lane.ts'
import type { Condition } from './question.ts'
import type { Segment } from './rollup.ts'

export type SpendPlan = {
  /** Group keys, `kind` left out. */
  readonly keys: readonly string[]
  /** Group by the kind of charge line as well. */
  readonly byKind: boolean
  /** Only these kinds of charge lines; null for all. */
  readonly kinds: readonly string[] | null
  readonly where: readonly Condition[]
  readonly fromMs: number
  readonly toMs: number
  readonly segments: readonly Segment[]
  /** Beginnings of all buckets, ascending; null for one bucket. */
  readonly bucketStarts: readonly number[] | null
  readonly rowsMax: number
  readonly lane: Lane
}

export const COUNTS = [
  'calls',
  'refused_calls',
  'errors',
  'throttled',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'unpriced_calls',
] as const
export type Count = (typeof COUNTS)[number]

export const DOLLARS = ['cost_usd', 'input_usd', 'output_usd', 'cache_usd', 'other_usd'] as const
export type Dollars = (typeof DOLLARS)[number]

export type Sums = {
  readonly counts: Readonly<Record<Count, number>>
  readonly dollars: Readonly<Record<Dollars, Picodollars>>
  readonly logicalCalls: number
  /** Only where kinds are asked for. */
  readonly quantity: number | null
  readonly latency: Histogram
  readonly firstByte: Histogram
}

export type SpendGroup = {
  /** In the order of the plan's keys; the kind comes last if asked for. */
  readonly keys: readonly string[]
  /** Beginning of the bucket in milliseconds, or null. */
  readonly bucketMs: number | null
  readonly sums: Sums
}

/** `groups` is null where there are more than `rowsMax`. */
export type SpendParts = { readonly groups: readonly SpendGroup[] | null; readonly total: Sums }
