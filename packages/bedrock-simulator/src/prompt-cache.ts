// Prompt caching: the first use of a prefix writes it, a later use within its time to live reads it and starts the time
// anew. The longest cached prefix wins; what follows it is written in steps, each at the time to live of its own point.

import { CACHE_TTL_MS, type CacheTtl } from './cache-ttl.ts'
import type { CachePoint } from './prompt.ts'
import type { Usage } from './usage.ts'

export type CachedInput = Omit<Usage, 'output' | 'other'> & {
  /** Written for half an hour, a kind of its own that few models have. */
  readonly cacheWrite30m: number
}

export type PromptCache = {
  readonly read: (request: {
    /** Account, region and model: a prefix is cached for all three. */
    readonly namespace: string
    readonly points: readonly CachePoint[]
    readonly promptTokens: number
    readonly prefixTokensMin: number
    readonly nowMs: number
  }) => CachedInput
  readonly clear: () => void
}

type Entry = { ttl: CacheTtl; expiresAtMs: number }

const ENTRIES_MAX_DEFAULT = 100_000

export function createPromptCache({ entriesMax = ENTRIES_MAX_DEFAULT } = {}): PromptCache {
  const entries = new Map<string, Entry>()

  const store = (key: string, ttl: CacheTtl, nowMs: number): void => {
    // Re-inserting moves a key to the end, so the first keys are the least recently used.
    entries.delete(key)
    entries.set(key, { ttl, expiresAtMs: nowMs + CACHE_TTL_MS[ttl] })
    if (entries.size <= entriesMax) return
    for (const oldest of entries.keys()) {
      entries.delete(oldest)
      break
    }
  }

  return {
    read: ({ namespace, points, promptTokens, prefixTokensMin, nowMs }) => {
      const usable = points.filter((point) => point.tokens >= prefixTokensMin)
      const keys = usable.map((point) => `${namespace} ${point.digest}`)
      const hit = keys.findLastIndex((key) => {
        const entry = entries.get(key)
        return entry !== undefined && entry.expiresAtMs > nowMs
      })
      const written = { '5m': 0, '30m': 0, '1h': 0 }
      const cacheRead = usable[hit]?.tokens ?? 0
      let covered = cacheRead
      usable.forEach((point, index) => {
        const key = keys[index] ?? ''
        // A prefix inside the one just read is refreshed with it, at the time to live it was written with.
        const ttl = index <= hit ? (entries.get(key)?.ttl ?? point.ttl) : point.ttl
        store(key, ttl, nowMs)
        if (index <= hit) return
        written[point.ttl] += point.tokens - covered
        covered = point.tokens
      })
      return {
        input: promptTokens - covered,
        cacheRead,
        cacheWrite5m: written['5m'],
        cacheWrite30m: written['30m'],
        cacheWrite1h: written['1h'],
      }
    },
    clear: () => entries.clear(),
  }
}
