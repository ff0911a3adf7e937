// Dollars and counts of a bill as it prints them: decimals of up to thirty places, held as whole numbers of 1e-30. They are added up
// and divided here; a picodollar is reached once, at the very end.

import type { Brand } from '../kernel/brand.ts'
import { divideRoundHalfEven, type Picodollars } from '../kernel/money.ts'
import { err, mustOk, ok, type Result } from '../kernel/result.ts'

export type Exact = Brand<bigint, 'Exact'>

export const EXACT_DECIMALS = 30
export const NO_EXACT = 0n as Exact

const ONE = 10n ** BigInt(EXACT_DECIMALS)
/** So many of 1e-30 are one picodollar. */
export const EXACT_PER_PICODOLLAR = 10n ** 18n

export function parseExact(text: string): Result<Exact, string> {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (sign === undefined) return err(`not a decimal: ${JSON.stringify(text)}`)
  const decimals = fraction.replace(/0+$/, '')
  if (decimals.length > EXACT_DECIMALS) return err(`more than ${EXACT_DECIMALS} decimals: ${text}`)
  const magnitude = BigInt(whole + decimals.padEnd(EXACT_DECIMALS, '0'))
  return ok((sign === '-' ? -magnitude : magnitude) as Exact)
}

/** Of a text that was read before. */
export function exactOf(text: string): Exact {
  return mustOk(parseExact(text))
}

export function exactOfPicodollars(amount: Picodollars): Exact {
  return (amount * EXACT_PER_PICODOLLAR) as Exact
}

/** Half-even: the one rounding there is. */
export function roundToPicodollars(amount: Exact): Picodollars {
  return divideRoundHalfEven(amount, EXACT_PER_PICODOLLAR) as Picodollars
}

/** To a whole count, half-even: what is left of a count after a double and a factor is dust. */
export function wholeOf(count: Exact): bigint {
  return divideRoundHalfEven(count, ONE)
}

export function formatExact(amount: Exact): string {
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(EXACT_DECIMALS + 1, '0')
  const fraction = digits.slice(-EXACT_DECIMALS).replace(/0+$/, '')
  const sign = amount < 0n ? '-' : ''
  return `${sign}${digits.slice(0, -EXACT_DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`
}

export function addExact(left: Exact, right: Exact): Exact {
  return (left + right) as Exact
}

export function lessExact(left: Exact, right: Exact): Exact {
  return (left - right) as Exact
}

export function sumExact(amounts: Iterable<Exact>): Exact {
  let sum = 0n
  for (const amount of amounts) sum += amount
  return sum as Exact
}
