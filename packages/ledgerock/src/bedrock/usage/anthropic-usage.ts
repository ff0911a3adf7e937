// Usage in Anthropic's native shape. `input_tokens` excludes cached tokens. In a stream `message_start` brings the input side and
// each `message_delta` the output so far, cumulative: later numbers replace earlier ones and are never added up.

import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { countOf, splitWrites, type CacheWrite, type TokenCounts } from './token-counts.ts'

export function isAnthropicUsage(raw: JsonObject): boolean {
  return ('input_tokens' in raw || 'output_tokens' in raw) && !('input_tokens_details' in raw)
}

export function anthropicUsage(raw: JsonObject, problems: Set<string>): TokenCounts {
  const counts: TokenCounts = {}
  const input = countOf(raw, 'input_tokens', problems)
  const output = countOf(raw, 'output_tokens', problems)
  const read = countOf(raw, 'cache_read_input_tokens', problems)
  const written = countOf(raw, 'cache_creation_input_tokens', problems)
  const cacheWrite = splitWrites(written, partsOf(raw['cache_creation'], problems), 'm5', problems)
  if (input !== undefined) counts.input = input
  if (output !== undefined) counts.output = output
  if (read !== undefined) counts.cacheRead = read
  if (cacheWrite !== undefined) counts.cacheWrite = cacheWrite
  return counts
}

function partsOf(creation: unknown, problems: Set<string>): CacheWrite | undefined {
  if (!isJsonObject(creation)) return undefined
  const m5 = countOf(creation, 'ephemeral_5m_input_tokens', problems)
  const h1 = countOf(creation, 'ephemeral_1h_input_tokens', problems)
  if (m5 === undefined && h1 === undefined) return undefined
  return { m5: m5 ?? 0, m30: 0, h1: h1 ?? 0 }
}
