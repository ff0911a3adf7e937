// What a call consumed: a count per usage kind, cached tokens never inside `input`. Kinds that were not used may be absent.

import type { UsageKind } from '@ledgerock/contract'

/** Whole numbers, never negative. */
export type Usage = { readonly [Kind in UsageKind]?: number }

/**
 * The size of the prompt, which decides the context band: fresh input, cache reads and every cache write. Whether a model
 * bills its cache or not does not matter here.
 */
export function contextTokens(usage: Usage): number {
  return (
    (usage.input ?? 0) +
    (usage.cache_read ?? 0) +
    (usage.cache_write ?? 0) +
    (usage.cache_write_5m ?? 0) +
    (usage.cache_write_30m ?? 0) +
    (usage.cache_write_1h ?? 0)
  )
}
