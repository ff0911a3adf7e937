// How long a prompt prefix stays cached.

export const CACHE_TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const

export type CacheTtl = keyof typeof CACHE_TTL_MS

export function isCacheTtl(value: unknown): value is CacheTtl {
  return value === '5m' || value === '1h'
}
