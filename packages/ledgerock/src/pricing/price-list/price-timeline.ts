// The prices a list states for one key, in order of the day each begins. Several SKUs may say the same thing; where two disagree
// for the same day there is no telling which is right, so the key has no price from this list.

import type { StatedPrice } from './read-sku.ts'

export type DatedPrice = StatedPrice & { readonly toMs: number }

/** From its day to the day of the next; null where two prices begin on one day. */
export function priceTimeline(stated: readonly StatedPrice[]): readonly DatedPrice[] | null {
  const byDay = new Map<number, string>()
  for (const { fromMs, price } of stated) {
    if ((byDay.get(fromMs) ?? price) !== price) return null
    byDay.set(fromMs, price)
  }
  const changes: StatedPrice[] = []
  for (const [fromMs, price] of [...byDay].toSorted(([left], [right]) => left - right)) {
    if (changes.at(-1)?.price !== price) changes.push({ fromMs, price })
  }
  return changes.map((change, index) => ({
    ...change,
    toMs: changes[index + 1]?.fromMs ?? Infinity,
  }))
}
