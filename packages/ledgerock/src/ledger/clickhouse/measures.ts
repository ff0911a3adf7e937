// What is summed, once for calls, rollups and checks. Each measure is an expression over one row of `calls`; its sum is
// Σ sign·x. The same names are columns of every rollup.
//
// `calls` are attempts that went upstream: ok + throttled + errors. A refused attempt did not, and is counted apart. Dollars
// by part follow the charge lines of the same name as the token columns; all other kinds are `other_usd`.

import { BASE, SMALLEST_BUCKET, SMALLEST_MS } from '../histogram.ts'

export type Measure = {
  readonly name: string
  readonly type: 'Int64' | 'Decimal(38, 12)'
  readonly ofRow: string
}

const SENT = "status != 'refused'"
const NO_MONEY = 'toDecimal128(0, 12)'
export const CACHE_KINDS = [
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
] as const
const cacheKinds = CACHE_KINDS.map((kind) => `'${kind}'`).join(', ')

export const CACHE_WRITE_TOKENS =
  'cache_write_5m_tokens + cache_write_30m_tokens + cache_write_1h_tokens' +
  " + toUInt64(other_usage['cache_write'])"

/** Dollars of the charge lines whose kind (`k`) meets a condition; none where the call has no cost. */
function dollarsOf(condition: string): string {
  const lines = `arraySum(arrayFilter((a, k) -> ${condition}, charge_amounts, charge_kinds))`
  return `if(cost_usd IS NULL, ${NO_MONEY}, ${lines})`
}

const count = (name: string, ofRow: string): Measure => ({ name, type: 'Int64', ofRow })
const dollars = (name: string, ofRow: string): Measure => ({ name, type: 'Decimal(38, 12)', ofRow })

/** Rows that count: zero means that nothing is left of the group. */
export const ENTRIES = 'entries'

export const MEASURES: readonly Measure[] = [
  count(ENTRIES, '1'),
  count('calls', SENT),
  count('refused_calls', "status = 'refused'"),
  count('errors', "status IN ('client_error', 'upstream_error', 'interrupted')"),
  count('throttled', "status = 'throttled'"),
  count('input_tokens', 'input_tokens'),
  count('output_tokens', 'output_tokens'),
  count('cache_read_tokens', 'cache_read_tokens'),
  count('cache_write_tokens', CACHE_WRITE_TOKENS),
  dollars('cost_usd', `ifNull(cost_usd, ${NO_MONEY})`),
  dollars('input_usd', dollarsOf("k = 'input'")),
  dollars('output_usd', dollarsOf("k = 'output'")),
  dollars('cache_usd', dollarsOf(`k IN (${cacheKinds})`)),
  dollars('other_usd', dollarsOf(`k NOT IN ('input', 'output', ${cacheKinds})`)),
  count('unpriced_calls', `${SENT} AND cost_usd IS NULL`),
]

export const HISTOGRAM_TYPE = 'SimpleAggregateFunction(sumMap, Map(Int16, Int64))'

/** Histograms (bucket → count) over calls that went upstream and have the number. */
export const HISTOGRAMS = [
  { name: 'latency', ofRow: 'latency_ms', counts: SENT },
  {
    name: 'first_byte',
    ofRow: 'ifNull(first_byte_ms, 0)',
    counts: `${SENT} AND first_byte_ms IS NOT NULL`,
  },
] as const

/** Σ sign·x, where `once` (a condition) may leave out rows that would count a call again. */
export function signedSum(measure: Measure, once = '1'): string {
  const x =
    measure.type === 'Int64'
      ? `toInt64(sign) * toInt64(${measure.ofRow})`
      : `sign * (${measure.ofRow})`
  return once === '1' ? `sum(${x})` : `sumIf(${x}, ${once})`
}

export function signedHistogram(histogram: (typeof HISTOGRAMS)[number], once = '1'): string {
  const ms = histogram.ofRow
  const large = `ceil(log(${ms}) / ${Math.log(BASE)})`
  const bucket = `if(${ms} < ${SMALLEST_MS}, ${SMALLEST_BUCKET}, ${large})`
  return `sumMapIf(map(toInt16(${bucket}), toInt64(sign)), ${histogram.counts} AND ${once})`
}
