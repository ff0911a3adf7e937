import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameTap, HEADERS_BYTES_MAX, MESSAGE_BYTES_MAX } from './frame-tap.ts'
import { encodeEvent, encodeException, encodeMessage } from '../testing/encode-frame.ts'

const WANTED = new Set(['messageStop', 'metadata'])
/** From the AWS codec, as recorded in public documentation of the wire. */
const MESSAGE_STOP = Buffer.from(
  '0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e74656e742d74797065070010' +
    '6170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2273746f70526561736f6e223a226' +
    '56e645f7475726e227d5fbf09fc',
  'hex',
)

type Seen = { kind: string; type: string; payload: string }

function tapped(chunks: readonly Buffer[]): { frames: Seen[]; problem: string | null } {
  const frames: Seen[] = []
  const tap = new FrameTap(WANTED, ({ kind, type, payload }) => {
    frames.push({ kind, type, payload: payload.toString() })
  })
  for (const chunk of chunks) tap.write(Buffer.from(chunk))
  tap.end()
  return { frames, problem: tap.problem }
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

const STREAM = Buffer.concat([
  encodeEvent('messageStart', { role: 'assistant' }),
  encodeEvent('contentBlockDelta', { delta: { text: 'unwanted' }, p: 'abc' }),
  MESSAGE_STOP,
  encodeEvent('metadata', { usage: { inputTokens: 1 } }),
])
const SHOWN = [
  { kind: 'event', type: 'messageStop', payload: '{"stopReason":"end_turn"}' },
  { kind: 'event', type: 'metadata', payload: '{"usage":{"inputTokens":1}}' },
]

describe('FrameTap', () => {
  it('[B10] shows the wanted frames of a stream cut in two at any byte', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      const chunks = [STREAM.subarray(0, at), STREAM.subarray(at)]
      expect(tapped(chunks)).toEqual({ frames: SHOWN, problem: null })
    }
  })

  it('[B10] shows the same for any cutting, byte by byte too', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
        expect(tapped(cut(STREAM, sizes))).toEqual({ frames: SHOWN, problem: null })
      }),
    )
    expect(tapped(cut(STREAM, [1]))).toEqual({ frames: SHOWN, problem: null })
  })

  it('[B10] shows exceptions and errors whether or not they are wanted', () => {
    const error = {
      ':message-type': 'error',
      ':error-code': 'InternalFailure',
      ':error-message': 'x',
    }
    const stream = Buffer.concat([
      encodeException('throttlingException', 'slow down'),
      encodeMessage(error, Buffer.alloc(0)),
    ])
    expect(tapped([stream]).frames).toEqual([
      { kind: 'exception', type: 'throttlingException', payload: '{"message":"slow down"}' },
      { kind: 'error', type: 'InternalFailure', payload: '' },
    ])
  })

  it('[B11] a damaged frame is never shown: it breaks the tap, or is not recognised', () => {
    for (let at = 0; at < MESSAGE_STOP.length; at += 1) {
      const damaged = Buffer.concat([STREAM, MESSAGE_STOP, STREAM])
      const bit = STREAM.length + at
      damaged.writeUInt8(damaged.readUInt8(bit) ^ 0x10, bit)
      const { frames, problem } = tapped([damaged])
      const inHeaders = at >= 12 && at < 12 + 81
      if (!inHeaders) expect(problem).not.toBe(null)
      expect(frames).toEqual(problem === null ? [...SHOWN, ...SHOWN] : SHOWN)
    }
  })

  it('[B11] a stream that ends inside a frame says so', () => {
    for (let at = 1; at < MESSAGE_STOP.length; at += 1) {
      expect(tapped([MESSAGE_STOP.subarray(0, at)]).problem).toBe('cut_inside_frame')
    }
  })

  it.each([
    ['a message too long', MESSAGE_BYTES_MAX + 1, 40, 'bad_length'],
    ['headers too long', MESSAGE_BYTES_MAX, HEADERS_BYTES_MAX + 1, 'bad_length'],
    ['headers past the end', 40, 30, 'bad_length'],
    ['no room for a checksum', 12, 0, 'bad_length'],
  ] as const)('[B11] refuses %s', (_, total, headers, problem) => {
    expect(tapped([prelude(total, headers), Buffer.alloc(64)]).problem).toBe(problem)
  })

  it.each([
    ['a name past the end', [200, 1, 2, 3]],
    ['a value past the end', [1, 97, 7, 0xff, 0xff, 1]],
    ['an unknown type', [1, 97, 10, 1, 1, 1]],
    ['half a length', [1, 97, 7, 0]],
  ])('[B11] refuses headers with %s', (_, headers) => {
    const bytes = Buffer.concat([
      prelude(16 + headers.length, headers.length),
      Buffer.from(headers),
      Buffer.alloc(4),
    ])
    expect(tapped([bytes]).problem).toBe('bad_headers')
  })

  it('[B11] reads past headers of every other type', () => {
    const others = [1, 97, 0, 1, 98, 1, 1, 99, 2, 5, 1, 100, 3, 0, 5, 1, 101, 4, 0, 0, 0, 1]
    const longer = [
      1,
      102,
      5,
      ...Array<number>(8).fill(0),
      1,
      103,
      6,
      0,
      2,
      9,
      9,
      1,
      104,
      8,
      ...Array<number>(8).fill(1),
      1,
      105,
      9,
      ...Array<number>(16).fill(2),
    ]
    const type = Buffer.concat([
      Buffer.from([11]),
      Buffer.from(':event-type'),
      Buffer.from([7, 0, 8]),
      Buffer.from('metadata'),
    ])
    const headers = Buffer.concat([Buffer.from([...others, ...longer]), type])
    const head = Buffer.concat([
      prelude(16 + headers.length + 2, headers.length),
      headers,
      Buffer.from('{}'),
    ])
    const check = Buffer.alloc(4)
    check.writeUInt32BE(crc32(head))
    expect(tapped([Buffer.concat([head, check])])).toEqual({
      frames: [{ kind: 'event', type: 'metadata', payload: '{}' }],
      problem: null,
    })
  })

  it('[B11] takes any bytes without throwing', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constant(new Uint8Array(MESSAGE_STOP)),
      fc
        .tuple(fc.nat(200), fc.nat(200))
        .map(([total, headers]) => new Uint8Array(prelude(total, headers))),
    )
    fc.assert(
      fc.property(
        fc.array(noise, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1 }),
        (parts, sizes) => {
          tapped(cut(Buffer.concat(parts), sizes))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('[B12] holds what has come of a wanted frame, not what its length promises', () => {
    const tap = new FrameTap(WANTED, () => undefined)
    const before = process.memoryUsage().arrayBuffers
    const promised = Buffer.concat([prelude(MESSAGE_BYTES_MAX, 81), MESSAGE_STOP.subarray(12, 93)])
    tap.write(promised)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576)
    expect(tap.problem).toBe(null)
  })

  it('[B12] lets a large unwanted frame pass without keeping it', () => {
    const large = encodeEvent('contentBlockDelta', { delta: { text: 'x'.repeat(5_000_000) } })
    const before = process.memoryUsage().arrayBuffers
    const frames: string[] = []
    const tap = new FrameTap(WANTED, (frame) => frames.push(frame.type))
    for (const chunk of cut(large, [65_536])) tap.write(chunk)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576)
    tap.write(MESSAGE_STOP)
    expect(frames).toEqual(['messageStop'])
  })
})

function prelude(total: number, headers: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(total, 0)
  bytes.writeUInt32BE(headers, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  return bytes
}
