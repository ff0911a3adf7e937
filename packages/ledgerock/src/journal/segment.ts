// A segment file: a header block that says whose it is and where its sequence begins, then records, then zeros. The header
// is written when a segment is taken into use, so one that is all zeros is prepared and nothing more.
//
//   0       4        8        12
//   | LRJ1  | length | CRC32C | JSON … zeros to 1024 | record | record | zeros … to the end of the file

import { assert } from '../kernel/assert.ts'
import { crc32c } from '../kernel/crc32c.ts'
import {
  JOURNAL_FORMAT,
  ownerFromJson,
  ownerToJson,
  type JournalOwner,
  type OwnerJson,
} from './owner.ts'
import { isZero } from './record.ts'

export const SEGMENT_HEADER_BYTES = 1024
export const SEGMENT_BYTES_DEFAULT = 8 * 1024 * 1024
export const SEGMENT_BYTES_MAX = 64 * 1024 * 1024

const MAGIC = 0x314a_524c
const FIXED_BYTES = 12

/**
 * Why the writer began this segment. After `error` every record from `firstSeq` on is in this segment or a later one, and
 * all before are safe where they are: earlier segments no longer count from `firstSeq` on.
 */
export const SEGMENT_REASONS = ['start', 'full', 'error'] as const
export type SegmentReason = (typeof SEGMENT_REASONS)[number]

export type SegmentHeader = {
  readonly segment: number
  readonly firstSeq: number
  readonly reason: SegmentReason
  readonly owner: JournalOwner
}

type HeaderJson = {
  readonly format: number
  readonly segment: number
  readonly first_seq: number
  readonly reason: SegmentReason
  readonly owner: OwnerJson
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const json: HeaderJson = {
    format: JOURNAL_FORMAT,
    segment: header.segment,
    first_seq: header.firstSeq,
    reason: header.reason,
    owner: ownerToJson(header.owner),
  }
  const block = Buffer.alloc(SEGMENT_HEADER_BYTES)
  const text = Buffer.from(JSON.stringify(json))
  assert(text.length <= SEGMENT_HEADER_BYTES - FIXED_BYTES, 'a segment header fits its block')
  text.copy(block, FIXED_BYTES)
  block.writeUInt32LE(MAGIC, 0)
  block.writeUInt32LE(text.length, 4)
  block.writeUInt32LE(crc32c(text), 8)
  return block
}

/** `empty`: prepared, not in use. `newer`: written by a version whose format this one does not know. */
export function decodeSegmentHeader(block: Buffer): SegmentHeader | 'empty' | 'damaged' | 'newer' {
  if (isZero(block, 0, block.length)) return 'empty'
  if (block.length < SEGMENT_HEADER_BYTES || block.readUInt32LE(0) !== MAGIC) return 'damaged'
  const end = FIXED_BYTES + block.readUInt32LE(4)
  if (end > SEGMENT_HEADER_BYTES) return 'damaged'
  if (crc32c(block, FIXED_BYTES, end) !== block.readUInt32LE(8)) return 'damaged'
  const json = JSON.parse(block.toString('utf8', FIXED_BYTES, end)) as HeaderJson
  if (json.format > JOURNAL_FORMAT) return 'newer'
  const owner = ownerFromJson(json.owner)
  if (owner === null) return 'damaged'
  return { segment: json.segment, firstSeq: json.first_seq, reason: json.reason, owner }
}

export function segmentName(segment: number): string {
  return `${String(segment).padStart(8, '0')}.seg`
}

/** The number of a segment file, or null for any other file. */
export function segmentNumber(name: string): number | null {
  const match = /^(\d{8})\.seg$/.exec(name)
  return match === null ? null : Number(match[1])
}
