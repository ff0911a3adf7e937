// Cache points of OpenAI's models: the service sets one after every message by itself, and a content part may carry
// `prompt_cache_breakpoint`. `prompt_cache_options.mode: explicit` leaves only the latter.

import type { Model } from './model-shape.ts'
import { isJsonObject } from './json-value.ts'
import type { PromptBuilder } from './prompt.ts'

export type ImplicitCachePoints = {
  readonly endOfPart: (part: unknown) => void
  readonly endOfMessage: () => void
}

const NONE: ImplicitCachePoints = { endOfPart: () => {}, endOfMessage: () => {} }

export function createImplicitCache(
  builder: PromptBuilder,
  model: Model,
  options: unknown,
): ImplicitCachePoints {
  if (model.implicitCache === null) return NONE
  const explicit = isJsonObject(options) && options['mode'] === 'explicit'
  return {
    endOfPart: (part) => {
      if (!isJsonObject(part) || !isJsonObject(part['prompt_cache_breakpoint'])) return
      builder.addCachePoint('30m')
    },
    endOfMessage: () => {
      if (!explicit) builder.addCachePoint('30m')
    },
  }
}
