// One call told in every shape that could tell of it: the answer AWS would give through each API, put through the meter that belongs
// to it. Cached tokens stand outside the input for Converse and Anthropic, inside it for OpenAI.

import type { UsageReading } from '../usage/usage-meter.ts'
import { encodeEvent, encodeNative } from './encode-frame.ts'
import { encodeSse, NAMED_STYLE } from './encode-sse.ts'
import { streamed, unary } from './read-usage.ts'

/** What the call did, before anybody puts it into words. */
export type Truth = {
  readonly fresh: number
  readonly output: number
  readonly read: number
  readonly written5m: number
  readonly written30m: number
  readonly written1h: number
}
export type Shape = (model: string, truth: Truth) => UsageReading
export type Shapes = Readonly<Record<string, Shape>>

const written = (truth: Truth): number => truth.written5m + truth.written30m + truth.written1h
const prompt = (truth: Truth): number => truth.fresh + truth.read + written(truth)

function converseUsage(truth: Truth): object {
  const lifetimes = [
    ['5m', truth.written5m],
    ['30m', truth.written30m],
    ['1h', truth.written1h],
  ] as const
  return {
    inputTokens: truth.fresh,
    outputTokens: truth.output,
    totalTokens: prompt(truth) + truth.output,
    cacheReadInputTokens: truth.read,
    cacheWriteInputTokens: written(truth),
    cacheDetails: lifetimes
      .filter(([, tokens]) => tokens > 0)
      .map(([ttl, tokens]) => ({ ttl, inputTokens: tokens })),
  }
}

function anthropicUsage(truth: Truth, output: number): object {
  return {
    input_tokens: truth.fresh,
    output_tokens: output,
    cache_read_input_tokens: truth.read,
    cache_creation_input_tokens: written(truth),
    cache_creation: {
      ephemeral_5m_input_tokens: truth.written5m,
      ephemeral_1h_input_tokens: truth.written1h,
    },
  }
}

function chatUsage(truth: Truth): object {
  return {
    prompt_tokens: prompt(truth),
    completion_tokens: truth.output,
    total_tokens: prompt(truth) + truth.output,
    prompt_tokens_details: { cached_tokens: truth.read, cache_write_tokens: written(truth) },
  }
}

function responsesUsage(truth: Truth): object {
  return {
    input_tokens: prompt(truth),
    input_tokens_details: { cached_tokens: truth.read, cache_write_tokens: written(truth) },
    output_tokens: truth.output,
    total_tokens: prompt(truth) + truth.output,
  }
}

/** AWS's own count beside a native stream, which knows nothing of lifetimes. */
const metrics = (truth: Truth): object => ({
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: truth.fresh,
    outputTokenCount: truth.output,
    cacheReadInputTokenCount: truth.read,
    cacheWriteInputTokenCount: written(truth),
  },
})

/** Start, an intermediate count that the last one replaces, and the end. */
const claudeEvents = (truth: Truth): readonly object[] => [
  { type: 'message_start', message: { usage: anthropicUsage(truth, Math.min(1, truth.output)) } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'message_delta', delta: {}, usage: { output_tokens: Math.floor(truth.output / 2) } },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: truth.output },
  },
]

export const CONVERSE: Shapes = {
  Converse: (model, truth) =>
    unary('converse', model, { output: {}, stopReason: 'end_turn', usage: converseUsage(truth) }),
  ConverseStream: (model, truth) =>
    streamed('converse-stream', model, [
      encodeEvent('contentBlockDelta', { delta: { text: 'Hello' } }),
      encodeEvent('messageStop', { stopReason: 'end_turn' }),
      encodeEvent('metadata', { usage: converseUsage(truth), metrics: { latencyMs: 9 } }),
    ]),
}

export const ANTHROPIC: Shapes = {
  'InvokeModel, Anthropic': (model, truth) =>
    unary('invoke', model, {
      content: [],
      stop_reason: 'end_turn',
      usage: anthropicUsage(truth, truth.output),
    }),
  'InvokeModelWithResponseStream, Anthropic': (model, truth) =>
    streamed(
      'invoke-with-response-stream',
      model,
      [...claudeEvents(truth), { type: 'message_stop', ...metrics(truth) }].map(encodeNative),
    ),
  Messages: (model, truth) =>
    unary('messages', model, {
      content: [],
      stop_reason: 'end_turn',
      usage: anthropicUsage(truth, truth.output),
    }),
  'Messages, streamed': (model, truth) =>
    streamed(
      'messages',
      model,
      [...claudeEvents(truth), { type: 'message_stop' }].map((event) =>
        encodeSse(event, NAMED_STYLE),
      ),
    ),
}

export const OPENAI: Shapes = {
  'InvokeModel, OpenAI': (model, truth) =>
    unary('invoke', model, { choices: [{ finish_reason: 'stop' }], usage: chatUsage(truth) }),
  'Chat Completions': (model, truth) =>
    unary('chat-completions', model, {
      choices: [{ finish_reason: 'stop' }],
      usage: chatUsage(truth),
    }),
  'Chat Completions, streamed': (model, truth) =>
    streamed('chat-completions', model, [
      encodeSse({ choices: [{ index: 0, delta: { content: 'Hello' } }], usage: null }),
      encodeSse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
      encodeSse({ choices: [], usage: chatUsage(truth) }),
      encodeSse('[DONE]'),
    ]),
  Responses: (model, truth) =>
    unary('responses', model, {
      object: 'response',
      status: 'completed',
      usage: responsesUsage(truth),
    }),
  'Responses, streamed': (model, truth) =>
    streamed(
      'responses',
      model,
      [
        { type: 'response.output_text.delta', delta: 'Hello' },
        {
          type: 'response.completed',
          response: { status: 'completed', usage: responsesUsage(truth) },
        },
      ].map((event) => encodeSse(event, NAMED_STYLE)),
    ),
}

export const NOVA: Shapes = {
  'InvokeModel, Nova': (model, truth) =>
    unary('invoke', model, {
      output: {},
      stopReason: 'end_turn',
      usage: {
        inputTokens: truth.fresh,
        outputTokens: truth.output,
        cacheReadInputTokenCount: truth.read,
        cacheWriteInputTokenCount: written(truth),
      },
    }),
}
