// Why the bill and the ledger differ, each difference under its cause, by cell and day. Differences are kept exact and add up to bill
// less ledger, without the charges that no call makes; what is smaller than a price can be is rounding.

import type { Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY } from '../kernel/time.ts'
import { wordTree, type Word } from '../kernel/word-tree.ts'
import type { BillThing } from '../billing/bill-word.ts'
import type { Cell } from './cell.ts'
import { exactOfPicodollars, type Exact } from './exact.ts'

export const CAUSES = [
  'unmetered',
  'overmetered',
  'price',
  'scope',
  'tier',
  'cache_ttl',
  'discount',
  'credit',
  'tax',
  'estimate',
  'late',
  'unmapped_usage_type',
  'rounding',
] as const
export type Cause = (typeof CAUSES)[number]

/** Null where a line has no such thing, or the row is of many cells. */
export type VarianceCell = {
  readonly accountId: string | null
  readonly region: string | null
  readonly modelId: string | null
  readonly kind: string | null
  readonly scope: string | null
  readonly tier: string | null
  readonly principal: string | null
  readonly dayMs: number | null
}

export type Variance = {
  readonly cell: VarianceCell
  readonly cause: Cause
  readonly billTokens: bigint
  readonly meteredTokens: bigint
  readonly bill: Exact
  readonly metered: Picodollars
  /** `bill` less `metered`. */
  readonly difference: Exact
}

export type Difference = {
  readonly cell: Cell | null
  readonly atMs: number
  readonly cause: Cause
  readonly billTokens: bigint
  readonly meteredTokens: bigint
  readonly bill: Exact
  readonly metered: Picodollars
}

const NO_CELL: VarianceCell = {
  accountId: null,
  region: null,
  modelId: null,
  kind: null,
  scope: null,
  tier: null,
  principal: null,
  dayMs: null,
}

export type VarianceBook = {
  readonly add: (difference: Difference) => void
  /** By cell, day and cause; the greatest difference first. */
  readonly rows: () => readonly Variance[]
}

export function varianceBook(): VarianceBook {
  const rows = wordTree<{ -readonly [Field in keyof Variance]: Variance[Field] }>()
  return {
    add({ cell, atMs, cause, billTokens, meteredTokens, bill, metered }) {
      const place = cell === null || cause === 'rounding' ? NO_CELL : placeOf(cell, atMs)
      const words = wordsOf(cause, place)
      const row = rows.get(words)
      const difference = (bill - exactOfPicodollars(metered)) as Exact
      if (row === undefined) {
        rows.set(words, {
          cell: place,
          cause,
          billTokens,
          meteredTokens,
          bill,
          metered,
          difference,
        })
        return
      }
      row.billTokens += billTokens
      row.meteredTokens += meteredTokens
      row.bill = (row.bill + bill) as Exact
      row.metered = (row.metered + metered) as Picodollars
      row.difference = (row.difference + difference) as Exact
    },
    rows: () =>
      rows
        .values()
        .map((row) => [JSON.stringify(wordsOf(row.cause, row.cell)), row] as const)
        .toSorted(byWeight)
        .map(([, row]) => row),
  }
}

function wordsOf(cause: Cause, place: VarianceCell): readonly Word[] {
  const { accountId, region, modelId, kind, scope, tier, principal, dayMs } = place
  return [cause, accountId, region, modelId, kind, scope, tier, principal, dayMs]
}

function byWeight(
  [leftKey, left]: readonly [string, Variance],
  [rightKey, right]: readonly [string, Variance],
): number {
  const [one, other] = [magnitude(left.difference), magnitude(right.difference)]
  if (one !== other) return one > other ? -1 : 1
  return leftKey < rightKey ? -1 : 1
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}

function placeOf(cell: Cell, atMs: number): VarianceCell {
  const { accountId, region, modelId, kind, scope, tier, principal } = cell
  const dayMs = Math.floor(atMs / MS_PER_DAY) * MS_PER_DAY
  const said = (text: string): string | null => (text === '' ? null : text)
  return {
    accountId,
    region: said(region),
    modelId: said(modelId),
    kind: said(kind),
    scope,
    tier,
    principal,
    dayMs,
  }
}

/** A price that differs by less than this part of itself is the same price, rounded elsewhere. */
const SAME_PRICE_PARTS = 10_000n

/** Of tokens both sides have: whether the dollars differ by more than rounding. */
export function isOtherPrice(bill: Exact, metered: Picodollars): boolean {
  const difference = bill - exactOfPicodollars(metered)
  return magnitude(difference) * SAME_PRICE_PARTS > magnitude(bill)
}

/** Charges and gifts that are not use; null: what no call makes is a shared cost and no difference. */
export function causeOfThing(thing: BillThing): Cause | null {
  switch (thing) {
    case 'credit':
    case 'refund':
      return 'credit'
    case 'tax':
      return 'tax'
    case 'discount':
      return 'discount'
    default:
      return null
  }
}
