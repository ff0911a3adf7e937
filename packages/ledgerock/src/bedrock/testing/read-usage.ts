// Puts an answer through the meter that belongs to it, as the gateway does.

import { createUsageMeter } from '../usage/create-usage-meter.ts'
import type { MediaAsk } from '../request/media-ask.ts'
import { parseModelId } from '../model-id.ts'
import type { Operation } from '../route.ts'
import type { UsageMeter, UsageReading } from '../usage/usage-meter.ts'

export const EVENT_STREAM = { 'content-type': 'application/vnd.amazon.eventstream' }
export const SSE = { 'content-type': 'text/event-stream; charset=utf-8' }
export const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
export const NOVA = 'amazon.nova-lite-v1:0'
export const GPT = 'openai.gpt-oss-120b-1:0'
export const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
export const INPUT_ESTIMATE = 77

export function meterOf(
  operation: Operation,
  model: string,
  headers: Record<string, string>,
  status = 200,
  media: MediaAsk | null = null,
): UsageMeter {
  const facts = { inputEstimate: INPUT_ESTIMATE, media, mediaParts: 0 }
  return createUsageMeter({ operation }, parseModelId(model), facts, status, headers)
}

export function streamed(
  operation: Operation,
  model: string,
  frames: readonly Buffer[],
): UsageReading {
  const watching = meterOf(operation, model, streamHeaders(operation))
  for (const frame of frames) watching.write(frame)
  watching.end()
  return watching.read()
}

export function streamHeaders(operation: Operation): Record<string, string> {
  const isSse = operation === 'chat-completions' || operation === 'responses'
  return isSse || operation === 'messages' ? SSE : EVENT_STREAM
}

export function unary(
  operation: Operation,
  model: string,
  body: unknown,
  headers = {},
  media: MediaAsk | null = null,
): UsageReading {
  const all = { 'content-type': 'application/json', ...headers }
  const watching = meterOf(operation, model, all, 200, media)
  watching.write(Buffer.from(JSON.stringify(body)))
  watching.end()
  return watching.read()
}
