// Writes answers in Amazon Nova's native `messages-v1` shape. Its cache counts have names of their own, its streamed usage
// has no total, and writes are not told apart by time to live.

import type { Answer, StreamOptions } from './answer.ts'
import { invocationMetrics, type NativeEvent } from './native-event.ts'
import { textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'
import { cacheWriteTokens, totalTokens } from './usage.ts'

export function novaBody(answer: Answer): string {
  const { generation, usage } = answer
  const { words, toolUse } = generation
  const blocks: string[] = []
  if (words.count > 0 || toolUse === null) blocks.push(`{"text":"${words.slice(0, words.count)}"}`)
  if (toolUse !== null) {
    const name = JSON.stringify(toolUse.name)
    blocks.push(`{"toolUse":{"name":${name},"toolUseId":"${toolUse.id}","input":${toolUse.input}}}`)
  }
  return (
    `{"output":{"message":{"content":[${blocks.join(',')}],"role":"assistant"}},` +
    `"stopReason":"${generation.stop}","usage":{"inputTokens":${usage.input},` +
    `"outputTokens":${usage.output},"totalTokens":${totalTokens(usage)},${cacheCounts(answer)}}}`
  )
}

export function* novaEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<NativeEvent> {
  const { generation, usage } = answer
  const { words, toolUse, outputTokens } = generation
  yield native(`{"messageStart":{"role":"assistant"}}`, 0)
  let index = 0
  if (words.count > 0) {
    for (const piece of textPieces(generation)) {
      const delta = `{"delta":{"text":"${piece.text}"},"contentBlockIndex":0}`
      yield native(`{"contentBlockDelta":${delta}}`, piece.outputTokens)
    }
    yield native(`{"contentBlockStop":{"contentBlockIndex":0}}`, words.count)
    index = 1
  }
  if (toolUse !== null) {
    const name = JSON.stringify(toolUse.name)
    const start = `{"toolUse":{"toolUseId":"${toolUse.id}","name":${name}}}`
    yield native(
      `{"contentBlockStart":{"start":${start},"contentBlockIndex":${index}}}`,
      toolStartTokens(generation),
    )
    for (const piece of toolPieces(generation, toolUse)) {
      const delta = `{"toolUse":{"input":${JSON.stringify(piece.text)}}}`
      yield native(
        `{"contentBlockDelta":{"delta":${delta},"contentBlockIndex":${index}}}`,
        piece.outputTokens,
      )
    }
    yield native(`{"contentBlockStop":{"contentBlockIndex":${index}}}`, outputTokens)
  }
  yield native(`{"messageStop":{"stopReason":"${generation.stop}"}}`, outputTokens)
  if (!withMetadata) return
  yield native(
    `{"metadata":{"usage":{"inputTokens":${usage.input},"outputTokens":${usage.output},` +
      `${cacheCounts(answer)}},"metrics":{},"trace":{}},${invocationMetrics(answer)}}`,
    outputTokens,
  )
}

function native(json: string, outputTokens: number): NativeEvent {
  return { json, outputTokens }
}

function cacheCounts({ usage }: Answer): string {
  return (
    `"cacheReadInputTokenCount":${usage.cacheRead},` +
    `"cacheWriteInputTokenCount":${cacheWriteTokens(usage)}`
  )
}
