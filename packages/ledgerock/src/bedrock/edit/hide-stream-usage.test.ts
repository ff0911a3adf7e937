import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStreamUsageHider, EVENT_BYTES_MAX } from './hide-stream-usage.ts'

function hidden(chunks: readonly Buffer[]): string {
  const hider = createStreamUsageHider()
  const out: Buffer[] = []
  for (const chunk of chunks) {
    const own = Buffer.from(chunk)
    out.push(Buffer.from(hider.write(own)))
    own.fill(0x2a)
  }
  out.push(hider.end())
  return Buffer.concat(out).toString()
}

function cut(text: string, sizes: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** One chunk of a stream, as it is sent with and without `include_usage`. */
const STREAM = (lineEnd: string): readonly (readonly [asked: string, unasked: string])[] =>
  [
    [
      'data: {"id":"1","choices":[{"delta":{}}],"usage":null}',
      'data: {"id":"1","choices":[{"delta":{}}]}',
    ],
    ['data: {"usage": null, "choices": []}', 'data: {"choices": []}'],
    ['data:{"choices":[] , "usage" : null , "id":"1"}', 'data:{"choices":[] , "id":"1"}'],
    ['data: {"usage":null}', 'data: {}'],
    [
      'data: {"choices":[{"delta":{"content":"\\"usage\\":null é"}}],"usage":null}',
      'data: {"choices":[{"delta":{"content":"\\"usage\\":null é"}}]}',
    ],
    ['data: {"choices":[],"usage":{"prompt_tokens":1}}', null],
    [
      `event: x${lineEnd}id: 1${lineEnd}data: {"choices": [ ], "usage": {"prompt_tokens": 1}}`,
      null,
    ],
    [`data: {"choices":[],${lineEnd}data: "usage":{"prompt_tokens":1}}`, null],
    [': keep-alive', ': keep-alive'],
    ['data: [DONE]', 'data: [DONE]'],
  ].map(([asked, unasked]) => [
    asked + lineEnd + lineEnd,
    unasked === null ? '' : (unasked ?? '') + lineEnd + lineEnd,
  ])

describe('createStreamUsageHider', () => {
  it.each(['\n', '\r\n', '\r'])(
    '[B26] gives what would have come unasked, cut anywhere (%j)',
    (end) => {
      const asked = STREAM(end)
        .map(([text]) => text)
        .join('')
      const unasked = STREAM(end)
        .map(([, text]) => text)
        .join('')
      const bytes = Buffer.from(asked)
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(hidden([bytes.subarray(0, at), bytes.subarray(at)])).toBe(unasked)
      }
      for (const size of [1, 2, 3, 7]) expect(hidden(cut(asked, [size]))).toBe(unasked)
    },
  )

  it('[B26] any order of chunks, in any pieces', () => {
    const index = fc.nat(STREAM('\n').length - 1)
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(fc.tuple(index, lineEnd), { maxLength: 12 }), sizes, (picks, sizes_) => {
        const pairs = picks.map(([pick, end]) => STREAM(end)[pick] as readonly [string, string])
        const asked = pairs.map(([text]) => text).join('')
        // A line feed after a carriage return is part of the same line end.
        fc.pre(!pairs.some(([, text], at) => text.startsWith('\n') && at > 0))
        expect(hidden(cut(asked, sizes_))).toBe(pairs.map(([, text]) => text).join(''))
      }),
    )
  })

  it.each([
    ['usage beside an answer', 'data: {"choices":[{"index":0}],"usage":{"prompt_tokens":1}}\n\n'],
    ['usage further inside', 'data: {"choices":[{"usage":null}],"x":{"usage":null}}\n\n'],
    ['usage that is a number', 'data: {"choices":[],"usage":7}\n\n'],
    ['usage told twice', 'data: {"usage":null,"choices":[],"usage":null}\n\n'],
    ['a key written otherwise', 'data: {"\\u0075sage":null,"choices":[]}\n\n'],
    ['no choices', 'data: {"usage":{"prompt_tokens":1}}\n\n'],
    ['what is not JSON', 'data: {"choices":[],"usage":null\n\n'],
    ['null in several lines', 'data: {"choices":[],\ndata: "usage":null}\n\n'],
    ['no event stream', '{"usage":null}'],
  ])('[B26] leaves %s alone', (_, text) => {
    expect(hidden([Buffer.from(text)])).toBe(text)
    expect(hidden(cut(text, [1]))).toBe(text)
  })

  it('[B26] any bytes without usage come out as they went in', () => {
    const bytes = fc.uint8Array({ maxLength: 80 }).map((part) => Buffer.from(part))
    const lines = fc
      .constantFrom('\n', '\r', '\r\n', 'data: ', ':', '{"a":1}')
      .map((text) => Buffer.from(text))
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, lines), { maxLength: 20 }), (chunks) => {
        const hider = createStreamUsageHider()
        const out = [...chunks.map((chunk) => Buffer.from(hider.write(chunk))), hider.end()]
        expect(Buffer.concat(out)).toEqual(Buffer.concat(chunks))
      }),
    )
  })

  it('[B26] takes out the usage of a stream that ends without its last blank line', () => {
    const text = 'data: {"choices":[]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":1}}\n'
    expect(hidden(cut(text, [5]))).toBe('data: {"choices":[]}\n\n')
  })

  it('[B26] an event too long to hold passes as it comes, and the next one is read again', () => {
    const hider = createStreamUsageHider()
    const long = `data: {"choices":[],"usage":null,"x":"${'x'.repeat(EVENT_BYTES_MAX)}`
    const chunks = [long, 'y'.repeat(500), '"}\r', '\n', '\r\ndata: {"usage":null}\r\n\r\n'].map(
      (text) => Buffer.from(text),
    )
    const before = process.memoryUsage().arrayBuffers
    const out = chunks.map((chunk) => Buffer.from(hider.write(chunk)).toString())
    expect(out.slice(0, 4)).toEqual([long, 'y'.repeat(500), '"}\r', '\n'])
    expect(out[4]).toBe('\r\ndata: {}\r\n\r\n')
    const more = Buffer.alloc(65_536, 'x')
    hider.write(Buffer.from('data: '))
    for (let turn = 0; turn < 200; turn += 1) hider.write(more)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_097_152)
  })

  it('a chunk with nothing to hide is not copied', () => {
    const chunk = Buffer.from('data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n')
    const out = createStreamUsageHider().write(chunk)
    expect(out.buffer).toBe(chunk.buffer)
    expect(out.byteOffset).toBe(chunk.byteOffset)
  })
})
