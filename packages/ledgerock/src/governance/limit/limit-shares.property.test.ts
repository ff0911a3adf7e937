import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideFractions, divideSlots, evenSlots, moveSlots, type Party } from './limit-shares.ts'

/** Sums of fractions are not exact. */
const EPSILON = 1e-9
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

const asked = fc.oneof(fc.constant(0), fc.nat({ max: 10 }), fc.nat({ max: 1_000_000 }))
const parties: fc.Arbitrary<Party[]> = fc.array(
  fc.record({
    asked,
    before: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  { minLength: 1, maxLength: 12 },
)
const slots = fc.nat({ max: 200 })

/** So many seconds of the same demand. */
function settled(demand: readonly number[], seconds: number): readonly number[] {
  let before: readonly (number | null)[] = demand.map(() => null)
  for (let second = 0; second < seconds; second += 1) {
    before = divideFractions(demand.map((one, at) => ({ asked: one, before: before[at] ?? null })))
  }
  return before as readonly number[]
}

describe('dividing a limit', () => {
  it('[Z12] fractions add up to one, whatever was asked and whatever was before', () => {
    fc.assert(
      fc.property(parties, (some) => {
        const fractions = divideFractions(some)
        expect(Math.abs(sum(fractions) - 1)).toBeLessThan(EPSILON)
        for (const fraction of fractions) expect(fraction).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('[Z12] steady demand is followed up to a tenth of the limit, in proportion', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 8 }),
        (demand) => {
          fc.pre(sum(demand) > 0)
          const fractions = settled(demand, 20)
          for (const [index, one] of demand.entries()) {
            const wanted = one / sum(demand)
            expect(fractions[index]).toBeGreaterThanOrEqual(0.9 * wanted - 1e-4)
            expect(Math.abs((fractions[index] as number) - wanted)).toBeLessThanOrEqual(0.1 + 1e-4)
          }
        },
      ),
    )
  })

  it('[Z12] silence keeps what was, and a newcomer gets an even part', () => {
    const quiet = [
      { asked: 0, before: 0.8 },
      { asked: 0, before: 0.2 },
    ]
    expect(divideFractions(quiet)).toEqual([0.8, 0.2])
    const [, , third] = divideFractions([...quiet, { asked: 0, before: null }])
    expect(third).toBeCloseTo(0.25)
  })

  it('[Z13] whole places add up to the limit, and nobody goes without where there are enough', () => {
    fc.assert(
      fc.property(slots, parties, (limit, some) => {
        const fractions = divideFractions(some)
        const places = divideSlots(limit, fractions)
        expect(sum(places)).toBe(limit)
        const least = limit >= some.length ? 1 : 0
        for (const [index, place] of places.entries()) {
          expect(Number.isInteger(place)).toBe(true)
          expect(place).toBeGreaterThanOrEqual(least)
          const exact = (fractions[index] as number) * (limit - least * some.length) + least
          expect(Math.abs(place - exact)).toBeLessThan(1 + EPSILON)
        }
      }),
    )
  })

  it('[Z13] places move only where nobody holds them', () => {
    const held = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(slots, held, fc.infiniteStream(asked), (limit, holding, wishes) => {
        const fractions = divideFractions(
          holding.map(() => ({ asked: wishes.next().value as number, before: null })),
        )
        const wanted = divideSlots(limit, fractions)
        const next = moveSlots(limit, wanted, holding)
        const mayRun = sum(next.map((one, index) => Math.max(one, holding[index] as number)))
        expect(mayRun).toBeLessThanOrEqual(Math.max(limit, sum(holding)))
        for (const [index, one] of next.entries()) {
          expect(one).toBeLessThanOrEqual(
            Math.max(wanted[index] as number, holding[index] as number),
          )
          expect(one).toBeGreaterThanOrEqual(0)
        }
        // Once everybody has let go, everybody has what was meant.
        const settledHolding = next.map((one, index) => Math.min(one, wanted[index] as number))
        if (sum(settledHolding) <= limit) {
          expect(moveSlots(limit, wanted, settledHolding)).toEqual(wanted)
        }
      }),
    )
  })

  it('[Z13] what workers begin with does not pass a limit that has a place for each', () => {
    for (const [limit, workers] of [
      [10, 3],
      [4, 4],
      [7, 2],
      [100, 8],
    ] as const) {
      expect(evenSlots(limit, workers) * workers).toBeLessThanOrEqual(limit)
    }
    expect(evenSlots(1, 4)).toBe(1)
  })
})
