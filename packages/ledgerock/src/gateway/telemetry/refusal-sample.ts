// Which refusals of a known caller are written to the ledger: so many per key and second. A caller that is refused in a loop is
// a number, not a full disk.

import { MS_PER_SECOND } from '../../kernel/time.ts'

const WRITTEN_PER_SECOND = 20
const KEYS_MAX = 10_000

/** `now`: milliseconds since the epoch. */
export function createRefusalSample(now: () => number): (keyName: string) => boolean {
  const counted = new Map<string, number>()
  let current = Number.NaN
  return (keyName) => {
    const second = Math.floor(now() / MS_PER_SECOND)
    if (second !== current) {
      current = second
      counted.clear()
    }
    const count = (counted.get(keyName) ?? 0) + 1
    if (count === 1 && counted.size >= KEYS_MAX) return false
    counted.set(keyName, count)
    return count <= WRITTEN_PER_SECOND
  }
}
