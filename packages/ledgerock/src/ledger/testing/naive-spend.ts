// The meaning of a spend answer, written the plainest way over a list of calls in memory: what the store's SQL, rollups and
// corrections must agree with, number for number.

import type { CallRecord, ChargeLine } from '@ledgerock/contract'
import { mustOk } from '../../kernel/result.ts'
import {
  formatUsd,
  parseUsd,
  sumMoney,
  ZERO_DOLLARS,
  type Picodollars,
} from '../../kernel/money.ts'
import { bucketStarts } from '../bucket.ts'
import type { Condition, SpendQuestion } from '../question.ts'

export type NaiveRow = Readonly<Record<string, string | number | null>>

/** Percentiles are left to their own test: they are the only numbers that are not exact. */
export function naiveSpend(
  calls: readonly CallRecord[],
  question: SpendQuestion,
): { readonly rows: readonly NaiveRow[]; readonly total: NaiveRow } {
  const fromMs = Date.parse(question.from)
  const toMs = Date.parse(question.to)
  const starts = bucketStarts(question.granularity, question.tz, fromMs, toMs, 100_000) ?? []
  const byKind = question.by.includes('kind')
  const kindConditions = question.where.filter((condition) => condition.field === 'kind')
  const unfolded = byKind || kindConditions.length > 0
  const units = calls
    .filter((call) => {
      const ms = Date.parse(call.started_at)
      return ms >= fromMs && ms < toMs
    })
    .filter((call) => question.where.every((condition) => holds(call, condition)))
    .flatMap((call) => unitsOf(call, unfolded))
    .filter((unit) => kindConditions.every((condition) => condition.values.includes(unit.kind)))
  const groups = new Map<string, { key: Record<string, string>; units: Unit[] }>()
  for (const unit of units) {
    const key = Object.fromEntries(
      question.by.map((name) => [name, name === 'kind' ? unit.kind : fieldOf(unit.call, name)]),
    )
    const ms = Date.parse(unit.call.started_at)
    const start = starts.findLast((one) => one <= ms)
    if (start !== undefined) key['bucket'] = new Date(start).toISOString()
    const id = JSON.stringify(key)
    const group = groups.get(id) ?? { key, units: [] }
    group.units.push(unit)
    groups.set(id, group)
  }
  return {
    rows: [...groups.values()].map(({ key, units: own }) => ({
      ...key,
      ...measure(own, unfolded),
      ...(byKind ? { quantity: own.reduce((sum, unit) => sum + unit.quantity, 0) } : {}),
    })),
    total:
      byKind && kindConditions.length === 0
        ? measure(
            units
              .filter((unit, index) => units.findIndex((one) => one.call === unit.call) === index)
              .flatMap((unit) => unitsOf(unit.call, false)),
            false,
            true,
          )
        : measure(units, unfolded),
  }
}

type Unit = {
  readonly call: CallRecord
  readonly kind: string
  readonly lines: readonly ChargeLine[]
  readonly quantity: number
}

/** Unfolded, a unit is one kind's lines of a call; else it is the call. */
function unitsOf(call: CallRecord, unfolded: boolean): readonly Unit[] {
  if (!unfolded) return [{ call, kind: '', lines: call.charges, quantity: 0 }]
  if (call.charges.length === 0) return [{ call, kind: 'unknown', lines: [], quantity: 0 }]
  return [...new Set(call.charges.map((line) => line.kind))].map((kind) => {
    const lines = call.charges.filter((line) => line.kind === kind)
    return { call, kind, lines, quantity: lines.reduce((sum, line) => sum + line.quantity, 0) }
  })
}

export function fieldOf(call: CallRecord, name: string): string {
  const own = Object.hasOwn(call.dimensions, name) ? call.dimensions[name] : undefined
  const value = own ?? (call as unknown as Record<string, string | boolean | null>)[name]
  return value === null || value === undefined ? 'unknown' : String(value)
}

function holds(call: CallRecord, { field, values }: Condition): boolean {
  return field === 'kind' || values.includes(fieldOf(call, field))
}

function measure(units: readonly Unit[], unfolded: boolean, whole = false): NaiveRow {
  const calls = [...new Set(units.map((unit) => unit.call))]
  const sent = calls.filter((call) => call.status !== 'refused')
  const count = (holdsFor: (call: CallRecord) => boolean): number => calls.filter(holdsFor).length
  const tokens = (
    kinds: readonly string[],
    of: (call: CallRecord, kind: string) => number,
  ): number =>
    unfolded && !whole
      ? units.reduce((sum, unit) => {
          if (unit.kind === 'unknown')
            return sum + kinds.reduce((all, kind) => all + of(unit.call, kind), 0)
          return kinds.includes(unit.kind) ? sum + of(unit.call, unit.kind) : sum
        }, 0)
      : calls.reduce((sum, call) => sum + kinds.reduce((all, kind) => all + of(call, kind), 0), 0)
  const usd = (wanted: (line: ChargeLine) => boolean): string =>
    formatUsd(
      sumMoney(
        units
          .filter((unit) => unit.call.cost_usd !== null)
          .flatMap((unit) => unit.lines.filter(wanted))
          .map((line) => money(line.amount_usd)),
      ),
    )
  const cache = (line: ChargeLine): boolean => line.kind.startsWith('cache_')
  return {
    calls: sent.length,
    logical_calls: new Set(sent.map((call) => call.logical_id)).size,
    refused_calls: calls.length - sent.length,
    errors: count((call) =>
      ['client_error', 'upstream_error', 'interrupted'].includes(call.status),
    ),
    throttled: count((call) => call.status === 'throttled'),
    input_tokens: tokens(['input'], (call) => call.input_tokens),
    output_tokens: tokens(['output'], (call) => call.output_tokens),
    cache_read_tokens: tokens(['cache_read'], (call) => call.cache_read_tokens),
    cache_write_tokens: tokens(
      ['cache_write_5m', 'cache_write_30m', 'cache_write_1h', 'cache_write'],
      writeTokens,
    ),
    cost_usd: usd(() => true),
    input_usd: usd((line) => line.kind === 'input'),
    output_usd: usd((line) => line.kind === 'output'),
    cache_usd: usd(cache),
    other_usd: usd((line) => line.kind !== 'input' && line.kind !== 'output' && !cache(line)),
    unpriced_calls: sent.filter((call) => call.cost_usd === null).length,
  }
}

function writeTokens(call: CallRecord, kind: string): number {
  switch (kind) {
    case 'cache_write_5m':
      return call.cache_write_5m_tokens
    case 'cache_write_30m':
      return call.cache_write_30m_tokens
    case 'cache_write_1h':
      return call.cache_write_1h_tokens
    default:
      return call.other_usage['cache_write'] ?? 0
  }
}

function money(usd: string | null): Picodollars {
  return usd === null ? ZERO_DOLLARS : mustOk(parseUsd(usd))
}
