// One answer of every API shape the meters read, streamed frame by frame, with the counts it stands for.

import { encodeEvent, encodeNative } from './encode-frame.ts'
import { encodeSse, NAMED_STYLE } from './encode-sse.ts'
import { CLAUDE, GPT, NOVA, PROFILE } from './read-usage.ts'

export const CONVERSE_USAGE = {
  inputTokens: 10,
  outputTokens: 20,
  totalTokens: 1_130,
  cacheReadInputTokens: 100,
  cacheWriteInputTokens: 1_000,
  cacheDetails: [
    { ttl: '1h', inputTokens: 400 },
    { ttl: '5m', inputTokens: 600 },
  ],
}
export const CONVERSE_COUNTS = {
  input: 10,
  output: 20,
  cache_read: 100,
  cache_write_5m: 600,
  cache_write_1h: 400,
}
export const CONVERSE_STREAM = [
  encodeEvent('messageStart', { role: 'assistant' }),
  encodeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hello' }, p: 'abcdef' }),
  encodeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: ' there' }, p: 'abc' }),
  encodeEvent('contentBlockStop', { contentBlockIndex: 0 }),
  encodeEvent('messageStop', { stopReason: 'end_turn' }),
  encodeEvent('metadata', {
    usage: CONVERSE_USAGE,
    metrics: { latencyMs: 9 },
    serviceTier: { type: 'flex' },
  }),
]

export const CLAUDE_START = {
  type: 'message_start',
  message: {
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 1_000,
      cache_creation: { ephemeral_5m_input_tokens: 600, ephemeral_1h_input_tokens: 400 },
    },
  },
}
export const claudeText = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
})
export const claudeDelta = (output: number, reason: string | null) => ({
  type: 'message_delta',
  delta: { stop_reason: reason },
  usage: { output_tokens: output },
})
export const CLAUDE_STOP = {
  type: 'message_stop',
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: 10,
    outputTokenCount: 20,
    cacheReadInputTokenCount: 100,
    cacheWriteInputTokenCount: 1_000,
  },
}
export const CLAUDE_STREAM = [
  CLAUDE_START,
  claudeText('Hello'),
  claudeDelta(15, null),
  claudeText(' there'),
  claudeDelta(20, 'end_turn'),
  CLAUDE_STOP,
].map(encodeNative)

export const NOVA_USAGE = {
  inputTokens: 10,
  outputTokens: 20,
  cacheReadInputTokenCount: 100,
  cacheWriteInputTokenCount: 30,
}
export const NOVA_COUNTS = { input: 10, output: 20, cache_read: 100, cache_write_5m: 30 }
export const NOVA_STREAM = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { delta: { text: 'Hello' }, contentBlockIndex: 0 } },
  { messageStop: { stopReason: 'end_turn' } },
  {
    metadata: { usage: NOVA_USAGE, metrics: {} },
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 20 },
  },
].map(encodeNative)

export const GPT_USAGE = {
  prompt_tokens: 110,
  completion_tokens: 20,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 100 },
}
export const GPT_COUNTS = { input: 10, output: 20, cache_read: 100 }
export const GPT_STREAM = [
  { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: null }], usage: null },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  {
    choices: [],
    usage: GPT_USAGE,
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 110, outputTokenCount: 20 },
  },
].map(encodeNative)

const METRICS = {
  'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 20 },
}
export const PLAIN_COUNTS = { input: 10, output: 20 }

export const LLAMA_STREAM = [
  { generation: 'Hello', prompt_token_count: 10, generation_token_count: 1, stop_reason: null },
  { generation: ' there', prompt_token_count: null, generation_token_count: 19, stop_reason: null },
  {
    generation: '',
    prompt_token_count: null,
    generation_token_count: 20,
    stop_reason: 'stop',
    ...METRICS,
  },
].map(encodeNative)

export const TITAN_STREAM = [
  {
    outputText: 'Hello',
    index: 0,
    totalOutputTextTokenCount: null,
    completionReason: null,
    inputTextTokenCount: 10,
  },
  {
    outputText: ' there',
    index: 0,
    totalOutputTextTokenCount: 20,
    completionReason: 'FINISH',
    inputTextTokenCount: 10,
    ...METRICS,
  },
].map(encodeNative)

export const MISTRAL_STREAM = [
  { outputs: [{ text: 'Hello', stop_reason: null }] },
  { outputs: [{ text: ' there', stop_reason: 'stop' }], ...METRICS },
].map(encodeNative)

export const COMMAND_R_STREAM = [
  { is_finished: false, event_type: 'stream-start', generation_id: 'g' },
  { is_finished: false, event_type: 'text-generation', text: 'Hello there' },
  {
    is_finished: true,
    event_type: 'stream-end',
    finish_reason: 'COMPLETE',
    response: {
      text: 'Hello there',
      meta: { billed_units: { input_tokens: 4, output_tokens: 20 } },
    },
    ...METRICS,
  },
].map(encodeNative)

const chunk = (choices: readonly unknown[], usage?: unknown) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices,
  ...(usage !== undefined && { usage }),
})
export const CHAT_USAGE = {
  prompt_tokens: 1_110,
  completion_tokens: 20,
  total_tokens: 1_130,
  prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 1_000 },
  completion_tokens_details: { reasoning_tokens: 12 },
}
/** Reasoning is part of the output already; what is cached is part of the input and is taken out. */
export const OPENAI_COUNTS = { input: 10, output: 20, cache_read: 100, cache_write_30m: 1_000 }
export const CHAT_STREAM = [
  encodeSse(chunk([{ index: 0, delta: { role: 'assistant', content: '' } }], null)),
  encodeSse(chunk([{ index: 0, delta: { reasoning: 'Hm' } }], null)),
  encodeSse(chunk([{ index: 0, delta: { content: 'Hello there' } }], null)),
  encodeSse(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], null)),
  encodeSse(chunk([], CHAT_USAGE)),
  encodeSse('[DONE]'),
]

export const RESPONSES_USAGE = {
  input_tokens: 1_110,
  input_tokens_details: { cached_tokens: 100, cache_write_tokens: 1_000 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 12 },
  total_tokens: 1_130,
}
const response = (status: string, more = {}) => ({
  id: 'resp_1',
  object: 'response',
  status,
  error: null,
  service_tier: 'flex',
  text: { format: { type: 'text' } },
  usage: null,
  ...more,
})
const text = { type: 'output_text', text: 'Hello there', annotations: [] }
export const RESPONSES_STREAM = [
  { type: 'response.created', sequence_number: 0, response: response('in_progress') },
  { type: 'response.output_text.delta', sequence_number: 1, delta: 'Hello' },
  { type: 'response.output_text.delta', sequence_number: 2, delta: ' there' },
  { type: 'response.output_text.done', sequence_number: 3, text: 'Hello there' },
  { type: 'response.content_part.done', sequence_number: 4, part: text },
  {
    type: 'response.completed',
    sequence_number: 5,
    response: response('completed', { output: [{ content: [text] }], usage: RESPONSES_USAGE }),
  },
].map((event) => encodeSse(event, NAMED_STYLE))

export const MESSAGES_STREAM = [
  CLAUDE_START,
  { type: 'ping' },
  claudeText('Hello'),
  claudeDelta(15, null),
  claudeText(' there'),
  claudeDelta(20, 'end_turn'),
  { type: 'message_stop' },
].map((event) => encodeSse(event, NAMED_STYLE))

const NATIVE_STREAM = 'invoke-with-response-stream'
export const STREAMS = [
  ['ConverseStream', 'converse-stream', CLAUDE, CONVERSE_STREAM, CONVERSE_COUNTS],
  ['Anthropic', NATIVE_STREAM, CLAUDE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Anthropic by profile', NATIVE_STREAM, PROFILE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Nova', NATIVE_STREAM, NOVA, NOVA_STREAM, NOVA_COUNTS],
  ['OpenAI', NATIVE_STREAM, GPT, GPT_STREAM, GPT_COUNTS],
  ['Llama', NATIVE_STREAM, 'meta.llama3-70b-instruct-v1:0', LLAMA_STREAM, PLAIN_COUNTS],
  ['Titan text', NATIVE_STREAM, 'amazon.titan-text-express-v1', TITAN_STREAM, PLAIN_COUNTS],
  ['Mistral', NATIVE_STREAM, 'mistral.mistral-7b-instruct-v0:2', MISTRAL_STREAM, PLAIN_COUNTS],
  ['Command R', NATIVE_STREAM, 'cohere.command-r-v1:0', COMMAND_R_STREAM, PLAIN_COUNTS],
  ['Chat Completions', 'chat-completions', 'openai.gpt-5.6-sol', CHAT_STREAM, OPENAI_COUNTS],
  ['Responses', 'responses', 'openai.gpt-5.6-sol', RESPONSES_STREAM, OPENAI_COUNTS],
  ['Messages', 'messages', CLAUDE, MESSAGES_STREAM, CONVERSE_COUNTS],
] as const
