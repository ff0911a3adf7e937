// `x-amzn-requestid` values: derived from the seed, the instant of the start and a counter. A replay with the same seed and
// clock gives the same ids, while a restarted simulator never repeats the ids of its last run: a ledger joins calls by them.

import { mix } from './random.ts'

const MASK = 0xffffffff

const BYTE_TEXT = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Yields UUIDs of version 4; each 32-bit word is a bijection of the counter, so none repeats within a run. */
export function requestIds(seed: number, startedAtMs: number): () => string {
  const low = startedAtMs & MASK
  const high = Math.floor(startedAtMs / 4_294_967_296)
  const key = (lane: number): number => mix(mix(mix(seed, lane), low), high)
  const [first, second, third, fourth] = [key(1), key(2), key(3), key(4)]
  let counter = 0
  return () => {
    counter += 1
    const head = mix(first, counter)
    const versioned = (mix(second, counter) & 0xffff0fff) | 0x00004000
    const variant = (mix(third, counter) & 0x3fffffff) | 0x80000000
    const tail = mix(fourth, counter)
    return (
      `${hex(head, 24)}${hex(head, 8)}-${hex(versioned, 24)}-${hex(versioned, 8)}` +
      `-${hex(variant, 24)}-${hex(variant, 8)}${hex(tail, 24)}` +
      hex(tail, 8)
    )
  }
}

/** Four digits of a word: the two bytes from bit `shift` downwards. */
function hex(word: number, shift: 24 | 8): string {
  return (
    (BYTE_TEXT[(word >>> shift) & 0xff] ?? '') + (BYTE_TEXT[(word >>> (shift - 8)) & 0xff] ?? '')
  )
}
