// Frames against bytes made by AWS's codec, and decoded again by it.

import { EventStreamCodec } from '@smithy/eventstream-codec'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeEvent, encodeException, withWrongCrc } from './event-frame.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** `messageStop{"stopReason":"end_turn"}` as AWS's encoder writes it. */
const MESSAGE_STOP =
  '0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e74656e74' +
  '2d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b' +
  '2273746f70526561736f6e223a22656e645f7475726e227d5fbf09fc'

describe('event frame', () => {
  it('[S5] equals the bytes of the AWS encoder', () => {
    expect(encodeEvent('messageStop', '{"stopReason":"end_turn"}').toString('hex')).toBe(
      MESSAGE_STOP,
    )
  })

  it('[S5] decodes with the AWS codec, whatever the payload', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const payload = JSON.stringify({ text })
        const { headers, body } = codec.decode(encodeEvent('chunk', payload))
        expect(Buffer.from(body).toString('utf8')).toBe(payload)
        expect(headers[':event-type']?.value).toBe('chunk')
        expect(headers[':message-type']?.value).toBe('event')
        expect(headers[':content-type']?.value).toBe('application/json')
      }),
    )
  })

  it('[S5] marks an exception as one', () => {
    const { headers } = codec.decode(encodeException('throttlingException', '{"message":"slow"}'))
    expect(headers[':message-type']?.value).toBe('exception')
    expect(headers[':exception-type']?.value).toBe('throttlingException')
  })

  it('[S11] with a wrong CRC is refused by the AWS codec and differs in nothing else', () => {
    const good = encodeEvent('chunk', '{}')
    const bad = withWrongCrc(good)
    expect(bad.subarray(0, -4)).toEqual(good.subarray(0, -4))
    expect(() => codec.decode(bad)).toThrow(/checksum/i)
  })
})
