// The usage object of a model's native answer, read in the shape its keys show. A model behind an application inference profile,
// a provisioned or an imported one does not say who made it, so the keys decide and not the model id.

import { anthropicUsage, isAnthropicUsage } from './anthropic-usage.ts'
import { converseUsage, isConverseUsage } from './converse-usage.ts'
import type { JsonObject } from '../json/json-value.ts'
import { isOpenaiUsage, openaiUsage } from './openai-usage.ts'
import type { DefaultLifetime, TokenCounts } from './token-counts.ts'

export function nativeUsage(
  raw: JsonObject,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): TokenCounts {
  if (isOpenaiUsage(raw)) return openaiUsage(raw, problems)
  if (isConverseUsage(raw)) return converseUsage(raw, lifetime, problems)
  if (isAnthropicUsage(raw)) return anthropicUsage(raw, problems)
  problems.add('unknown_usage_shape')
  return {}
}
