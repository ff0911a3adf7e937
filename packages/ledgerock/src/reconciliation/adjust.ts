// What a closed period's allocation would be now, less what was frozen and what was adjusted since: rows that bring every owner from the
// one to the other and add up to the bill's own difference, to the picodollar. Posted one after the other they telescope, so however
// often a bill is delivered again, and whether it goes back and forth, frozen and adjustments together are the newest allocation.

import { ZERO_DOLLARS, type Picodollars } from '../kernel/money.ts'
import { BASES, type Basis } from './allocation.ts'
import type { PoolResult, RoundedShare } from './give.ts'
import { NOBODY, ownerKey, type Owner } from './owner.ts'

/** As shares have it; `apart`: what a pool keeps for itself. */
export const ADJUSTED_BASES = [...BASES, 'apart'] as const
export type AdjustedBasis = Basis | 'apart'

export type AllocationRow = {
  readonly owner: Owner
  /** Empty: of no model. */
  readonly modelId: string
  readonly basis: AdjustedBasis
  /** The pool of what is shared or kept apart, else empty. */
  readonly pool: string
  readonly usd: Picodollars
}

/** All of a bill, one row for each owner, model, basis and pool; without those that come to nothing. */
export function allocationRows(allocation: {
  readonly shares: readonly RoundedShare[]
  readonly pools: readonly PoolResult[]
}): readonly AllocationRow[] {
  const book = rowBook()
  for (const { owner, modelId, basis, reason, usd } of allocation.shares) {
    book.add({ owner, modelId, basis, pool: basis === 'shared' ? reason : '', usd })
  }
  for (const { name, apart } of allocation.pools) {
    book.add({ owner: NOBODY, modelId: '', basis: 'apart', pool: name, usd: apart })
  }
  return book.rows()
}

/** New − frozen − what was adjusted before, without rows that come to nothing; in an order of its own. */
export function adjustmentsOf(
  fresh: readonly AllocationRow[],
  frozen: readonly AllocationRow[],
  earlier: readonly AllocationRow[],
): readonly AllocationRow[] {
  const book = rowBook()
  for (const row of fresh) book.add(row)
  for (const row of [...frozen, ...earlier]) book.add(reversed(row))
  return book.rows()
}

/** Takes back what was adjusted. */
export function reversalOf(earlier: readonly AllocationRow[]): readonly AllocationRow[] {
  return adjustmentsOf([], [], earlier)
}

/** How many dollars change their place: what one owner gets and another gives up counts once. */
export function movedBy(rows: readonly AllocationRow[]): Picodollars {
  let [given, taken] = [0n, 0n]
  for (const { usd } of rows) {
    if (usd > 0n) given += usd
    else taken -= usd
  }
  return (given > taken ? given : taken) as Picodollars
}

/** Whether that is more than so many hundredths of the bill; anything is more than a part of nothing. */
export function isAboveShare(moved: Picodollars, bill: Picodollars, percent: number): boolean {
  const size = bill < 0n ? 0n - bill : bill
  return moved * 100n > size * BigInt(percent)
}

function reversed(row: AllocationRow): AllocationRow {
  return { ...row, usd: (0n - row.usd) as Picodollars }
}

type RowBook = {
  readonly add: (row: AllocationRow) => void
  readonly rows: () => readonly AllocationRow[]
}

function rowBook(): RowBook {
  const sums = new Map<string, { readonly row: AllocationRow; usd: bigint }>()
  return {
    add(row) {
      const key = JSON.stringify([row.basis, row.pool, row.modelId, ownerKey(row.owner)])
      const sum = sums.get(key)
      if (sum === undefined) sums.set(key, { row, usd: row.usd })
      else sum.usd += row.usd
    },
    rows: () =>
      [...sums]
        .filter(([, { usd }]) => usd !== ZERO_DOLLARS)
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { row, usd }]) => ({ ...row, usd: usd as Picodollars })),
  }
}
