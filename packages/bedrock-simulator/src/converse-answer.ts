// Writes answers in Converse's shape, whole and as events. Usage in a stream comes only in the last event, `metadata`.

import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import { padder, textPieces, toolPieces, toolStartTokens } from './stream-pieces.ts'
import { cacheWriteTokens, totalTokens } from './usage.ts'

export function converseBody(answer: Answer): string {
  const { generation } = answer
  const { words, toolUse } = generation
  const blocks: string[] = []
  if (words.count > 0 || toolUse === null) blocks.push(`{"text":"${words.slice(0, words.count)}"}`)
  if (toolUse !== null) {
    blocks.push(
      `{"toolUse":{"input":${toolUse.input},"name":${JSON.stringify(toolUse.name)},` +
        `"toolUseId":"tooluse_${toolUse.id}"}}`,
    )
  }
  return (
    `{"metrics":{"latencyMs":${generation.latencyMs}},` +
    `"output":{"message":{"content":[${blocks.join(',')}],"role":"assistant"}},` +
    `${serviceMembers(answer)}"stopReason":"${generation.stop}","usage":${usageJson(answer)}}`
  )
}

export function* converseEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<StreamEvent> {
  const { generation } = answer
  const { words, toolUse, outputTokens } = generation
  const pad = padder(generation.seed)
  yield event('messageStart', `{"p":"${pad()}","role":"assistant"}`, 0)
  let block = 0
  if (words.count > 0) {
    for (const piece of textPieces(generation)) {
      const payload = `{"contentBlockIndex":0,"delta":{"text":"${piece.text}"},"p":"${pad()}"}`
      yield event('contentBlockDelta', payload, piece.outputTokens)
    }
    yield event('contentBlockStop', `{"contentBlockIndex":0,"p":"${pad()}"}`, words.count)
    block = 1
  }
  if (toolUse !== null) {
    const name = JSON.stringify(toolUse.name)
    const start = `{"toolUse":{"name":${name},"toolUseId":"tooluse_${toolUse.id}"}}`
    yield event(
      'contentBlockStart',
      `{"contentBlockIndex":${block},"p":"${pad()}","start":${start}}`,
      toolStartTokens(generation),
    )
    for (const piece of toolPieces(generation, toolUse)) {
      const delta = `{"toolUse":{"input":${JSON.stringify(piece.text)}}}`
      const payload = `{"contentBlockIndex":${block},"delta":${delta},"p":"${pad()}"}`
      yield event('contentBlockDelta', payload, piece.outputTokens)
    }
    yield event('contentBlockStop', `{"contentBlockIndex":${block},"p":"${pad()}"}`, outputTokens)
  }
  yield event('messageStop', `{"p":"${pad()}","stopReason":"${generation.stop}"}`, outputTokens)
  if (!withMetadata) return
  yield event(
    'metadata',
    `{"metrics":{"latencyMs":${generation.latencyMs}},"p":"${pad()}",${serviceMembers(answer)}` +
      `"usage":${usageJson(answer)}}`,
    outputTokens,
  )
}

function event(type: string, payload: string, outputTokens: number): StreamEvent {
  return { type, payload, outputTokens }
}

function serviceMembers({ performance, tier }: Answer): string {
  const performanceConfig =
    performance === null ? '' : `"performanceConfig":{"latency":"${performance}"},`
  return `${performanceConfig}"serviceTier":{"type":"${tier}"},`
}

function usageJson(answer: Answer): string {
  const { model, usage, caching } = answer
  const counts =
    `"inputTokens":${usage.input},"outputTokens":${usage.output},` +
    `"totalTokens":${totalTokens(usage)}`
  if (model.cache === null) return `{${counts}}`
  // Only models that tell their writes apart by time to live break them down; longest first, empty without a write.
  const splits = caching && model.family === 'anthropic'
  const details = [
    ...(usage.cacheWrite1h > 0 ? [`{"inputTokens":${usage.cacheWrite1h},"ttl":"1h"}`] : []),
    ...(usage.cacheWrite5m > 0 ? [`{"inputTokens":${usage.cacheWrite5m},"ttl":"5m"}`] : []),
  ]
  return (
    `{${splits ? `"cacheDetails":[${details.join(',')}],` : ''}` +
    `"cacheReadInputTokens":${usage.cacheRead},` +
    `"cacheWriteInputTokens":${cacheWriteTokens(usage)},${counts}}`
  )
}
