// Event-stream frames for tests, made by the AWS codec and not by ours, so that agreement proves something.

import { EventStreamCodec } from '@smithy/eventstream-codec'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
)

export function encodeMessage(headers: Readonly<Record<string, string>>, body: Buffer): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }])
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body }))
}

export function encodeEvent(type: string, payload: unknown): Buffer {
  const headers = {
    ':event-type': type,
    ':content-type': 'application/json',
    ':message-type': 'event',
  }
  return encodeMessage(headers, Buffer.from(JSON.stringify(payload)))
}

export function encodeException(type: string, message: string): Buffer {
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  }
  return encodeMessage(headers, Buffer.from(JSON.stringify({ message })))
}

/** One native event of a model, as InvokeModelWithResponseStream wraps it. */
export function encodeNative(event: unknown): Buffer {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64')
  return encodeEvent('chunk', { bytes, p: 'abcdefghijk' })
}
