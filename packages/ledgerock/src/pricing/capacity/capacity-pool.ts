// The capacity a bill charges for by the hour, as pools: provisioned throughput by its ARN, reserved tokens per minute by what they
// serve. Lines of a day or month are spread evenly over their hours, because that is how capacity is bought.

import type { Scope } from '@ledgerock/contract'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { BilledUsage } from '../learning/billed-usage.ts'
import type { BillWords, ReadUsage } from '../learning/bill-words.ts'
import {
  addDecimals,
  addRatios,
  multiplyRatio,
  parseDecimal,
  ratioOf,
  ZERO_DECIMAL,
  type Decimal,
  type Ratio,
} from '../learning/exact-decimal.ts'
import { sumOfLines, type LineSum } from '../learning/line-sums.ts'
import { USAGE_LINES, type Period } from '../learning/read-bill-line.ts'
import type { CapacityProblem } from './capacity-report.ts'

export type PoolHour = {
  cost: Ratio
  /** Model units, or tokens per minute. */
  units: Ratio
}

export type CapacityPool = {
  readonly pool: string
  readonly kind: 'provisioned' | 'reserved'
  readonly modelId: string | null
  readonly region: string
  readonly scope: Scope | null
  /** Terms of commitment; several may serve the same calls. */
  readonly variants: Set<string>
  /** Reserved capacity is for reading or for writing; provisioned throughput is one for both. */
  readonly direction: 'input' | 'output' | null
  readonly hours: Map<number, PoolHour>
}

export type BilledCapacity = {
  readonly pools: readonly CapacityPool[]
  readonly unread: readonly LineSum<CapacityProblem>[]
  /** Of all lines of capacity, placed or not. */
  readonly cost: Decimal
}

export function capacityOf(
  rows: Iterable<BilledUsage>,
  words: BillWords,
  period: Period,
): BilledCapacity {
  const pools = new Map<string, CapacityPool>()
  const unread = sumOfLines<CapacityProblem>()
  let cost = ZERO_DECIMAL
  for (const row of rows) {
    const read = words.readUsage(row)
    if (!isCapacity(row, read)) continue
    const lineCost = parseDecimal(row.net_unblended_cost ?? row.unblended_cost)
    if (lineCost !== null) cost = addDecimals(cost, lineCost)
    const problem =
      lineCost === null || !read.ok
        ? 'no_amount'
        : place(pools, row, read.value, lineCost, words, period)
    if (problem !== null) {
      const reason = read.ok ? problem : 'unknown_usage_type'
      unread.add(reason, row.usage_type, lineCost ?? ZERO_DECIMAL)
    }
  }
  const inOrder = [...pools.values()].toSorted((left, right) => (left.pool < right.pool ? -1 : 1))
  return { pools: inOrder, unread: unread.all(), cost }
}

/** What cannot be read but says what it is must not fall through. */
function isCapacity(row: BilledUsage, read: ReturnType<BillWords['readUsage']>): boolean {
  if (!read.ok) {
    const saysSo = /provisioned.?throughput|model.?units|reserved.*tpm/i.test(row.usage_type)
    return read.problem === 'unknown_shape' && saysSo
  }
  const { kind } = read.value.what
  return kind === 'model_unit_hours' || kind === 'tpm_hours'
}

function place(
  pools: Map<string, CapacityPool>,
  row: BilledUsage,
  reading: ReadUsage,
  cost: Decimal,
  words: BillWords,
  period: Period,
): CapacityProblem | null {
  if (!USAGE_LINES.includes(row.line_item_type)) return 'not_usage'
  const usage = parseDecimal(row.usage_amount)
  if (usage === null) return 'no_amount'
  const factor = words.unitsPerBilled(row, reading.what.unit)
  if (factor === null) return 'unknown_unit'
  const region = reading.region ?? row.region
  if (region === '') return 'unknown_region'
  const hours = hoursOf(row)
  if (hours === null) return 'undated'
  const [first = 0] = hours
  if (first < period.fromMs || first >= period.toMs) return 'other_period'
  const isProvisioned = reading.what.kind === 'model_unit_hours'
  if (reading.modelId === null && !(isProvisioned && row.resource_id !== '')) return 'unknown_model'

  const pool = poolOf(pools, row, reading, region)
  if (reading.what.variant !== null) pool.variants.add(reading.what.variant)
  const count = BigInt(hours.length)
  const hourCost = multiplyRatio(ratioOf(cost), 1n, count)
  const hourUnits = multiplyRatio(ratioOf(usage), factor, count)
  for (const hour of hours) {
    const sum = pool.hours.get(hour)
    pool.hours.set(hour, {
      cost: sum === undefined ? hourCost : addRatios(sum.cost, hourCost),
      units: sum === undefined ? hourUnits : addRatios(sum.units, hourUnits),
    })
  }
  return null
}

function poolOf(
  pools: Map<string, CapacityPool>,
  { resource_id: resource }: BilledUsage,
  { what, modelId, scope }: ReadUsage,
  region: string,
): CapacityPool {
  const isProvisioned = what.kind === 'model_unit_hours'
  const direction = isProvisioned ? null : what.variant?.endsWith('output') ? 'output' : 'input'
  const name = isProvisioned
    ? resource === ''
      ? `${region} ${modelId} provisioned`
      : resource
    : `${region} ${modelId} ${scope} reserved ${direction}`
  const pool: CapacityPool = pools.get(name) ?? {
    pool: name,
    kind: isProvisioned ? 'provisioned' : 'reserved',
    modelId,
    region,
    scope: isProvisioned ? null : scope,
    variants: new Set(),
    direction,
    hours: new Map(),
  }
  pools.set(name, pool)
  return pool
}

/** A year: longer lines are a mistake in a date. */
const HOURS_MAX = 8_784

/** The hours a line is for, by their first instant; null where the line does not say. */
function hoursOf(row: BilledUsage): readonly number[] | null {
  const start = Date.parse(row.usage_start)
  if (Number.isNaN(start)) return null
  const first = start - (start % MS_PER_HOUR)
  const end = row.usage_end === '' ? first + MS_PER_HOUR : Date.parse(row.usage_end)
  const count = Math.ceil((end - first) / MS_PER_HOUR)
  if (!(count >= 1 && count <= HOURS_MAX)) return null
  return Array.from({ length: count }, (_, index) => first + index * MS_PER_HOUR)
}
