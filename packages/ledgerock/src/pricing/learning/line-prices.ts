// The price behind many bill lines. Each line says cost / usage, but both are printed rounded, so a line stands for a range of
// prices: those that give its cost back at the precision it was printed. Lines of one price have a range in common, and that is
// how mixed prices are told from rounding.
//
//   line 1   ├────────────┤                 line 1 ├────┤
//   line 2       ├──────────────┤           line 2        ├───┤
//                ├────────┤ in common       nothing in common: mixed prices

import {
  addDecimals,
  atScale,
  compareRatios,
  divideRatio,
  multiplyRatio,
  ratioOf,
  roundedRatio,
  ZERO_DECIMAL,
  type Decimal,
  type Ratio,
} from './exact-decimal.ts'
import type { PriceBasis } from './learned-proposal.ts'

/** The bill prints costs and usage to ten decimals; what has more is printed as precisely as it shows. */
const DECIMALS_PRINTED = 10
/** Amounts pass through doubles on their way to the bill: a few units in the last of their 53 bits. */
const DOUBLE_BITS = 50n

/** A learned price prints with at most this many decimals for the units one list price buys. */
export const PRICE_DECIMALS = 12

export type LinePrices = {
  lines: number
  cost: Decimal
  /** In units, not in what the bill counts by. */
  quantity: Decimal
  /** Of single lines, in dollars for the units one price buys. */
  lowest: Ratio | null
  highest: Ratio | null
  /** The range all lines have in common; an absent `atMost` is no bound. */
  atLeast: Ratio | null
  atMost: Ratio | null
  /** Some cost fills all the decimals a bill prints, and was perhaps cut there. */
  isPerhapsCut: boolean
}

export function noLines(): LinePrices {
  return {
    lines: 0,
    cost: ZERO_DECIMAL,
    quantity: ZERO_DECIMAL,
    lowest: null,
    highest: null,
    atLeast: null,
    atMost: null,
    isPerhapsCut: false,
  }
}

/**
 * A line of `usage` × `factor` units for `cost`, both of the same sign (a correction takes back both); `perPrice` units are
 * what one price buys.
 */
export function addLine(
  prices: LinePrices,
  usage: Decimal,
  cost: Decimal,
  factor: bigint,
  perPrice: bigint,
): void {
  prices.lines += 1
  if (cost.scale === DECIMALS_PRINTED) prices.isPerhapsCut = true
  prices.cost = addDecimals(prices.cost, cost)
  prices.quantity = addDecimals(prices.quantity, { ...usage, digits: usage.digits * factor })
  const price = multiplyRatio(divideRatio(ratioOf(cost), ratioOf(usage)), perPrice, factor)
  prices.lowest = smaller(prices.lowest, price)
  prices.highest = larger(prices.highest, price)

  const [costLeast, costMost] = printedRange(cost)
  const [usageLeast, usageMost] = printedRange(usage)
  const least = divideRatio(costLeast, usageMost)
  prices.atLeast = larger(prices.atLeast, multiplyRatio(least, perPrice, factor))
  if (usageLeast.n > 0n) {
    const most = divideRatio(costMost, usageLeast)
    prices.atMost = smaller(prices.atMost, multiplyRatio(most, perPrice, factor))
  }
}

/** What a printed amount may have been before it was printed, by magnitude. */
function printedRange(amount: Decimal): readonly [least: Ratio, most: Ratio] {
  const scale = Math.max(DECIMALS_PRINTED, amount.scale) + 1
  const digits = atScale(amount, scale)
  const magnitude = (digits < 0n ? -digits : digits) << DOUBLE_BITS
  const error = (5n << DOUBLE_BITS) + (magnitude >> DOUBLE_BITS)
  const d = (10n ** BigInt(scale)) << DOUBLE_BITS
  return [
    { n: magnitude - error, d },
    { n: magnitude + error, d },
  ]
}

export function isConsistent({ atLeast, atMost }: LinePrices): boolean {
  return atLeast === null || atMost === null || compareRatios(atLeast, atMost) <= 0
}

/**
 * Whether the usage is enough to tell the price: prices that differ by more than a thousandth would explain the lines as well
 * where it is not. Never so for a price of nothing, of which every line already says all there is to say.
 */
export function isNarrow({ atLeast, atMost }: LinePrices): boolean {
  if (atLeast === null || atMost === null) return false
  if (atLeast.n <= 0n) return false
  return compareRatios(multiplyRatio(atLeast, 1_001n, 1_000n), atMost) >= 0
}

export type LearnedPrice = { readonly price: Decimal; readonly basis: PriceBasis }

/** The price of consistent lines; null where their usage adds up to nothing. */
export function priceOf(prices: LinePrices, perPrice: bigint): LearnedPrice | null {
  const { cost, quantity, lowest, highest } = prices
  if (quantity.digits <= 0n || lowest === null || highest === null) return null
  const average = multiplyRatio(divideRatio(ratioOf(cost), ratioOf(quantity)), perPrice, 1n)
  const nearest = roundedRatio(average, PRICE_DECIMALS)
  const isSame = compareRatios(lowest, highest) === 0
  const isFinite = compareRatios(ratioOf(nearest), average) === 0
  const shortest = shortestPrice(prices, average)
  const isShortest = shortest !== null && compareRatios(ratioOf(shortest), average) === 0
  // A cost that was cut can make a price that looks exact by chance (1,024 tokens divide everything): the shortest is the better guess.
  if (isSame && isFinite && (isShortest || !prices.isPerhapsCut)) {
    return { price: nearest, basis: 'exact' }
  }
  return shortest === null
    ? { price: nearest, basis: 'rounded' }
    : { price: shortest, basis: 'within_rounding' }
}

/** The price of fewest decimals in the range all lines have in common, the one nearest the average; null where none has so few. */
function shortestPrice({ atLeast, atMost }: LinePrices, average: Ratio): Decimal | null {
  for (let scale = 0; scale <= PRICE_DECIMALS; scale += 1) {
    const least = atLeast === null ? 0n : -roundDown({ n: -atLeast.n, d: atLeast.d }, scale)
    const most = atMost === null ? null : roundDown(atMost, scale)
    if (most !== null && most < least) continue
    const middle = roundedRatio(average, scale).digits
    const low = middle < least ? least : middle
    return { digits: most !== null && low > most ? most : low, scale }
  }
  return null
}

/** The largest whole number of 10^-`scale` that is not above `value`. */
function roundDown(value: Ratio, scale: number): bigint {
  const n = value.n * 10n ** BigInt(scale)
  const quotient = n / value.d
  return n % value.d < 0n ? quotient - 1n : quotient
}

function smaller(left: Ratio | null, right: Ratio): Ratio {
  return left !== null && compareRatios(left, right) <= 0 ? left : right
}

function larger(left: Ratio | null, right: Ratio): Ratio {
  return left !== null && compareRatios(left, right) >= 0 ? left : right
}
