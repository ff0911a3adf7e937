// Sums calls by hand, in picodollars, the way `spend` must have summed them: the rows of one grouping and their measures.

import { formatUsd, parseUsd, sumMoney } from '../../src/kernel/money.ts'
import { mustOk } from '../../src/kernel/result.ts'
import type { ApiCall } from './ledger-api.ts'

export type Sums = {
  readonly calls: number
  readonly logical_calls: number
  readonly refused_calls: number
  readonly throttled: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_tokens: number
  readonly cost_usd: string
  readonly unpriced_calls: number
}

export function sumsOf(rows: readonly ApiCall[]): Sums {
  const sent = rows.filter((row) => row.status !== 'refused')
  const count = (of: (row: ApiCall) => number): number =>
    sent.reduce((sum, row) => sum + of(row), 0)
  return {
    calls: sent.length,
    logical_calls: new Set(sent.map((row) => row.logical_id)).size,
    refused_calls: rows.length - sent.length,
    throttled: count((row) => (row.status === 'throttled' ? 1 : 0)),
    input_tokens: count((row) => row.input_tokens),
    output_tokens: count((row) => row.output_tokens),
    cache_read_tokens: count((row) => row.cache_read_tokens),
    cache_write_tokens: count(
      (row) => row.cache_write_5m_tokens + row.cache_write_30m_tokens + row.cache_write_1h_tokens,
    ),
    cost_usd: usdSum(sent.map((row) => row.cost_usd ?? '0')),
    unpriced_calls: count((row) => (row.cost_usd === null ? 1 : 0)),
  }
}

export function usdSum(amounts: readonly string[]): string {
  return formatUsd(sumMoney(amounts.map((amount) => mustOk(parseUsd(amount)))))
}

/** Group key → sums. */
export function sumsBy(
  rows: readonly ApiCall[],
  key: (row: ApiCall) => string,
): ReadonlyMap<string, Sums> {
  const groups = Map.groupBy(rows, key)
  return new Map([...groups].map(([name, members]) => [name, sumsOf(members)]))
}

/** Charge kind → dollars. */
export function usdByKind(rows: readonly ApiCall[]): Readonly<Record<string, string>> {
  const charges = rows.filter((row) => row.cost_usd !== null).flatMap((row) => row.charges)
  const groups = Map.groupBy(charges, (charge) => charge.kind)
  return Object.fromEntries(
    [...groups].map(([kind, lines]) => [kind, usdSum(lines.map((line) => line.amount_usd))]),
  )
}
