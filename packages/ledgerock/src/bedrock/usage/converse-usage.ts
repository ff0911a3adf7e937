// Usage in Converse's shape, which Amazon Nova's native answers share but for the names of the cache counts.
// `inputTokens` excludes cached tokens; `cacheDetails` splits the written ones by lifetime and is the only place that says so.

import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import {
  countOf,
  splitWrites,
  type CacheWrite,
  type DefaultLifetime,
  type TokenCounts,
} from './token-counts.ts'

export function isConverseUsage(raw: JsonObject): boolean {
  return 'inputTokens' in raw || 'outputTokens' in raw
}

export function converseUsage(
  raw: JsonObject,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): TokenCounts {
  const counts: TokenCounts = {}
  const input = countOf(raw, 'inputTokens', problems)
  const output = countOf(raw, 'outputTokens', problems)
  const read =
    countOf(raw, 'cacheReadInputTokens', problems) ??
    countOf(raw, 'cacheReadInputTokenCount', problems)
  const written =
    countOf(raw, 'cacheWriteInputTokens', problems) ??
    countOf(raw, 'cacheWriteInputTokenCount', problems)
  const cacheWrite = splitWrites(
    written,
    detailsOf(raw['cacheDetails'], problems),
    lifetime,
    problems,
  )
  if (input !== undefined) counts.input = input
  if (output !== undefined) counts.output = output
  if (read !== undefined) counts.cacheRead = read
  if (cacheWrite !== undefined) counts.cacheWrite = cacheWrite
  return counts
}

/** `[{ttl: '1h' | '5m', inputTokens}]`; a lifetime we do not know is reported and left to the remainder. */
function detailsOf(details: unknown, problems: Set<string>): CacheWrite | undefined {
  if (!Array.isArray(details) || details.length === 0) return undefined
  let [m5, m30, h1] = [0, 0, 0]
  for (const detail of details as readonly unknown[]) {
    if (!isJsonObject(detail)) continue
    const tokens = countOf(detail, 'inputTokens', problems) ?? 0
    if (detail['ttl'] === '5m') m5 += tokens
    else if (detail['ttl'] === '30m') m30 += tokens
    else if (detail['ttl'] === '1h') h1 += tokens
    else problems.add('unknown_cache_ttl')
  }
  return { m5, m30, h1 }
}
