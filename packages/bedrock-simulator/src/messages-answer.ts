// Writes answers of the Anthropic Messages route. The body is the model's own, as InvokeModel gives it; a stream is the same
// events with their names, a ping after the first, and none of Bedrock's invocation metrics.

import { anthropicBody, anthropicEvents } from './anthropic-answer.ts'
import type { Answer, StreamEvent, StreamOptions } from './answer.ts'

const FINAL_USAGE = /,"usage":\{"output_tokens":\d+\}/

export function messagesBody(answer: Answer): string {
  const body = anthropicBody(answer)
  // The API says which tier served a message beside its tokens.
  return `${body.slice(0, -2)},"service_tier":"${tierOf(answer)}"}}`
}

export function* messagesEvents(
  answer: Answer,
  { withMetadata }: StreamOptions,
): Generator<StreamEvent> {
  let index = 0
  for (const { json, outputTokens } of anthropicEvents(answer, { withMetadata: false })) {
    // Without its final usage a stream says what went in, in its first event, but not what came out.
    const payload = withMetadata ? json : json.replace(FINAL_USAGE, '')
    yield { type: nameOf(json), payload, outputTokens }
    if (index === 0) yield { type: 'ping', payload: '{"type":"ping"}', outputTokens }
    index += 1
  }
}

function nameOf(json: string): string {
  const start = '{"type":"'.length
  return json.slice(start, json.indexOf('"', start))
}

function tierOf({ tier }: Answer): string {
  return tier === 'default' ? 'standard' : tier
}
