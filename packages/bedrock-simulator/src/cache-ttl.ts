// How long a prompt prefix stays cached. Half an hour is what OpenAI's models promise; requests cannot choose it elsewhere.

export const CACHE_TTL_MS = { '5m': 300_000, '30m': 1_800_000, '1h': 3_600_000 } as const

export type CacheTtl = keyof typeof CACHE_TTL_MS

export function isCacheTtl(value: unknown): value is '5m' | '1h' {
  return value === '5m' || value === '1h'
}
