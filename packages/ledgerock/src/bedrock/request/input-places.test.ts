// What the bound of a call rests on: how many messages, tools and pictures there are, and whether all of the input is in the body.

import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import {
  CONVERSE_INPUT,
  INVOKE_INPUT,
  inputPaths,
  NAMES_MODEL_INPUT,
  TEXT_INPUT,
} from './input-places.ts'
import { INVOKE_MEDIA_PATHS } from './media-ask.ts'
import type { Operation } from '../operation.ts'
import type { RequestFacts } from './request-facts.ts'
import { readRequestFacts } from './read-request-facts.ts'

function factsOf(operation: Operation, body: object): RequestFacts {
  const whole = { model: 'm', modelId: 'm', ...body }
  return mustOk(readRequestFacts({ operation }, {}, Buffer.from(JSON.stringify(whole))))
}

const base64 = (start: string, bytes = 600): string =>
  Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(bytes, 7)]).toString('base64')
const PNG = base64('\x89PNG\r\n\x1a\n')
const JPEG = base64('\xff\xd8\xff\xe0')
const GIF = base64('GIF89a')
const WEBP = base64('RIFF\x01\x02\x03\x04WEBP')
const WAV = base64('RIFF\x01\x02\x03\x04WAVE')
const PDF = base64('%PDF-1.7')
const LETTERS = 'abcdefghij'.repeat(2_000)

const said = (...content: readonly object[]) => ({ messages: [{ role: 'user', content }] })
const result = (...content: readonly object[]) => said({ toolResult: { toolUseId: 't', content } })
const item = (...content: readonly object[]) => ({ input: [{ role: 'user', content }] })
const anthropic = (type: string, source: object) => said({ type, source })
const inResult = (source: object) =>
  said({ type: 'tool_result', content: [{ type: 'image', source }] })
const picture = (data: string) => ({ type: 'base64', media_type: 'image/png', data })

type Case = readonly [Operation, object]

const INSIDE: readonly Case[] = [
  ['converse', said({ text: 'Look at "document": {"video": 1}' })],
  ['converse', said({ image: { format: 'png', source: { bytes: PNG } } })],
  ['converse', result({ image: { format: 'jpeg', source: { bytes: JPEG } } }, { json: { a: 1 } })],
  ['converse', { promptVariables: null, ...said({ text: 'x' }) }],
  ['converse', said({ toolUse: { name: 'fetch', input: { url: 'https://a/b', document: 'd' } } })],
  ['converse', { toolConfig: { tools: [{ toolSpec: { name: 'document' } }] } }],
  ['invoke', anthropic('image', picture(GIF))],
  [
    'invoke',
    anthropic('document', { type: 'text', media_type: 'text/plain', data: 'Some words.' }),
  ],
  ['invoke', inResult(picture(WEBP))],
  [
    'invoke',
    {
      tools: [
        { name: 'a', input_schema: {} },
        { type: 'bash_20250124', name: 'bash' },
      ],
    },
  ],
  ['messages', anthropic('image', picture(JPEG))],
  ['chat-completions', said({ image_url: { url: `data:image/png;base64,${PNG}` } })],
  ['chat-completions', { tools: [{ type: 'function', function: { name: 'web_search' } }] }],
  ['responses', item({ image_url: `data:image/webp;base64,${WEBP}` })],
  ['responses', { input: 'Hello', previous_response_id: null, conversation: null, prompt: null }],
  ['responses', { input: [{ type: 'function_call_output', output: 'x' }], tools: [] }],
  ['embeddings', { input: ['a', 'b'] }],
]

const OUTSIDE: readonly Case[] = [
  ['converse', said({ document: { format: 'pdf', name: 'd', source: { bytes: PDF } } })],
  ['converse', said({ document: { format: 'txt', name: 'd', source: { text: 'x' } } })],
  ['converse', said({ video: { format: 'mp4', source: { bytes: LETTERS } } })],
  ['converse', said({ audio: { format: 'wav', source: { bytes: WAV } } })],
  ['converse', said({ image: { format: 'png', source: { s3Location: { uri: 's3://b/k' } } } })],
  ['converse', result({ document: { format: 'csv', name: 'd', source: { bytes: LETTERS } } })],
  ['converse', { promptVariables: { topic: { text: 'x' } } }],
  ['converse', { toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] } }],
  ['converse', { additionalModelRequestFields: { tools: [{ type: 'web_search_20250305' }] } }],
  // Text that passes for media where the API takes no picture: as a picture it would count next to nothing.
  ['converse', said({ toolUse: { name: 't', input: { data: LETTERS } } })],
  ['converse', said({ toolUse: { name: 't', input: { data: PNG + LETTERS } } })],
  ['invoke', anthropic('document', { type: 'text', data: PNG + LETTERS })],
  ['invoke', anthropic('document', { ...picture(PDF), media_type: 'application/pdf' })],
  ['invoke', anthropic('image', { type: 'url', url: 'https://a/b.png' })],
  ['invoke', anthropic('document', { type: 'file', file_id: 'f' })],
  ['invoke', inResult({ type: 'url', url: 'https://a/b.png' })],
  ['invoke', said({ type: 'container_upload', file_id: 'f' })],
  ['invoke', said({ video: { source: { s3Location: { uri: 's3://b/k' } } } })],
  ['invoke', { mediaSource: { s3Location: { uri: 's3://b/k' } }, inputPrompt: 'x' }],
  ['invoke', { singleEmbeddingParams: { video: { source: { bytes: LETTERS } } } }],
  ['messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['messages', { mcp_servers: [{ type: 'url', url: 'https://a' }] }],
  ['chat-completions', said({ image_url: { url: 'https://a/b.png' } })],
  ['chat-completions', said({ input_audio: { data: WAV, format: 'wav' } })],
  ['chat-completions', said({ file: { file_id: 'f' } })],
  ['responses', { input: 'And then?', previous_response_id: 'resp_1' }],
  ['responses', { input: 'x', conversation: 'conv_1' }],
  ['responses', { prompt: { id: 'pmpt_1' } }],
  ['responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['responses', item({ file_id: 'f' })],
  ['responses', item({ image_url: 'https://a/b.png' })],
  ['responses', { input: [{ type: 'function_call_output', output: [{ file_url: 'https://a' }] }] }],
  ['responses', { input: 'x', tools: [{ type: 'mcp', server_label: 's' }] }],
  ['start-async-invoke', { modelInput: { inputType: 'video' } }],
]

describe('the places of a request’s input', () => {
  it.each(INSIDE)('[B40] all of the input of %s %j is in the body', (operation, body) => {
    expect(factsOf(operation, body).outsideBody).toBe(false)
  })

  it.each(OUTSIDE)('[B40] some of the input of %s %j is not', (operation, body) => {
    expect(factsOf(operation, body).outsideBody).toBe(true)
  })

  it.each([
    ['converse', { messages: [{}, {}, {}], toolConfig: { tools: [{}, {}] } }, 3, 2],
    ['invoke', { messages: [{}, {}], tools: [{ name: 'a' }] }, 2, 1],
    ['invoke', { chat_history: [{}, {}, {}], message: 'x' }, 3, 0],
    ['messages', { messages: [{}], tools: [{}, {}, {}] }, 1, 3],
    ['chat-completions', { messages: [{}, {}] }, 2, 0],
    ['responses', { input: [{}, {}, {}, {}], tools: [{ type: 'custom' }] }, 4, 1],
    ['apply-guardrail', { content: [{ text: { text: 'a' } }, { text: { text: 'b' } }] }, 2, 0],
    ['invoke-guardrail-checks', { messages: [{}, {}] }, 2, 0],
  ] as const)('[B41] counts messages and tools of %s %j', (operation, body, messages, tools) => {
    expect(factsOf(operation, body)).toMatchObject({ messages, tools })
  })

  it('[B40] more tools than anybody looks at are not all the caller’s own', () => {
    const tools = Array.from({ length: 16_385 }, () => ({ type: 'custom' }))
    expect(factsOf('messages', { tools }).outsideBody).toBe(true)
    expect(factsOf('messages', { tools: tools.slice(1) }).outsideBody).toBe(false)
  })

  it('[B7] believes the largest maximum, also one in the model’s own words', () => {
    const extra = { additionalModelRequestFields: { max_completion_tokens: 900, n: 3 } }
    const both = { inferenceConfig: { maxTokens: 5 }, ...extra }
    expect(factsOf('converse', both)).toMatchObject({ maxTokens: 900, choices: 3 })
    for (const words of [
      { inferenceConfig: { maxTokens: 900 } },
      { inferenceConfig: { max_new_tokens: 900 } },
      { max_output_tokens: 900 },
      { max_new_tokens: 900 },
      { textGenerationConfig: { maxTokenCount: 900 } },
    ]) {
      const raised = { inferenceConfig: { maxTokens: 5 }, additionalModelRequestFields: words }
      expect([words, factsOf('converse', raised).maxTokens]).toEqual([words, 900])
    }
    // Alone it may be a word the model does not know.
    expect(factsOf('converse', extra).maxTokens).toBe(null)
    expect(factsOf('converse', { inferenceConfig: { maxTokens: 0 } }).maxTokens).toBe(null)
  })

  it('[B40] looks at no place twice', () => {
    const inputs = [CONVERSE_INPUT, NAMES_MODEL_INPUT, TEXT_INPUT].map(inputPaths)
    for (const paths of [...inputs, [...inputPaths(INVOKE_INPUT), ...INVOKE_MEDIA_PATHS]]) {
      const places = paths.map((path) => path.replace(/(\[\]|(?<!\.)#)$/, ''))
      expect(new Set(places).size).toBe(places.length)
    }
  })
})
