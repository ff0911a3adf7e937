// Answers who spent what. The question becomes a plan, the store answers with sums per group, and the sums become rows: money
// as decimal text, percentiles out of histograms. The total is over the same calls as the rows.

import type { SpendAnswer, SpendRow } from '@ledgerock/contract'
import { formatUsd } from '../kernel/money.ts'
import { err, ok } from '../kernel/result.ts'
import { isoTime, MS_PER_DAY } from '../kernel/time.ts'
import { bucketStarts } from './bucket.ts'
import { faultsOfSpend, invalid } from './check-question.ts'
import { percentileOf } from './histogram.ts'
import type { Answer, SpendQuestion } from './question.ts'
import { segmentsOf, type Segment } from './rollup.ts'
import {
  COUNTS,
  DOLLARS,
  type SpendGroup,
  type SpendParts,
  type SpendPlan,
  type Sums,
} from './spend-plan.ts'

export const SPEND_ROWS_MAX = 50_000
export const BUCKETS_MAX = 10_000

/** Scans longer than this go to the heavy lane. */
const SHORT_SCAN_MS = 7 * MS_PER_DAY

export type SpendDeps = {
  readonly spend: (plan: SpendPlan) => Promise<SpendParts>
  readonly dimensions: readonly string[]
  /** What is older is being deleted; null where everything is kept. */
  readonly keptSinceMs: () => number | null
  /** For checks: `calls` answers from the calls alone, never from a rollup. */
  readonly source?: 'best' | 'calls'
}

export async function askSpend(
  deps: SpendDeps,
  question: SpendQuestion,
): Promise<Answer<SpendAnswer>> {
  const plan = planSpend(deps, question)
  if (!plan.ok) return plan
  const parts = await deps.spend(plan.value)
  if (parts.groups === null) {
    return err({
      code: 'too_many_rows',
      detail: `more than ${SPEND_ROWS_MAX} rows: narrow the time, the conditions or the groups`,
      errors: [],
    })
  }
  const rows = parts.groups.map((group) => rowOf(plan.value, question.by, group))
  // Tokens, images and seconds do not add up: only rows of one kind have a quantity.
  return ok({ rows, total: measuresOf({ ...parts.total, quantity: null }) })
}

export function planSpend(deps: SpendDeps, question: SpendQuestion): Answer<SpendPlan> {
  const faults = faultsOfSpend(question, deps.dimensions)
  if (faults.length > 0) return invalid(faults)
  const toMs = Date.parse(question.to)
  const fromMs = Math.min(toMs, Math.max(Date.parse(question.from), deps.keptSinceMs() ?? 0))
  const starts = bucketStarts(question.granularity, question.tz, fromMs, toMs, BUCKETS_MAX)
  if (starts === null) {
    const message = `gives more than ${BUCKETS_MAX} buckets: ask for less time or a coarser one`
    return invalid([{ path: 'granularity', message }])
  }
  const keys = question.by.filter((name) => name !== 'kind')
  const kindConditions = question.where.filter(({ field }) => field === 'kind')
  const where = question.where.filter(({ field }) => field !== 'kind')
  const byKind = keys.length < question.by.length
  const kinds = kindConditions.length === 0 ? null : inAll(kindConditions.map((one) => one.values))
  const fields = [...keys, ...where.map(({ field }) => field)]
  const fromCalls = byKind || kinds !== null || deps.source === 'calls'
  const segments: readonly Segment[] = fromCalls
    ? [{ source: 'calls', fromMs, toMs }]
    : segmentsOf(fields, fromMs, toMs, starts.slice(1))
  const scannedMs = segments
    .filter(({ source }) => source === 'calls')
    .reduce((longest, segment) => Math.max(longest, segment.toMs - segment.fromMs), 0)
  return ok({
    keys,
    byKind,
    kinds,
    where,
    fromMs,
    toMs,
    segments,
    bucketStarts: question.granularity === 'total' ? null : starts,
    rowsMax: SPEND_ROWS_MAX,
    lane: scannedMs > SHORT_SCAN_MS ? 'heavy' : 'interactive',
  })
}

function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = lists
  return first.filter((value) => rest.every((list) => list.includes(value)))
}

function rowOf(plan: SpendPlan, by: readonly string[], group: SpendGroup): SpendRow {
  const names = plan.byKind ? [...plan.keys, 'kind'] : plan.keys
  const keys = new Map(names.map((name, index) => [name, group.keys[index] ?? '']))
  return {
    ...Object.fromEntries(by.map((name) => [name, keys.get(name) ?? ''])),
    ...(group.bucketMs === null ? {} : { bucket: isoTime(group.bucketMs) }),
    ...measuresOf(plan.byKind ? group.sums : { ...group.sums, quantity: null }),
  }
}

function measuresOf(sums: Sums): SpendRow {
  return {
    ...Object.fromEntries(COUNTS.map((name) => [name, sums.counts[name]])),
    logical_calls: sums.logicalCalls,
    ...Object.fromEntries(DOLLARS.map((name) => [name, formatUsd(sums.dollars[name])])),
    ...(sums.quantity === null ? {} : { quantity: sums.quantity }),
    latency_ms_p50: percentileOf(sums.latency, 0.5),
    latency_ms_p95: percentileOf(sums.latency, 0.95),
    first_byte_ms_p50: percentileOf(sums.firstByte, 0.5),
    first_byte_ms_p95: percentileOf(sums.firstByte, 0.95),
  }
}
