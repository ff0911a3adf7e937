// Encodes `application/vnd.amazon.eventstream` messages:
//   [total length][headers length][CRC of those 8 bytes][headers][payload][CRC of all before]
// Header blocks repeat for every event of a type, so they are built once; CRC32 comes from zlib.

import { crc32 } from 'node:zlib'

const PRELUDE_BYTES = 12
const TRAILER_BYTES = 4
const STRING_HEADER = 7

const eventHeaders = new Map<string, Buffer>()
const exceptionHeaders = new Map<string, Buffer>()

export function encodeEvent(eventType: string, payload: string): Buffer {
  let headers = eventHeaders.get(eventType)
  if (headers === undefined) {
    headers = headerBlock([
      [':event-type', eventType],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ])
    eventHeaders.set(eventType, headers)
  }
  return frame(headers, payload)
}

export function encodeException(exceptionType: string, payload: string): Buffer {
  let headers = exceptionHeaders.get(exceptionType)
  if (headers === undefined) {
    headers = headerBlock([
      [':exception-type', exceptionType],
      [':content-type', 'application/json'],
      [':message-type', 'exception'],
    ])
    exceptionHeaders.set(exceptionType, headers)
  }
  return frame(headers, payload)
}

/** The same message with a message CRC that does not match. */
export function withWrongCrc(message: Buffer): Buffer {
  const copy = Buffer.from(message)
  const at = copy.length - TRAILER_BYTES
  copy.writeUInt32BE((copy.readUInt32BE(at) ^ 0xffffffff) >>> 0, at)
  return copy
}

function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    headers.map(([name, value]) => {
      const block = Buffer.alloc(1 + name.length + 3 + value.length)
      let at = block.writeUInt8(name.length, 0)
      at += block.write(name, at, 'latin1')
      at = block.writeUInt8(STRING_HEADER, at)
      at = block.writeUInt16BE(value.length, at)
      block.write(value, at, 'latin1')
      return block
    }),
  )
}

function frame(headers: Buffer, payload: string): Buffer {
  const payloadBytes = Buffer.byteLength(payload)
  const total = PRELUDE_BYTES + headers.length + payloadBytes + TRAILER_BYTES
  const message = Buffer.allocUnsafe(total)
  message.writeUInt32BE(total, 0)
  message.writeUInt32BE(headers.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  headers.copy(message, PRELUDE_BYTES)
  message.write(payload, PRELUDE_BYTES + headers.length, 'utf8')
  const end = total - TRAILER_BYTES
  message.writeUInt32BE(crc32(message.subarray(0, end)), end)
  return message
}
