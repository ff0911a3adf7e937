// Every figure the simulator invents comes from these 32-bit functions, so one seed replays a whole run. Nothing here is
// secret or fit for secrets.

export type Random = {
  /** A whole number in [0, limit). */
  readonly below: (limit: number) => number
  /** A fraction in [0, 1). */
  readonly unit: () => number
}

/** Scrambles two 32-bit numbers into one (the finaliser of MurmurHash3). */
export function mix(left: number, right: number): number {
  let hash = Math.imul(left ^ Math.imul(right, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** FNV-1a over UTF-16 units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

/** mulberry32: one multiplication chain per number, full period over 32 bits. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return (value ^ (value >>> 14)) >>> 0
  }
  return {
    below: (limit) => Math.floor((next() / 4_294_967_296) * limit),
    unit: () => next() / 4_294_967_296,
  }
}

/** A letter-and-digit identifier such as follows `msg_bdrk_` or `tooluse_`. */
export function randomName(random: Random, length: number): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789'
  let name = ''
  for (let index = 0; index < length; index++)
    name += alphabet.charAt(random.below(alphabet.length))
  return name
}
