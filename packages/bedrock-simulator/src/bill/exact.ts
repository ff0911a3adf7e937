// Dollars of a bill, exact while they are added up and doubles where AWS writes them down. An amount is a whole number of
// attodollars (10⁻¹⁸), fine enough for half a price, a discount in hundredths of a percent and a price per million. What leaves
// is the shortest text of the nearest double, because a double is all that a bill's columns hold.

declare const atto: unique symbol
export type Attodollars = bigint & { readonly [atto]: true }

const DECIMALS = 18
const ATTO_PER_PICO = 1_000_000n
export const BASIS_POINTS = 10_000n

export const attodollars = (value: bigint): Attodollars => value as Attodollars
export const NOTHING = attodollars(0n)

export function attoOfPico(picodollars: bigint): Attodollars {
  return attodollars(picodollars * ATTO_PER_PICO)
}

export function times(amount: Attodollars, quantity: bigint): Attodollars {
  return attodollars(amount * quantity)
}

export function plus(left: Attodollars, right: Attodollars): Attodollars {
  return attodollars(left + right)
}

export function minus(left: Attodollars, right: Attodollars): Attodollars {
  return attodollars(left - right)
}

export function negative(amount: Attodollars): Attodollars {
  return attodollars(0n - amount)
}

/** So many hundredths of a percent of it, towards zero. */
export function shareOf(amount: Attodollars, basisPoints: number): Attodollars {
  return attodollars((amount * BigInt(basisPoints)) / BASIS_POINTS)
}

export function sumOf(amounts: readonly Attodollars[]): Attodollars {
  return attodollars(amounts.reduce<bigint>((sum, each) => sum + each, 0n))
}

/** The whole number of `10^-decimals`, as a plain decimal without zeros that say nothing. */
export function decimalText(value: bigint, decimals = DECIMALS): string {
  const sign = value < 0n ? '-' : ''
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${sign}${whole}${rest === '' ? '' : `.${rest}`}`
}

/** What a double can hold of it, in the fewest digits, without an exponent. */
export function billedText(value: bigint, decimals = DECIMALS): string {
  return plainText(Number(decimalText(value, decimals)))
}

/** The shortest text of a double, without an exponent. */
export function plainText(value: number): string {
  const text = String(value === 0 ? 0 : value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const shift = Number(exponent)
  return shift < 0
    ? `${sign}0.${'0'.repeat(-shift - 1)}${first}${rest}`
    : `${sign}${first}${rest.padEnd(shift, '0')}`
}

/** A plain decimal as attodollars; what lies below is an error, because nothing here writes it. */
export function attoOfText(text: string): Attodollars {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  const [, sign = '', whole = '', decimals = ''] = match ?? []
  if (match === null) throw new Error(`not a plain decimal: ${text}`)
  if (/[1-9]/.test(decimals.slice(DECIMALS))) throw new Error(`below an attodollar: ${text}`)
  const value = BigInt(whole + decimals.slice(0, DECIMALS).padEnd(DECIMALS, '0'))
  return attodollars(sign === '-' ? -value : value)
}
