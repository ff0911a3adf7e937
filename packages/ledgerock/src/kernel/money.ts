// Money is a whole number of picodollars (1e-12 USD) in a bigint: n micro-dollars per million tokens is exactly n
// picodollars per token, so list prices need no division. On every wire money is a decimal string of at most twelve
// decimals. No float ever carries money, and rounding has one name: `divideRoundHalfEven`.

import type { Brand } from './brand.ts'
import { err, ok, type Result } from './result.ts'

export type Picodollars = Brand<bigint, 'Picodollars'>

export const ZERO_DOLLARS = 0n as Picodollars

const PICODOLLARS_PER_DOLLAR = 1_000_000_000_000n
const DECIMALS = 12

export function picodollars(value: bigint): Picodollars {
  return value as Picodollars
}

export function sumMoney(amounts: Iterable<Picodollars>): Picodollars {
  let sum = 0n
  for (const amount of amounts) sum += amount
  return sum as Picodollars
}

/**
 * Reads a decimal USD amount ("12", "-0.000000000001"). Exact: an amount with more than twelve significant decimals, an
 * exponent, a sign other than "-" or anything else is an error, never rounded.
 */
export function parseUsd(text: string): Result<Picodollars, string> {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return err(`not a decimal amount of dollars: ${JSON.stringify(text)}`)
  const [, sign, whole = '0', fraction = ''] = match
  const decimals = fraction.replace(/0+$/, '')
  if (decimals.length > DECIMALS) return err(`more than ${DECIMALS} decimals: ${text}`)
  const magnitude = BigInt(whole) * PICODOLLARS_PER_DOLLAR + BigInt(decimals.padEnd(DECIMALS, '0'))
  return ok((sign === '-' ? -magnitude : magnitude) as Picodollars)
}

/** The shortest decimal string that is exactly `amount`: "0", "0.0123456", "-3.5". */
export function formatUsd(amount: Picodollars): string {
  const negative = amount < 0n
  const magnitude = negative ? 0n - amount : amount
  const whole = magnitude / PICODOLLARS_PER_DOLLAR
  const decimals = (magnitude % PICODOLLARS_PER_DOLLAR)
    .toString()
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`
}

/** `numerator / denominator` to the nearest whole number, ties to even (IEEE 754 roundTiesToEven, as finance rounds). */
export function divideRoundHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive')
  let quotient = numerator / denominator
  let remainder = numerator % denominator
  if (remainder < 0n) {
    remainder += denominator
    quotient -= 1n
  }
  const twice = remainder * 2n
  if (twice > denominator || (twice === denominator && quotient % 2n !== 0n)) quotient += 1n
  return quotient
}
