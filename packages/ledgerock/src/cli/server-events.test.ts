import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serverEvents, type ServerEvent } from './server-events.ts'

const STREAM =
  ': connected\n\nevent: call\r\nid: 7\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata:ü\n\nevent: x\n\n'

async function read(chunks: readonly Uint8Array[]): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of serverEvents(ReadableStream.from(chunks))) events.push(event)
  return events
}

describe('serverEvents', () => {
  it('reads the same events however the bytes are cut', async () => {
    const bytes = new TextEncoder().encode(STREAM)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        expect(await read(chunks)).toEqual([
          { event: 'call', data: '{"a":\n1}', id: '7' },
          { event: 'message', data: 'ü', id: '7' },
        ])
      }),
    )
  })
})
