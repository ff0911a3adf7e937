// One pool, hour by hour: each owner pays for its share of the hour's capacity, and what nobody used is idle. Hours are divided on
// their own, because an hour that passed unused cannot be used later.
//
//   cost of an hour  ├── search ──┼─ support ─┼────── idle ──────┤
//   its capacity     0         tokens used                tokens/minute × 60

import { apportion } from '../../kernel/apportion.ts'
import { picodollars, ZERO_DOLLARS, type Picodollars } from '../../kernel/money.ts'
import {
  addRatios,
  compareRatios,
  multiplyRatio,
  toPicodollars,
  ZERO_RATIO,
  type Ratio,
} from '../learning/exact-decimal.ts'
import type { CapacityPool } from './capacity-pool.ts'
import type { HourUse, PoolUse } from './match-use.ts'
import type { SplitKind, SplitRule } from './split-rule.ts'

export type OwnerShare = {
  calls: bigint
  tokens: bigint
  used: Picodollars
  idle: Picodollars
}

export type PoolSplit = {
  readonly cost: Picodollars
  readonly owners: ReadonlyMap<string, OwnerShare>
  readonly apart: Picodollars
  readonly split: SplitKind
  readonly usedHours: number
  /** Tokens of all hours; null where an hour's capacity is not known. */
  readonly capacity: Ratio | null
  /** Within the capacity of their hour, and beyond it. */
  readonly withinTokens: Ratio
  readonly overTokens: Ratio
}

const MINUTES_PER_HOUR = 60n

/** `tokensPerMinute`: of one model unit; reserved capacity says its own. */
export function splitPool(
  pool: CapacityPool,
  use: PoolUse,
  tokensPerMinute: bigint | null,
  rule: SplitRule,
  period: string,
): PoolSplit {
  const owners = new Map<string, OwnerShare>()
  const perUnit = pool.kind === 'reserved' ? 1n : tokensPerMinute
  const totals = {
    cost: 0n,
    idle: 0n,
    usedHours: 0,
    capacity: ZERO_RATIO,
    within: ZERO_RATIO,
    over: ZERO_RATIO,
  }
  for (const [hour, { cost, units }] of pool.hours) {
    const amount = toPicodollars(cost)
    totals.cost += amount
    const used = use.get(hour) ?? new Map<string, HourUse>()
    const capacity = perUnit === null ? null : multiplyRatio(units, perUnit * MINUTES_PER_HOUR, 1n)
    totals.idle += splitHour(owners, amount, used, capacity, `${period} ${pool.pool} ${hour}`)
    if ([...used.values()].some(({ calls, tokens }) => calls + tokens > 0n)) totals.usedHours += 1
    if (capacity !== null) {
      totals.capacity = addRatios(totals.capacity, capacity)
      const over = addRatios({ n: tokensIn(used), d: 1n }, { n: -capacity.n, d: capacity.d })
      if (over.n > 0n) totals.over = addRatios(totals.over, over)
      const within = over.n > 0n ? capacity : { n: tokensIn(used), d: 1n }
      totals.within = addRatios(totals.within, within)
    }
  }
  addUseOutside(owners, pool, use)
  const given = giveIdle(owners, picodollars(totals.idle), rule, `${period} ${pool.pool} idle`)
  return {
    cost: picodollars(totals.cost),
    owners,
    ...given,
    usedHours: totals.usedHours,
    capacity: perUnit === null ? null : totals.capacity,
    withinTokens: totals.within,
    overTokens: totals.over,
  }
}

/** Adds each owner's part of one hour, and returns the idle one. */
function splitHour(
  owners: Map<string, OwnerShare>,
  amount: Picodollars,
  used: ReadonlyMap<string, HourUse>,
  capacity: Ratio | null,
  salt: string,
): Picodollars {
  const tokens = tokensIn(used)
  const names = [...used.keys()]
  const isByCalls = capacity === null && tokens === 0n
  const scale = capacity?.d ?? 1n
  const weights = names.map((name) => {
    const each = used.get(name) as HourUse
    return { key: `owner ${name}`, weight: (isByCalls ? each.calls : each.tokens) * scale }
  })
  const free =
    capacity !== null && compareRatios(capacity, { n: tokens, d: 1n }) > 0
      ? capacity.n - tokens * scale
      : 0n
  const parts = apportion(amount, [...weights, { key: 'idle', weight: free }], salt)
  for (const [index, name] of names.entries()) {
    const each = used.get(name) as HourUse
    const share = shareOf(owners, name)
    share.calls += each.calls
    share.tokens += each.tokens
    share.used = picodollars(share.used + (parts?.[index] ?? 0n))
  }
  return parts === null ? amount : (parts[names.length] ?? ZERO_DOLLARS)
}

/** Use in an hour the bill does not charge for costs nothing here, and is counted all the same. */
function addUseOutside(owners: Map<string, OwnerShare>, pool: CapacityPool, use: PoolUse): void {
  for (const [hour, used] of use) {
    if (pool.hours.has(hour)) continue
    for (const [name, { calls, tokens }] of used) {
      const share = shareOf(owners, name)
      share.calls += calls
      share.tokens += tokens
    }
  }
}

/** Gives the idle cost to owners by the rule; where the rule finds nobody, it stays apart. */
function giveIdle(
  owners: Map<string, OwnerShare>,
  idle: Picodollars,
  rule: SplitRule,
  salt: string,
): { readonly apart: Picodollars; readonly split: SplitKind } {
  const weights = weightsOf(rule, owners)
  const names = [...weights.keys()]
  const shares = names.map((key) => ({ key, weight: weights.get(key) ?? 0n }))
  const parts = apportion(idle, shares, salt)
  if (parts === null) return { apart: idle, split: 'apart' }
  for (const [index, name] of names.entries()) {
    const share = shareOf(owners, name)
    share.idle = picodollars(share.idle + (parts[index] ?? 0n))
  }
  return { apart: ZERO_DOLLARS, split: rule.kind }
}

function weightsOf(
  rule: SplitRule,
  owners: ReadonlyMap<string, OwnerShare>,
): ReadonlyMap<string, bigint> {
  switch (rule.kind) {
    case 'proportional':
      return new Map([...owners].map(([name, { used }]) => [name, used > 0n ? used : 0n]))
    case 'even':
      return new Map([...owners.keys()].map((name) => [name, 1n]))
    case 'fixed':
      return new Map(Object.entries(rule.weights))
    case 'owner':
      return new Map([[rule.owner, 1n]])
    case 'apart':
      return new Map()
  }
}

function shareOf(owners: Map<string, OwnerShare>, name: string): OwnerShare {
  const share = owners.get(name) ?? {
    calls: 0n,
    tokens: 0n,
    used: ZERO_DOLLARS,
    idle: ZERO_DOLLARS,
  }
  owners.set(name, share)
  return share
}

function tokensIn(used: ReadonlyMap<string, HourUse>): bigint {
  let tokens = 0n
  for (const each of used.values()) tokens += each.tokens
  return tokens
}
