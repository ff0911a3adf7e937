import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { exactOf, formatExact, sumExact } from '../../reconciliation/exact.ts'
import { exchangeAt, inDollars, type ExchangeRule } from './exchange.ts'

const rule = (
  rate: string,
  from: string | null = null,
  to: string | null = null,
): ExchangeRule => ({
  currency: 'EUR',
  rate,
  fromMs: from === null ? null : Date.parse(from),
  toMs: to === null ? null : Date.parse(to),
})
const october = Date.UTC(2026, 9, 1)

describe('a rate of exchange', () => {
  it('[C165] is the one in force when the month begins', () => {
    const rules = [rule('1.1', null, '2026-10-01'), rule('1.2', '2026-10-01', '2026-10-02')]
    const rates = [october - 1, october, october + 86_400_000].map((atMs) => {
      const found = exchangeAt(rules, 'EUR', atMs)
      return found.ok ? found.value.rate : found.problem.code
    })
    expect(rates).toEqual(['1.1', '1.2', 'exchange_missing'])
    expect(exchangeAt(rules, 'USD', october)).toEqual({
      ok: true,
      value: { currency: 'USD', rate: null },
    })
    expect(exchangeAt(rules, 'CNY', october)).toMatchObject({
      problem: { detail: expect.stringContaining('exchange: [ { currency: CNY, rate:') as string },
    })
  })

  it('[C165] changes no sum: what AWS prints times the rate has no digit that is rounded away', () => {
    const decimal = (digits: number): fc.Arbitrary<string> =>
      fc
        .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(digits))
        .map(([all, places]) => {
          const text = String(all < 0n ? -all : all).padStart(places + 1, '0')
          const at = text.length - places
          const fraction = places === 0 ? '' : `.${text.slice(at)}`
          return `${all < 0n ? '-' : ''}${text.slice(0, at)}${fraction}`
        })
    const rate = fc
      .bigInt({ min: 1n, max: 10n ** 14n })
      .map((all) => formatExact((all * 10n ** 18n) as ReturnType<typeof exactOf>))
    fc.assert(
      // Eighteen decimals of an amount, and the twelve a rate may have.
      fc.property(fc.array(decimal(18), { minLength: 1 }), rate, (texts, said) => {
        const exchange = mustOk(exchangeAt([rule(said)], 'EUR', october))
        const amounts = texts.map(exactOf)
        const parts = sumExact(amounts.map((amount) => inDollars(amount, exchange)))
        expect(parts).toBe(inDollars(sumExact(amounts), exchange))
        expect(parts * 10n ** 30n).toBe(sumExact(amounts) * exactOf(said))
      }),
    )
  })
})
