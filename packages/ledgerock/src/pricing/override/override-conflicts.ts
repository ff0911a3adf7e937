// Overrides against each other: a name used twice, and two equally specific rules over the same models, regions, accounts and time,
// of which neither would be right.

import type { ProblemError } from '@ledgerock/contract'
import type { PriceBook } from '../price-book.ts'
import { instantOf } from '../rate.ts'
import { variantKey } from '../variant-key.ts'
import type { PriceOverride } from './price-override.ts'
import { compareRanks, isPattern, rankedOverride, type RankedOverride } from './rank-overrides.ts'

/** A null is one that could not be read; the others keep their places. */
export function overrideConflicts(
  overrides: readonly (PriceOverride | null)[],
  book: PriceBook,
): readonly ProblemError[] {
  const faults: ProblemError[] = []
  const names = new Map<string, number>()
  const regions = regionsOf(book)
  const byRank = new Map<string, { readonly index: number; readonly ranked: RankedOverride }[]>()
  for (const [index, override] of overrides.entries()) {
    if (override === null) continue
    const other = names.get(override.name)
    if (other === undefined) names.set(override.name, index)
    else faults.push({ path: `[${index}].name`, message: `is the name of [${other}] too` })
    const ranked = rankedOverride(override)
    const rank = ranked.rank.join()
    const equals = byRank.get(rank) ?? []
    for (const equal of equals) {
      if (!couldMeet(equal.ranked, ranked, book, regions)) continue
      const message = `is as specific as [${equal.index}] (${equal.ranked.override.name}) and could price the same call at the same time`
      faults.push({ path: `[${index}]`, message })
    }
    equals.push({ index, ranked })
    byRank.set(rank, equals)
  }
  return faults
}

/** Of two with equal rank: is there a call that both would price? */
function couldMeet(
  left: RankedOverride,
  right: RankedOverride,
  book: PriceBook,
  regions: readonly string[],
): boolean {
  const [one, two] = [left.override, right.override]
  return (
    compareRanks(left.rank, right.rank) === 0 &&
    one.accountId === two.accountId &&
    one.scope === two.scope &&
    one.tier === two.tier &&
    one.kind === two.kind &&
    meetsInTime(one, two) &&
    !soldApart(one, two) &&
    meets(one.models, two.models, left.matchesModel, right.matchesModel, book.models.keys()) &&
    meets(one.regions, two.regions, left.matchesRegion, right.matchesRegion, regions)
  )
}

function meetsInTime(one: PriceOverride, two: PriceOverride): boolean {
  const from = (override: PriceOverride): number =>
    instantOf(override.validFrom ?? undefined, -Infinity)
  const to = (override: PriceOverride): number => instantOf(override.validTo ?? undefined, Infinity)
  return from(one) < to(two) && from(two) < to(one)
}

/** Fixed prices of different variants or context bands are rows of one list, not rivals. */
function soldApart({ effect: one }: PriceOverride, { effect: two }: PriceOverride): boolean {
  if (!('price' in one) || !('price' in two)) return false
  const isOtherVariant = variantKey(one.variant ?? '') !== variantKey(two.variant ?? '')
  return one.contextAbove !== two.contextAbove || isOtherVariant
}

function meets(
  left: string,
  right: string,
  matchesLeft: (text: string) => boolean,
  matchesRight: (text: string) => boolean,
  known: Iterable<string>,
): boolean {
  if (left === right) return true
  if (!isPattern(left)) return matchesRight(left)
  if (!isPattern(right)) return matchesLeft(right)
  for (const text of known) if (matchesLeft(text) && matchesRight(text)) return true
  return false
}

function regionsOf(book: PriceBook): readonly string[] {
  const regions = new Set<string>()
  for (const { layers } of book.models.values()) {
    for (const rows of layers) for (const { row } of rows) regions.add(row.region)
  }
  regions.delete('*')
  return [...regions]
}
