// Writes the answers of Cohere's Command R: a text with the chat so far, or calls of tools with no text. A stream ends with the
// whole answer again, and only there is a count of tokens.

import type { Answer, StreamOptions } from './answer.ts'
import type { Text } from './ask.ts'
import { cohereReason, uuidOf } from './completion-answer.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { textPieces } from './stream-pieces.ts'

export function cohereChatBody(answer: Answer, asked: Text): string {
  return `{${members(answer, asked)}}`
}

export function* cohereChatEvents(
  answer: Answer,
  asked: Text,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation, usage } = answer
  const { outputTokens, toolUse, words } = generation
  const open = '"is_finished":false,"event_type"'
  if (toolUse === null) {
    for (const { text, outputTokens: tokens } of textPieces(generation)) {
      yield { json: `{${open}:"text-generation","text":"${text}"}`, outputTokens: tokens }
    }
  } else {
    const json = `{${open}:"tool-calls-generation","tool_calls":${toolCalls(answer)}}`
    yield { json, outputTokens: words.count + toolUse.tokens }
  }
  const meta =
    `"meta":{"api_version":{"version":"1"},` +
    `"billed_units":{"input_tokens":${usage.input},"output_tokens":${usage.output}}}`
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  yield {
    json:
      `{"is_finished":true,"event_type":"stream-end",` +
      `"finish_reason":"${cohereReason(generation.stop)}",` +
      `"response":{${members(answer, asked)},${meta}}${metrics}}`,
    outputTokens,
  }
}

function members(answer: Answer, { echo }: Text): string {
  const { words, toolUse, stop } = answer.generation
  const text = toolUse === null ? words.slice(0, words.count) : ''
  const calls = toolUse === null ? '' : `"tool_calls":${toolCalls(answer)},`
  const history = (echo ?? '[]').slice(0, -1)
  return (
    `"response_id":"${uuidOf(answer, 3)}","text":"${text}","generation_id":"${uuidOf(answer, 5)}",` +
    `"chat_history":${history},{"role":"CHATBOT","message":"${text}"}],${calls}` +
    `"finish_reason":"${cohereReason(stop)}"`
  )
}

function toolCalls({ generation: { toolUse } }: Answer): string {
  if (toolUse === null) return '[]'
  return `[{"name":${JSON.stringify(toolUse.name)},"parameters":${toolUse.input}}]`
}
