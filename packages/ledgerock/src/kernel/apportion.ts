// Divides a whole amount among weighted shares so that the parts add up to it exactly: the largest remainder method (Hamilton's).
// Each part is less than one unit from its exact share, and the units left over go to the largest remainders. Ties are broken by
// a hash of the salt and the key, so that neither the order of the shares nor their names favour anyone twice.

import { createHash } from 'node:crypto'
import { assert } from './assert.ts'

export type WeightedShare = {
  /** Unique among the shares, and the same in every run. */
  readonly key: string
  /** Never negative. Rationals are brought to a common denominator first. */
  readonly weight: bigint
}

/**
 * The parts of `total` (which may be negative), in the order of the shares. Null where no share has a weight: the caller has a
 * rule for that. `salt` names what is divided (period and pool), so that ties fall differently in another one.
 */
export function apportion<Amount extends bigint>(
  total: Amount,
  shares: readonly WeightedShare[],
  salt: string,
): readonly Amount[] | null {
  assert(new Set(shares.map(({ key }) => key)).size === shares.length, 'each share has its own key')
  let weights = 0n
  for (const { weight } of shares) {
    assert(weight >= 0n, 'a weight is never negative')
    weights += weight
  }
  if (weights === 0n) return null
  const negative = total < 0n
  const magnitude: bigint = negative ? 0n - total : total
  const parts = shares.map(({ weight }) => (magnitude * weight) / weights)
  const left = magnitude - parts.reduce((sum, part) => sum + part, 0n)
  if (left > 0n) {
    const remainders = shares.map(({ weight }) => (magnitude * weight) % weights)
    for (const index of byRemainder(remainders, shares, salt).slice(0, Number(left))) {
      parts[index] = (parts[index] as bigint) + 1n
    }
  }
  return parts.map((part) => (negative ? -part : part) as Amount)
}

function byRemainder(
  remainders: readonly bigint[],
  shares: readonly WeightedShare[],
  salt: string,
): readonly number[] {
  const lots = new Map<number, string>()
  const lotOf = (index: number): string => {
    const drawn = lots.get(index) ?? lot(salt, shares[index]?.key ?? '')
    lots.set(index, drawn)
    return drawn
  }
  return [...remainders.keys()].toSorted((left, right) => {
    const [one, other] = [remainders[left] as bigint, remainders[right] as bigint]
    if (one !== other) return one > other ? -1 : 1
    return lotOf(left) < lotOf(right) ? -1 : 1
  })
}

function lot(salt: string, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([salt, key]))
    .digest('hex')
}
