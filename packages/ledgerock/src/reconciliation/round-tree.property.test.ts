import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXACT_PER_PICODOLLAR, roundToPicodollars, sumExact, type Exact } from './exact.ts'
import { roundToSum, roundTree, type Leaf } from './round-tree.ts'

const exact = fc.oneof(
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  // Adversarial: halves, wholes, one dust, one giant.
  fc.constantFrom(0n, 1n, -1n, 5n * 10n ** 17n, 10n ** 18n, -(10n ** 18n), 10n ** 40n),
) as fc.Arbitrary<Exact>

const leaves = fc
  .uniqueArray(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3)), { selector: String, minLength: 1 })
  .chain((paths) =>
    fc.tuple(
      ...paths.map((path) => exact.map((each): Leaf => ({ path: path.map(String), exact: each }))),
    ),
  )

describe('roundTree', () => {
  it('[R8] adds up at every level, each branch less than a picodollar from its exact sum', () => {
    fc.assert(
      fc.property(leaves, (all) => {
        const total = roundToPicodollars(sumExact(all.map((leaf) => leaf.exact)))
        const amounts = roundTree(total, all, 'salt')
        for (const depth of [0, 1, 2, 3]) {
          const branches = new Map<string, [exact: bigint, rounded: bigint]>()
          for (const [index, leaf] of all.entries()) {
            const key = leaf.path.slice(0, depth).join('/')
            const [before, rounded] = branches.get(key) ?? [0n, 0n]
            branches.set(key, [before + leaf.exact, rounded + (amounts[index] ?? 0n)])
          }
          for (const [before, rounded] of branches.values()) {
            const off = before - rounded * EXACT_PER_PICODOLLAR
            expect(off < EXACT_PER_PICODOLLAR && -off < EXACT_PER_PICODOLLAR).toBe(true)
            if (before % EXACT_PER_PICODOLLAR === 0n && depth > 0) expect(off).toBe(0n)
          }
          if (depth === 0) expect([...branches.values()][0]?.[1]).toBe(total)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('[R8] gives each leaf the same, whatever the order', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (all, turn) => {
        const total = roundToPicodollars(sumExact(all.map((leaf) => leaf.exact)))
        const at = turn % all.length
        const turned = [...all.slice(at), ...all.slice(0, at)].toReversed()
        const first = new Map(roundTree(total, all, 'salt').map((usd, index) => [all[index], usd]))
        const other = new Map(
          roundTree(total, turned, 'salt').map((usd, index) => [turned[index], usd]),
        )
        for (const leaf of all) expect(other.get(leaf)).toBe(first.get(leaf))
      }),
    )
  })

  it('[R8] gives what is left to the largest remainders, of either sign', () => {
    const tenths = (value: number): Exact => (BigInt(value) * (EXACT_PER_PICODOLLAR / 10n)) as Exact
    const parts = [19, 13, -2, 20, 0].map((value, index) => ({
      key: `${index}`,
      exact: tenths(value),
    }))
    expect(roundToSum(5n, parts, 'salt')).toEqual([2n, 1n, 0n, 2n, 0n])
    expect(roundToSum(6n, [...parts, { key: 'more', exact: tenths(7) }], 'salt')).toEqual([
      2n,
      1n,
      0n,
      2n,
      0n,
      1n,
    ])
  })

  it('[R8] breaks ties by lot: another period favours another', () => {
    const half = (5n * 10n ** 17n) as Exact
    const parts = ['a', 'b', 'c', 'd'].map((key) => ({ key, exact: half }))
    const luck = (salt: string): string => roundToSum(2n, parts, salt).join('')
    const periods = Array.from({ length: 12 }, (_, month) => luck(`2026-${month + 1}`))
    expect(new Set(periods).size).toBeGreaterThan(1)
    expect(luck('2026-10')).toBe(luck('2026-10'))
  })
})
