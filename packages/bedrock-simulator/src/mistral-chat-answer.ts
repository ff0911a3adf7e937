// Writes the chat answers of Mistral's own shape: choices that say why they stopped, and no usage, which headers and Bedrock's
// metrics tell instead. A stream repeats the message's form in every piece.

import type { Answer, StreamOptions } from './answer.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { finishReason } from './openai-answer.ts'
import { textPieces } from './stream-pieces.ts'

export function mistralChatBody(answer: Answer): string {
  const { words, stop } = answer.generation
  const text = words.slice(0, words.count)
  return `{${choice(text, toolCalls(answer), `"${finishReason(stop)}"`)}}`
}

export function* mistralChatEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation } = answer
  for (const { text, outputTokens } of textPieces(generation)) {
    yield { json: `{${choice(text, '', 'null')}}`, outputTokens }
  }
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  const last = choice('', toolCalls(answer), `"${finishReason(generation.stop)}"`)
  yield { json: `{${last}${metrics}}`, outputTokens: generation.outputTokens }
}

function choice(text: string, calls: string, stop: string): string {
  const message = `{"role":"assistant","content":"${text}"${calls}}`
  return `"choices":[{"index":0,"message":${message},"stop_reason":${stop}}]`
}

function toolCalls({ generation: { toolUse } }: Answer): string {
  if (toolUse === null) return ''
  const { id, name, input } = toolUse
  const call = `{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(input)}}`
  return `,"tool_calls":[{"id":"${id}","function":${call}}]`
}
