// Replaces a whole file so that a reader, or a machine that loses power, sees the old content or the new, never a mixture:
// write beside it, sync, rename over it, sync the directory.

import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): void {
  const temporary = `${path}.${process.pid}.tmp`
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const file = openSync(temporary, 'w', mode)
  try {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(file, bytes, written, bytes.length - written)
    }
    fsyncSync(file)
  } catch (error) {
    closeSync(file)
    unlinkSync(temporary)
    throw error
  }
  closeSync(file)
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
