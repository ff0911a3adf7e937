// What other pools would change, in dollars of each group: a month reconciled under both, laid side by side before the new ones are saved.

import type { Picodollars } from '../kernel/money.ts'
import type { Reconciliation } from './reconcile.ts'

export type Moved = {
  /** The group's value; null: owners without one, what is kept apart and what is nobody's. */
  readonly group: string | null
  readonly before: Picodollars
  readonly after: Picodollars
}

/** Every group that has dollars under either; both sides add up to the same bill. */
export function moved(
  before: Reconciliation,
  after: Reconciliation,
  dimension: string,
): readonly Moved[] {
  const [one, other] = [byGroup(before, dimension), byGroup(after, dimension)]
  const groups = [...new Set([...one.keys(), ...other.keys()])].toSorted((left, right) =>
    (left ?? '') < (right ?? '') ? -1 : 1,
  )
  return groups.map((group) => ({
    group,
    before: (one.get(group) ?? 0n) as Picodollars,
    after: (other.get(group) ?? 0n) as Picodollars,
  }))
}

function byGroup(
  { shares, apart }: Reconciliation,
  dimension: string,
): ReadonlyMap<string | null, bigint> {
  const groups = new Map<string | null, bigint>([[null, apart]])
  for (const { owner, usd } of shares) {
    const group = owner[dimension] ?? null
    groups.set(group, (groups.get(group) ?? 0n) + usd)
  }
  return groups
}
