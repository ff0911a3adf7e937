import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'

/** The definition, bit by bit. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe('crc32c', () => {
  it.each([
    ['the check value', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 ascending bytes', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['nothing', new Uint8Array(0), 0],
  ])('[K4] gives the published value for %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected)
  })

  it('[K4] equals the definition on any range of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(50), fc.nat(50), (bytes, skip, cut) => {
        const start = Math.min(skip, bytes.length)
        const end = Math.max(start, bytes.length - cut)
        expect(crc32c(bytes, start, end)).toBe(slowCrc32c(bytes.subarray(start, end)))
      }),
    )
  })

  it('[K4] can be continued', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
        const middle = Math.min(cut, bytes.length)
        const head = crc32c(bytes, 0, middle)
        expect(crc32c(bytes, middle, bytes.length, head)).toBe(crc32c(bytes))
      }),
    )
  })
})
