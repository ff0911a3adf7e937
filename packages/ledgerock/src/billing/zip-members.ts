// Files inside a ZIP as gzip files: both hold the same deflated bytes, so only what is around them is changed and nothing is unpacked.
// The checksum travels along and is checked by whoever reads the gzip.

import { open, type FileHandle } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Fault } from '../kernel/fault.ts'

export type ZipMember = {
  readonly name: string
  /** Bytes as they lie in the ZIP. */
  readonly packedBytes: number
  readonly bytes: number
  readonly crc32: number
  readonly isDeflated: boolean
  readonly headerAt: number
}

const END_BYTES = 22
const COMMENT_BYTES_MAX = 65_535
const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const END64_SIGNATURE = 0x06064b50
const UNKNOWN_32 = 0xffffffff
/** No bill packs so well: a file that claims to is made to fill whoever unpacks it. */
const GROWTH_MAX = 500
const SMALL_BYTES = 67_108_864
/** A directory of more is no delivery. */
const DIRECTORY_BYTES_MAX = 16_777_216

/** @throws Fault `zip_unreadable` */
export async function zipMembers(path: string): Promise<readonly ZipMember[]> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const { entries, at, bytes } = await directoryOf(file, size)
    if (bytes > DIRECTORY_BYTES_MAX || at + bytes > size)
      throw broken('a directory that is not there')
    const directory = await read(file, at, bytes)
    return members(directory, entries)
  } finally {
    await file.close()
  }
}

function broken(what: string): Fault {
  return new Fault('zip_unreadable', `a ZIP with ${what}`)
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  if (bytesRead < length) throw broken('its end missing')
  return bytes
}

type Directory = { readonly entries: number; readonly at: number; readonly bytes: number }

async function directoryOf(file: FileHandle, size: number): Promise<Directory> {
  const length = Math.min(size, END_BYTES + COMMENT_BYTES_MAX)
  if (length < END_BYTES) throw broken('nothing in it')
  const tail = await read(file, size - length, length)
  for (let at = length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const small = {
      entries: tail.readUInt16LE(at + 10),
      bytes: tail.readUInt32LE(at + 12),
      at: tail.readUInt32LE(at + 16),
    }
    if (small.at !== UNKNOWN_32 && small.bytes !== UNKNOWN_32 && small.entries !== 0xffff)
      return small
    if (at < 20) throw broken('a large directory that is not there')
    const large = await read(file, Number(tail.readBigUInt64LE(at - 20 + 8)), 56)
    if (large.readUInt32LE(0) !== END64_SIGNATURE) throw broken('a large directory that is none')
    return {
      entries: Number(large.readBigUInt64LE(32)),
      bytes: Number(large.readBigUInt64LE(40)),
      at: Number(large.readBigUInt64LE(48)),
    }
  }
  throw broken('no directory: it was cut off')
}

function members(directory: Buffer, entries: number): readonly ZipMember[] {
  const found: ZipMember[] = []
  for (let [at, index] = [0, 0]; index < entries; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw broken('a directory that ends early')
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) =>
      directory.readUInt16LE(at + place),
    ) as [number, number, number]
    const name = directory.toString('utf8', at + 46, at + 46 + nameBytes)
    const extra = directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes)
    const flags = directory.readUInt16LE(at + 8)
    const method = directory.readUInt16LE(at + 10)
    if ((flags & 1) !== 0) throw broken(`a secret file: ${name}`)
    if (method !== 0 && method !== 8) throw broken(`a file packed in an unknown way: ${name}`)
    const wide = wideFields(extra)
    const field = (place: number): number => {
      const small = directory.readUInt32LE(at + place)
      return small === UNKNOWN_32 ? (wide.shift() ?? small) : small
    }
    // In the order in which wide values stand.
    const bytes = field(24)
    const packedBytes = field(20)
    const headerAt = field(42)
    const crc32 = directory.readUInt32LE(at + 16)
    if (bytes > SMALL_BYTES && bytes > packedBytes * GROWTH_MAX)
      throw broken(`a file that grows to ${bytes} bytes: ${name}`)
    if (!name.endsWith('/')) {
      found.push({ name, bytes, packedBytes, headerAt, crc32, isDeflated: method === 8 })
    }
    at += 46 + nameBytes + extraBytes + commentBytes
  }
  return found
}

function wideFields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2)
    const isWide = extra.readUInt16LE(at) === 1 && at + 4 + length <= extra.length
    if (isWide) {
      const count = Math.floor(length / 8)
      return Array.from({ length: count }, (_, index) =>
        Number(extra.readBigUInt64LE(at + 4 + index * 8)),
      )
    }
    at += 4 + length
  }
  return []
}

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])

/** Writes one member as a gzip file of its own. */
export async function memberAsGzip(path: string, member: ZipMember, to: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const local = await read(file, member.headerAt, 30)
    const from = member.headerAt + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    const { size } = await file.stat()
    if (from + member.packedBytes > size) throw broken(`its end missing: ${member.name}`)
    const output = createWriteStream(to, { mode: 0o600 })
    const packed = piecesOf(file, from, member.packedBytes)
    if (member.isDeflated) await pipeline(Readable.from(framed(packed, member)), output)
    else await pipeline(Readable.from(packed), createGzip({ level: 1 }), output)
  } finally {
    await file.close()
  }
}

async function* framed(packed: AsyncIterable<Buffer>, member: ZipMember): AsyncGenerator<Buffer> {
  yield GZIP_HEADER
  yield* packed
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(member.crc32, 0)
  trailer.writeUInt32LE(member.bytes % 2 ** 32, 4)
  yield trailer
}

const PIECE_BYTES = 1_048_576

async function* piecesOf(file: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; done += PIECE_BYTES) {
    yield await read(file, from + done, Math.min(PIECE_BYTES, length - done))
  }
}
