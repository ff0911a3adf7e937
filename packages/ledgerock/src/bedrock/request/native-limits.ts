// The words for a maximum of output in models' own bodies (InvokeModel), and which of them which model obeys: "inference parameters
// that do not match … will be ignored" (Amazon Bedrock user guide, "Inference request parameters and response fields for foundation
// models", with a page for each maker). A word a model ignores limits nothing, so it must not count as a maximum either.

export const NATIVE_LIMITS = [
  'max_tokens',
  'inferenceConfig.maxTokens',
  'max_completion_tokens',
  'textGenerationConfig.maxTokenCount',
  'inferenceConfig.max_new_tokens',
  'max_gen_len',
  'max_tokens_to_sample',
  'maxTokens',
  'maxOutputTokens',
] as const
export type NativeLimit = (typeof NATIVE_LIMITS)[number]

/** What a body says under one of the words. */
export type StatedLimit = { readonly key: NativeLimit; readonly tokens: number }

const OPENAI: readonly NativeLimit[] = ['max_completion_tokens', 'max_tokens']
const OLD_CLAUDE: readonly NativeLimit[] = ['max_tokens', 'max_tokens_to_sample']

/** By the beginning of the base id; the first that fits. */
const ROWS: readonly (readonly [prefix: string, obeyed: readonly NativeLimit[]])[] = [
  ['anthropic.claude-v', OLD_CLAUDE],
  ['anthropic.claude-instant', OLD_CLAUDE],
  ['anthropic.', ['max_tokens']],
  ['amazon.nova', ['inferenceConfig.maxTokens', 'inferenceConfig.max_new_tokens']],
  ['amazon.titan-t', ['textGenerationConfig.maxTokenCount']],
  ['meta.', ['max_gen_len']],
  ['mistral.', ['max_tokens']],
  ['cohere.command', ['max_tokens']],
  ['ai21.j2', ['maxTokens']],
  ['ai21.', ['max_tokens']],
  ['deepseek.r1', ['max_tokens']],
  ['writer.', ['max_tokens']],
  ['twelvelabs.pegasus', ['maxOutputTokens']],
  ['openai.', OPENAI],
  ['deepseek.', OPENAI],
  ['google.', OPENAI],
  ['minimax.', OPENAI],
  ['moonshot', OPENAI],
  ['nvidia.', OPENAI],
  ['qwen.', OPENAI],
  ['xai.', OPENAI],
  ['zai.', OPENAI],
]

/** Null: nobody knows which words the model obeys. `modelId`: a base id. */
export function limitsObeyed(modelId: string): readonly NativeLimit[] | null {
  for (const [prefix, obeyed] of ROWS) if (modelId.startsWith(prefix)) return obeyed
  return null
}

/**
 * The maximum that this model obeys; null: it is told none that it is known to obey, so that its own applies. Of several which one
 * counts is the model's affair, so the largest is believed.
 */
export function obeyedLimit(stated: readonly StatedLimit[], modelId: string): number | null {
  if (stated.length === 0) return null
  const obeyed = limitsObeyed(modelId)
  let most: number | null = null
  for (const { key, tokens } of stated) {
    if (obeyed?.includes(key) === true && (most === null || tokens > most)) most = tokens
  }
  return most
}
