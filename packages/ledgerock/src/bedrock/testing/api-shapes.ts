// One answer of every API shape the meters read, streamed frame by frame, with the counts it stands for.

import { CLAUDE, GPT, NOVA, PROFILE } from './read-usage.ts'
import { encodeEvent, encodeNative } from './encode-frame.ts'

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

export const STREAMS = [
  ['ConverseStream', 'converse-stream', CLAUDE, CONVERSE_STREAM, CONVERSE_COUNTS],
  ['Anthropic', 'invoke-with-response-stream', CLAUDE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Anthropic by profile', 'invoke-with-response-stream', PROFILE, CLAUDE_STREAM, CONVERSE_COUNTS],
  ['Nova', 'invoke-with-response-stream', NOVA, NOVA_STREAM, NOVA_COUNTS],
  ['OpenAI', 'invoke-with-response-stream', GPT, GPT_STREAM, GPT_COUNTS],
] as const
