// Ways to say a value in fewer bytes that `line-codec.ts` uses, each with its exact way back. A UUID becomes 22 characters
// of base64url, by a table: this runs for every line.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const PAIRS = Array.from(
  { length: 4096 },
  (_, bits) => `${ALPHABET[bits >>> 6] as string}${ALPHABET[bits & 63] as string}`,
)
const NIBBLES = new Int8Array(128).fill(-1)
for (let nibble = 0; nibble < 16; nibble += 1) {
  NIBBLES[nibble.toString(16).charCodeAt(0)] = nibble
}
/** Places of three hex digits each, the last with one to spare. */
const TRIPLES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 9],
  [10, 11, 12],
  [14, 15, 16],
  [17, 19, 20],
  [21, 22, 24],
  [25, 26, 27],
  [28, 29, 30],
  [31, 32, 33],
] as const
const DASHES = [8, 13, 18, 23] as const
const DASH = 0x2d

/** The 22 characters for a lower-case UUID, or null for any other string. */
export function packUuid(id: string): string | null {
  if (id.length !== 36) return null
  for (const at of DASHES) if (id.charCodeAt(at) !== DASH) return null
  let packed = ''
  for (const [first, second, third] of TRIPLES) {
    const bits = (digit(id, first) << 8) | (digit(id, second) << 4) | digit(id, third)
    if (bits < 0) return null
    packed += PAIRS[bits] as string
  }
  const bits = (digit(id, 34) << 8) | (digit(id, 35) << 4)
  return bits < 0 ? null : packed + (PAIRS[bits] as string)
}

function digit(id: string, at: number): number {
  return NIBBLES[id.charCodeAt(at)] ?? -1
}

export function unpackUuid(packed: string): string {
  const hex = Buffer.from(packed, 'base64url').toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Money as a JSON number where that is exact, else as digits. */
export function packAmount(amount: bigint): number | string {
  const number = Number(amount)
  return Number.isSafeInteger(number) ? number : amount.toString()
}

/** `part` as the number of characters to cut from the front of `whole`, or as it is. */
export function packSuffix(whole: string, part: string): number | string {
  return whole.endsWith(part) ? whole.length - part.length : part
}

export function unpackSuffix(whole: string, packed: number | string): string {
  return typeof packed === 'number' ? whole.slice(packed) : packed
}
