// A ZIP with several files in it, for tests.

import { crc32, deflateRawSync } from 'node:zlib'

export function zipOfMany(files: readonly (readonly [name: string, text: string])[]): Buffer {
  const parts: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const [name, text] of files) {
    const bytes = Buffer.from(text)
    const packed = deflateRawSync(bytes)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    // What both say of the file, two bytes later in the directory.
    for (const [header, shift] of [
      [local, 0],
      [entry, 2],
    ] as const) {
      header.writeUInt16LE(20, 4 + shift)
      header.writeUInt16LE(8, 8 + shift)
      header.writeUInt32LE(crc32(bytes), 14 + shift)
      header.writeUInt32LE(packed.length, 18 + shift)
      header.writeUInt32LE(bytes.length, 22 + shift)
      header.writeUInt16LE(Buffer.byteLength(name), 26 + shift)
    }
    entry.writeUInt32LE(at, 42)
    entries.push(entry, Buffer.from(name))
    const part = Buffer.concat([local, Buffer.from(name), packed])
    parts.push(part)
    at += part.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, directory, end])
}
