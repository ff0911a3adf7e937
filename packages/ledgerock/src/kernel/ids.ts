// Call ids are UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits, so ids sort by time and a range of time is a
// range of ids. Randomness is a parameter.

import type { Brand } from './brand.ts'

export type CallId = Brand<string, 'CallId'>

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUIDv7 for the instant `ms` from ten or more random bytes. */
export function uuidV7(ms: number, random: Uint8Array): string {
  const byte = (value: number): string => HEX[value & 0xff] as string
  const at = (index: number): number => random[index] as number
  const high = Math.floor(ms / 0x1_0000_0000)
  const low = ms % 0x1_0000_0000
  return (
    `${byte(high >>> 8)}${byte(high)}${byte(low >>> 24)}${byte(low >>> 16)}-` +
    `${byte(low >>> 8)}${byte(low)}-${byte(0x70 | (at(0) & 0x0f))}${byte(at(1))}-` +
    `${byte(0x80 | (at(2) & 0x3f))}${byte(at(3))}-` +
    `${byte(at(4))}${byte(at(5))}${byte(at(6))}${byte(at(7))}${byte(at(8))}${byte(at(9))}`
  )
}

export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** The instant a UUIDv7 was made at, in milliseconds since the epoch. */
export function timeOfUuidV7(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
