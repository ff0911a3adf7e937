// The operating system's files, as a domain that has to survive power loss needs them: positional writes that reach the
// kernel before they return, fdatasync, zero-filled new files, synced directories. Written for the journal's `FileLayer`,
// which it fits.

import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  open,
  openSync,
  readSync,
  write,
  writeSync,
} from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'

const openFile = promisify(open)
const syncFile = promisify(fsync)
const writeFile = promisify(write)

const ZEROS = Buffer.alloc(1024 * 1024)

type NodeFile = {
  readonly writeAt: (bytes: Uint8Array, offset: number, length: number, position: number) => void
  readonly readAt: (into: Uint8Array, offset: number, length: number, position: number) => number
  readonly dataSync: (done: (error: Error | null) => void) => void
  readonly sizeBytes: () => number
  readonly close: () => void
}

export type NodeFiles = {
  readonly create: (path: string, sizeBytes: number) => Promise<NodeFile>
  readonly openToRead: (path: string) => NodeFile
  readonly writeWhole: (path: string, bytes: Uint8Array) => Promise<void>
  readonly readWhole: (path: string) => Promise<Uint8Array | null>
  readonly makeDirectory: (path: string) => Promise<void>
  readonly list: (path: string) => Promise<readonly string[]>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly removeTree: (path: string) => Promise<void>
  readonly syncDirectory: (path: string) => Promise<void>
}

export const nodeFiles: NodeFiles = {
  create: async (path, sizeBytes) => {
    const fd = await openFile(path, 'wx+', 0o600)
    try {
      await writeAll(fd, ZEROS, sizeBytes)
      await syncFile(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
    return fileOf(fd)
  },
  openToRead: (path) => fileOf(openSync(path, 'r')),
  writeWhole: async (path, bytes) => {
    const fd = await openFile(path, 'w', 0o600)
    try {
      await writeAll(fd, bytes, bytes.length)
      await syncFile(fd)
    } finally {
      closeSync(fd)
    }
  },
  readWhole: (path) => readFile(path).catch(absentAs(null)),
  makeDirectory: async (path) => {
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
      await syncDirectory(dirname(made))
    }
  },
  list: async (path) => {
    const names: readonly string[] = await readdir(path).catch(absentAs([]))
    return names.toSorted()
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  removeTree: (path) => rm(path, { recursive: true, force: true }),
  syncDirectory,
}

async function syncDirectory(path: string): Promise<void> {
  const fd = await openFile(path, 'r')
  try {
    await syncFile(fd)
  } finally {
    closeSync(fd)
  }
}

function fileOf(fd: number): NodeFile {
  return {
    writeAt: (bytes, offset, length, position) => {
      let written = 0
      // The kernel may take less than asked for; 0 never means success.
      while (written < length) {
        const count = writeSync(fd, bytes, offset + written, length - written, position + written)
        if (count === 0) throw new Error('the kernel took no bytes')
        written += count
      }
    },
    readAt: (into, offset, length, position) => {
      let read = 0
      while (read < length) {
        const count = readSync(fd, into, offset + read, length - read, position + read)
        if (count === 0) break
        read += count
      }
      return read
    },
    dataSync: (done) => {
      fdatasync(fd, done)
    },
    sizeBytes: () => fstatSync(fd).size,
    close: () => {
      closeSync(fd)
    },
  }
}

/** Writes `bytes` again and again until `sizeBytes` are written. */
async function writeAll(fd: number, bytes: Uint8Array, sizeBytes: number): Promise<void> {
  let at = 0
  while (at < sizeBytes) {
    const length = Math.min(bytes.length - (at % bytes.length), sizeBytes - at)
    const { bytesWritten } = await writeFile(fd, bytes, at % bytes.length, length, at)
    if (bytesWritten === 0) throw new Error('the kernel took no bytes')
    at += bytesWritten
  }
}

function absentAs<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value
    throw error
  }
}
