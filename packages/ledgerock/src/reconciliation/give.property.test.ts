import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Picodollars } from '../kernel/money.ts'
import type { ExactShare } from './allocation.ts'
import {
  EXACT_PER_PICODOLLAR,
  NO_EXACT,
  roundToPicodollars,
  sumExact,
  type Exact,
} from './exact.ts'
import { give } from './give.ts'
import { ownerKey } from './owner.ts'
import { day, rulesOf } from './testing/small-books.ts'

const share: fc.Arbitrary<ExactShare> = fc
  .record({
    team: fc.constantFrom('search', 'support'),
    application: fc.constantFrom('a', 'b', 'c'),
    modelId: fc.constantFrom('m', 'n', 'o'),
    at: fc.nat(6),
    usd: fc.bigInt({ min: -(10n ** 19n), max: 10n ** 20n }) as fc.Arbitrary<Exact>,
  })
  .map(({ team, application, modelId, at, usd }) => ({
    owner: { team, application },
    basis: 'metered',
    reason: 'metered',
    modelId,
    dayMs: day(at),
    usd,
    list: NO_EXACT,
    metered: 0n as Picodollars,
    tokens: 0n,
  }))

const keyOf = (each: Pick<ExactShare, 'owner' | 'modelId' | 'dayMs'>): string =>
  `${ownerKey(each.owner)} ${each.modelId} ${each.dayMs}`
const shares = fc.uniqueArray(share, { selector: keyOf, maxLength: 60 })

describe('give', () => {
  it('[R8] rounds a team once, an owner once, and all of it once', () => {
    fc.assert(
      fc.property(shares, (all) => {
        const bill = roundToPicodollars(sumExact(all.map(({ usd }) => usd)))
        const rules = {
          period: '2026-10',
          cost: 'net',
          group: 'team',
          evidence: rulesOf(),
          shared: new Set<string>(),
        } as const
        const { shares: given } = give(bill, all, [], rules)
        expect(given.reduce((sum, { usd }) => sum + usd, 0n)).toBe(bill)
        const levels = [
          (each: ExactShare | (typeof given)[number]) => each.owner['team'] ?? '',
          (each: ExactShare | (typeof given)[number]) => ownerKey(each.owner),
          keyOf,
        ]
        for (const level of levels) {
          for (const name of new Set(all.map(level))) {
            const exact = sumExact(all.filter((each) => level(each) === name).map(({ usd }) => usd))
            const rounded = given
              .filter((each) => level(each) === name)
              .reduce((sum, { usd }) => sum + usd, 0n)
            const off = exact - rounded * EXACT_PER_PICODOLLAR
            expect(off < EXACT_PER_PICODOLLAR && 0n - off < EXACT_PER_PICODOLLAR).toBe(true)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
