// The prices a list states for one thing, in order of the day each begins. Several SKUs may say the same; where two disagree for the
// same day there is no telling which is right.

import { err, ok, type Result } from '../../kernel/result.ts'
import type { PriceKey, StatedPrice } from './read-sku.ts'

/** In another unit or medium it is another price. */
export type KeyedStatement = StatedPrice & { readonly key: Pick<PriceKey, 'unit' | 'medium'> }

export type Dated<Stated> = Stated & { readonly toMs: number }

/** From its day to the day of the next; or every price that contradicts another of its day, with the first of them. */
export function priceTimeline<Stated extends KeyedStatement>(
  stated: readonly Stated[],
): Result<readonly Dated<Stated>[], readonly (readonly [Stated, Stated])[]> {
  const byDay = new Map<number, Stated>()
  const contradictions: (readonly [Stated, Stated])[] = []
  for (const one of stated) {
    const first = byDay.get(one.fromMs)
    if (first === undefined) byDay.set(one.fromMs, one)
    else if (!isSame(first, one)) contradictions.push([first, one])
  }
  if (contradictions.length > 0) return err(contradictions)
  const changes: Stated[] = []
  for (const [, one] of [...byDay].toSorted(([left], [right]) => left - right)) {
    const before = changes.at(-1)
    if (before === undefined || !isSame(before, one)) changes.push(one)
  }
  return ok(
    changes.map((change, index) => ({ ...change, toMs: changes[index + 1]?.fromMs ?? Infinity })),
  )
}

function isSame(left: KeyedStatement, right: KeyedStatement): boolean {
  return (
    left.price === right.price &&
    left.key.unit === right.key.unit &&
    left.key.medium === right.key.medium
  )
}
