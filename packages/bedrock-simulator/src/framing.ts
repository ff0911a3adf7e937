// How the events of a stream become bytes: AWS's event-stream messages, or server-sent events with a name (Anthropic, OpenAI
// Responses) or without one (OpenAI chat). Each also knows how a stream of its kind reports an error half way, and what a
// damaged event looks like.

import type { StreamEvent } from './answer.ts'
import { encodeEvent, encodeException, withWrongCrc } from './event-frame.ts'
import { STREAM_EXCEPTIONS, type StreamException } from './fault.ts'
import { ERROR_STATUS, SERVICE_MESSAGES } from './refusal.ts'
import { anthropicError, openaiError } from './refusal-body.ts'
import type { Operation } from './route.ts'

export type Framing = {
  readonly contentType: string
  readonly frame: (event: StreamEvent) => Buffer
  /** The same frame, unreadable to a client that checks what it gets. */
  readonly damaged: (frame: Buffer) => Buffer
  /** `index` counts events; Responses numbers them. */
  readonly error: (type: StreamException, requestId: string, index: number) => Buffer
}

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream'
export const SSE_TYPE = 'text/event-stream'

const EVENT_STREAM: Framing = {
  contentType: EVENT_STREAM_TYPE,
  frame: (event) => encodeEvent(event.type, event.payload),
  damaged: withWrongCrc,
  error: (type) => encodeException(type, JSON.stringify({ message: messageOf(type) })),
}

const CHAT: Framing = {
  contentType: SSE_TYPE,
  frame: ({ payload }) => Buffer.from(`data: ${payload}\n\n`),
  damaged: withoutBrace,
  error: (type) => Buffer.from(`data: ${openaiError(messageOf(type), statusOf(type))}\n\n`),
}

const RESPONSES: Framing = {
  contentType: SSE_TYPE,
  frame: namedEvent,
  damaged: withoutBrace,
  error: (type, _requestId, index) => {
    const code = statusOf(type) === 429 ? 'rate_limit_exceeded' : 'server_error'
    const error = { type: 'error', code, message: messageOf(type), param: null }
    const payload = JSON.stringify({ ...error, sequence_number: index })
    return namedEvent({ type: 'error', payload, outputTokens: 0 })
  },
}

const MESSAGES: Framing = {
  contentType: SSE_TYPE,
  frame: namedEvent,
  damaged: withoutBrace,
  error: (type, requestId) => {
    const payload = anthropicError(messageOf(type), statusOf(type), requestId)
    return namedEvent({ type: 'error', payload, outputTokens: 0 })
  },
}

export function framingOf(operation: Operation): Framing {
  if (operation === 'ChatCompletions') return CHAT
  if (operation === 'Responses') return RESPONSES
  return operation === 'Messages' ? MESSAGES : EVENT_STREAM
}

function namedEvent({ type, payload }: StreamEvent): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${payload}\n\n`)
}

/** Server-sent events have no checksum; what is wrong with them is the JSON. `[DONE]` loses its bracket. */
function withoutBrace(frame: Buffer): Buffer {
  return Buffer.concat([frame.subarray(0, -3), Buffer.from('\n\n')])
}

function statusOf(type: StreamException): number {
  const errorType = STREAM_EXCEPTIONS[type]
  // A type of streams only, with the status of the model's own errors.
  return errorType === 'ModelStreamErrorException'
    ? ERROR_STATUS.ModelErrorException
    : ERROR_STATUS[errorType]
}

function messageOf(type: StreamException): string {
  const errorType = STREAM_EXCEPTIONS[type]
  return errorType === 'ModelStreamErrorException' || errorType === 'ValidationException'
    ? 'The model stream broke off while the answer was being generated.'
    : SERVICE_MESSAGES[errorType]
}
