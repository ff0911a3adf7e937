// Writes answers as OpenAI chat completions. In a stream the usage chunk comes only if it was asked for; Bedrock's own
// metrics come on the last chunk either way.

import type { Answer, StreamOptions } from './answer.ts'
import { exhaustive } from './exhaustive.ts'
import type { StopReason } from './generate.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { mix, randomName, seededRandom } from './random.ts'
import { textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'
import { cacheWriteTokens, totalTokens } from './usage.ts'

export function openaiBody(answer: Answer): string {
  const { generation } = answer
  const { words, toolUse } = generation
  const content = words.count > 0 ? `"${words.slice(0, words.count)}"` : 'null'
  const toolCalls =
    toolUse === null
      ? ''
      : `,"tool_calls":[{"id":"call_${toolUse.id}","type":"function","function":` +
        `{"name":${JSON.stringify(toolUse.name)},"arguments":${JSON.stringify(toolUse.input)}}}]`
  return (
    `{${completionMembers(answer, 'chat.completion')},"choices":[{"index":0,` +
    `"message":{"role":"assistant","content":${content}${toolCalls}},` +
    `"finish_reason":"${finishReason(generation.stop)}"}],"usage":${usageJson(answer)}}`
  )
}

export function* openaiEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation, includeUsage } = answer
  const { toolUse, outputTokens } = generation
  const members = completionMembers(answer, 'chat.completion.chunk')
  const chunk = (delta: string, finish: string, rest = ''): string =>
    `{${members},"choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]${rest}}`

  yield native(chunk('{"role":"assistant","content":""}', 'null'), 0)
  for (const piece of textPieces(generation)) {
    yield native(chunk(`{"content":"${piece.text}"}`, 'null'), piece.outputTokens)
  }
  if (toolUse !== null) {
    const name = JSON.stringify(toolUse.name)
    const start =
      `{"index":0,"id":"call_${toolUse.id}","type":"function",` +
      `"function":{"name":${name},"arguments":""}}`
    yield native(chunk(`{"tool_calls":[${start}]}`, 'null'), toolStartTokens(generation))
    for (const piece of toolPieces(generation, toolUse)) {
      const call = `{"index":0,"function":{"arguments":${JSON.stringify(piece.text)}}}`
      yield native(chunk(`{"tool_calls":[${call}]}`, 'null'), piece.outputTokens)
    }
  }
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  const usage = includeUsage && withMetadata
  const finish = `"${finishReason(generation.stop)}"`
  yield native(chunk('{}', finish, usage ? '' : metrics), outputTokens)
  if (usage) {
    yield native(`{${members},"choices":[],"usage":${usageJson(answer)}${metrics}}`, outputTokens)
  }
}

function native(json: string, outputTokens: number): NativeEvent {
  return { json, outputTokens }
}

function completionMembers({ model, generation, nowMs }: Answer, object: string): string {
  const id = randomName(seededRandom(mix(generation.seed, 3)), 24)
  const created = Math.floor(nowMs / 1_000)
  return `"id":"chatcmpl-${id}","object":"${object}","created":${created},"model":"${model.id}"`
}

/** The prompt is everything read, cached or not; where the model caches, the parts stand beside it. */
export function usageJson({ model, usage }: Answer): string {
  const total = totalTokens(usage)
  const details =
    model.implicitCache === null
      ? ''
      : `,"prompt_tokens_details":{"cached_tokens":${usage.cacheRead},` +
        `"cache_write_tokens":${cacheWriteTokens(usage)}}`
  return (
    `{"prompt_tokens":${total - usage.output},"completion_tokens":${usage.output},` +
    `"total_tokens":${total}${details}}`
  )
}

export function finishReason(stop: StopReason): string {
  switch (stop) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop'
    case 'max_tokens':
      return 'length'
    case 'tool_use':
      return 'tool_calls'
    default:
      return exhaustive(stop)
  }
}
