// InvokeModelWithResponseStream wraps each of a model's own events in a `chunk`: the event's JSON in base64 plus padding.
// The last one also carries `amazon-bedrock-invocationMetrics`, whatever the model.

import type { Answer, StreamEvent } from './answer.ts'
import { padder } from './stream-pieces.ts'
import { cacheWriteTokens } from './usage.ts'

export type NativeEvent = {
  /** JSON of an object. */
  readonly json: string
  readonly outputTokens: number
}

export function* chunkEvents(
  answer: Answer,
  events: Iterable<NativeEvent>,
): Generator<StreamEvent> {
  const pad = padder(answer.generation.seed)
  for (const { json, outputTokens } of events) {
    const bytes = Buffer.from(json).toString('base64')
    yield { type: 'chunk', payload: `{"bytes":"${bytes}","p":"${pad()}"}`, outputTokens }
  }
}

/** The member to append to the last native event. */
export function invocationMetrics({ model, usage, generation }: Answer): string {
  const cache =
    model.cache === null && model.implicitCache === null
      ? ''
      : `,"cacheReadInputTokenCount":${usage.cacheRead}` +
        `,"cacheWriteInputTokenCount":${cacheWriteTokens(usage)}`
  return (
    `"amazon-bedrock-invocationMetrics":{"inputTokenCount":${usage.input},` +
    `"outputTokenCount":${usage.output},"invocationLatency":${generation.latencyMs},` +
    `"firstByteLatency":${generation.firstByteMs}${cache}}`
  )
}
