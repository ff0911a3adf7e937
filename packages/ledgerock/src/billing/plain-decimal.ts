// Amounts of a bill as plain decimals. Exports write some of them as doubles (`1.23E-5`): the shortest text that names the double,
// which is taken at its word, exactly.

/** What a double can reach; beyond it a text is no amount, and would only cost memory. */
const EXPONENT_MAX = 400
const CHARACTERS_MAX = 400

/** The same number without an exponent, a plus sign or zeros that say nothing; null for what is no number. */
export function plainDecimal(text: string): string | null {
  if (text.length > CHARACTERS_MAX) return null
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return null
  const shift = Number(exponent)
  if (Math.abs(shift) > EXPONENT_MAX) return null
  const digits = `${whole}${fraction}`
  const point = whole.length + shift
  const left = point > 0 ? digits.slice(0, point).padEnd(point, '0') : ''
  const right = point > 0 ? digits.slice(point) : `${'0'.repeat(-point)}${digits}`
  const integer = left.replace(/^0+/, '')
  const decimals = right.replace(/0+$/, '')
  const magnitude = `${integer === '' ? '0' : integer}${decimals === '' ? '' : `.${decimals}`}`
  return sign === '-' && magnitude !== '0' ? `-${magnitude}` : magnitude
}
