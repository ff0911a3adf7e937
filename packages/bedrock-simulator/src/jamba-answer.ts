// Writes the answers of AI21's Jamba: chat completions that always say their usage, in a stream on the last chunk, and know no
// tools' streaming: a call of a tool comes in one piece.

import type { Answer, StreamOptions } from './answer.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { finishReason, usageJson } from './openai-answer.ts'
import { mix, randomName, seededRandom } from './random.ts'
import { textPieces } from './stream-pieces.ts'

export function jambaBody(answer: Answer): string {
  const { generation } = answer
  const { words, toolUse } = generation
  const calls = toolUse === null ? 'null' : toolCalls(answer)
  return (
    `{"id":"${idOf(answer)}","choices":[{"index":0,"message":{"role":"assistant",` +
    `"content":"${words.slice(0, words.count)}","tool_calls":${calls}},"logprobs":null,` +
    `"finish_reason":"${finishReason(generation.stop)}"}],"usage":${usageJson(answer)},` +
    `"meta":{"requestDurationMillis":${generation.latencyMs}},"model":"${nameOf(answer)}"}`
  )
}

export function* jambaEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation } = answer
  const { outputTokens } = generation
  const chunk = (delta: string, finish: string, rest = ''): string =>
    `{"id":"${idOf(answer)}","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]${rest}}`
  yield { json: chunk('{"role":"assistant"}', 'null'), outputTokens: 0 }
  for (const piece of textPieces(generation)) {
    yield {
      json: chunk(`{"content":"${piece.text}"}`, 'null'),
      outputTokens: piece.outputTokens,
    }
  }
  if (generation.toolUse !== null) {
    yield { json: chunk(`{"tool_calls":${toolCalls(answer)}}`, 'null'), outputTokens }
  }
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  const usage = withMetadata ? `,"usage":${usageJson(answer)}` : ''
  const finish = `"${finishReason(generation.stop)}"`
  yield { json: chunk('{"content":""}', finish, usage + metrics), outputTokens }
}

function toolCalls({ generation: { toolUse } }: Answer): string {
  if (toolUse === null) return 'null'
  return (
    `[{"id":"call_${toolUse.id}","type":"function","function":` +
    `{"name":${JSON.stringify(toolUse.name)},"arguments":${JSON.stringify(toolUse.input)}}}]`
  )
}

function idOf({ generation }: Answer): string {
  return `chat-${randomName(seededRandom(mix(generation.seed, 3)), 24)}`
}

/** `ai21.jamba-1-5-mini-v1:0` calls itself `jamba-1-5-mini`. */
function nameOf({ model }: Answer): string {
  return model.id.replace(/^ai21\./, '').replace(/-v\d+:\d+$/, '')
}
