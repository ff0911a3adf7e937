// One file in a ZIP archive, deflated: what AWS delivers where ZIP was chosen. Its date is fixed, so that the same file gives the
// same archive.

import { crc32, deflateRawSync } from 'node:zlib'

const VERSION = 20
const DEFLATED = 8
const UTF8_NAME = 0x0800
/** 1 January 1980, the first day a ZIP can name. */
const DATE = 0x0021

export function zipOfFile(name: string, content: Uint8Array): Uint8Array {
  const nameBytes = Buffer.from(name)
  const packed = deflateRawSync(content)
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(crc32(content), 0)
  sizes.writeUInt32LE(packed.length, 4)
  sizes.writeUInt32LE(content.length, 8)
  const local = Buffer.concat([
    words(0x4b50, 0x0403, VERSION, UTF8_NAME, DEFLATED, 0, DATE),
    sizes,
    words(nameBytes.length, 0),
    nameBytes,
    packed,
  ])
  const directory = Buffer.concat([
    words(0x4b50, 0x0201, VERSION, VERSION, UTF8_NAME, DEFLATED, 0, DATE),
    sizes,
    // No extra field, comment, disk or attributes; the file begins where the archive does.
    words(nameBytes.length, 0, 0, 0, 0, 0, 0, 0, 0),
    nameBytes,
  ])
  const end = Buffer.alloc(22)
  words(0x4b50, 0x0605, 0, 0, 1, 1).copy(end)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length, 16)
  return new Uint8Array(Buffer.concat([local, directory, end]))
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2)
  return bytes
}
