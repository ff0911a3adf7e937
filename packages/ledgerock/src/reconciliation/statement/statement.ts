// A chargeback statement: what one owner pays for a period, or what the whole came to and who pays it. Own use (`lines`), shared costs
// and adjustments add up to the total; the statements of all owners, what pools keep apart and what nobody owns add up to the bill. An
// owner's statement holds no figure of another owner; of the whole it names the bill and its invoices only.

import { formatUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { assert } from '../../kernel/assert.ts'
import type { PoolResult, RoundedShare } from '../give.ts'
import type { Owner } from '../owner.ts'
import { outcomeLines, type OutcomeLine, type StatedOutcome } from '../outcome-cost.ts'
import type { BillFacts } from '../report.ts'
import {
  isNobodys,
  isOf,
  linesOf,
  SECTIONS,
  sectionOf,
  usdOf,
  valueOf,
  type Section,
  type SectionRow,
  type StatementLine,
} from './statement-lines.ts'

/** A correction posted in the period, of a period that was closed before. */
export type StatedAdjustment = {
  readonly adjustmentId: string
  readonly chargePeriod: string
  readonly owner: Owner
  readonly modelId: string
  readonly basis: string
  /** Of what is shared or kept apart, else empty. */
  readonly pool: string
  readonly usd: Picodollars
  readonly reason: string
  readonly at: string
}

/** One period's shares, as reconciled or as frozen. */
export type StatedPeriod = {
  readonly period: string
  readonly bill: Picodollars
  readonly shares: readonly RoundedShare[]
  readonly pools: readonly PoolResult[]
  readonly adjustments: readonly StatedAdjustment[]
}

export type Closing = {
  /** The how manieth closing of the period. */
  readonly number: number
  /** Of the frozen rows. */
  readonly sha256: string
  readonly closed_at: string
}

export type StatementInput = {
  /** Null: the whole. */
  readonly owner: Owner | null
  /** The dimension by which the whole names owners. */
  readonly group: string
  readonly stated: StatedPeriod
  /** Null: there is no bill of the period before. */
  readonly previous: StatedPeriod | null
  readonly invoices: BillFacts['invoices']
  readonly pricesAsOf: string
  /** What the owner's calls brought in the period. */
  readonly outcomes: readonly StatedOutcome[]
  /** Null: the period is not closed, so this is a draft. */
  readonly closing: Closing | null
}

export type OwnerTotal = {
  readonly owner: Owner
  readonly usage_usd: string
  readonly shared_usd: string
  readonly adjustments_usd: string
  readonly total_usd: string
  readonly previous_total_usd: string | null
}

export type StatementContent = {
  readonly period: string
  readonly owner: Owner | null
  readonly state: 'draft' | 'final'
  readonly currency: 'USD'
  readonly invoices: BillFacts['invoices']
  readonly lines: readonly StatementLine[]
  readonly shared: readonly {
    readonly pool: string
    /** How the pool is split: a word of the configuration. */
    readonly rule: string
    readonly amount_usd: string
  }[]
  readonly adjustments: readonly {
    readonly adjustment_id: string
    readonly charge_period: string
    /** Empty: nobody's, or kept apart. */
    readonly owner: Owner
    readonly model_id: string
    readonly basis: string
    readonly pool: string
    readonly reason: string
    readonly amount_usd: string
    readonly at: string
  }[]
  readonly by: Readonly<Record<Section, readonly SectionRow[]>>
  /** Of the whole only: who pays it, and why the rest has no owner. */
  readonly owners: readonly OwnerTotal[] | null
  readonly unattributed: readonly { readonly reason: string; readonly amount_usd: string }[] | null
  /** What came of it: each beside all that the period cost, own use and shared, without what was adjusted for others. */
  readonly outcomes: readonly OutcomeLine[]
  readonly usage_usd: string
  readonly shared_usd: string
  readonly adjustments_usd: string
  readonly previous_total_usd: string | null
  readonly total_usd: string
  readonly variance: {
    readonly metered_usd: string
    readonly billed_usd: string
    readonly difference_usd: string
  }
  readonly coverage: {
    readonly billed_tokens: number
    /** Of those: what the ledger itself tells the owner of. */
    readonly metered_tokens: number
    /** Null: no tokens were billed. */
    readonly ratio: string | null
  }
  readonly tie_out: {
    readonly bill_usd: string
    readonly sum_usd: string
    readonly difference_usd: string
  }
  readonly closing: Closing | null
  readonly prices_as_of: string
}

/** As it is issued: with an id that stays, and a version that counts up when the content differs. */
export type Statement = {
  readonly statement_id: string
  readonly version: number
  /** Of the content, as canonical JSON. */
  readonly sha256: string
  /** When this version came to be: the closing, or the first time somebody asked for it. */
  readonly generated_at: string
} & StatementContent

export function statementOf(input: StatementInput): StatementContent {
  const { owner, stated, previous, closing } = input
  const mine = stated.shares.filter((share) => isOf(owner, share))
  const own = mine.filter(isUse)
  const before = previous?.shares.filter((share) => isOf(owner, share) && isUse(share)) ?? null
  const isWhole = owner === null
  const { usage, shared, adjustments, total } = totalsOf(stated, owner)
  return {
    period: stated.period,
    owner,
    state: closing === null ? 'draft' : 'final',
    currency: 'USD',
    invoices: input.invoices,
    lines: linesOf(own),
    shared: sharedOf(input, mine),
    adjustments: adjustmentsOf(input),
    by: Object.fromEntries(
      SECTIONS.map((section) => [section, sectionOf(section, own, before)]),
    ) as StatementContent['by'],
    owners: isWhole ? ownerTotals(input, input.group) : null,
    unattributed: isWhole ? unattributedOf(stated) : null,
    outcomes: outcomeLines(input.outcomes, (usage + shared) as Picodollars),
    usage_usd: formatUsd(usage),
    shared_usd: formatUsd(shared),
    adjustments_usd: formatUsd(adjustments),
    previous_total_usd: previous === null ? null : formatUsd(totalsOf(previous, owner).total),
    total_usd: formatUsd(total),
    variance: varianceOf(own),
    coverage: coverageOf(own),
    tie_out: tieOut(stated),
    closing,
    prices_as_of: input.pricesAsOf,
  }
}

/** Whether the period, or the one before, has anything of this owner. */
export function isStated(
  { stated, previous }: Pick<StatementInput, 'stated' | 'previous'>,
  owner: Owner | null,
): boolean {
  return [stated, ...(previous === null ? [] : [previous])].some(
    ({ shares, adjustments }) =>
      shares.some((share) => isOf(owner, share)) || adjustments.some((one) => isOf(owner, one)),
  )
}

/** Everybody who pays, by one dimension: the dearest first, with those for whom something is due only for the period before. */
export function ownerTotals(
  { stated, previous }: Pick<StatementInput, 'stated' | 'previous'>,
  dimension: string,
): readonly OwnerTotal[] {
  const values = new Map<string, Slice>()
  slice(values, stated, dimension, 'now')
  if (previous !== null) slice(values, previous, dimension, 'before')
  return [...values]
    .toSorted(([one, left], [other, right]) => {
      const [first, second] = [sumOfSlice(left), sumOfSlice(right)]
      if (first !== second) return first > second ? -1 : 1
      return one < other ? -1 : 1
    })
    .map(([value, sums]) => ({
      owner: { [dimension]: value },
      usage_usd: formatUsd(sums.usage as Picodollars),
      shared_usd: formatUsd(sums.shared as Picodollars),
      adjustments_usd: formatUsd(sums.adjustments as Picodollars),
      total_usd: formatUsd(sumOfSlice(sums) as Picodollars),
      previous_total_usd: previous === null ? null : formatUsd(sums.before as Picodollars),
    }))
}

type Slice = { usage: bigint; shared: bigint; adjustments: bigint; before: bigint }

function sumOfSlice({ usage, shared, adjustments }: Slice): bigint {
  return usage + shared + adjustments
}

function slice(
  values: Map<string, Slice>,
  { shares, adjustments }: StatedPeriod,
  dimension: string,
  when: 'now' | 'before',
): void {
  const add = (owner: Owner, part: keyof Slice, usd: bigint): void => {
    const value = valueOf(owner, dimension)
    const sums = values.get(value) ?? { usage: 0n, shared: 0n, adjustments: 0n, before: 0n }
    values.set(value, sums)
    sums[when === 'before' ? 'before' : part] += usd
  }
  for (const share of shares) {
    if (!isNobodys(share.basis)) add(share.owner, isUse(share) ? 'usage' : 'shared', share.usd)
  }
  for (const { owner, basis, usd } of adjustments)
    if (!isNobodys(basis)) add(owner, 'adjustments', usd)
}

function isUse({ basis }: RoundedShare): boolean {
  return basis !== 'shared'
}

function totalsOf({ shares, adjustments, pools }: StatedPeriod, owner: Owner | null) {
  const mine = shares.filter((share) => isOf(owner, share))
  const usage = usdOf(mine.filter(isUse))
  // What a pool keeps apart is a cost of the whole and of no owner.
  const apart = owner === null ? sumMoney(pools.map((pool) => pool.apart)) : 0n
  const shared = (usdOf(mine.filter((share) => !isUse(share))) + apart) as Picodollars
  const corrected = usdOf(adjustments.filter((one) => isOf(owner, one)))
  const total = (usage + shared + corrected) as Picodollars
  return { usage, shared, adjustments: corrected, total }
}

function sharedOf(
  { owner, stated }: StatementInput,
  mine: readonly RoundedShare[],
): StatementContent['shared'] {
  const rules = new Map<string, Set<string>>()
  for (const { name, split } of stated.pools)
    rules.set(name, (rules.get(name) ?? new Set()).add(split))
  const sums = new Map<string, { readonly pool: string; readonly rule: string; usd: bigint }>()
  const add = (pool: string, rule: string, usd: Picodollars): void => {
    const key = JSON.stringify([pool, rule])
    const sum = sums.get(key) ?? { pool, rule, usd: 0n }
    sums.set(key, sum)
    sum.usd += usd
  }
  for (const share of mine) {
    if (isUse(share)) continue
    // One name may stand for several rules, one after the other in time.
    const words = [...(rules.get(share.reason) ?? [])].filter((rule) => rule !== 'apart')
    add(share.reason, words.toSorted().join(', '), share.usd)
  }
  if (owner === null)
    for (const { name, split, apart } of stated.pools)
      if (split === 'apart') add(name, split, apart)
  return [...sums]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { pool, rule, usd }]) => ({ pool, rule, amount_usd: formatUsd(usd as Picodollars) }))
}

function adjustmentsOf({ owner, stated }: StatementInput): StatementContent['adjustments'] {
  return stated.adjustments
    .filter((adjustment) => isOf(owner, adjustment))
    .map(({ adjustmentId, chargePeriod, owner: whose, modelId, basis, pool, reason, usd, at }) => ({
      adjustment_id: adjustmentId,
      charge_period: chargePeriod,
      owner: whose,
      model_id: modelId,
      basis,
      pool,
      reason,
      amount_usd: formatUsd(usd),
      at,
    }))
    .toSorted((left, right) => {
      const [one, other] = [left, right].map(
        (each) => `${each.charge_period} ${each.adjustment_id}`,
      )
      return (one ?? '') < (other ?? '') ? -1 : 1
    })
}

function unattributedOf({ shares }: StatedPeriod): StatementContent['unattributed'] {
  const sums = new Map<string, bigint>()
  for (const { basis, reason, usd } of shares)
    if (basis === 'unattributed') sums.set(reason, (sums.get(reason) ?? 0n) + usd)
  return [...sums]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([reason, usd]) => ({ reason, amount_usd: formatUsd(usd as Picodollars) }))
}

function varianceOf(own: readonly RoundedShare[]): StatementContent['variance'] {
  const billed = usdOf(own)
  const metered = sumMoney(own.map((share) => share.metered))
  return {
    metered_usd: formatUsd(metered),
    billed_usd: formatUsd(billed),
    difference_usd: formatUsd((billed - metered) as Picodollars),
  }
}

function coverageOf(own: readonly RoundedShare[]): StatementContent['coverage'] {
  let [billed, metered] = [0n, 0n]
  for (const { basis, tokens } of own) {
    billed += tokens
    if (basis === 'metered') metered += tokens
  }
  // Rounded down: what is not whole never reads as one.
  const ratio = billed <= 0n ? null : (metered * 10_000n) / billed
  return {
    billed_tokens: Number(billed),
    metered_tokens: Number(metered),
    ratio: ratio === null ? null : formatUsd((ratio * 100_000_000n) as Picodollars),
  }
}

/** All owners' charges of the period, what is kept apart and what nobody owns, beside the bill. */
function tieOut({ bill, shares, pools }: StatedPeriod): StatementContent['tie_out'] {
  const sum = (usdOf(shares) + sumMoney(pools.map((pool) => pool.apart))) as Picodollars
  assert(sum === bill, 'statements add up to the bill')
  return {
    bill_usd: formatUsd(bill),
    sum_usd: formatUsd(sum),
    difference_usd: formatUsd((bill - sum) as Picodollars),
  }
}
