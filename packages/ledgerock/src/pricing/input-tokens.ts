// The most tokens a request's input can have, told from its body without a tokenizer. No tokenizer makes more tokens than there are
// bytes, so every byte of the body counts as one (structure too: numbers and braces of tool results are read by the model), but for
// pictures, which count by the picture. What the makers' templates put around it is covered by fixed amounts.

import { limitsOf } from './model-limits.ts'

/** What must be known of a request's body; the facts the bedrock room reads are one. */
export type InputFacts = {
  readonly bodyBytes: number
  /** Base64 media inside the body. */
  readonly mediaBytes: number
  readonly mediaParts: number
  readonly messages: number
  readonly tools: number
  /** Some of the input lies elsewhere, or is neither text nor a picture. */
  readonly outsideBody: boolean
}

/** System lines the makers' templates open with: dates, roles, how to answer in a format. */
const TOKENS_PER_CALL = 256
/** Role markers and separators, beyond the message's own JSON. */
const TOKENS_PER_MESSAGE = 16
/** What Claude adds once for the use of tools, computer use included (Anthropic, "Tool use": up to 804 and 499 tokens). */
const TOKENS_FOR_TOOLS = 2_048
/** A tool Anthropic defines is a name in the body and up to 735 tokens in the prompt; several share the amount above. */
const TOKENS_PER_TOOL = 256

export function inputTokensMax(facts: InputFacts, modelId: string): number {
  const limits = limitsOf(modelId)
  const { bodyBytes, mediaBytes, mediaParts, messages, tools, outsideBody } = facts
  const inside =
    bodyBytes -
    mediaBytes +
    TOKENS_PER_CALL +
    messages * TOKENS_PER_MESSAGE +
    (tools === 0 ? 0 : TOKENS_FOR_TOOLS + tools * TOKENS_PER_TOOL) +
    mediaParts * limits.imageTokens
  return outsideBody ? Math.max(inside, limits.contextTokens) : inside
}
