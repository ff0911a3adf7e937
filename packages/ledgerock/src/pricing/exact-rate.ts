// A rate as an exact rational: picodollars for a number of units. Nothing is rounded until a charge's amount is taken
// (`amountOf`), and the rate itself always prints as a finite decimal, so a reader can redo the arithmetic by hand.

import { divideRoundHalfEven, parseUsd, picodollars, type Picodollars } from '../kernel/money.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export type ExactRate = {
  /** In lowest terms with `units`: this many picodollars buy that many units. */
  readonly picodollars: bigint
  readonly units: bigint
  /** USD for one unit, exact; it may have more than twelve decimals, because it is a rate and not an amount. */
  readonly usdPerUnit: string
  /** Whole picodollars for one unit as a number, where that is exact; else null. */
  readonly perUnit: number | null
}

const PICODOLLAR_DECIMALS = 12
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** The rate "`usd` dollars buy `units` units", from a decimal string of at most twelve decimals. */
export function exactRate(usd: string, units: bigint): Result<ExactRate, string> {
  if (units <= 0n) return err(`a price must buy a positive number of units, not ${units}`)
  const price = parseUsd(usd)
  if (!price.ok) return price
  if (price.value < 0n) return err(`a price cannot be negative: ${usd}`)
  const rate = rateInLowestTerms(price.value, units)
  return rate === null ? err(`${usd} for ${units} units is no finite decimal per unit`) : ok(rate)
}

/** `rate` × `numerator` / `denominator`, where the denominator is a power of ten or has no other primes than 2 and 5. */
export function scaledRate(rate: ExactRate, numerator: bigint, denominator: bigint): ExactRate {
  const scaled = rateInLowestTerms(rate.picodollars * numerator, rate.units * denominator)
  if (scaled === null) throw new RangeError(`${numerator}/${denominator} is no finite decimal`)
  return scaled
}

/** What `quantity` units cost: the only place where pricing rounds, half-even, to a picodollar. */
export function amountOf(rate: ExactRate, quantity: number): Picodollars {
  if (rate.perUnit !== null) {
    // Two whole numbers whose product is below 2^53 multiply exactly: nearly every charge, without big arithmetic.
    const product = rate.perUnit * quantity
    if (product <= Number.MAX_SAFE_INTEGER) return picodollars(BigInt(product))
  }
  const exact = BigInt(quantity) * rate.picodollars
  return picodollars(rate.units === 1n ? exact : divideRoundHalfEven(exact, rate.units))
}

/** What `units` units cost in USD as an exact decimal, not rounded: the list price where `units` is what a list price buys. */
export function usdFor(rate: ExactRate, units: bigint): string {
  const usd = finiteDecimal(rate.picodollars * units, rate.units)
  if (usd === null) throw new RangeError('a rate prints as a finite decimal')
  return usd
}

function rateInLowestTerms(numerator: bigint, denominator: bigint): ExactRate | null {
  const divisor = greatestCommonDivisor(numerator, denominator)
  const lowest = { picodollars: numerator / divisor, units: denominator / divisor }
  const usdPerUnit = finiteDecimal(lowest.picodollars, lowest.units)
  if (usdPerUnit === null) return null
  const isWhole = lowest.units === 1n && lowest.picodollars <= MAX_SAFE
  return { ...lowest, usdPerUnit, perUnit: isWhole ? Number(lowest.picodollars) : null }
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  return right === 0n ? left : greatestCommonDivisor(right, left % right)
}

/** `numerator` picodollars / `denominator` in dollars, or null where the denominator has a prime other than 2 and 5. */
function finiteDecimal(numerator: bigint, denominator: bigint): string | null {
  let decimals = 0
  let power = 1n
  while ((numerator * power) % denominator !== 0n) {
    if (decimals > denominator.toString(2).length) return null
    power *= 10n
    decimals += 1
  }
  const scale = decimals + PICODOLLAR_DECIMALS
  const digits = ((numerator * power) / denominator).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`
}
