import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameTap, HEADERS_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX } from './usage/frame-tap.ts'
import { encodeEvent, encodeException } from './testing/encode-frame.ts'

const WANTED: ReadonlySet<string> = new Set(['metadata', 'chunk'])

function tapped(chunks: readonly Buffer[]): { shown: string[]; problem: string | null } {
  const shown: string[] = []
  const tap = new FrameTap(WANTED, ({ kind, type, payload }) => {
    shown.push(`${kind} ${type} ${payload.toString('latin1')}`)
  })
  for (const chunk of chunks) {
    // What was looked at belongs to others again.
    const own = Buffer.from(chunk)
    tap.write(own)
    own.fill(0xff)
  }
  tap.end()
  return { shown, problem: tap.problem }
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

/** A message with any headers, and checksums that fit. */
function message(headers: Buffer, payload: Buffer, claimed?: { total?: number; headers?: number }) {
  const total = 12 + headers.length + payload.length + 4
  const head = Buffer.alloc(12)
  head.writeUInt32BE(claimed?.total ?? total, 0)
  head.writeUInt32BE(claimed?.headers ?? headers.length, 4)
  head.writeUInt32BE(crc32(head.subarray(0, 8)), 8)
  const body = Buffer.concat([head, headers, payload])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([body, check])
}

const stringHeader = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7, 0, value.length]),
    Buffer.from(value),
  ])
const FLAG = Buffer.from([1, 0x61, 0])
const METADATA = Buffer.concat([
  stringHeader(':event-type', 'metadata'),
  stringHeader(':message-type', 'event'),
])
const sizes = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 5 })
const frame = fc.oneof(
  fc
    .tuple(fc.constantFrom('metadata', 'chunk', 'contentBlockDelta', 'other'), fc.string())
    .map(([type, text]) => ({
      bytes: encodeEvent(type, text),
      shown: WANTED.has(type) ? `event ${type} ${latin1(JSON.stringify(text))}` : null,
    })),
  fc.string().map((text) => ({
    bytes: encodeException('throttlingException', text),
    shown: `exception throttlingException ${latin1(JSON.stringify({ message: text }))}`,
  })),
)

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

describe('FrameTap, fuzzed', () => {
  it('[B10] shows of any stream, in any chunks, what the AWS encoder put in', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, pieces) => {
        const bytes = Buffer.concat(frames.map((each) => each.bytes))
        const shown = frames.flatMap((each) => each.shown ?? [])
        expect(tapped(cut(bytes, pieces))).toEqual({ shown, problem: null })
      }),
      { numRuns: 300 },
    )
  })

  it('[B11] a flipped bit shows no more than the frames before it and after an unwanted one', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.nat(7),
        sizes,
        (frames, place, bit, pieces) => {
          const bytes = Buffer.concat(frames.map((each) => each.bytes))
          const at = place % bytes.length
          bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
          const whole = frames.flatMap((each) => each.shown ?? [])
          const { shown, problem } = tapped(cut(bytes, pieces))
          // Nothing damaged is ever shown; what is shown is shown in order.
          let from = 0
          for (const each of shown) {
            const found = whole.indexOf(each, from)
            expect(found).toBeGreaterThanOrEqual(from)
            from = found + 1
          }
          if (problem === null) expect(whole.length - shown.length).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('[B11] lengths that lie, under a checksum that fits, break the tap or wait for bytes', () => {
    const length = fc.oneof(
      fc.nat(200),
      fc.constantFrom(0, 11, 12, 15, 16, HEADERS_BYTES_MAX, HEADERS_BYTES_MAX + 1),
      fc.constantFrom(MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX + 1, 2 ** 31, 2 ** 32 - 1),
    )
    fc.assert(
      fc.property(length, length, sizes, (total, headers, pieces) => {
        const honest = 12 + METADATA.length + 2 + 4
        // Without headers it is a frame that nobody asked for, which is passed over.
        fc.pre(headers !== 0 && (total !== honest || headers !== METADATA.length))
        const bytes = Buffer.concat([
          message(METADATA, Buffer.from('{}'), { total, headers }),
          encodeEvent('metadata', 'after'),
        ])
        const { shown, problem } = tapped(cut(bytes, pieces))
        expect(shown).toEqual([])
        expect(problem).not.toBe(null)
      }),
      { numRuns: 500 },
    )
  })

  it('[B11] knows headers of ten types, and no other', () => {
    for (let type = 0; type < 256; type += 1) {
      const odd = Buffer.concat([Buffer.from([1, 0x61, type]), Buffer.alloc(2)])
      const bytes = message(Buffer.concat([odd, METADATA]), Buffer.from('{}'))
      if (type > 9) expect(tapped([bytes]).problem).toBe('bad_headers')
    }
  })

  it('[B11] refuses more headers than anybody sends', () => {
    const of = (count: number): Buffer =>
      message(Buffer.concat([...Array<Buffer>(count).fill(FLAG), METADATA]), Buffer.from('{}'))
    expect(tapped([of(HEADERS_MAX - 2)])).toEqual({ shown: ['event metadata {}'], problem: null })
    expect(tapped([of(HEADERS_MAX - 1)])).toEqual({ shown: [], problem: 'bad_headers' })
    expect(tapped(cut(of(40_000), [1_000])).problem).toBe('bad_headers')
  })

  it.each([
    ['the prelude', 0, 'bad_prelude_crc'],
    ['the headers’ length', 5, 'bad_prelude_crc'],
    ['the prelude’s checksum', 9, 'bad_prelude_crc'],
    ['the payload', 12 + METADATA.length, 'bad_message_crc'],
    ['the message’s checksum', 12 + METADATA.length + 2, 'bad_message_crc'],
  ])('[B11] a wrong byte in %s', (_, at, problem) => {
    const bytes = message(METADATA, Buffer.from('{}'))
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
    for (let size = 1; size <= bytes.length; size += 1) {
      expect(tapped(cut(bytes, [size]))).toEqual({ shown: [], problem })
    }
  })

  it('[B11] a stream that ends right behind a prelude, or the headers, says so', () => {
    const bytes = message(METADATA, Buffer.from('{}'))
    for (const at of [12, 13, 12 + METADATA.length, bytes.length - 1]) {
      expect(tapped([bytes.subarray(0, at)]).problem).toBe('cut_inside_frame')
    }
  })

  it('[B12] grows with the bytes that come, and gives a large frame’s memory back', () => {
    const large = message(METADATA, Buffer.alloc(4_000_000, 'x'))
    const tap = new FrameTap(WANTED, () => undefined)
    let come = 0
    for (const chunk of cut(large, [65_536])) {
      tap.write(chunk)
      come += chunk.length
      expect(tap.roomBytes).toBeLessThanOrEqual(Math.min(2 * come, large.length))
    }
    expect(tap.roomBytes).toBe(0)
    tap.write(large.subarray(0, 2_000_000))
    expect(tap.roomBytes).toBeGreaterThanOrEqual(2_000_000)
    tap.write(Buffer.alloc(2_100_000))
    expect([tap.problem, tap.roomBytes]).toEqual(['bad_message_crc', 0])
  })
})
