// From exact amounts to picodollars, from the top down: the whole is rounded once, and every level gives its whole picodollars to its
// parts by the largest remainder. So the parts of each level add up to it, and no level is rounded twice.

import { createHash } from 'node:crypto'
import { assert } from '../kernel/assert.ts'
import type { Picodollars } from '../kernel/money.ts'
import { EXACT_PER_PICODOLLAR, sumExact, type Exact } from './exact.ts'

export type Leaf = {
  /** From the widest level to the narrowest; as many steps for every leaf. */
  readonly path: readonly string[]
  readonly exact: Exact
}

/** Whole picodollars of each leaf, in the order of the leaves; they add up to `total`. */
export function roundTree(
  total: Picodollars,
  leaves: readonly Leaf[],
  salt: string,
): readonly Picodollars[] {
  const rounded: Picodollars[] = leaves.map(() => 0n as Picodollars)
  if (leaves.length === 0) assert(total === 0n, 'nothing has no dollars')
  else divide(total, leaves, [...leaves.keys()], 0, salt, rounded)
  return rounded
}

function divide(
  total: bigint,
  leaves: readonly Leaf[],
  places: readonly number[],
  depth: number,
  salt: string,
  rounded: Picodollars[],
): void {
  const [first = 0] = places
  const isEnd = depth === (leaves[first] as Leaf).path.length
  if (isEnd) {
    assert(places.length === 1, 'each leaf has its own path')
    rounded[first] = total as Picodollars
    return
  }
  const branches = new Map<string, number[]>()
  for (const place of places) {
    const step = (leaves[place] as Leaf).path[depth] as string
    const branch = branches.get(step)
    if (branch === undefined) branches.set(step, [place])
    else branch.push(place)
  }
  const parts = [...branches].map(([key, within]) => ({
    key,
    exact: sumExact(within.map((place) => (leaves[place] as Leaf).exact)),
  }))
  const amounts = roundToSum(total, parts, salt)
  for (const [index, [key, within]] of [...branches].entries()) {
    divide(amounts[index] as bigint, leaves, within, depth + 1, `${salt}/${key}`, rounded)
  }
}

/**
 * Each part is its exact amount rounded down or up. `total` is the parts' sum rounded down or up; amounts may be of either sign. An
 * amount that is whole already stays as it is.
 */
export function roundToSum(
  total: bigint,
  parts: readonly { readonly key: string; readonly exact: Exact }[],
  salt: string,
): readonly bigint[] {
  const floors = parts.map(({ exact }) => floorOf(exact))
  const left = total - floors.reduce((sum, each) => sum + each, 0n)
  if (left === 0n) return floors
  const fractions = parts.map(
    ({ exact }, index) => exact - (floors[index] as bigint) * EXACT_PER_PICODOLLAR,
  )
  const open = [...parts.keys()].filter((place) => (fractions[place] as bigint) > 0n)
  assert(left > 0n && left <= BigInt(open.length), 'the total is the sum, rounded')
  const lots = new Map<number, string>()
  const lotOf = (place: number): string => {
    const drawn = lots.get(place) ?? lot(salt, parts[place]?.key)
    lots.set(place, drawn)
    return drawn
  }
  const order = open.toSorted((one, other) => {
    const [mine, theirs] = [fractions[one] as bigint, fractions[other] as bigint]
    if (mine !== theirs) return mine > theirs ? -1 : 1
    return lotOf(one) < lotOf(other) ? -1 : 1
  })
  for (const place of order.slice(0, Number(left))) floors[place] = (floors[place] as bigint) + 1n
  return floors
}

function floorOf(exact: Exact): bigint {
  const quotient = exact / EXACT_PER_PICODOLLAR
  return exact % EXACT_PER_PICODOLLAR < 0n ? quotient - 1n : quotient
}

function lot(salt: string, key: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([salt, key]))
    .digest('hex')
}
