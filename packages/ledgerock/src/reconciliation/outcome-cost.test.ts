import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUsd, parseUsd, picodollars, type Picodollars } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { outcomeLines, usdPerUnit } from './outcome-cost.ts'

const dollars = (text: string): Picodollars => mustOk(parseUsd(text))
const UNIT = 10n ** 12n

describe('what an outcome cost', () => {
  it.each([
    ['10', '4', '2.5'],
    ['1', '3', '0.333333333333'],
    ['2', '3', '0.666666666667'],
    // Half-even: 0.5 and 1.5 picodollars.
    ['0.000000000001', '2', '0'],
    ['0.000000000003', '2', '0.000000000002'],
    ['0.1', '0.000000000001', '100000000000'],
    ['-1', '8', '-0.125'],
    ['0', '5', '0'],
  ])('[R60] %s USD for %s of them is %s each', (cost, quantity, each) => {
    expect(usdPerUnit(dollars(cost), quantity)).toBe(each)
  })

  it('[R60] is not said where there is no outcome', () => {
    expect(usdPerUnit(dollars('10'), '0')).toBeNull()
    expect(usdPerUnit(dollars('10'), '0.000')).toBeNull()
    const [line] = outcomeLines([{ name: 'n', quantity: '0', value_usd: null }], dollars('1'))
    expect(line).toMatchObject({ quantity: '0', value_usd: null, usd_per_unit: null })
  })

  it('[R60] times how many there were is the cost, within half a picodollar for each', () => {
    const whole = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 21n })
    const units = fc.oneof(
      fc.bigInt({ min: 1n, max: 10n ** 6n }),
      fc.bigInt({ min: 1n, max: 10n ** 20n }),
    )
    fc.assert(
      fc.property(whole, units, (cost, quantity) => {
        const text = formatUsd(picodollars(quantity))
        const each = dollars(usdPerUnit(picodollars(cost), text) ?? 'none')
        const away = each * quantity - cost * UNIT
        expect(2n * (away < 0n ? -away : away)).toBeLessThanOrEqual(quantity)
      }),
    )
  })
})
