// Moves a price from the unit AWS quotes it in to the unit of the price book, exactly: 0.0033 per 1K tokens is 3.3 per million.

const DECIMALS_MAX = 12

/** `usd` × `times` / `per` as a plain decimal, or null where twelve decimals cannot hold it. */
export function scalePrice(usd: string, times: bigint, per: bigint): string | null {
  const [whole = '', fraction = ''] = usd.split('.')
  const power = 10n ** BigInt(fraction.length)
  const dividend = BigInt(whole + fraction) * times * 10n ** BigInt(DECIMALS_MAX)
  const divisor = power * per
  if (dividend % divisor !== 0n) return null
  const digits = (dividend / divisor).toString().padStart(DECIMALS_MAX + 1, '0')
  const decimals = digits.slice(-DECIMALS_MAX).replace(/0+$/, '')
  return `${digits.slice(0, -DECIMALS_MAX)}${decimals === '' ? '' : `.${decimals}`}`
}
