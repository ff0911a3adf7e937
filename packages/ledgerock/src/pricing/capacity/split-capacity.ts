// Who used the capacity that is paid by the hour, what stood idle, and what a million tokens came to: by use alone, and with the
// idle part. The bill says what it cost, the ledger who used it; all parts add up to the bill.

import { assert } from '../../kernel/assert.ts'
import {
  divideRoundHalfEven,
  formatUsd,
  picodollars,
  sumMoney,
  ZERO_DOLLARS,
  type Picodollars,
} from '../../kernel/money.ts'
import { bedrockWords } from '../learning/bedrock-words.ts'
import type { BilledUsage } from '../learning/billed-usage.ts'
import type { BillWords } from '../learning/bill-words.ts'
import {
  divideRatio,
  formatDecimal,
  formatUsdOf,
  ratioOf,
  roundedRatio,
  toPicodollars,
  type Ratio,
} from '../learning/exact-decimal.ts'
import { parsePeriod } from '../learning/read-bill-line.ts'
import type { PriceBook } from '../price-book.ts'
import { capacityOf, type CapacityPool } from './capacity-pool.ts'
import type { CapacityOwner, CapacityReport, PoolReport } from './capacity-report.ts'
import type { CapacityUse } from '../capacity-use.ts'
import { matchUse } from './match-use.ts'
import { splitPool, type OwnerShare, type PoolSplit } from './split-pool.ts'
import type { SplitRule } from './split-rule.ts'

export type CapacityQuestion = {
  /** The billing month, `2026-10`. */
  readonly period: string
  /** Who pays for what nobody used. */
  readonly split: SplitRule
  /** What one model unit of provisioned throughput can take, read and written together, by ARN. */
  readonly tokensPerMinute: { readonly [arn: string]: number }
  readonly words?: BillWords
}

export function splitCapacity(
  rows: Iterable<BilledUsage>,
  use: Iterable<CapacityUse>,
  book: PriceBook,
  question: CapacityQuestion,
): CapacityReport {
  const { words = bedrockWords(book), split, tokensPerMinute } = question
  const period = parsePeriod(question.period)
  assert(period !== null, 'a period is a month such as 2026-10')
  const billed = capacityOf(rows, words, period)
  const matched = matchUse(billed.pools, use)
  const splits = billed.pools.map((pool) => {
    const perMinute = tokensPerMinute[pool.pool]
    const tokens = perMinute === undefined ? null : BigInt(perMinute)
    const drawn = matched.byPool.get(pool.pool) ?? new Map()
    return [pool, splitPool(pool, drawn, tokens, split, period.name)] as const
  })
  const pools = splits.map(([pool, each]) => poolReport(pool, each))
  const unread = billed.unread.map(({ first, second, lines, cost }) => {
    return { reason: first, usage_type: second, lines, usd: formatUsdOf(cost) }
  })
  const all = splits.map(([, each]) => each)
  const shares = all.flatMap(({ owners }) => [...owners.values()])
  const cost = sumMoney(all.map((each) => each.cost))
  const left = sumMoney(billed.unread.map((sum) => toPicodollars(ratioOf(sum.cost))))
  return {
    pools,
    owners: allOwners(all, matched.callsByOwner),
    unmatched: matched.unmatched.map(({ owner, modelRequested, calls, tokens }) => ({
      owner,
      model_requested: modelRequested,
      calls: Number(calls),
      tokens: tokens.toString(),
    })),
    unread,
    total: {
      cost_usd: formatUsd(cost),
      used_usd: formatUsd(sumMoney(shares.map(({ used }) => used))),
      idle_usd: formatUsd(sumMoney(shares.map(({ idle }) => idle))),
      apart_usd: formatUsd(sumMoney(all.map(({ apart }) => apart))),
      unread_usd: formatUsd(left),
      rounding_usd: formatUsd(picodollars(toPicodollars(ratioOf(billed.cost)) - cost - left)),
    },
  }
}

function poolReport(pool: CapacityPool, split: PoolSplit): PoolReport {
  const shares = [...split.owners.values()]
  const tokens = shares.reduce((sum, share) => sum + share.tokens, 0n)
  const used = sumMoney(shares.map((share) => share.used))
  return {
    pool: pool.pool,
    kind: pool.kind,
    model_id: pool.modelId,
    region: pool.region,
    scope: pool.scope,
    variant: pool.variants.size === 0 ? null : [...pool.variants].toSorted().join(', '),
    hours: pool.hours.size,
    used_hours: split.usedHours,
    capacity_basis: split.capacity === null ? 'any_use' : 'tokens_per_minute',
    capacity_tokens: split.capacity === null ? null : decimalText(split.capacity, 0),
    used_tokens: tokens.toString(),
    over_tokens: decimalText(split.overTokens, 0),
    utilisation: utilisationOf(pool, split),
    cost_usd: formatUsd(split.cost),
    used_usd: formatUsd(used),
    idle_usd: formatUsd(sumMoney(shares.map((share) => share.idle))),
    apart_usd: formatUsd(split.apart),
    use_usd_per_million: perMillion(used, tokens),
    allocation_usd_per_million: perMillion(split.cost, tokens),
    split: split.split,
    owners: [...split.owners].map(([owner, share]) => ownerReport(owner, share)).toSorted(byOwner),
  }
}

/** Of the capacity of its hours, tokens beyond it not counted; of the hours where the capacity is not known. */
function utilisationOf(pool: CapacityPool, split: PoolSplit): string | null {
  const { capacity, withinTokens } = split
  if (capacity === null) {
    return decimalText({ n: BigInt(split.usedHours), d: BigInt(pool.hours.size) }, 6)
  }
  return capacity.n <= 0n ? null : decimalText(divideRatio(withinTokens, capacity), 6)
}

/** An owner over all pools. */
function allOwners(
  splits: readonly PoolSplit[],
  callsByOwner: ReadonlyMap<string, bigint>,
): readonly CapacityOwner[] {
  const sums = new Map<string, OwnerShare>()
  for (const [owner, share] of splits.flatMap(({ owners }) => [...owners])) {
    const sum = sums.get(owner) ?? { calls: 0n, tokens: 0n, used: ZERO_DOLLARS, idle: ZERO_DOLLARS }
    sum.calls = callsByOwner.get(owner) ?? 0n
    sum.tokens += share.tokens
    sum.used = picodollars(sum.used + share.used)
    sum.idle = picodollars(sum.idle + share.idle)
    sums.set(owner, sum)
  }
  return [...sums].map(([owner, share]) => ownerReport(owner, share)).toSorted(byOwner)
}

function ownerReport(owner: string, { calls, tokens, used, idle }: OwnerShare): CapacityOwner {
  const total = picodollars(used + idle)
  return {
    owner,
    calls: Number(calls),
    tokens: tokens.toString(),
    used_usd: formatUsd(used),
    idle_usd: formatUsd(idle),
    total_usd: formatUsd(total),
    use_usd_per_million: perMillion(used, tokens),
    allocation_usd_per_million: perMillion(total, tokens),
  }
}

function perMillion(amount: Picodollars, tokens: bigint): string | null {
  if (tokens === 0n) return null
  return formatUsd(picodollars(divideRoundHalfEven(amount * 1_000_000n, tokens)))
}

function decimalText(value: Ratio, decimals: number): string {
  return formatDecimal(roundedRatio(value, decimals))
}

function byOwner(left: CapacityOwner, right: CapacityOwner): number {
  return left.owner < right.owner ? -1 : 1
}
