// One record in a segment: what is around a payload, and how it is told from damage.
//
//   0        4        8                16
//   | length | CRC32C | sequence number | payload …        little endian; CRC32C over sequence number and payload
//
// A length of zero in a header that is zero throughout is the end of the data: segments are zero-filled in advance.

import { crc32c } from '../kernel/crc32c.ts'

export const RECORD_HEADER_BYTES = 16
export const PAYLOAD_BYTES_MAX = 8 * 1024
export const RECORD_BYTES_MAX = RECORD_HEADER_BYTES + PAYLOAD_BYTES_MAX

/** `partial`: the record claims to go on past the bytes at hand. */
export type Scanned =
  | { readonly kind: 'record'; readonly seq: number; readonly start: number; readonly end: number }
  | { readonly kind: 'end' | 'partial' | 'bad' }

const END: Scanned = { kind: 'end' }
const PARTIAL: Scanned = { kind: 'partial' }
const BAD: Scanned = { kind: 'bad' }

/** Puts the header before a payload that already lies at `start + RECORD_HEADER_BYTES`; answers the record's end. */
export function sealRecord(into: Buffer, start: number, seq: number, payloadBytes: number): number {
  const end = start + RECORD_HEADER_BYTES + payloadBytes
  into.writeUInt32LE(payloadBytes, start)
  into.writeUInt32LE(seq >>> 0, start + 8)
  into.writeUInt32LE(Math.floor(seq / 0x1_0000_0000), start + 12)
  into.writeUInt32LE(crc32c(into, start + 8, end), start + 4)
  return end
}

/** What lies at `at` in `bytes`, of which only those before `limit` count. */
export function scanRecord(bytes: Buffer, at: number, limit: number): Scanned {
  if (at + RECORD_HEADER_BYTES > limit) {
    return isZero(bytes, at, limit) ? END : PARTIAL
  }
  const payloadBytes = bytes.readUInt32LE(at)
  const start = at + RECORD_HEADER_BYTES
  if (payloadBytes === 0) return isZero(bytes, at, start) ? END : BAD
  if (payloadBytes > PAYLOAD_BYTES_MAX) return BAD
  const seqHigh = bytes.readUInt32LE(at + 12)
  if (seqHigh >= 0x20_0000) return BAD
  const end = start + payloadBytes
  if (end > limit) return PARTIAL
  if (crc32c(bytes, at + 8, end) !== bytes.readUInt32LE(at + 4)) return BAD
  return { kind: 'record', seq: seqHigh * 0x1_0000_0000 + bytes.readUInt32LE(at + 8), start, end }
}

/**
 * The first place at or after `from` where a valid record with a sequence number in [seqMin, seqMax] begins, or -1. Damage
 * in between has no length one could trust, so every byte is tried.
 */
export function findRecord(
  bytes: Buffer,
  from: number,
  limit: number,
  seqMin: number,
  seqMax: number,
): number {
  for (let at = from; at + RECORD_HEADER_BYTES < limit; at += 1) {
    const payloadBytes = bytes.readUInt32LE(at)
    if (payloadBytes === 0 || payloadBytes > PAYLOAD_BYTES_MAX) continue
    const scanned = scanRecord(bytes, at, limit)
    if (scanned.kind === 'record' && scanned.seq >= seqMin && scanned.seq <= seqMax) return at
  }
  return -1
}

export function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false
  return true
}
