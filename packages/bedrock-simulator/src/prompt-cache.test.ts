// The cache's life, step by step, with time in the test's hand.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { CacheTtl } from './cache-ttl.ts'
import { createPromptCache, type CachedInput, type PromptCache } from './prompt-cache.ts'
import type { CachePoint } from './prompt.ts'

const MINUTE_MS = 60_000

function point(digest: string, tokens: number, ttl: CacheTtl = '5m'): CachePoint {
  return { digest, tokens, ttl }
}

function read(
  cache: PromptCache,
  nowMs: number,
  points: readonly CachePoint[],
  promptTokens = 3_000,
): CachedInput {
  return cache.read({ namespace: 'r m', points, promptTokens, prefixTokensMin: 1_000, nowMs })
}

describe('prompt cache', () => {
  it('[S7] writes first, then reads, and each hit starts the five minutes anew', () => {
    const cache = createPromptCache()
    const points = [point('a', 2_000)]
    const written = {
      input: 1_000,
      cacheRead: 0,
      cacheWrite5m: 2_000,
      cacheWrite30m: 0,
      cacheWrite1h: 0,
    }
    const hit = {
      input: 1_000,
      cacheRead: 2_000,
      cacheWrite5m: 0,
      cacheWrite30m: 0,
      cacheWrite1h: 0,
    }
    expect(read(cache, 0, points)).toEqual(written)
    expect(read(cache, 4 * MINUTE_MS, points)).toEqual(hit)
    expect(read(cache, 8 * MINUTE_MS, points)).toEqual(hit)
    expect(read(cache, 13 * MINUTE_MS, points)).toEqual(written)
  })

  it('[S7] keeps a one hour prefix for an hour', () => {
    const cache = createPromptCache()
    const points = [point('a', 2_000, '1h')]
    expect(read(cache, 0, points).cacheWrite1h).toBe(2_000)
    expect(read(cache, 59 * MINUTE_MS, points).cacheRead).toBe(2_000)
    expect(read(cache, 59 * MINUTE_MS + 60 * MINUTE_MS, points).cacheWrite1h).toBe(2_000)
  })

  it('[S7] reads the longest known prefix and writes the rest at each point’s own time', () => {
    const cache = createPromptCache()
    read(cache, 0, [point('a', 1_000, '1h')])
    const grown = [point('a', 1_000, '1h'), point('ab', 1_500, '1h'), point('abc', 2_500)]
    expect(read(cache, 1, grown)).toEqual({
      input: 500,
      cacheRead: 1_000,
      cacheWrite5m: 1_000,
      cacheWrite30m: 0,
      cacheWrite1h: 500,
    })
    expect(read(cache, 2, grown)).toEqual({
      input: 500,
      cacheRead: 2_500,
      cacheWrite5m: 0,
      cacheWrite30m: 0,
      cacheWrite1h: 0,
    })
  })

  it('[S7] ignores a prefix below the minimum, without an error', () => {
    const cache = createPromptCache()
    const nothing = {
      input: 3_000,
      cacheRead: 0,
      cacheWrite5m: 0,
      cacheWrite30m: 0,
      cacheWrite1h: 0,
    }
    expect(read(cache, 0, [point('a', 999)])).toEqual(nothing)
    expect(read(cache, 1, [point('a', 999)])).toEqual(nothing)
  })

  it('[S7] forgets the least recently used prefix beyond its limit', () => {
    const cache = createPromptCache({ entriesMax: 2 })
    for (const digest of ['a', 'b', 'a', 'c']) read(cache, 0, [point(digest, 2_000)])
    expect(read(cache, 1, [point('a', 2_000)]).cacheRead).toBe(2_000)
    expect(read(cache, 1, [point('b', 2_000)]).cacheRead).toBe(0)
  })

  it('[S6] splits every prompt into parts that add up to it', () => {
    const steps = fc.array(
      fc.record({
        tokens: fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 4 }),
        longCount: fc.integer({ min: 0, max: 4 }),
        waitMs: fc.integer({ min: 0, max: 90 * MINUTE_MS }),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(steps, (requests) => {
        const cache = createPromptCache()
        let nowMs = 0
        for (const { tokens, longCount, waitMs } of requests) {
          nowMs += waitMs
          const sorted = tokens.toSorted((left, right) => left - right)
          const points = sorted.map((count, index) =>
            point(`p${count}`, count, index < longCount ? '1h' : '5m'),
          )
          const parts = read(cache, nowMs, points)
          expect(Math.min(...Object.values(parts))).toBeGreaterThanOrEqual(0)
          expect(parts.input + parts.cacheRead + parts.cacheWrite5m + parts.cacheWrite1h).toBe(
            3_000,
          )
        }
      }),
    )
  })
})
