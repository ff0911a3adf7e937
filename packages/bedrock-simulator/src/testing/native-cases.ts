// One request for each maker's text model, in the maker's own words, and where its answer's text is: what the tests of native
// shapes, in process and over the wire, all go through.

import { isJsonObject } from '../json-value.ts'

export type NativeCase = {
  readonly model: string
  readonly body: { readonly [key: string]: unknown }
  /** The body that asks for the same answer cut after `limit` tokens. */
  readonly limited: (limit: number) => { readonly [key: string]: unknown }
  /** The text of a whole answer or of one event; empty where there is none. */
  readonly textOf: (json: unknown) => string
}

const QUESTION = 'Which river runs through the valley?'
const MESSAGES = { messages: [{ role: 'user', content: QUESTION }] }
const PROMPT = { prompt: QUESTION }
const FILM = { mediaSource: { base64String: 'AAAA'.repeat(60_000) } }

/** Follows members and list places; undefined where the way ends. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  let value = json
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined
    else value = isJsonObject(value) ? value[step] : undefined
  }
  return value
}

function textAt(...paths: readonly (readonly (string | number)[])[]): NativeCase['textOf'] {
  return (json) => {
    const found = paths.map((path) => at(json, ...path)).find((value) => typeof value === 'string')
    return typeof found === 'string' ? found : ''
  }
}

function nativeCase(
  model: string,
  body: NativeCase['body'],
  limit: string,
  textOf: NativeCase['textOf'],
): NativeCase {
  return { model, body, limited: (tokens) => ({ ...body, [limit]: tokens }), textOf }
}

const CHAT_TEXT = textAt(['choices', 0, 'message', 'content'], ['choices', 0, 'delta', 'content'])

function chat(model: string): NativeCase {
  return nativeCase(model, MESSAGES, 'max_tokens', CHAT_TEXT)
}

function titan(model: string): NativeCase {
  const body = { inputText: QUESTION }
  return {
    model,
    body,
    limited: (tokens) => ({ ...body, textGenerationConfig: { maxTokenCount: tokens } }),
    textOf: textAt(['results', 0, 'outputText'], ['outputText']),
  }
}

export const NATIVE_CASES: readonly NativeCase[] = [
  nativeCase('meta.llama3-1-8b-instruct-v1:0', PROMPT, 'max_gen_len', textAt(['generation'])),
  nativeCase(
    'us.meta.llama4-scout-17b-instruct-v1:0',
    PROMPT,
    'max_gen_len',
    textAt(['generation']),
  ),
  nativeCase(
    'mistral.mistral-7b-instruct-v0:2',
    PROMPT,
    'max_tokens',
    textAt(['outputs', 0, 'text']),
  ),
  nativeCase(
    'mistral.mistral-large-2402-v1:0',
    PROMPT,
    'max_tokens',
    textAt(['outputs', 0, 'text']),
  ),
  chat('mistral.mistral-large-2402-v1:0'),
  chat('mistral.pixtral-large-2502-v1:0'),
  chat('mistral.mistral-large-3-675b-instruct'),
  nativeCase(
    'cohere.command-text-v14',
    { ...PROMPT, stream: true },
    'max_tokens',
    textAt(['generations', 0, 'text'], ['text']),
  ),
  nativeCase('cohere.command-r-v1:0', { message: QUESTION }, 'max_tokens', textAt(['text'])),
  chat('ai21.jamba-1-5-mini-v1:0'),
  nativeCase('us.deepseek.r1-v1:0', PROMPT, 'max_tokens', textAt(['choices', 0, 'text'])),
  chat('deepseek.v3-v1:0'),
  chat('qwen.qwen3-32b-v1:0'),
  chat('google.gemma-3-27b-it'),
  chat('minimax.minimax-m2'),
  chat('moonshotai.kimi-k2.5'),
  chat('nvidia.nemotron-nano-3-30b'),
  chat('zai.glm-4.7'),
  chat('openai.gpt-oss-120b-1:0'),
  chat('xai.grok-4.7'),
  chat('us.writer.palmyra-x5-v1:0'),
  titan('amazon.titan-text-express-v1'),
  nativeCase(
    'us.twelvelabs.pegasus-1-2-v1:0',
    { inputPrompt: QUESTION, ...FILM },
    'maxOutputTokens',
    textAt(['message']),
  ),
]
