// The time line of pools: setting one takes the place of what its name had at that time and leaves the rest before and after as it was.
// Two pools for the same charges at one time would leave it to their order which holds, so they are told.

import { canonicalJson, type Json } from '../store/canonical-json.ts'
import type { DeclaredPool } from '../../reconciliation/declared-pool.ts'

export type Stretch = { readonly fromMs: number | null; readonly toMs: number | null }

export function setPool(
  pools: readonly DeclaredPool[],
  pool: DeclaredPool,
): readonly DeclaredPool[] {
  return [...withoutPool(pools, pool.name, pool), pool]
}

/** What is left of a name's pools outside the stretch. */
export function withoutPool(
  pools: readonly DeclaredPool[],
  name: string,
  gone: Stretch,
): readonly DeclaredPool[] {
  return pools.flatMap((pool) => {
    if (pool.name !== name || !meet(pool, gone)) return [pool]
    const before = { ...pool, toMs: gone.fromMs }
    const after = { ...pool, fromMs: gone.toMs }
    return [
      ...(gone.fromMs !== null && startOf(pool) < gone.fromMs ? [before] : []),
      ...(gone.toMs !== null && endOf(pool) > gone.toMs ? [after] : []),
    ]
  })
}

/** Another pool that is for the same charges, or has the name, at some of the time. */
export function clashOf(others: readonly DeclaredPool[], pool: DeclaredPool): DeclaredPool | null {
  const match = canonicalJson(pool.match)
  return (
    others.find(
      (other) =>
        meet(other, pool) &&
        (other.name === pool.name || canonicalJson(other.match as Json) === match),
    ) ?? null
  )
}

/** Whether these pools mean the same within a stretch. */
export function isSameWithin(
  one: readonly DeclaredPool[],
  other: readonly DeclaredPool[],
  within: { readonly startMs: number; readonly endMs: number },
): boolean {
  return clippedTo(one, within) === clippedTo(other, within)
}

function clippedTo(
  pools: readonly DeclaredPool[],
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): string {
  const clipped = pools
    .filter((pool) => meet(pool, { fromMs: startMs, toMs: endMs }))
    .map((pool) => {
      const [fromMs, toMs] = [Math.max(startMs, startOf(pool)), Math.min(endMs, endOf(pool))]
      return canonicalJson({ ...pool, fromMs, toMs })
    })
  return clipped.toSorted().join('\n')
}

function meet(one: Stretch, other: Stretch): boolean {
  return startOf(one) < endOf(other) && startOf(other) < endOf(one)
}

function startOf({ fromMs }: Stretch): number {
  return fromMs ?? Number.NEGATIVE_INFINITY
}

function endOf({ toMs }: Stretch): number {
  return toMs ?? Number.POSITIVE_INFINITY
}
