// Adjustments of a closed month: whatever is delivered after it, however often, in whatever order.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sumMoney, type Picodollars } from '../kernel/money.ts'
import {
  ADJUSTED_BASES,
  adjustmentsOf,
  allocationRows,
  isAboveShare,
  movedBy,
  reversalOf,
  type AllocationRow,
} from './adjust.ts'
import { NO_EXACT } from './exact.ts'

const row: fc.Arbitrary<AllocationRow> = fc.record({
  owner: fc.constantFrom<AllocationRow['owner']>(
    {},
    { team: 'search' },
    { team: 'support' },
    { team: 'search', feature: 'a' },
    { feature: 'a', team: 'search' },
  ),
  modelId: fc.constantFrom('', 'm1', 'm2'),
  basis: fc.constantFrom(...ADJUSTED_BASES),
  pool: fc.constantFrom('', 'tax'),
  usd: fc
    .bigInt({ min: -(10n ** 25n), max: 10n ** 25n })
    .map((digits) => digits as unknown as Picodollars),
})
const allocation = fc.array(row, { maxLength: 12 })
const total = (rows: readonly AllocationRow[]): bigint => sumMoney(rows.map(({ usd }) => usd))
/** One row for one place, without those that come to nothing. */
const summed = (rows: readonly AllocationRow[]) => adjustmentsOf(rows, [], [])

describe('adjustments of a closed month', () => {
  it('[R20] bring what was frozen to what is now, place by place, and their sum is the bill’s difference', () => {
    fc.assert(
      fc.property(allocation, allocation, allocation, (fresh, frozen, earlier) => {
        const rows = adjustmentsOf(fresh, frozen, earlier)
        expect(total(rows)).toBe(total(fresh) - total(frozen) - total(earlier))
        expect(summed([...frozen, ...earlier, ...rows])).toEqual(summed(fresh))
        expect(rows.every(({ usd }) => usd !== 0n)).toBe(true)
      }),
    )
  })

  it('[R21] telescope: after any deliveries, repeated and back and forth, frozen and all rows are the newest', () => {
    fc.assert(
      fc.property(
        allocation,
        fc.array(allocation, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
        (frozen, states, visits) => {
          const posted: AllocationRow[] = []
          for (const visit of visits) {
            const fresh = states[visit % states.length] ?? []
            posted.push(...adjustmentsOf(fresh, frozen, posted))
            expect(summed([...frozen, ...posted])).toEqual(summed(fresh))
            // The same delivery again says nothing.
            expect(adjustmentsOf(fresh, frozen, posted)).toEqual([])
          }
          posted.push(...adjustmentsOf(frozen, frozen, posted))
          expect(summed(posted)).toEqual([])
        },
      ),
    )
  })

  it('[R21] are the same in any order of rows, and are taken back exactly', () => {
    fc.assert(
      fc.property(allocation, allocation, (fresh, frozen) => {
        const rows = adjustmentsOf(fresh, frozen, [])
        expect(adjustmentsOf(fresh.toReversed(), frozen.toReversed(), [])).toEqual(
          rows.map((each) => ({ ...each, owner: expect.objectContaining(each.owner) as unknown })),
        )
        expect(summed([...rows, ...reversalOf(rows)])).toEqual([])
      }),
    )
  })

  it('[R20] count what pools keep apart, by pool, and what is shared by pool too', () => {
    const money = (digits: bigint) => digits as Picodollars
    const of = { modelId: '', dayMs: null, list: NO_EXACT, metered: money(0n), tokens: 0n }
    const rows = allocationRows({
      shares: [
        { ...of, owner: { team: 'a' }, basis: 'shared', reason: 'tax', usd: money(3n) },
        { ...of, owner: { team: 'a' }, basis: 'metered', reason: 'ledger', usd: money(5n) },
        { ...of, owner: { team: 'a' }, basis: 'metered', reason: 'session', usd: money(6n) },
      ],
      pools: [
        { name: 'support', split: 'apart', usd: money(7n), apart: money(7n) },
        { name: 'tax', split: 'proportional', usd: money(3n), apart: money(0n) },
      ],
    })
    expect(rows.map(({ basis, pool, usd }) => [basis, pool, usd])).toEqual([
      ['apart', 'support', 7n],
      ['metered', '', 11n],
      ['shared', 'tax', 3n],
    ])
  })

  it('[R22] what changes its place counts once, and a part of the bill is told exactly', () => {
    fc.assert(
      fc.property(allocation, allocation, (left, right) => {
        const there = movedBy(adjustmentsOf(left, right, []))
        expect(there).toBe(movedBy(adjustmentsOf(right, left, [])))
        const difference = total(left) - total(right)
        expect(there >= (difference < 0n ? -difference : difference)).toBe(true)
      }),
    )
    const money = (digits: bigint) => digits as Picodollars
    expect(isAboveShare(money(10n), money(100n), 10)).toBe(false)
    expect(isAboveShare(money(11n), money(100n), 10)).toBe(true)
    expect(isAboveShare(money(11n), money(-100n), 10)).toBe(true)
    expect(isAboveShare(money(1n), money(0n), 10)).toBe(true)
    expect(isAboveShare(money(0n), money(0n), 10)).toBe(false)
  })
})
