// Writes answers of the chat completions route, whole and as `chat.completion.chunk` events. Cached tokens stand inside
// `prompt_tokens`, as OpenAI counts. A stream says its usage only if the request asked for it: then the last chunk carries it
// and every other one a null.

import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import { finishReason, usageJson } from './openai-answer.ts'
import { textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'

/** What the request names, which the answer repeats. */
export type ChatNames = { readonly id: string; readonly model: string }

export function chatBody(answer: Answer, names: ChatNames): string {
  const { generation } = answer
  const { words, toolUse } = generation
  const content = words.count > 0 ? `"${words.slice(0, words.count)}"` : 'null'
  const toolCalls =
    toolUse === null
      ? ''
      : `,"tool_calls":[{"id":"call_${toolUse.id}","type":"function","function":` +
        `{"name":${JSON.stringify(toolUse.name)},"arguments":${JSON.stringify(toolUse.input)}}}]`
  return (
    `{${members(answer, names, 'chat.completion')},"choices":[{"index":0,` +
    `"message":{"role":"assistant","content":${content},"refusal":null${toolCalls}},` +
    `"logprobs":null,"finish_reason":"${finishReason(generation.stop)}"}],` +
    `"usage":${usageJson(answer)},"service_tier":"${answer.tier}"}`
  )
}

export function* chatEvents(
  answer: Answer,
  names: ChatNames,
  { withMetadata }: StreamOptions,
): Generator<StreamEvent> {
  const { generation, includeUsage } = answer
  const { toolUse, outputTokens } = generation
  const head = members(answer, names, 'chat.completion.chunk')
  const tail = `"service_tier":"${answer.tier}"${includeUsage ? ',"usage":null' : ''}`
  const chunk = (delta: string, finish: string): string =>
    `{${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}],${tail}}`

  yield event(chunk('{"role":"assistant","content":"","refusal":null}', 'null'), 0)
  for (const piece of textPieces(generation)) {
    yield event(chunk(`{"content":"${piece.text}"}`, 'null'), piece.outputTokens)
  }
  if (toolUse !== null) {
    const start =
      `{"index":0,"id":"call_${toolUse.id}","type":"function",` +
      `"function":{"name":${JSON.stringify(toolUse.name)},"arguments":""}}`
    yield event(chunk(`{"tool_calls":[${start}]}`, 'null'), toolStartTokens(generation))
    for (const piece of toolPieces(generation, toolUse)) {
      const call = `{"index":0,"function":{"arguments":${JSON.stringify(piece.text)}}}`
      yield event(chunk(`{"tool_calls":[${call}]}`, 'null'), piece.outputTokens)
    }
  }
  yield event(chunk('{}', `"${finishReason(generation.stop)}"`), outputTokens)
  if (includeUsage && withMetadata) {
    const usage = usageJson(answer)
    const tier = `"service_tier":"${answer.tier}"`
    yield event(`{${head},"choices":[],${tier},"usage":${usage}}`, outputTokens)
  }
  yield event('[DONE]', outputTokens)
}

function event(payload: string, outputTokens: number): StreamEvent {
  return { type: '', payload, outputTokens }
}

function members({ nowMs }: Answer, { id, model }: ChatNames, object: string): string {
  const created = Math.floor(nowMs / 1_000)
  return `"id":"${id}","object":"${object}","created":${created},"model":${JSON.stringify(model)}`
}
