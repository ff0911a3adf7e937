// A ConverseStream answer in frames, as AWS's own codec writes them: what the meters read, and what the fixed responder sends.

import { EventStreamCodec } from '@smithy/eventstream-codec'

/** One buffer per frame, as the upstream's writes usually arrive. */
export function streamFrames(count: number): readonly Buffer[] {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString(),
    (text) => Buffer.from(text),
  )
  const frame = (type: string, payload: unknown): Buffer => {
    const text = (value: string) => ({ type: 'string', value }) as const
    const headers = {
      ':event-type': text(type),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    }
    return Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) }))
  }
  const delta = { contentBlockIndex: 0, delta: { text: ' carried over' }, p: 'abcdefghijklmn' }
  return [
    frame('messageStart', { role: 'assistant', p: 'abcdef' }),
    ...Array.from({ length: count - 4 }, () => frame('contentBlockDelta', delta)),
    frame('contentBlockStop', { contentBlockIndex: 0, p: 'abcdef' }),
    frame('messageStop', { stopReason: 'end_turn', p: 'abcdefgh' }),
    frame('metadata', {
      usage: { inputTokens: 498, outputTokens: 392, totalTokens: 890 },
      metrics: { latencyMs: 2_812 },
    }),
  ]
}
