// Outcomes kept in memory and added up by the plainest arithmetic, as the store keeps them (whose own tests hold it against the same).

import { UNKNOWN } from '@ledgerock/contract'
import { formatUsd, parseUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { bucketStarts } from '../../ledger/bucket.ts'
import type { Outcome, OutcomeBooks } from '../../ledger/outcome.ts'
import type { Condition } from '../../ledger/question.ts'

const BUCKETS_MAX = 10_000

/** `recordedAt` is what `recordedBefore` is asked against. */
export function createMemoryOutcomes(recordedAt = () => 0): OutcomeBooks {
  const kept = new Map<string, Outcome & { readonly recordedMs: number }>()
  const fitting = (where: readonly Condition[]) =>
    [...kept.values()].filter((one) =>
      where.every(({ field, values }) => values.includes(valueOf(one, field))),
    )
  return {
    recordOutcomes: async (outcomes) => {
      const before = kept.size
      for (const one of outcomes) {
        if (!kept.has(one.outcome_id))
          kept.set(one.outcome_id, { ...one, recordedMs: recordedAt() })
      }
      const accepted = kept.size - before
      return { accepted, duplicate: outcomes.length - accepted }
    },
    outcomesKept: async (ids) => [...kept.values()].filter((one) => ids.includes(one.outcome_id)),
    outcomeTotals: async ({ from, to, where, recordedBefore }) => {
      const own = fitting(where).filter(
        (one) =>
          (from === null || one.at >= from) &&
          (to === null || one.at < to) &&
          (recordedBefore === null || one.recordedMs < Date.parse(recordedBefore)),
      )
      const names = [...Map.groupBy(own, ({ name }) => name)]
      return names
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([name, all]) => {
          const times = all.map(({ at }) => at).toSorted()
          return { name, ...sums(all), first_at: times[0] ?? '', last_at: times.at(-1) ?? '' }
        })
    },
    outcomeSums: async ({ name, by, from, to, granularity, tz, where }) => {
      const starts = bucketStarts(granularity, tz, Date.parse(from), Date.parse(to), BUCKETS_MAX)
      const bucketOf = ({ at }: Outcome): string | null => {
        const start = starts?.findLast((ms) => ms <= Date.parse(at))
        return start === undefined ? null : new Date(start).toISOString()
      }
      const own = fitting(where).filter((one) => one.name === name && one.at >= from && one.at < to)
      const groups = Map.groupBy(own, (one) =>
        JSON.stringify([bucketOf(one), ...by.map((field) => valueOf(one, field))]),
      )
      return [...groups].map(([key, all]) => {
        const [bucket, ...keys] = JSON.parse(key) as [string | null, ...string[]]
        return { keys, bucket, ...sums(all) }
      })
    },
    outcomeNames: async () => [...new Set(fitting([]).map(({ name }) => name))].toSorted(),
  }
}

function valueOf({ dimensions }: Outcome, field: string): string {
  return Object.hasOwn(dimensions, field) ? (dimensions[field] ?? UNKNOWN) : UNKNOWN
}

function sums(all: readonly Outcome[]) {
  const values = all.flatMap(({ value_usd: value }) => (value === null ? [] : [value]))
  return {
    outcomes: all.length,
    quantity: added(all.map(({ quantity }) => quantity)),
    value_usd: values.length === 0 ? null : added(values),
  }
}

function added(texts: readonly string[]): string {
  return formatUsd(sumMoney(texts.map((text) => mustOk(parseUsd(text)))))
}
