// Exact decimals and rationals of any size, for reading a bill: its amounts have more digits than a picodollar holds, and a price
// is a quotient of two of them. Nothing here rounds except the functions that say so.

import {
  divideRoundHalfEven,
  formatUsd,
  picodollars,
  type Picodollars,
} from '../../kernel/money.ts'

/** `digits` / 10^`scale`. */
export type Decimal = { readonly digits: bigint; readonly scale: number }

/** `n` / `d`, with `d` > 0; not in lowest terms. */
export type Ratio = { readonly n: bigint; readonly d: bigint }

export const ZERO_DECIMAL: Decimal = { digits: 0n, scale: 0 }
export const ZERO_RATIO: Ratio = { n: 0n, d: 1n }

/** More digits than this are no amount of a bill, and only cost time. */
const CHARACTERS_MAX = 400

/** A plain decimal, exactly; null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > CHARACTERS_MAX) return null
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = ''] = match
  const decimals = fraction.replace(/0+$/, '')
  return { digits: BigInt(`${sign}${whole}${decimals}`), scale: decimals.length }
}

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale)
  return { digits: atScale(left, scale) + atScale(right, scale), scale }
}

/** The digits of `value` counted in 10^-`scale`, which is no coarser than its own. */
export function atScale(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale)
}

export function ratioOf(value: Decimal): Ratio {
  return { n: value.digits, d: 10n ** BigInt(value.scale) }
}

export function addRatios(left: Ratio, right: Ratio): Ratio {
  const n = left.n * right.d + right.n * left.d
  const d = left.d * right.d
  const divisor = greatestCommonDivisor(n < 0n ? -n : n, d)
  return { n: n / divisor, d: d / divisor }
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [one, other] = [left, right]
  while (other !== 0n) [one, other] = [other, one % other]
  return one
}

export function multiplyRatio(value: Ratio, n: bigint, d: bigint): Ratio {
  return { n: value.n * n, d: value.d * d }
}

/** `left / right`, where `right` is not zero. */
export function divideRatio(left: Ratio, right: Ratio): Ratio {
  const n = left.n * right.d
  const d = left.d * right.n
  return d < 0n ? { n: -n, d: -d } : { n, d }
}

export function compareRatios(left: Ratio, right: Ratio): number {
  const difference = left.n * right.d - right.n * left.d
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The shortest decimal text that is exactly `value`. */
export function formatDecimal(value: Decimal): string {
  const negative = value.digits < 0n
  const digits = (negative ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0')
  const whole = digits.slice(0, digits.length - value.scale)
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** To `decimals` places, half-even. */
export function roundedRatio(value: Ratio, decimals: number): Decimal {
  return {
    digits: divideRoundHalfEven(value.n * 10n ** BigInt(decimals), value.d),
    scale: decimals,
  }
}

/** An exact amount of dollars to a picodollar, half-even. */
export function toPicodollars(usd: Ratio): Picodollars {
  return picodollars(roundedRatio(usd, 12).digits)
}

export function formatUsdOf(usd: Decimal): string {
  return formatUsd(toPicodollars(ratioOf(usd)))
}
