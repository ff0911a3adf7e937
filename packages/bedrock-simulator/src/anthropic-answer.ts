// Writes answers in Anthropic's native Messages shape. In a stream, input usage comes first (`message_start`) and output
// usage last and cumulative (`message_delta`): a reader takes the last figure, it does not add them up.

import type { Answer, StreamOptions } from './answer.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { mix, randomName, seededRandom } from './random.ts'
import { textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'
import { cacheWriteTokens } from './usage.ts'

export function anthropicBody(answer: Answer): string {
  const { generation } = answer
  const { words, toolUse } = generation
  const blocks: string[] = []
  if (words.count > 0 || toolUse === null) {
    blocks.push(`{"type":"text","text":"${words.slice(0, words.count)}"}`)
  }
  if (toolUse !== null) {
    blocks.push(
      `{"type":"tool_use","id":"toolu_bdrk_${toolUse.id}","name":${JSON.stringify(toolUse.name)},` +
        `"input":${toolUse.input}}`,
    )
  }
  return (
    `{${messageMembers(answer)},"content":[${blocks.join(',')}],` +
    `"stop_reason":"${generation.stop}","stop_sequence":${stopSequence(answer)},` +
    `"usage":${usageJson(answer, generation.outputTokens)}}`
  )
}

export function* anthropicEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation } = answer
  const { words, toolUse, outputTokens } = generation
  const first = Math.min(1, outputTokens)
  yield native(
    `{"type":"message_start","message":{${messageMembers(answer)},"content":[],` +
      `"stop_reason":null,"stop_sequence":null,"usage":${usageJson(answer, first)}}}`,
    0,
  )
  let index = 0
  if (words.count > 0) {
    const start = `"content_block":{"type":"text","text":""}`
    yield native(`{"type":"content_block_start","index":0,${start}}`, 0)
    for (const piece of textPieces(generation)) {
      const delta = `{"type":"text_delta","text":"${piece.text}"}`
      yield native(`{"type":"content_block_delta","index":0,"delta":${delta}}`, piece.outputTokens)
    }
    yield native(`{"type":"content_block_stop","index":0}`, words.count)
    index = 1
  }
  if (toolUse !== null) {
    const start =
      `{"type":"tool_use","id":"toolu_bdrk_${toolUse.id}",` +
      `"name":${JSON.stringify(toolUse.name)},"input":{}}`
    yield native(
      `{"type":"content_block_start","index":${index},"content_block":${start}}`,
      toolStartTokens(generation),
    )
    for (const piece of toolPieces(generation, toolUse)) {
      const delta = `{"type":"input_json_delta","partial_json":${JSON.stringify(piece.text)}}`
      yield native(
        `{"type":"content_block_delta","index":${index},"delta":${delta}}`,
        piece.outputTokens,
      )
    }
    yield native(`{"type":"content_block_stop","index":${index}}`, outputTokens)
  }
  yield native(
    `{"type":"message_delta","delta":{"stop_reason":"${generation.stop}",` +
      `"stop_sequence":${stopSequence(answer)}},"usage":{"output_tokens":${outputTokens}}}`,
    outputTokens,
  )
  const metrics = withMetadata ? `,${invocationMetrics(answer)}` : ''
  yield native(`{"type":"message_stop"${metrics}}`, outputTokens)
}

function native(json: string, outputTokens: number): NativeEvent {
  return { json, outputTokens }
}

function messageMembers({ model, generation }: Answer): string {
  const id = randomName(seededRandom(mix(generation.seed, 3)), 24)
  const name = model.id.replace(/^anthropic\./, '').replace(/-v\d+(:\d+)?$/, '')
  return `"model":"${name}","id":"msg_bdrk_${id}","type":"message","role":"assistant"`
}

function stopSequence({ generation }: Answer): string {
  return JSON.stringify(generation.stopSequence)
}

function usageJson({ usage }: Answer, outputTokens: number): string {
  return (
    `{"input_tokens":${usage.input},` +
    `"cache_creation_input_tokens":${cacheWriteTokens(usage)},` +
    `"cache_read_input_tokens":${usage.cacheRead},` +
    `"cache_creation":{"ephemeral_5m_input_tokens":${usage.cacheWrite5m},` +
    `"ephemeral_1h_input_tokens":${usage.cacheWrite1h}},"output_tokens":${outputTokens}}`
  )
}
