import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseTap } from './sse-tap.ts'

/** The data of each event the tap showed. */
function tapped(chunks: readonly Buffer[]): string[] {
  const events: string[] = []
  let parts: Buffer[] = []
  const tap = new SseTap({
    // Copied, because the bytes are the chunk's.
    data: (bytes) => parts.push(Buffer.from(bytes)),
    event: () => {
      events.push(Buffer.concat(parts).toString())
      parts = []
    },
  })
  for (const chunk of chunks) {
    const own = Buffer.from(chunk)
    tap.write(own)
    own.fill(0x2a)
  }
  tap.end()
  return events
}

const STREAM = [
  '\uFEFFevent: first\r\n',
  'data: {"a":\r\n',
  'data:1}\r\n',
  'id: 7\r\n',
  '\r\n',
  ': a comment\n',
  'data\n',
  'data:  two spaces\n',
  'retry: 10\n',
  'datax: no\n',
  'dat: no\n',
  '\n',
  '\n\r\r\n',
  ': only a comment\n\n',
  'data: carriage\r',
  'data: returns\r',
  '\r',
  'data: é中𐍈\r\n\n',
  'data: [DONE]',
].join('')
const EVENTS = ['{"a":\n1}', '\n two spaces', 'carriage\nreturns', 'é中𐍈', '[DONE]']

describe('SseTap', () => {
  it('[B25] shows the same events wherever the stream is cut in two, and byte by byte', () => {
    const bytes = Buffer.from(STREAM)
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(tapped([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EVENTS)
    }
    expect(tapped(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(EVENTS)
  })

  it('[B25] any lines, with any line ends, in any chunks', () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
    const text = fc.string({ unit: fc.constantFrom('a', ':', ' ', '"', 'data', '\uFEFF', 'é') })
    const event = fc.array(text, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(event, lineEnd, text), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (events, sizes) => {
          const stream = events
            .map(([lines, end, comment]) =>
              [`:${comment}`, ...lines.map((line) => `data: ${line}`), '', ''].join(end),
            )
            .join('')
          const bytes = Buffer.from(stream)
          const chunks: Buffer[] = []
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] as number
            chunks.push(bytes.subarray(at, at + size))
            at += size
          }
          expect(tapped(chunks)).toEqual(events.map(([lines]) => lines.join('\n')))
        },
      ),
    )
  })

  it('[B25] takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 9 }), (chunks) => {
        tapped(chunks.map((chunk) => Buffer.from(chunk)))
      }),
    )
  })

  it.each([
    ['half a byte order mark', Buffer.from([0xef, 0xbb, 0x64, 0x61, 0x74, 0x61, 0x3a, 0x78])],
    ['a mark in the middle', Buffer.from(':\n\uFEFFdata: x\n\n')],
    ['no field at all', Buffer.from('{"not":"an event stream"}')],
    ['nothing', Buffer.alloc(0)],
  ])('[B25] shows nothing of %s', (_, bytes) => {
    expect(tapped([bytes])).toEqual([])
  })

  it('[B25] holds nothing of an event that never ends', () => {
    let shown = 0
    const tap = new SseTap({ data: (bytes) => (shown += bytes.length), event: () => undefined })
    const chunk = Buffer.alloc(65_536, 'x')
    const before = process.memoryUsage().arrayBuffers
    tap.write(Buffer.from('data: '))
    for (let turn = 0; turn < 512; turn += 1) tap.write(chunk)
    expect(shown).toBe(512 * 65_536)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576)
  })
})
