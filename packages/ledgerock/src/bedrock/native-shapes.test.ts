import { describe, expect, it } from 'vitest'
import { streamed, unary } from './testing/read-usage.ts'
import { encodeNative } from './testing/encode-frame.ts'
import { LLAMA_STREAM, TITAN_STREAM } from './testing/api-shapes.ts'

const HEADERS = {
  'x-amzn-bedrock-input-token-count': '10',
  'x-amzn-bedrock-output-token-count': '20',
}
const CHAT_USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }
const COUNTS = { input: 10, output: 20 }
const chat = (extra = {}) => ({
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: CHAT_USAGE,
  ...extra,
})

describe('usage of InvokeModel, by maker', () => {
  it.each([
    [
      'Llama',
      'us.meta.llama4-scout-17b-instruct-v1:0',
      { generation: 'Hi', prompt_token_count: 10, generation_token_count: 20, stop_reason: 'stop' },
      'stop',
    ],
    [
      'Titan text',
      'amazon.titan-text-premier-v1:0',
      {
        inputTextTokenCount: 10,
        results: [{ tokenCount: 20, outputText: 'Hi', completionReason: 'FINISHED' }],
      },
      'FINISHED',
    ],
    [
      'Command R, by what it billed',
      'cohere.command-r-plus-v1:0',
      {
        text: 'Hi',
        finish_reason: 'COMPLETE',
        meta: { billed_units: { input_tokens: 10, output_tokens: 20 } },
        token_count: { prompt_tokens: 70, response_tokens: 21 },
      },
      'COMPLETE',
    ],
    [
      'Command R, by its tokens',
      'cohere.command-r-v1:0',
      { text: 'Hi', token_count: { prompt_tokens: 10, response_tokens: 20, total_tokens: 30 } },
      null,
    ],
    ['Jamba', 'ai21.jamba-1-5-large-v1:0', chat(), 'stop'],
    ['Mistral chat', 'us.mistral.pixtral-large-2502-v1:0', chat(), 'stop'],
    ['DeepSeek', 'deepseek.v3.2', chat(), 'stop'],
    ['Qwen', 'qwen.qwen3-32b-v1:0', chat(), 'stop'],
    ['Gemma', 'google.gemma-3-27b-it', chat(), 'stop'],
    ['MiniMax', 'minimax.minimax-m2', chat(), 'stop'],
    ['Kimi', 'moonshotai.kimi-k3', chat(), 'stop'],
    ['Nemotron', 'nvidia.nemotron-nano-9b-v2', chat(), 'stop'],
    ['GLM', 'zai.glm-4.7', chat(), 'stop'],
    ['Grok', 'us.xai.grok-4.7', chat(), 'stop'],
    ['Palmyra', 'us.writer.palmyra-x5-v1:0', chat(), 'stop'],
  ])('[B17] %s counts in its body', (_, model, body, stopReason) => {
    const reading = unary('invoke', model, body)
    expect(reading).toMatchObject({
      usage: COUNTS,
      usageSource: 'response',
      stopReason,
      final: true,
      problems: [],
    })
    expect(reading.rawUsage).toContain('20')
  })

  it.each([
    ['Mistral text', 'mistral.mistral-7b-instruct-v0:2', { outputs: [{ text: 'Hi' }] }],
    ['DeepSeek R1', 'us.deepseek.r1-v1:0', { choices: [{ text: 'Hi', stop_reason: 'stop' }] }],
    [
      'Command',
      'cohere.command-text-v14',
      { generations: [{ text: 'Hi', finish_reason: 'COMPLETE' }] },
    ],
    [
      'Jurassic',
      'ai21.j2-ultra-v1',
      { completions: [{ data: { text: 'Hi' }, finishReason: { reason: 'endoftext' } }] },
    ],
    [
      'Command R, whose own bill leaves tokens out',
      'cohere.command-r-v1:0',
      { text: 'Hi', meta: { billed_units: { input_tokens: 4, output_tokens: 18 } } },
    ],
  ])('[B17] %s is counted by AWS in headers', (_, model, body) => {
    const reading = unary('invoke', model, body, HEADERS)
    expect(reading).toMatchObject({ usage: COUNTS, usageSource: 'response', problems: [] })
  })

  it.each([
    ['Cohere', 'cohere.embed-v4:0', { embeddings: { float: [[0.1]] }, texts: ['a b'] }],
    ['Nova', 'amazon.nova-2-multimodal-embeddings-v1:0', { embeddings: [{ embedding: [0.1] }] }],
    ['Titan', 'amazon.titan-embed-text-v2:0', { embedding: [0.1], inputTextTokenCount: 10 }],
  ])('[B17] embeddings of %s have input alone', (_, model, body) => {
    const headers = { 'x-amzn-bedrock-input-token-count': '10' }
    const reading = unary('invoke', model, body, headers)
    expect(reading).toMatchObject({ usageSource: 'response', problems: [] })
    expect(reading.usage).toEqual({ input: 10 })
  })

  it('[B15] a cut Llama stream keeps the input it named, and its count so far is a floor', () => {
    const reading = streamed(
      'invoke-with-response-stream',
      'meta.llama3-8b-instruct-v1:0',
      LLAMA_STREAM.slice(0, 2),
    )
    expect(reading).toMatchObject({ usage: { input: 10, output: 19 }, usageSource: 'estimated' })
  })

  it('[B17] a stream that says why it stopped is known without AWS metrics', () => {
    const last = { generation: '', generation_token_count: 20, stop_reason: 'stop' }
    const llama = [...LLAMA_STREAM.slice(0, 2), encodeNative(last)]
    const reading = streamed('invoke-with-response-stream', 'meta.llama3-8b-instruct-v1:0', llama)
    expect(reading).toMatchObject({ usage: COUNTS, usageSource: 'response', final: true })
    const cut = streamed(
      'invoke-with-response-stream',
      'amazon.titan-text-lite-v1',
      TITAN_STREAM.slice(0, 1),
    )
    expect(cut).toMatchObject({ usage: { input: 10, output: 2 }, usageSource: 'estimated' })
  })
})
