// What a percentage on the list prices must do to every call the shipped book can price: exactly that percentage of every charge,
// rounded once, while it lasts and for whom it is meant, and nothing at all otherwise.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideRoundHalfEven } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { costOfUsage, type Cost, type PricedCall } from './cost-of-usage.ts'
import { readOverrides } from './override/override.ts'
import { buildPriceBook, type PriceBook } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { shipped, shippedCall } from './testing/shipped-calls.ts'

const ACCOUNT = '111122223333'
const FROM = '2026-03-01'
const TO = '2026-09-01'

function bookWith(terms: object): PriceBook {
  const overrides = mustOk(
    readOverrides([{ name: 'contract', models: '*', ...terms }], 'api', shipped),
  )
  return buildPriceBook([SNAPSHOT_LAYER], overrides)
}

/** All of a cost but the version of its book. */
function essence({ bookVersion: _version, ...cost }: Cost): unknown {
  return cost
}

/** Tenths of a percent, from giving it away to half as much again. */
const tenths = fc.integer({ min: -1_000, max: 500 })
const percentOf = (some: number): string =>
  `${some < 0 ? '-' : ''}${Math.floor(Math.abs(some) / 10)}.${Math.abs(some) % 10}`
const isDuring = (call: PricedCall): boolean =>
  Date.parse(FROM) <= call.atMs && call.atMs < Date.parse(TO)

describe('a percentage on every price', () => {
  it('[P10] is that percentage of every charge, exactly', () => {
    fc.assert(
      fc.property(
        tenths,
        fc.array(shippedCall, { minLength: 20, maxLength: 20 }),
        (some, calls) => {
          const book = bookWith({ percent: percentOf(some) })
          for (const call of calls) {
            const [list, ours] = [costOfUsage(shipped, call), costOfUsage(book, call)]
            expect(ours.kind).toBe(list.kind)
            // No list price is finer than a picodollar for one unit, so what the list says is not rounded yet.
            const expected = list.charges.map(({ kind, amount, rateId }) => ({
              kind,
              amount: divideRoundHalfEven(amount * BigInt(1_000 + some), 1_000n),
              base: rateId,
            }))
            expect(
              ours.charges.map(({ kind, amount, rateId }) => {
                return { kind, amount, base: rateId.split('~')[0] }
              }),
            ).toEqual(expected)
            expect(ours.charges.every(({ from }) => from.layer === 'override')).toBe(true)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('[P7] lasts from its first instant to its last, and leaves all other days alone', () => {
    const dated = bookWith({ percent: '-50', from: FROM, to: TO })
    const always = bookWith({ percent: '-50' })
    const borders = [FROM, TO].flatMap((day) => [Date.parse(day), Date.parse(day) - 1])
    const at = fc.option(fc.constantFrom(...borders), { nil: undefined })
    fc.assert(
      fc.property(shippedCall, at, (one, atMs = one.atMs) => {
        const call = { ...one, atMs }
        const cost = costOfUsage(dated, call)
        if (isDuring(call)) {
          const amounts = (some: Cost) => some.charges.map(({ amount }) => amount)
          expect(amounts(cost)).toEqual(amounts(costOfUsage(always, call)))
        } else expect(essence(cost)).toEqual(essence(costOfUsage(shipped, call)))
      }),
      { numRuns: 500 },
    )
  })

  it("[P10] of one account is no other account's", () => {
    const book = bookWith({ percent: '-50', account_id: ACCOUNT })
    const always = bookWith({ percent: '-50' })
    fc.assert(
      fc.property(shippedCall, fc.constantFrom(undefined, null, '444455556666'), (call, other) => {
        const theirs = costOfUsage(book, {
          ...call,
          ...(other !== undefined && { accountId: other }),
        })
        expect(essence(theirs)).toEqual(essence(costOfUsage(shipped, call)))
        const own = costOfUsage(book, { ...call, accountId: ACCOUNT })
        const amounts = (some: Cost) => some.charges.map(({ amount }) => amount)
        expect(amounts(own)).toEqual(amounts(costOfUsage(always, call)))
      }),
      { numRuns: 500 },
    )
  })
})
