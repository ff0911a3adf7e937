import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apportion, type WeightedShare } from './apportion.ts'

const anyWeight = fc.oneof(
  fc.constantFrom(0n, 1n, 10n ** 24n),
  fc.bigInt({ min: 0n, max: 10n }),
  fc.bigInt({ min: 0n, max: 10n ** 30n }),
)
const anyShares = fc
  .array(anyWeight, { minLength: 1, maxLength: 20 })
  .map((weights) => weights.map((weight, index) => ({ key: `k${index}`, weight })))
const someShares = anyShares.filter((shares) => shares.some(({ weight }) => weight > 0n))
const anyTotal = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }),
)
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n)

function partsOf(total: bigint, shares: readonly WeightedShare[]): readonly bigint[] {
  const parts = apportion(total, shares, 'salt')
  if (parts === null) throw new Error('nobody to give it to')
  return parts
}

describe('apportion', () => {
  it('[K5] the parts add up to the whole, each within one unit of its share, nothing for no weight', () => {
    fc.assert(
      fc.property(anyTotal, someShares, (total, shares) => {
        const parts = partsOf(total, shares)
        const weights = sum(shares.map(({ weight }) => weight))
        expect(sum(parts)).toBe(total)
        for (const [index, part] of parts.entries()) {
          const weight = shares[index]?.weight ?? 0n
          const error = part * weights - total * weight
          expect(error < weights && error > -weights).toBe(true)
          if (weight === 0n) expect(part === 0n).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('[K5] neither the order of the shares nor the sign of the amount changes a part', () => {
    fc.assert(
      fc.property(anyTotal, someShares, fc.nat(), (total, shares, seed) => {
        const parts = partsOf(total, shares)
        const turned = seed % shares.length
        const order = [...shares.slice(turned), ...shares.slice(0, turned)].toReversed()
        const byKey = new Map(partsOf(total, order).map((part, index) => [order[index]?.key, part]))
        expect(shares.map(({ key }) => byKey.get(key))).toEqual(parts)
        expect(partsOf(-total, shares).map((part) => -part)).toEqual(parts)
      }),
    )
  })

  it('[K5] top down, every level adds up', () => {
    fc.assert(
      fc.property(
        anyTotal,
        fc.array(someShares, { minLength: 1, maxLength: 5 }),
        (total, teams) => {
          const outer = teams.map((shares, index) => ({
            key: `team${index}`,
            weight: sum(shares.map(({ weight }) => weight)),
          }))
          const inner = partsOf(total, outer).map((part, index) =>
            partsOf(part, teams[index] ?? []),
          )
          expect(sum(inner.flat())).toBe(total)
        },
      ),
    )
  })

  it('[K5] gives the units left over to the largest remainders', () => {
    // 100 over 3 : 3 : 1 is 42.857…, 42.857…, 14.285…: two units are left for the first two.
    const shares = [3n, 3n, 1n].map((weight, index) => ({ key: `${index}`, weight }))
    expect(partsOf(100n, shares)).toEqual([43n, 43n, 14n])
  })

  it('[K5] a tie falls by lot: the same one again, and to everyone over many pools', () => {
    const shares = ['a', 'b', 'c'].map((key) => ({ key, weight: 1n }))
    const winners = Array.from({ length: 60 }, (_, pool) => {
      const parts = apportion(1n, shares, `pool ${pool}`) ?? []
      expect(apportion(1n, shares, `pool ${pool}`)).toEqual(parts)
      return parts.indexOf(1n)
    })
    expect(new Set(winners)).toEqual(new Set([0, 1, 2]))
  })

  it('[K5] without a weight there is nobody to give to; a key twice is a mistake', () => {
    expect(apportion(5n, [{ key: 'a', weight: 0n }], 's')).toBeNull()
    expect(apportion(0n, [], 's')).toBeNull()
    const twice = { key: 'a', weight: 1n }
    expect(() => apportion(5n, [twice, twice], 's')).toThrow('its own key')
    expect(() => apportion(5n, [{ key: 'a', weight: -1n }], 's')).toThrow('never negative')
  })
})
