// Calls of every family full of words nobody may keep: in prompts, system prompts, the input and the result of tools, documents,
// undeclared headers and query strings. And answers of a Bedrock that repeats such words wherever an answer has room for them.

import { encodeEvent, encodeException } from '../../src/bedrock/testing/encode-frame.ts'
import type { UpstreamReply } from '../../src/gateway/testing/recording-upstream.ts'
import { canary } from './canaries.ts'

/** Said by callers. */
export const SAID = {
  prompt: canary('prompt'),
  system: canary('system'),
  toolInput: canary('toolinput'),
  toolResult: canary('toolresult'),
  document: canary('document'),
  header: canary('header'),
  cookie: canary('cookie'),
  agent: canary('agent'),
  query: canary('query'),
  path: canary('path'),
} as const
/** Said by the model. */
export const COMPLETION = canary('completion')

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const NOVA = 'amazon.nova-lite-v1:0'
const OSS = 'openai.gpt-oss-20b-1:0'

export type SecretCall = {
  readonly path: string
  readonly stream: boolean
  readonly body: string
}

const converse = {
  system: [{ text: SAID.system }],
  messages: [
    {
      role: 'user',
      content: [
        { text: SAID.prompt },
        {
          document: {
            name: 'paper',
            format: 'txt',
            source: { bytes: Buffer.from(SAID.document).toString('base64') },
          },
        },
      ],
    },
    {
      role: 'assistant',
      content: [{ toolUse: { toolUseId: 't1', name: 'look', input: { q: SAID.toolInput } } }],
    },
    {
      role: 'user',
      content: [{ toolResult: { toolUseId: 't1', content: [{ text: SAID.toolResult }] } }],
    },
  ],
  toolConfig: {
    tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }],
  },
}
const anthropic = {
  max_tokens: 50,
  system: SAID.system,
  messages: [
    { role: 'user', content: SAID.prompt },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't1', name: 'look', input: { q: SAID.toolInput } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 't1', content: SAID.toolResult }],
    },
  ],
  tools: [{ name: 'look', input_schema: { type: 'object' } }],
}
const native = { anthropic_version: 'bedrock-2023-05-31', ...anthropic }
const chat = {
  model: OSS,
  messages: [
    { role: 'system', content: SAID.system },
    { role: 'user', content: SAID.prompt },
  ],
}
const input = { model: OSS, instructions: SAID.system, input: SAID.prompt }

const call = (path: string, body: object, stream = false): SecretCall => ({
  path,
  stream,
  body: JSON.stringify(body),
})

export const SECRET_CALLS: readonly SecretCall[] = [
  call(`/model/${CLAUDE}/converse`, converse),
  call(`/model/${CLAUDE}/converse-stream`, converse, true),
  call(`/model/${CLAUDE}/invoke`, native),
  call(`/model/${CLAUDE}/invoke-with-response-stream`, native, true),
  call(`/model/${NOVA}/invoke`, {
    schemaVersion: 'messages-v1',
    messages: [{ role: 'user', content: [{ text: SAID.prompt }] }],
  }),
  call('/model/amazon.titan-embed-text-v2:0/invoke', { inputText: SAID.prompt }),
  call(`/model/${CLAUDE}/count-tokens`, { input: { converse } }),
  call('/guardrail/gr1/version/DRAFT/apply', {
    source: 'INPUT',
    content: [{ text: { text: `${SAID.prompt} simulator-block` } }],
  }),
  call('/openai/v1/chat/completions', chat),
  call('/openai/v1/chat/completions', { ...chat, stream: true }, true),
  call('/openai/v1/responses', input),
  call('/openai/v1/responses', { ...input, stream: true }, true),
  call('/anthropic/v1/messages', { model: CLAUDE, ...anthropic }),
  call('/anthropic/v1/messages', { model: CLAUDE, ...anthropic, stream: true }, true),
  call('/mantle/v1/chat/completions', chat),
  call('/mantle/v1/responses', { ...input, stream: true }, true),
  call('/mantle/anthropic/v1/messages', { model: CLAUDE, ...anthropic }),
  call('/mantle/v1/embeddings', { model: 'amazon.titan-embed-text-v2:0', input: SAID.prompt }),
]

/** Nothing of these is a dimension of anybody's. */
export const SECRET_HEADERS: Readonly<Record<string, string>> = {
  'x-not-declared': SAID.header,
  'x-forwarded-for': SAID.header,
  'x-amzn-not-declared': SAID.header,
  cookie: `session=${SAID.cookie}`,
  'user-agent': SAID.agent,
  baggage: `not_declared=${SAID.header}`,
}

const json = (
  status: number,
  body: object,
  headers: UpstreamReply['headers'] = [],
): UpstreamReply => ({
  status,
  headers: [['Content-Type', 'application/json'], ...headers],
  chunks: [Buffer.from(JSON.stringify(body))],
  framing: 'length',
})
const stream = (type: string, chunks: readonly Buffer[]): UpstreamReply => ({
  status: 200,
  headers: [['Content-Type', type]],
  chunks,
  framing: 'chunked',
})
const FRAMES = 'application/vnd.amazon.eventstream'
const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 }
const trace = { guardrail: { modelOutput: [COMPLETION], match: COMPLETION } }

/** Whatever was asked. */
export const REPEATING_REPLIES: readonly UpstreamReply[] = [
  json(200, {
    output: {
      message: {
        role: 'assistant',
        content: [
          { text: COMPLETION },
          { toolUse: { toolUseId: 't', name: 'n', input: { q: COMPLETION } } },
        ],
      },
    },
    stopReason: 'end_turn',
    usage,
    trace,
  }),
  json(
    200,
    { content: [{ type: 'text', text: COMPLETION }], usage: { input_tokens: 3, output_tokens: 4 } },
    [['x-odd', COMPLETION]],
  ),
  json(200, {
    choices: [{ message: { content: COMPLETION } }],
    usage: { prompt_tokens: 3, completion_tokens: 4 },
  }),
  json(400, { message: `The text ${SAID.prompt} is too odd: ${COMPLETION}` }, [
    ['x-amzn-errortype', 'ValidationException'],
  ]),
  json(500, { error: { type: 'server_error', code: null, message: COMPLETION } }),
  json(200, { usage, output: COMPLETION.repeat(10_000) }),
  stream(FRAMES, [
    encodeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: COMPLETION } }),
    encodeEvent('contentBlockDelta', {
      contentBlockIndex: 1,
      delta: { toolUse: { input: COMPLETION } },
    }),
    encodeEvent('metadata', { usage, trace }),
  ]),
  stream(FRAMES, [
    encodeEvent('chunk', {
      bytes: Buffer.from(JSON.stringify({ completion: COMPLETION })).toString('base64'),
    }),
    encodeException('modelStreamErrorException', COMPLETION),
  ]),
  stream(FRAMES, [Buffer.from(COMPLETION.repeat(20))]),
  stream('text/event-stream', [
    Buffer.from(`data: {"choices":[{"delta":{"content":"${COMPLETION}"}}],"usage":null}\n\n`),
    Buffer.from(
      `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\ndata: [DONE]\n\n`,
    ),
  ]),
  stream('text/event-stream', [
    Buffer.from(
      `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"${COMPLETION}"}}\n\n`,
    ),
  ]),
]
