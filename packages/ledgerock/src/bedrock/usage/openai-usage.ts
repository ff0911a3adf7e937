// Usage in OpenAI's shape, where cached tokens stand INSIDE `prompt_tokens` (`input_tokens` in the Responses API) and have to be
// taken out. Written cache tokens live thirty minutes.

import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { countOf, type TokenCounts } from './token-counts.ts'

export function isOpenaiUsage(raw: JsonObject): boolean {
  return 'prompt_tokens' in raw || 'completion_tokens' in raw || 'input_tokens_details' in raw
}

export function openaiUsage(raw: JsonObject, problems: Set<string>): TokenCounts {
  const counts: TokenCounts = {}
  const prompt = countOf(raw, 'prompt_tokens', problems) ?? countOf(raw, 'input_tokens', problems)
  const output =
    countOf(raw, 'completion_tokens', problems) ?? countOf(raw, 'output_tokens', problems)
  const details = raw['prompt_tokens_details'] ?? raw['input_tokens_details']
  const inside = isJsonObject(details) ? details : {}
  const read = countOf(inside, 'cached_tokens', problems)
  const written = countOf(inside, 'cache_write_tokens', problems)
  if (read !== undefined) counts.cacheRead = read
  if (written !== undefined) counts.cacheWrite = { m5: 0, m30: written, h1: 0 }
  if (output !== undefined) counts.output = output
  if (prompt !== undefined) {
    const fresh = prompt - (read ?? 0) - (written ?? 0)
    if (fresh < 0) problems.add('cached_tokens_exceed_input')
    counts.input = Math.max(fresh, 0)
  }
  return counts
}
