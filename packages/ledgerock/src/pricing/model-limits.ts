// The most a model takes in and writes in one call, for bounding calls that do not say it themselves. Facts that age: the table is
// of 2026-11-20, from the model cards of the Amazon Bedrock user guide ("Foundation model information", one page for each model),
// Anthropic's models overview and, where a card names no figure, the Bedrock files of the public models.dev catalogue. Where sources
// differ the larger figure stands, because a bound may be too large and never too small.

export type ModelLimits = {
  /** The context window, in tokens: no prompt is longer. */
  readonly contextTokens: number
  /** The most one answer may have, thinking included. */
  readonly outputTokens: number
  /** The most one picture counts. */
  readonly imageTokens: number
}

/** The largest pictures of the open-weight models that count them by patches (Qwen3 VL: 16,384). */
const IMAGE_TOKENS = 16_384
/** A picture of 2,576 pixels a side, the largest Claude does not shrink (Anthropic, "Vision"). */
const CLAUDE_IMAGE_TOKENS = 4_784

/** Nobody's: what is taken of a model that is in no row. No text model on Bedrock but Llama 4 Scout has more of either. */
export const DEFAULT_LIMITS: ModelLimits = {
  contextTokens: 1_050_000,
  outputTokens: 131_072,
  imageTokens: IMAGE_TOKENS,
}

type Row = readonly [
  prefix: string,
  contextTokens: number,
  outputTokens: number,
  imageTokens?: number,
]

/** By the beginning of the base id; the first that fits. */
const ROWS: readonly Row[] = [
  ['anthropic.claude-3-7', 200_000, 128_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-3', 200_000, 8_192, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-instant', 100_000, 8_191],
  ['anthropic.claude-v', 200_000, 8_191],
  ['anthropic.claude-haiku-4', 200_000, 64_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-opus-4-1', 200_000, 32_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-opus-4-2', 200_000, 32_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-opus-4-5', 200_000, 64_000, CLAUDE_IMAGE_TOKENS],
  // Sonnet 4 and 4.5 take a million tokens where the beta is asked for.
  ['anthropic.claude-sonnet-4-2', 1_000_000, 64_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.claude-sonnet-4-5', 1_000_000, 64_000, CLAUDE_IMAGE_TOKENS],
  ['anthropic.', 1_000_000, 128_000, CLAUDE_IMAGE_TOKENS],
  ['amazon.nova-2', 1_000_000, 65_536],
  ['amazon.nova-premier', 1_000_000, 32_000],
  ['amazon.nova-', 300_000, 10_240],
  ['amazon.titan-text-express', 8_192, 8_192],
  ['amazon.titan-text-lite', 4_096, 4_096],
  ['amazon.titan-text-premier', 32_000, 3_072],
  ['amazon.titan-embed', 8_192, 0],
  ['openai.gpt-oss', 131_072, 131_072],
  ['openai.', 1_050_000, 128_000],
  ['meta.llama2', 4_096, 4_096],
  ['meta.llama3-70b', 8_192, 8_192],
  ['meta.llama3-8b', 8_192, 8_192],
  ['meta.llama3', 131_072, 8_192],
  ['meta.llama4-scout', 10_000_000, 16_384],
  ['meta.llama4', 1_000_000, 16_384],
  ['mistral.mistral-7b', 32_768, 8_192],
  ['mistral.mixtral', 32_768, 8_192],
  ['mistral.', 262_144, 131_072],
  ['cohere.command-text', 4_096, 4_096],
  ['cohere.command-light', 4_096, 4_096],
  ['cohere.command', 131_072, 4_096],
  ['cohere.embed', 131_072, 0],
  ['ai21.jamba', 262_144, 8_192],
  ['ai21.j2', 8_192, 8_192],
  ['deepseek.', 163_840, 131_072],
  ['google.', 262_144, 131_072],
  ['minimax.', 204_800, 131_072],
  ['moonshot', 1_050_000, 262_144],
  ['nvidia.nemotron-super', 262_144, 131_072],
  ['nvidia.', 262_144, 131_072],
  ['qwen.', 262_144, 262_144],
  ['writer.palmyra-x5', 1_040_000, 8_192],
  ['writer.', 131_072, 8_192],
  ['xai.', 2_000_000, 131_072],
  ['zai.glm-5.3', 1_050_000, 131_072],
  ['zai.', 204_800, 131_072],
  ['twelvelabs.pegasus', 1_050_000, 4_096],
]

type Entry = { readonly prefix: string; readonly limits: ModelLimits }
const TABLE: readonly Entry[] = ROWS.map(
  ([prefix, contextTokens, outputTokens, imageTokens = IMAGE_TOKENS]) => ({
    prefix,
    limits: { contextTokens, outputTokens, imageTokens },
  }),
)

/** `modelId`: a base id. */
export function limitsOf(modelId: string): ModelLimits {
  for (const { prefix, limits } of TABLE) if (modelId.startsWith(prefix)) return limits
  return DEFAULT_LIMITS
}
